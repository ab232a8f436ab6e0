/* SPDX-License-Identifier: MIT
 * The decisions of the driver that need no network: what a header means, how long to wait, where
 * not to go. */
#include "http_priv.h"

#include "check.h"

static struct transfer transfer(struct http *h, struct http_response *r)
{
	r->retry_after_ms = -1;
	return (struct transfer){ .http = h, .resp = r, .req = { .method = "GET" } };
}

TEST(f20_retry_after_is_seconds_or_a_date)
{
	const struct {
		str header;
		int64_t ms;
	} rows[] = {
		{ S("retry-after: 3"), 3000 },
		{ S("Retry-After: 0"), 0 },
		{ S("retry-after: 99999999999999"), HTTP_RETRY_AFTER_MAX_MS },
		{ S("retry-after: -3"), -1 },
		{ S("retry-after: soon"), -1 },
		{ S("retry-after: Thu, 01 Jan 1970 00:01:10 GMT"), 10000 },
		{ S("retry-after: Thu, 01 Jan 1970 00:00:10 GMT"), 0 },
		{ S("retry-after: Thu, 01 Jan 2099 00:00:00 GMT"), HTTP_RETRY_AFTER_MAX_MS },
		{ S("retry-after:"), -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_response r = { 0 };
		struct transfer t = transfer(NULL, &r);

		transfer_take_header(&t, S("HTTP/1.1 429 Slow down"));
		transfer_take_header(&t, S("date: Thu, 01 Jan 1970 00:01:00 GMT"));
		transfer_take_header(&t, rows[i].header);
		CHECK_EQ(t.resp->retry_after_ms, rows[i].ms, STR_FMT, STR_ARG(rows[i].header));
		arena_fini(&r.arena);
	}
}

TEST(freshness_comes_from_cache_control)
{
	const struct {
		str header;
		int64_t max_age_sec;
	} rows[] = {
		{ S("cache-control: max-age=300"), 300 },
		{ S("Cache-Control: public, Max-Age=5"), 5 },
		{ S("cache-control: max-age=5, no-store"), 0 },
		{ S("cache-control: no-cache"), 0 },
		{ S("cache-control: max-age=x"), -1 },
		{ S("cache-control: s-maxage=9"), -1 },
		{ S("cache-control: max-age=99999999999999999999"), -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_response r = { 0 };
		struct transfer t = transfer(NULL, &r);

		transfer_take_header(&t, S("HTTP/2 200"));
		transfer_take_header(&t, rows[i].header);
		CHECK_EQ(r.max_age_sec, rows[i].max_age_sec, STR_FMT, STR_ARG(rows[i].header));
		CHECK_EQ(r.status, 200, "status");
		arena_fini(&r.arena);
	}
}

TEST(an_interim_answer_leaves_nothing_behind)
{
	struct http_response r = { 0 };
	struct transfer t = transfer(NULL, &r);

	transfer_take_header(&t, S("HTTP/1.1 103 Early Hints"));
	transfer_take_header(&t, S("etag: \"early\""));
	transfer_take_header(&t, S("content-length: 7"));
	transfer_take_header(&t, S("HTTP/1.1 200 OK"));
	CHECK(str_is_null(r.etag) && t.length == 0 && r.status == 200,
	      "only the last block counts");
	arena_fini(&r.arena);
}

TEST(pauses_grow_up_to_their_ceiling)
{
	struct http h = { .set = {
				  .retry_min_ms = 100, .retry_max_ms = 5000, .retry_factor = 10 } };
	const int64_t least[] = { 100, 1000, 5000, 5000 };

	for (unsigned i = 0; i < ARRAY_LEN(least); i++) {
		struct http_response r = { .attempts = i + 1 };
		struct transfer t = transfer(&h, &r);
		int64_t delay_ms = transfer_retry_delay_ms(&t);

		CHECK(delay_ms >= least[i] && delay_ms <= least[i] + least[i] / 10,
		      "attempt %u: %lld", i + 1, (long long)delay_ms);
		t.resp->retry_after_ms = 20000;
		CHECK_EQ(transfer_retry_delay_ms(&t), 20000,
			 "what the server asked for is the least");
	}
}

TEST(t31_https_never_leads_to_http)
{
	const struct {
		str url, location;
		enum transfer_fate fate;
		bool leaves;
	} rows[] = {
		{ S("https://h/a"), S("/b"), FATE_REDIRECT, false },
		{ S("https://h/a"), S("https://h:443/b"), FATE_REDIRECT, false },
		{ S("https://h/a"), S("https://h:8443/b"), FATE_REDIRECT, true },
		{ S("https://h/a"), S("https://g/b"), FATE_REDIRECT, true },
		{ S("https://h/a"), S("http://h/b"), FATE_DONE, false },
		{ S("http://h/a"), S("https://h/b"), FATE_REDIRECT, true },
		{ S("https://h/a"), S("//g/b"), FATE_REDIRECT, true },
		{ S("https://h/a"), S("file:///b"), FATE_DONE, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_response r = { .status = 302 };
		struct transfer t = transfer(NULL, &r);

		CHECK(url_parse(&r.arena, rows[i].url, &t.url), "row %zu", i);
		t.location = rows[i].location;
		CHECK_EQ(transfer_judge(&t, CURLE_OK), rows[i].fate, STR_FMT,
			 STR_ARG(rows[i].location));
		CHECK_EQ(t.left_origin, rows[i].leaves, STR_FMT, STR_ARG(rows[i].location));
		err_free(r.err);
		arena_fini(&r.arena);
	}
}

TEST(a_redirected_post_becomes_a_get_where_npm_makes_it_one)
{
	const struct {
		int status;
		const char *method, *then;
	} rows[] = {
		{ 301, "POST", "GET" },  { 302, "POST", "GET" },  { 303, "POST", "GET" },
		{ 307, "POST", "POST" }, { 308, "POST", "POST" }, { 302, "PUT", "PUT" },
		{ 303, "PUT", "GET" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_response r = { .status = rows[i].status };
		struct transfer t = transfer(NULL, &r);

		t.req.method = rows[i].method;
		t.req.body = S("x");
		t.location = S("/b");
		CHECK(url_parse(&r.arena, S("https://h/a"), &t.url), "url");
		CHECK_EQ(transfer_judge(&t, CURLE_OK), FATE_REDIRECT, "row %zu", i);
		CHECK_STR(str_view(t.req.method), str_view(rows[i].then), "row %zu", i);
		arena_fini(&r.arena);
	}
}

UNIT_TESTS(TESTED(f20_retry_after_is_seconds_or_a_date), TESTED(freshness_comes_from_cache_control),
	   TESTED(an_interim_answer_leaves_nothing_behind), TESTED(pauses_grow_up_to_their_ceiling),
	   TESTED(t31_https_never_leads_to_http),
	   TESTED(a_redirected_post_becomes_a_get_where_npm_makes_it_one))
