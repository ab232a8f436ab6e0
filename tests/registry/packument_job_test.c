/* SPDX-License-Identifier: MIT */
#include "packument_job.h"

#include "cpm/base/gzip.h"
#include "cpm/registry/packument.h"

#include "check.h"

#define ANSWER "{\"dist-tags\":{\"latest\":\"1.2.3\"},\"versions\":{\"1.2.3\":{\"name\":\"a\"}}}"

/* The job over one answer; @body is on the heap and goes with it. */
static struct packument_job run(char *body, size_t len, bool is_gzip)
{
	ARENA_SCOPE(scratch);
	struct packument_job job = { .name = S("a"),
				     .url = S("http://registry/a"),
				     .body = body,
				     .body_len = len,
				     .is_gzip = is_gzip,
				     .etag = S("\"e\""),
				     .now_sec = 1000,
				     .max_age_sec = 60 };

	CHECK(packument_job_run(&job, scratch) == &job, "its own result");
	CHECK(!job.body, "which it has used up");
	return job;
}

static struct packument_job run_text(const char *text)
{
	return run(strdup(text), strlen(text), false);
}

static void check_answer(const struct packument_job *job)
{
	ARENA_SCOPE(a);
	struct packument *p;

	CHECK_OK(job->failure);
	CHECK_OK(packument_thaw(a, str_of(job->head, job->head_len), &p));
	packument_take_manifests(p, str_of(job->manifests, job->manifests_len));
	CHECK(!str_is_null(p->versions[0].manifest));
	CHECK_STR(packument_tag(p, S("latest")), S("1.2.3"));
	CHECK_STR(p->etag, S("\"e\""));
	CHECK_EQ(p->fetched_at_sec, 1000);
	CHECK_EQ(p->max_age_sec, 60);
}

TEST(an_answer_comes_back_as_the_cache_keeps_it)
{
	struct packument_job plain = run_text(ANSWER), packed;
	char *bytes;
	size_t len;

	check_answer(&plain);
	CHECK_OK(gzip(S(ANSWER), GZIP_QUICK, &bytes, &len));
	packed = run(bytes, len, true);
	check_answer(&packed);
	free(plain.head);
	free(plain.manifests);
	free(packed.head);
	free(packed.manifests);
}

TEST(damaged_gzip_is_a_bad_answer_of_its_address)
{
	struct packument_job job;
	char *bytes;
	size_t len;

	CHECK_OK(gzip(S(ANSWER), GZIP_QUICK, &bytes, &len));
	bytes[len / 2] ^= 0x55;
	job = run(bytes, len, true);
	CHECK(str_find(job.failure->message, S("http://registry/a")) != STR_NPOS);
	CHECK(!job.head && !job.manifests);
	CHECK_FAILS(job.failure, E_BAD_RESPONSE);
}

TEST(what_is_no_packument_is_a_bad_answer)
{
	struct packument_job job = run_text("<html>");

	CHECK(!job.head && !job.manifests);
	CHECK_FAILS(job.failure, E_BAD_RESPONSE);
}

UNIT_TESTS(TESTED(an_answer_comes_back_as_the_cache_keeps_it),
	   TESTED(damaged_gzip_is_a_bad_answer_of_its_address),
	   TESTED(what_is_no_packument_is_a_bad_answer))
