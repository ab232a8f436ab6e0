/* SPDX-License-Identifier: MIT
 * The driver against a server that does what networks do. */
#include "cpm/registry/http.h"

#include "check.h"
#include "cpm/base/digest.h"
#include "loopback_server.h"
#include "test_cfg.h"

static const char *const no_args[] = { "install", NULL };

/* One request to its end; the driver is made for it. */
static struct http_response *fetch_with(const struct cfg *cfg, const struct http_request *req)
{
	struct http_response *r = NULL;
	struct http *h;

	CHECK_OK(http_new(cfg, &h));
	http_send(h, req);
	while (!r)
		r = http_drive(h, 1000, -1);
	CHECK_EQ(http_pending(h), 0, "nothing is left");
	http_free(h);
	return r;
}

static struct http_response *fetch(struct arena *a, const struct loopback *s, const char *path)
{
	struct http_request req = { .url = loopback_url(a, s, path),
				    .cap_bytes = 1 << 20,
				    .subject = S("a@*") };

	return fetch_with(test_cfg(a, no_args, NULL), &req);
}

static str body_of(const struct http_response *r)
{
	return str_of(r->body ? r->body : "", r->body_len);
}

static size_t occurrences(str text, const char *word)
{
	size_t n = 0, at;

	while ((at = str_find(text, str_view(word))) != STR_NPOS) {
		text = str_from(text, at + 1);
		n++;
	}
	return n;
}

TEST(body_and_known_headers_arrive)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/x", 0,
		  answer(a, "200 OK",
			 "ETag: \"v1\"\r\nLast-Modified: Tue, 01 Jan 2019 00:00:00 "
			 "GMT\r\nCache-Control: public, max-age=77\r\n"
			 "Content-Type: application/json\r\nDate: Thu, 01 Jan 1970 00:01:00 "
			 "GMT\r\nnpm-notice: hello\r\n",
			 S("{\"a\":1}")),
		  KEEP_OPEN },
	};
	struct loopback s;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	struct http_response *r = fetch(a, &s, "/x");

	CHECK_OK(r->err);
	CHECK_EQ(r->status, 200, "status");
	CHECK_STR(body_of(r), S("{\"a\":1}"), "body");
	CHECK_STR(r->etag, S("\"v1\""), "etag");
	CHECK_STR(r->last_modified, S("Tue, 01 Jan 2019 00:00:00 GMT"), "last-modified");
	CHECK_STR(r->content_type, S("application/json"), "type");
	CHECK_STR(r->npm_notice, S("hello"), "notice");
	CHECK_EQ(r->max_age_sec, 77, "max-age");
	http_response_free(r);
	loopback_stop(&s);
}

TEST(gzip_is_offered_and_decoded_only_when_wanted)
{
	ARENA_SCOPE(a);
	static const char gz[] =
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90"
		"\x00\x80\x88\xf9\xe5\x11\x00\x00\x00";
	str packed = str_of(gz, sizeof(gz) - 1);
	const struct reply replies[] = {
		{ "/x", 0, answer(a, "200 OK", "content-encoding: gzip\r\n", packed), KEEP_OPEN },
	};
	struct loopback s;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	struct http_request req = { .url = loopback_url(a, &s, "/x"),
				    .cap_bytes = 1000,
				    .want_gunzip = true };
	struct http_response *r = fetch_with(test_cfg(a, no_args, NULL), &req);

	CHECK_OK(r->err);
	CHECK_STR(body_of(r), S("hello hello hello"), "decoded");
	http_response_free(r);
	CHECK_EQ(occurrences(buf_view(&s.log), "accept-encoding: gzip"), 1, "offered");

	req.want_gunzip = false;
	r = fetch_with(test_cfg(a, no_args, NULL), &req);
	CHECK_STR(body_of(r), packed, "as it came");
	http_response_free(r);
	CHECK_EQ(occurrences(buf_view(&s.log), "accept-encoding"), 1, "not offered");

	req.want_gunzip = true;
	req.cap_bytes = 16;
	r = fetch_with(test_cfg(a, no_args, NULL), &req);
	CHECK(r->err && r->err->code == E_TOO_BIG, "t42: decoded bytes count");
	http_response_free(r);
	loopback_stop(&s);
}

TEST(f18_f20_what_may_help_is_tried_again)
{
	ARENA_SCOPE(a);
	const str good = answer(a, "200 OK", "", S("good"));
	const struct reply replies[] = {
		{ "/cut", 1, S("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart"), CLOSE },
		{ "/chunk", 1,
		  S("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n"), CLOSE },
		{ "/reset", 1, S("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart"), RESET },
		{ "/silent", 1, S(""), CLOSE },
		{ "/noise", 1, S("this is not HTTP\r\n\r\n"), CLOSE },
		{ "/500", 1, answer(a, "500 Internal Server Error", "", S("{}")), KEEP_OPEN },
		{ "/408", 1, answer(a, "408 Request Timeout", "", S("")), KEEP_OPEN },
		{ "/420", 1, answer(a, "420 Enhance Your Calm", "", S("")), KEEP_OPEN },
		{ "/503", 1, answer(a, "503 Service Unavailable", "", S("")), CLOSE },
		{ "/503", 2, answer(a, "503 Service Unavailable", "", S("")), CLOSE },
		{ "*", 0, good, KEEP_OPEN },
	};
	const struct {
		const char *path;
		unsigned attempts;
	} rows[] = {
		{ "/cut", 2 }, { "/chunk", 2 }, { "/reset", 2 }, { "/silent", 2 }, { "/noise", 2 },
		{ "/500", 2 }, { "/408", 2 },   { "/420", 2 },   { "/503", 3 },    { "/fine", 1 },
	};
	struct loopback s;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_response *r = fetch(a, &s, rows[i].path);

		CHECK_OK(r->err);
		CHECK_STR(body_of(r), S("good"), "%s", rows[i].path);
		CHECK_EQ(r->attempts, rows[i].attempts, "%s", rows[i].path);
		http_response_free(r);
	}
	loopback_stop(&s);
}

TEST(a_post_is_never_sent_twice)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "*", 0, answer(a, "500 Oops", "", S("{\"error\":\"no\"}")), KEEP_OPEN }
	};
	struct loopback s;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	struct http_request req = { .url = loopback_url(a, &s, "/x"),
				    .method = "POST",
				    .body = S("{\"q\":1}") };
	struct http_response *r = fetch_with(test_cfg(a, no_args, NULL), &req);

	CHECK_EQ(r->attempts, 1, "attempts");
	CHECK(r->err && r->err->code == E_HTTP_STATUS, "fails");
	CHECK_EQ(occurrences(buf_view(&s.log), "POST /x"), 1, "requests");
	CHECK_EQ(occurrences(buf_view(&s.log), "content-type: application/json"), 1, "type");
	http_response_free(r);
	loopback_stop(&s);
}

TEST(f20_retry_after_holds_for_the_whole_server)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/busy", 1, answer(a, "429 Too Many Requests", "retry-after: 1\r\n", S("")),
		  KEEP_OPEN },
		{ "*", 0, answer(a, "200 OK", "", S("x")), KEEP_OPEN },
	};
	struct loopback s;
	struct http *h;
	struct http_response *r = NULL;
	struct timespec begin, now;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	CHECK_OK(http_new(test_cfg(a, no_args, NULL), &h));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	http_send(h, &(struct http_request){ .url = loopback_url(a, &s, "/busy") });
	while (!r && http_requests(h) < 2) {
		/* Once the answer is there the server rests, for others too. */
		r = http_drive(h, 20, -1);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - begin.tv_sec > 5)
			break;
	}
	while (!r)
		r = http_drive(h, 100, -1);
	clock_gettime(CLOCK_MONOTONIC, &now);
	CHECK(r->err == NULL && r->attempts == 2, "second attempt succeeds");
	CHECK((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 >= 1000,
	      "waits its second");
	http_response_free(r);
	http_free(h);
	loopback_stop(&s);
}

TEST(t31_credentials_stay_with_their_origin)
{
	ARENA_SCOPE(a);
	struct loopback first, second;
	const struct reply other[] = { { "*", 0, answer(a, "200 OK", "", S("there")), KEEP_OPEN } };

	loopback_start(&second, other, ARRAY_LEN(other));
	str elsewhere = str_printf(a, "location: http://127.0.0.1:%u/there\r\n", second.port);
	const struct reply replies[] = {
		{ "/here", 0, answer(a, "302 Found", "location: /next?x=1\r\n", S("")), KEEP_OPEN },
		{ "/next?x=1", 0, answer(a, "200 OK", "", S("same")), KEEP_OPEN },
		{ "/away", 0, answer(a, "307 Temporary Redirect", str_cstr(a, elsewhere), S("")),
		  KEEP_OPEN },
	};

	loopback_start(&first, replies, ARRAY_LEN(replies));

	char token[128], token2[128];

	snprintf(token, sizeof(token), "npm_config_//127.0.0.1:%u/:_authToken=canary", first.port);
	snprintf(token2, sizeof(token2), "npm_config_//127.0.0.1:%u/:_authToken=canary2",
		 second.port);
	const char *const env[] = { token, token2, NULL };
	struct cfg *cfg = test_cfg(a, no_args, env);
	struct http_request req = { .url = loopback_url(a, &first, "/here"),
				    .extra_headers = { S("npm-otp: 123456") } };
	struct http_response *r = fetch_with(cfg, &req);

	CHECK_OK(r->err);
	CHECK_STR(body_of(r), S("same"), "followed");
	CHECK_STR(r->url, loopback_url(a, &first, "/next?x=1"), "final URL");
	CHECK_EQ(occurrences(buf_view(&first.log), "authorization: Bearer canary"), 2,
		 "same origin keeps it");
	http_response_free(r);

	req.url = loopback_url(a, &first, "/away");
	r = fetch_with(cfg, &req);
	CHECK_OK(r->err);
	CHECK_STR(body_of(r), S("there"), "followed");
	CHECK_EQ(occurrences(buf_view(&second.log), "canary"), 0, "another port sees no token");
	CHECK_EQ(occurrences(buf_view(&second.log), "123456"), 0, "nor the one-time code");
	http_response_free(r);
	loopback_stop(&first);
	loopback_stop(&second);
}

TEST(redirects_end)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/loop", 0, answer(a, "301 Moved", "location: /loop\r\n", S("")), KEEP_OPEN },
		{ "/none", 0, answer(a, "301 Moved", "", S("")), KEEP_OPEN },
		{ "/file", 0, answer(a, "301 Moved", "location: file:///etc/passwd\r\n", S("")),
		  KEEP_OPEN },
		{ "/304", 0, S("HTTP/1.1 304 Not Modified\r\n\r\n"), KEEP_OPEN },
		{ "/206", 0, answer(a, "206 Partial Content", "", S("part")), KEEP_OPEN },
	};
	const struct {
		const char *path;
		enum err_code code;
	} rows[] = {
		{ "/loop", E_TOO_MANY_REDIRECTS }, { "/none", E_BAD_RESPONSE },
		{ "/file", E_BAD_RESPONSE },       { "/304", E_BAD_RESPONSE },
		{ "/206", E_BAD_RESPONSE },
	};
	struct loopback s;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_response *r = fetch(a, &s, rows[i].path);

		CHECK(r->err && r->err->code == rows[i].code, "%s: %d", rows[i].path,
		      r->err ? (int)r->err->code : -1);
		http_response_free(r);
	}
	loopback_stop(&s);
}

TEST(http_failures_speak_as_npm_does)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/404", 0, answer(a, "404 Not Found", "", S("{\"error\":\"Not found\"}")),
		  KEEP_OPEN },
		{ "/403", 0, answer(a, "403 Forbidden", "", S("{\"message\":\"go away\"}")),
		  KEEP_OPEN },
		{ "/401", 0, answer(a, "401 Unauthorized", "", S("no json")), KEEP_OPEN },
		{ "/bearer", 0,
		  answer(a, "401 Unauthorized", "www-authenticate: Bearer realm=x\r\n", S("")),
		  KEEP_OPEN },
		{ "/otp", 0, answer(a, "401 Unauthorized", "www-authenticate: OTP\r\n", S("")),
		  KEEP_OPEN },
		{ "/402", 0, answer(a, "402 Payment Required", "", S("{\"reason\":\"money\"}")),
		  KEEP_OPEN },
	};
	const struct {
		const char *path, *shown, *message;
	} rows[] = {
		{ "/404", "E404", "Not Found - GET @/404 - Not found" },
		{ "/403", "E403", "403 Forbidden - GET @/403 - go away" },
		{ "/401", "E401", "401 Unauthorized - GET @/401" },
		{ "/bearer", "E401",
		  "Unable to authenticate, your authentication token seems to be invalid." },
		{ "/otp", "EOTP",
		  "This operation requires a one-time password from your authenticator." },
		{ "/402", "E402", "402 Payment Required - GET @/402 - {\"reason\":\"money\"}" },
	};
	struct loopback s;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_response *r = fetch(a, &s, rows[i].path);
		str wanted = str_replace_all(a, str_view(rows[i].message), S("@"),
					     loopback_url(a, &s, ""));

		CHECK(r->err != NULL, "%s", rows[i].path);
		CHECK_STR(r->err->message, wanted, "%s", rows[i].path);
		CHECK_STR(err_code_shown(r->err), str_view(rows[i].shown), "%s", rows[i].path);
		if (i == 0)
			CHECK(str_find(r->err->detail, S("The requested resource 'a@*' could not "
							 "be found or you do not have "
							 "permission to access it.")) != STR_NPOS,
			      "detail");
		http_response_free(r);
	}
	loopback_stop(&s);
}

TEST(bodies_have_a_ceiling)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/announced", 0, S("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx"),
		  STALL },
		{ "/endless", 0,
		  S("HTTP/1.1 200 OK\r\n\r\n0123456789012345678901234567890123456789"), STALL },
		{ "/fits", 0, answer(a, "200 OK", "", S("01234567890123456789")), KEEP_OPEN },
	};
	const struct {
		const char *path;
		bool fits;
	} rows[] = { { "/announced", false }, { "/endless", false }, { "/fits", true } };
	struct loopback s;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_request req = { .url = loopback_url(a, &s, rows[i].path),
					    .cap_bytes = 20 };
		struct http_response *r = fetch_with(test_cfg(a, no_args, NULL), &req);

		CHECK_EQ(r->err == NULL, rows[i].fits, "%s", rows[i].path);
		CHECK(r->err == NULL || r->err->code == E_TOO_BIG, "%s", rows[i].path);
		CHECK_EQ(r->attempts, 1, "%s: trying again would not help", rows[i].path);
		http_response_free(r);
	}
	loopback_stop(&s);
}

TEST(f19_a_silent_server_is_given_up)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/late", 1, S("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"), STALL },
		{ "/late", 2, answer(a, "200 OK", "", S("whole")), KEEP_OPEN },
		{ "/never", 0, S(""), STALL },
	};
	const char *const env[] = { "npm_config_fetch_timeout=150", "npm_config_fetch_retries=1",
				    NULL };
	struct loopback s;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	struct cfg *cfg = test_cfg(a, no_args, env);
	struct http_request req = { .url = loopback_url(a, &s, "/late") };
	struct http_response *r = fetch_with(cfg, &req);

	CHECK_OK(r->err);
	CHECK_STR(body_of(r), S("whole"), "second attempt");
	http_response_free(r);
	req.url = loopback_url(a, &s, "/never");
	r = fetch_with(cfg, &req);
	CHECK(r->err && r->err->code == E_TIMEOUT, "gives up");
	CHECK_EQ(r->attempts, 2, "attempts");
	http_response_free(r);
	loopback_stop(&s);
}

TEST(a_refused_connection_names_the_address)
{
	ARENA_SCOPE(a);
	struct loopback s;

	loopback_start(&s, NULL, 0);
	str url = loopback_url(a, &s, "/a");
	unsigned port = s.port;

	loopback_stop(&s);
	struct http_request req = { .url = url };
	const char *const env[] = { "npm_config_fetch_retries=0", NULL };
	struct http_response *r = fetch_with(test_cfg(a, no_args, env), &req);

	CHECK(r->err && r->err->code == E_CONN_REFUSED, "refused");
	CHECK_STR(r->err->message,
		  str_printf(a,
			     "FetchError: request to " STR_FMT
			     " failed, reason: connect ECONNREFUSED 127.0.0.1:%u",
			     STR_ARG(url), port),
		  "message");
	CHECK_EQ(r->status, 0, "no answer");
	http_response_free(r);
}

TEST(what_is_no_http_url_is_refused_without_a_request)
{
	ARENA_SCOPE(a);
	const char *const urls[] = { "file:///etc/passwd", "ftp://h/x",  "x", "", "http://",
				     "http://h\\x/",       "http://a b/" };

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct http_request req = { .url = str_view(urls[i]) };
		struct http_response *r = fetch_with(test_cfg(a, no_args, NULL), &req);

		CHECK(r->err && r->err->code == E_BAD_PROTOCOL, "%s", urls[i]);
		CHECK_EQ(r->attempts, 0, "%s", urls[i]);
		http_response_free(r);
	}
}

TEST(a_digest_is_computed_while_receiving)
{
	ARENA_SCOPE(a);
	char *big = arena_alloc(a, 300000);
	struct digest wanted;
	struct loopback s;

	memset(big, 'z', 300000);
	str body = str_of(big, 300000);
	const struct reply replies[] = {
		{ "/x", 1, S("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbroken"), CLOSE },
		{ "/x", 2, answer(a, "200 OK", "", body), KEEP_OPEN },
		{ "/empty", 0, answer(a, "200 OK", "", S("")), KEEP_OPEN },
	};

	loopback_start(&s, replies, ARRAY_LEN(replies));
	struct http_request req = { .url = loopback_url(a, &s, "/x"),
				    .priority = HTTP_TARBALL,
				    .digest_algo = DIGEST_SHA512 };
	struct http_response *r = fetch_with(test_cfg(a, no_args, NULL), &req);

	CHECK_OK(r->err);
	digest_of(DIGEST_SHA512, body, &wanted);
	CHECK(memcmp(r->digest, wanted.bytes, 64) == 0,
	      "of the attempt that succeeded, not of both");
	http_response_free(r);
	req.url = loopback_url(a, &s, "/empty");
	r = fetch_with(test_cfg(a, no_args, NULL), &req);
	digest_of(DIGEST_SHA512, S(""), &wanted);
	CHECK(memcmp(r->digest, wanted.bytes, 64) == 0, "of nothing");
	http_response_free(r);
	loopback_stop(&s);
}

TEST(many_requests_share_few_connections)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = { { "*", 0, answer(a, "200 OK", "", S("x")), KEEP_OPEN } };
	const char *const env[] = { "npm_config_maxsockets=5", NULL };
	struct loopback s;
	struct http *h;
	bool seen[200] = { false };

	loopback_start(&s, replies, ARRAY_LEN(replies));
	CHECK_OK(http_new(test_cfg(a, no_args, env), &h));
	for (size_t i = 0; i < ARRAY_LEN(seen); i++)
		http_send(h, &(struct http_request){ .url = loopback_url(a, &s, "/x"),
						     .tag = &seen[i],
						     .priority = i % 2 ? HTTP_TARBALL
								       : HTTP_METADATA });
	for (size_t done = 0; done < ARRAY_LEN(seen);) {
		struct http_response *r = http_drive(h, 1000, -1);

		if (!r)
			continue;
		CHECK_OK(r->err);
		CHECK(!*(bool *)r->tag, "each answer once");
		*(bool *)r->tag = true;
		http_response_free(r);
		done++;
	}
	CHECK_EQ(http_requests(h), ARRAY_LEN(seen), "requests");
	CHECK_EQ(http_bytes(h), ARRAY_LEN(seen), "bytes");
	CHECK(http_drive(h, 0, -1) == NULL, "nothing more");
	http_free(h);
	loopback_stop(&s);
	CHECK(s.nconnections <= 5, "%zu connections", s.nconnections);
}

TEST(neither_class_starves_the_other)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = { { "*", 0, answer(a, "200 OK", "", S("x")), KEEP_OPEN } };
	const char *const env[] = { "npm_config_maxsockets=2", NULL };
	struct loopback s;
	struct http *h;
	size_t tarballs = 0;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	CHECK_OK(http_new(test_cfg(a, no_args, env), &h));
	for (size_t i = 0; i < 40; i++)
		http_send(h, &(struct http_request){ .url = loopback_url(a, &s, "/m"),
						     .priority = HTTP_METADATA });
	for (size_t i = 0; i < 40; i++)
		http_send(h, &(struct http_request){ .url = loopback_url(a, &s, "/t"),
						     .priority = HTTP_TARBALL });
	for (size_t done = 0; done < 40;) {
		struct http_response *r = http_drive(h, 1000, -1);

		if (!r)
			continue;
		tarballs += str_ends(r->url, S("/t"));
		http_response_free(r);
		done++;
	}
	/* Each class holds one of the two connections; how fast the server's threads answer on them is the scheduler's affair. */
	CHECK(tarballs > 0 && tarballs < 40, "%zu of the first 40", tarballs);
	http_free(h);
	loopback_stop(&s);
}

TEST(responses_wait_for_their_owner)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = { { "*", 0, answer(a, "200 OK", "", S("x")), KEEP_OPEN } };
	struct loopback s;
	struct http *h;
	struct http_response *r = NULL;
	int mine;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	CHECK_OK(http_new(test_cfg(a, no_args, NULL), &h));
	http_send(h, &(struct http_request){ .url = loopback_url(a, &s, "/mine"), .owner = &mine });
	http_send(h, &(struct http_request){ .url = loopback_url(a, &s, "/other") });
	CHECK_OK(
		http_fetch(h, &(struct http_request){ .url = loopback_url(a, &s, "/single") }, &r));
	CHECK(str_ends(r->url, S("/single")), "its own");
	http_response_free(r);
	while (!(r = http_drive(h, 100, -1)))
		;
	CHECK(str_ends(r->url, S("/other")), "nobody's");
	http_response_free(r);
	while (!(r = http_drive_for(h, &mine, 100, -1)))
		;
	CHECK(str_ends(r->url, S("/mine")), "mine");
	http_response_free(r);
	http_send(h, &(struct http_request){ .url = loopback_url(a, &s, "/dropped") });
	http_free(h);
	loopback_stop(&s);
}

TEST(a_proxy_is_given_the_whole_url)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "registry.invalid:443", 0, answer(a, "403 Forbidden", "", S("")), CLOSE },
		{ "*", 0, answer(a, "200 OK", "", S("x")), KEEP_OPEN },
	};
	struct loopback s;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	const char *const argv[] = { "install", "--proxy", str_cstr(a, loopback_url(a, &s, "/")),
				     "--noproxy=direct", NULL };
	const char *const env[] = { "npm_config_//registry.invalid/:_authToken=t",
				    "npm_config_fetch_retries=0", NULL };
	struct cfg *cfg = test_cfg(a, argv, env);
	struct http_request req = { .url = S("http://registry.invalid/a") };
	struct http_response *r = fetch_with(cfg, &req);

	CHECK_OK(r->err);
	CHECK_EQ(occurrences(buf_view(&s.log), "GET http://registry.invalid/a HTTP/1.1"), 1,
		 "request line");
	http_response_free(r);
	req.url = S("https://registry.invalid/a");
	r = fetch_with(cfg, &req);
	CHECK(r->err && r->err->code == E_PROXY, "refused by the proxy");
	CHECK_EQ(occurrences(buf_view(&s.log), "CONNECT registry.invalid:443"), 1, "tunnel");
	CHECK_EQ(occurrences(buf_view(&s.log), "authorization: Bearer t"), 1,
		 "t34: not shown to the tunnel's maker");
	http_response_free(r);
	loopback_stop(&s);
}

TEST(driving_returns_when_the_descriptor_speaks)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = { { "*", 0, S(""), STALL } };
	struct loopback s;
	struct http *h;
	int ends[2];

	loopback_start(&s, replies, ARRAY_LEN(replies));
	assert_int_equal(pipe(ends), 0);
	CHECK_OK(http_new(test_cfg(a, no_args, NULL), &h));
	http_send(h, &(struct http_request){ .url = loopback_url(a, &s, "/x") });
	assert_int_equal(write(ends[1], "x", 1), 1);
	CHECK(http_drive(h, 20000, ends[0]) == NULL, "woken");
	CHECK_EQ(http_pending(h), 1, "still on its way");
	http_free(h);
	loopback_stop(&s);
	close(ends[0]);
	close(ends[1]);
}

UNIT_TESTS(TESTED(body_and_known_headers_arrive),
	   TESTED(gzip_is_offered_and_decoded_only_when_wanted),
	   TESTED(f18_f20_what_may_help_is_tried_again), TESTED(a_post_is_never_sent_twice),
	   TESTED(f20_retry_after_holds_for_the_whole_server),
	   TESTED(t31_credentials_stay_with_their_origin), TESTED(redirects_end),
	   TESTED(http_failures_speak_as_npm_does), TESTED(bodies_have_a_ceiling),
	   TESTED(f19_a_silent_server_is_given_up), TESTED(a_refused_connection_names_the_address),
	   TESTED(what_is_no_http_url_is_refused_without_a_request),
	   TESTED(a_digest_is_computed_while_receiving),
	   TESTED(many_requests_share_few_connections), TESTED(neither_class_starves_the_other),
	   TESTED(responses_wait_for_their_owner), TESTED(a_proxy_is_given_the_whole_url),
	   TESTED(driving_returns_when_the_descriptor_speaks))
