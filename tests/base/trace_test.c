/* SPDX-License-Identifier: MIT
 * What is recorded is what is read, from every thread; off, nothing is. */
#include "cpm/base/trace.h"

#include "check.h"
#include "cpm/base/pool.h"

static void *traced(void *job, struct arena *scratch)
{
	TRACE_PACKAGE(WRITE, S("a"), S("1.0.0"));
	TRACE_BYTES(7);
	(void)scratch;
	return job;
}

static void run_jobs(struct pool *p, intptr_t count)
{
	void *result;

	for (intptr_t i = 1; i <= count; i++)
		pool_send(p, traced, (void *)i);
	while (pool_receive(p, true, &result))
		;
}

static size_t count_kind(const struct trace_data *d, enum trace_kind kind)
{
	size_t count = 0;

	VEC_EACH (struct trace_lane, l, &d->lanes)
		VEC_EACH (struct trace_event, e, &l->events)
			count += e->kind == kind;
	return count;
}

TEST(nothing_is_recorded_unless_asked_for)
{
	{
		TRACE(HASH);
		CHECK_EQ(trace_span_.start_ns, 0, "no clock was read");
	}
	CHECK_EQ(trace_stamp(), 0);
	trace_count(TRACE_PACKAGE_CACHED);
	trace_add_request(&(struct trace_request){ .url = S("x") });
	trace_add_beside(TRACE_SCRIPT, 1, S("a"), S("b"));
	CHECK(trace_stop() == NULL);
	trace_free(NULL);
}

TEST(spans_nest_and_carry_bytes_and_subject)
{
	ARENA_SCOPE(a);
	struct trace_data d;
	struct trace *t;

	trace_start(trace_now());
	{
		TRACE_PACKAGE(WRITE, S("@s/a"), S("1.2.3"));
		TRACE_BYTES(3);
		TRACE_BYTES(4);
		{
			struct trace_span inner = trace_begin(TRACE_GUNZIP, STR_NULL, STR_NULL);
			trace_end(&inner);
		}
	}
	t = trace_stop();
	trace_read(a, t, &d);
	CHECK_EQ(d.lanes.len, 1);
	CHECK_EQ(d.lanes.items[0].events.len, 2);
	const struct trace_event *e = d.lanes.items[0].events.items;
	CHECK_EQ(e[0].kind, TRACE_WRITE, "the outer one first, although it ended last");
	CHECK_EQ(e[0].bytes, 7);
	CHECK_STR(e[0].subject, S("@s/a@1.2.3"));
	CHECK_EQ(e[1].kind, TRACE_GUNZIP);
	CHECK_STR(e[1].subject, STR_NULL);
	CHECK(e[0].start_ns <= e[1].start_ns && e[1].end_ns <= e[0].end_ns);
	CHECK(d.started_ns <= e[0].start_ns && e[0].end_ns <= d.ended_ns);
	trace_free(t);
}

TEST(each_thread_has_a_lane_of_its_own)
{
	ARENA_SCOPE(a);
	struct trace_data d;
	struct trace *t;
	struct pool *p;

	trace_start(trace_now());
	CHECK_OK(pool_new(3, &p));
	run_jobs(p, 3000);
	pool_free(p);
	t = trace_stop();
	trace_read(a, t, &d);
	CHECK(d.lanes.len >= 2 && d.lanes.len <= 4, "%zu lanes", d.lanes.len);
	CHECK_EQ(count_kind(&d, TRACE_WRITE), 3000);
	CHECK_EQ(count_kind(&d, TRACE_JOB), 3000, "each job is a span itself");
	CHECK_EQ(d.dropped, 0);
	for (size_t i = 1; i < d.lanes.len; i++)
		CHECK(d.lanes.items[i].cpu_ns > 0, "lane %zu", i);
	trace_free(t);
}

/* Threads keep a pointer to their lane: it must not be that of another recording. */
TEST(recordings_follow_each_other_with_the_same_threads)
{
	struct pool *p;

	CHECK_OK(pool_new(2, &p));
	for (int round = 0; round < 3; round++) {
		ARENA_SCOPE(a);
		struct trace_data d;
		struct trace *t;

		trace_start(trace_now());
		run_jobs(p, 10);
		t = trace_stop();
		trace_read(a, t, &d);
		CHECK_EQ(count_kind(&d, TRACE_WRITE), 10, "round %d", round);
		trace_free(t);
		run_jobs(p, 10);
	}
	pool_free(p);
}

TEST(what_does_not_fit_is_counted)
{
	ARENA_SCOPE(a);
	const size_t many = 600 * 1000;
	struct trace_data d;
	struct trace *t;

	trace_start(trace_now());
	for (size_t i = 0; i < many; i++) {
		TRACE(HASH);
	}
	t = trace_stop();
	trace_read(a, t, &d);
	CHECK(d.dropped > 0);
	CHECK_EQ(d.lanes.items[0].events.len + d.dropped, many);
	trace_free(t);
}

TEST(requests_lose_the_secrets_of_their_address)
{
	ARENA_SCOPE(a);
	struct trace_data d;
	struct trace *t;

	trace_start(trace_now());
	trace_add_request(&(struct trace_request){ .method = S("GET"),
						   .url = S("https://u:secret@example.com/a"),
						   .subject = S("a"),
						   .bytes = 5 });
	trace_add_beside(TRACE_SCRIPT, trace_stamp(), S("a@1.0.0"), S("install"));
	trace_count(TRACE_PACKAGE_CACHED);
	trace_count(TRACE_PACKAGE_CACHED);
	t = trace_stop();
	trace_read(a, t, &d);
	CHECK_EQ(d.requests.len, 1);
	CHECK_STR(d.requests.items[0].url, S("https://u:***@example.com/a"));
	CHECK_STR(d.beside.items[0].subject, S("a@1.0.0@install"));
	CHECK_EQ(d.counts[TRACE_PACKAGE_CACHED], 2);
	trace_free(t);
}

UNIT_TESTS(TESTED(nothing_is_recorded_unless_asked_for),
	   TESTED(spans_nest_and_carry_bytes_and_subject),
	   TESTED(each_thread_has_a_lane_of_its_own),
	   TESTED(recordings_follow_each_other_with_the_same_threads),
	   TESTED(what_does_not_fit_is_counted),
	   TESTED(requests_lose_the_secrets_of_their_address))
