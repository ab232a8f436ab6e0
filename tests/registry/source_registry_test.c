/* SPDX-License-Identifier: MIT */
#include "cpm/registry/source_registry.h"

#include "check.h"
#include "cpm/base/map.h"
#include "loopback_server.h"
#include "test_cfg.h"

/* A cache that is a map. */
struct fake_kv {
	struct kv_port port;
	struct arena *arena;
	struct map map, bodies;
	size_t puts, body_reads;
	bool refuses_bodies;
};

static str fake_get(struct kv_port *kv, struct arena *a, str key)
{
	const str *value = map_get(&((struct fake_kv *)kv)->map, key);

	return value ? str_dup(a, *value) : STR_NULL;
}

static void fake_put(struct kv_port *kv, str key, str value)
{
	struct fake_kv *f = (struct fake_kv *)kv;
	str *copy = ARENA_NEW(f->arena, str);

	*copy = str_dup(f->arena, value);
	map_put(&f->map, str_dup(f->arena, key), copy);
	f->puts++;
}

static str fake_get_body(struct kv_port *kv, struct arena *a, str key, size_t at, size_t len)
{
	struct fake_kv *f = (struct fake_kv *)kv;
	const str *body = map_get(&f->bodies, key);

	f->body_reads++;
	return body && at + len <= body->len ? str_dup(a, str_slice(*body, at, at + len))
					     : STR_NULL;
}

static bool fake_give_body(struct kv_port *kv, str key, char *body, size_t len)
{
	struct fake_kv *f = (struct fake_kv *)kv;
	str *copy = ARENA_NEW(f->arena, str);

	if (f->refuses_bodies)
		return false;
	*copy = str_dup(f->arena, str_of(body, len));
	map_put(&f->bodies, str_dup(f->arena, key), copy);
	free(body);
	return true;
}

static void fake_rest(struct kv_port *kv)
{
	(void)kv;
}

/* One run of the program: settings, driver and source; the cache and the server outlive it. */
struct run {
	struct arena arena;
	struct http *http;
	struct source *source;
};

static void run_begin(struct run *r, const struct loopback *s, struct fake_kv *kv,
		      const char *option)
{
	struct arena *a = &r->arena;
	const char *const argv[] = { "install", "--registry", str_cstr(a, loopback_url(a, s, "/")),
				     option, NULL };
	struct cfg *cfg = test_cfg(a, argv, NULL);

	CHECK_OK(http_new(cfg, &r->http));
	CHECK_OK(source_registry_new(a, cfg, r->http, kv ? &kv->port : NULL, &r->source));
}

static void run_end(struct run *r)
{
	source_registry_close(r->source);
	http_free(r->http);
	arena_fini(&r->arena);
}

static struct fake_kv fake_kv(struct arena *a)
{
	struct fake_kv kv = { .port = { .get = fake_get,
					.put = fake_put,
					.get_body = fake_get_body,
					.give_body = fake_give_body,
					.rest = fake_rest },
			      .arena = a };

	map_init(&kv.map, a);
	map_init(&kv.bodies, a);
	return kv;
}

static str packument_answer(struct arena *a, const char *headers, const char *version)
{
	return answer(a, "200 OK", headers,
		      str_printf(a,
				 "{\"name\":\"a\",\"dist-tags\":{\"latest\":\"%s\"},\"versions\":{"
				 "\"%s\":{\"name\":\"a\"}}}",
				 version, version));
}

TEST(one_request_per_name_and_run)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/a", 0, packument_answer(a, "", "1.0.0"), KEEP_OPEN },
		{ "/@s%2fb", 0, packument_answer(a, "", "2.0.0"), KEEP_OPEN },
	};
	struct loopback s;
	struct run r = { 0 };
	const struct packument *p;
	const struct err *failure;
	size_t arrived = 0;
	str name;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	run_begin(&r, &s, NULL, NULL);
	CHECK(!r.source->ops->try_get(r.source, S("a"), &p, &failure), "never announced");
	source_announce(r.source, S("a"));
	source_announce(r.source, S("a"));
	source_announce(r.source, S("@s/b"));
	while (r.source->ops->wait_any(r.source, &name))
		arrived++;
	CHECK_EQ(arrived, 2, "each name once");
	CHECK_OK(source_get(r.source, S("@s/b"), &p));
	CHECK_STR(packument_tag(p, S("latest")), S("2.0.0"), "content");
	CHECK_OK(source_get(r.source, S("a"), &p));
	CHECK_EQ(http_requests(r.http), 2, "requests");
	run_end(&r);
	CHECK(str_find(buf_view(&s.log), S("accept: application/json\r\n")) != STR_NPOS,
	      "full documents");
	CHECK(str_find(buf_view(&s.log), S("accept-encoding: gzip\r\n")) != STR_NPOS, "compressed");
	loopback_stop(&s);
}

TEST(failures_stay_with_their_name)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = { { "/a", 0, packument_answer(a, "", "1.0.0"), KEEP_OPEN } };
	struct loopback s;
	struct run r = { 0 };
	const struct packument *p;
	struct err *e;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	run_begin(&r, &s, NULL, NULL);
	CHECK_FAILS(source_get(r.source, S("missing"), &p), E_NOT_FOUND);
	CHECK_FAILS(source_get(r.source, S("missing"), &p), E_NOT_FOUND);
	CHECK_FAILS(source_get(r.source, S("../evil"), &p), E_BAD_NAME);
	CHECK_EQ(http_requests(r.http), 1, "one request, none for the bad name");
	CHECK_OK(source_get(r.source, S("a"), &p));

	const struct err *failure;

	CHECK(r.source->ops->try_get(r.source, S("missing"), &p, &failure), "arrived");
	e = source_failure_copy(failure, S("missing@^1.2"));
	CHECK(str_find(e->detail, S("'missing@^1.2' could not be found")) != STR_NPOS,
	      "speaks of the spec");
	err_free(e);
	run_end(&r);
	loopback_stop(&s);
}

TEST(f18_a_body_that_is_no_packument_is_asked_for_once_more)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/a", 1, answer(a, "200 OK", "", S("{\"versions\":{\"1.0.0\":{\"na")),
		  KEEP_OPEN },
		{ "/a", 2, packument_answer(a, "", "1.0.0"), KEEP_OPEN },
		{ "/portal", 0, answer(a, "200 OK", "", S("<html>log in</html>")), KEEP_OPEN },
	};
	struct loopback s;
	struct run r = { 0 };
	struct fake_kv kv = fake_kv(a);
	const struct packument *p;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	run_begin(&r, &s, &kv, NULL);
	CHECK_OK(source_get(r.source, S("a"), &p));
	CHECK_EQ(http_requests(r.http), 2, "requests");
	CHECK_FAILS(source_get(r.source, S("portal"), &p), E_BAD_RESPONSE);
	CHECK_EQ(http_requests(r.http), 4, "requests");
	CHECK_EQ(kv.puts, 1, "f22: only the good one is kept");
	run_end(&r);
	loopback_stop(&s);
}

TEST(fresh_cached_packuments_need_no_request)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/a", 0,
		  packument_answer(a, "cache-control: max-age=300\r\netag: \"x\"\r\n", "1.0.0"),
		  KEEP_OPEN },
		{ "/stale", 1,
		  packument_answer(a, "etag: \"y\"\r\nlast-modified: then\r\n", "1.0.0"),
		  KEEP_OPEN },
		{ "/stale", 2, S("HTTP/1.1 304 Not Modified\r\ncache-control: max-age=60\r\n\r\n"),
		  KEEP_OPEN },
		{ "/stale", 3, S("HTTP/1.1 304 Not Modified\r\n\r\n"), KEEP_OPEN },
	};
	const struct {
		const char *option;
		unsigned requests;
	} rows[] = {
		{ NULL, 2 }, /* cold */
		{ NULL, 1 }, /* one is fresh, one asks and hears 304 */
		{ NULL, 0 }, /* both are fresh now */
		{ "--offline", 0 }, { "--prefer-offline", 0 }, { "--prefer-online", 2 },
	};
	struct loopback s;
	struct fake_kv kv = fake_kv(a);

	loopback_start(&s, replies, ARRAY_LEN(replies));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run r = { 0 };
		const struct packument *p;

		run_begin(&r, &s, &kv, rows[i].option);
		source_announce(r.source, S("a"));
		CHECK_OK(source_get(r.source, S("stale"), &p));
		CHECK_OK(source_get(r.source, S("a"), &p));
		CHECK_STR(p->versions[0].version, S("1.0.0"), "row %zu", i);
		CHECK_EQ(http_requests(r.http), rows[i].requests, "row %zu", i);
		run_end(&r);
	}
	CHECK(str_find(buf_view(&s.log),
		       S("if-none-match: \"y\"\r\nif-modified-since: then\r\n")) != STR_NPOS,
	      "conditional");
	loopback_stop(&s);
}

TEST(f23_offline_sends_nothing)
{
	ARENA_SCOPE(a);
	struct loopback s;
	struct run r = { 0 };
	struct fake_kv kv = fake_kv(a);
	const struct packument *p;
	struct err *e;

	loopback_start(&s, NULL, 0);
	run_begin(&r, &s, &kv, "--offline");
	e = source_get(r.source, S("a"), &p);
	CHECK(e && e->code == E_NOT_CACHED, "not cached");
	CHECK(str_find(e->message,
		       S("cache mode is 'only-if-cached' but no cached response is available.")) !=
		      STR_NPOS,
	      "npm's words");
	err_free(e);
	CHECK_EQ(http_requests(r.http), 0, "requests");
	run_end(&r);
	loopback_stop(&s);
}

TEST(a_missing_version_is_looked_up_once_more)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/a", 1,
		  packument_answer(a, "cache-control: max-age=300\r\netag: \"x\"\r\n", "1.0.0"),
		  KEEP_OPEN },
		{ "/a", 2, packument_answer(a, "cache-control: max-age=300\r\n", "2.0.0"),
		  KEEP_OPEN },
	};
	struct loopback s;
	struct run r = { 0 };
	struct fake_kv kv = fake_kv(a);
	const struct packument *p, *old;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	run_begin(&r, &s, &kv, NULL);
	CHECK_OK(source_get(r.source, S("a"), &p));
	CHECK(!source_revalidate(r.source, S("a")), "just fetched");
	run_end(&r);

	r = (struct run){ 0 };
	run_begin(&r, &s, &kv, NULL);
	CHECK_OK(source_get(r.source, S("a"), &old));
	CHECK(packument_find(old, S("2.0.0")) == NULL, "cached");
	CHECK(source_revalidate(r.source, S("a")), "asks");
	CHECK_OK(source_get(r.source, S("a"), &p));
	CHECK(packument_find(p, S("2.0.0")) != NULL, "new");
	CHECK(packument_find(old, S("1.0.0")) != NULL, "the old one stays valid");
	CHECK(!source_revalidate(r.source, S("a")), "once");
	run_end(&r);
	loopback_stop(&s);
}

TEST(stale_data_beats_none_when_the_registry_is_down)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = {
		{ "/a", 1, packument_answer(a, "etag: \"x\"\r\n", "1.0.0"), KEEP_OPEN },
		{ "/a", 0, answer(a, "503 Service Unavailable", "", S("")), KEEP_OPEN },
		{ "/gone", 1, packument_answer(a, "etag: \"x\"\r\n", "1.0.0"), KEEP_OPEN },
	};
	struct loopback s;
	struct fake_kv kv = fake_kv(a);
	const struct packument *p;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	for (int i = 0; i < 2; i++) {
		struct run r = { 0 };

		run_begin(&r, &s, &kv, NULL);
		CHECK_OK(source_get(r.source, S("a"), &p));
		CHECK_STR(p->versions[0].version, S("1.0.0"), "run %d", i);
		if (i == 0)
			CHECK_OK(source_get(r.source, S("gone"), &p));
		else
			CHECK_FAILS(source_get(r.source, S("gone"), &p), E_NOT_FOUND);
		run_end(&r);
	}
	loopback_stop(&s);
}

TEST(what_is_forgotten_comes_back_from_the_cache)
{
	ARENA_SCOPE(a);
	struct reply replies[] = {
		{ "/a", 1, packument_answer(a, "cache-control: no-cache\r\n", "1.0.0"), KEEP_OPEN },
	};
	struct loopback s;
	struct fake_kv kv = fake_kv(a);
	const struct packument *p;
	const struct err *failure;
	struct run r = { 0 };

	loopback_start(&s, replies, ARRAY_LEN(replies));
	run_begin(&r, &s, &kv, NULL);
	CHECK_OK(source_get(r.source, S("a"), &p));
	source_registry_forget(r.source);
	CHECK(!r.source->ops->try_get(r.source, S("a"), &p, &failure));
	CHECK_OK(source_get(r.source, S("a"), &p));
	CHECK_STR(p->versions[0].version, S("1.0.0"), "again");
	CHECK_EQ(http_requests(r.http), 1, "requests");
	run_end(&r);
	loopback_stop(&s);
}

/* "a" with twelve versions. */
static str many_versions(struct arena *a)
{
	struct str_buf b = str_buf(a, SIZE_MAX);

	buf_add(&b, S("{\"name\":\"a\",\"dist-tags\":{},\"versions\":{"));
	for (int i = 0; i < 12; i++)
		buf_printf(&b, "%s\"1.%d.0\":{\"version\":\"1.%d.0\"}", i ? "," : "", i, i);
	buf_add(&b, S("}}"));
	return answer(a, "200 OK", "cache-control: max-age=300\r\n", buf_view(&b));
}

static void check_manifest(struct arena *a, const struct packument *p, int minor)
{
	const struct packument_version *v =
		packument_find(p, str_printf(a, "1.%d.0", minor));
	str text;

	CHECK_OK(packument_manifest(p, v, &text));
	CHECK_STR(text, str_printf(a, "{\"version\":\"1.%d.0\"}", minor), "1.%d.0", minor);
}

TEST(manifests_are_read_out_of_the_cache_when_they_are_wanted)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = { { "/a", 1, many_versions(a), KEEP_OPEN } };
	struct loopback s;
	struct fake_kv kv = fake_kv(a);
	const struct packument *p;

	loopback_start(&s, replies, 1);
	for (int i = 0; i < 2; i++) {
		struct run r = { 0 };

		run_begin(&r, &s, &kv, NULL);
		CHECK_OK(source_get(r.source, S("a"), &p));
		CHECK_EQ(kv.body_reads, 0, "choosing a version needs none, run %d", i);
		check_manifest(a, p, 3);
		check_manifest(a, p, 3);
		CHECK_EQ(kv.body_reads, 1, "once, run %d", i);
		for (int minor = 0; minor < 12; minor++)
			check_manifest(a, p, minor);
		CHECK(kv.body_reads <= 5, "many are read at once");
		kv.body_reads = 0;
		CHECK_EQ(http_requests(r.http), i == 0, "requests, run %d", i);
		run_end(&r);
	}
	loopback_stop(&s);
}

TEST(f8_a_cache_that_takes_nothing_is_not_asked_for_manifests)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = { { "/a", 1, many_versions(a), KEEP_OPEN } };
	struct loopback s;
	struct fake_kv kv = fake_kv(a);
	const struct packument *p;
	struct run r = { 0 };

	kv.refuses_bodies = true;
	loopback_start(&s, replies, 1);
	run_begin(&r, &s, &kv, NULL);
	CHECK_OK(source_get(r.source, S("a"), &p));
	for (int minor = 0; minor < 12; minor++)
		check_manifest(a, p, minor);
	CHECK_EQ(kv.body_reads, 0, "all are here");
	CHECK_EQ(http_requests(r.http), 1, "requests");
	run_end(&r);
	loopback_stop(&s);
}

TEST(f12_manifests_that_the_cache_has_lost_are_fetched_anew)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = { { "/a", 0, many_versions(a), KEEP_OPEN } };
	const str damaged[] = { STR_NULL, S("{}"), str_of(arena_alloc(a, 1000), 1000) };
	struct loopback s;
	struct fake_kv kv = fake_kv(a);
	const struct packument *p;
	struct run r = { 0 };
	str text;

	loopback_start(&s, replies, 1);
	run_begin(&r, &s, &kv, NULL);
	CHECK_OK(source_get(r.source, S("a"), &p));
	run_end(&r);
	for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
		for (struct map_iter it = map_iter(&kv.bodies); map_next(&it);)
			*(str *)it.val = damaged[i];
		r = (struct run){ 0 };
		run_begin(&r, &s, &kv, NULL);
		CHECK_OK(source_get(r.source, S("a"), &p));
		CHECK_EQ(http_requests(r.http), 0, "requests");
		for (int minor = 0; minor < 12; minor++)
			check_manifest(a, p, minor);
		CHECK_EQ(http_requests(r.http), 1, "one request, damage %zu", i);
		run_end(&r);
	}
	for (struct map_iter it = map_iter(&kv.bodies); map_next(&it);)
		*(str *)it.val = S("");
	r = (struct run){ 0 };
	run_begin(&r, &s, &kv, "--offline");
	CHECK_OK(source_get(r.source, S("a"), &p));
	CHECK_FAILS(packument_manifest(p, &p->versions[0], &text), E_NOT_CACHED);
	run_end(&r);
	loopback_stop(&s);
}

struct heard {
	struct tarball_port port;
	str url;
};

static void hear(struct tarball_port *port, const struct tarball_expectation *x)
{
	((struct heard *)port)->url = x->url;
}

TEST(expectations_reach_who_listens)
{
	struct loopback s;
	struct run r = { 0 };
	struct heard heard = { .port = { hear } };

	loopback_start(&s, NULL, 0);
	run_begin(&r, &s, NULL, NULL);
	r.source->ops->expect_tarball(r.source, &(struct tarball_expectation){ .url = S("http://h/0") });
	source_registry_listen(r.source, &heard.port);
	r.source->ops->expect_tarball(r.source, &(struct tarball_expectation){ .url = S("http://h/1") });
	CHECK_STR(heard.url, S("http://h/1"), "heard");
	run_end(&r);
	loopback_stop(&s);
}

struct visits {
	size_t with, without;
};

static void visit(void *ctx, str name, const struct packument *packument)
{
	struct visits *v = ctx;

	CHECK(str_eq(name, packument ? S("a") : S("b")), "one was had, the other could not be");
	v->with += packument != NULL;
	v->without += packument == NULL;
}

TEST(all_that_was_asked_for_is_visited)
{
	ARENA_SCOPE(a);
	const struct reply replies[] = { { "/a", 0, packument_answer(a, "", "1.0.0"), KEEP_OPEN } };
	struct loopback s;
	struct run r = { 0 };
	struct visits v = { 0 };
	const struct packument *p;

	loopback_start(&s, replies, ARRAY_LEN(replies));
	run_begin(&r, &s, NULL, NULL);
	CHECK_OK(source_get(r.source, S("a"), &p));
	CHECK_FAILS(source_get(r.source, S("b"), &p), E_NOT_FOUND);
	source_registry_each(r.source, visit, &v);
	CHECK_EQ(v.with, 1);
	CHECK_EQ(v.without, 1);
	run_end(&r);
	loopback_stop(&s);
}

UNIT_TESTS(TESTED(all_that_was_asked_for_is_visited), TESTED(one_request_per_name_and_run), TESTED(failures_stay_with_their_name),
	   TESTED(f18_a_body_that_is_no_packument_is_asked_for_once_more),
	   TESTED(fresh_cached_packuments_need_no_request), TESTED(f23_offline_sends_nothing),
	   TESTED(a_missing_version_is_looked_up_once_more),
	   TESTED(stale_data_beats_none_when_the_registry_is_down),
	   TESTED(manifests_are_read_out_of_the_cache_when_they_are_wanted),
	   TESTED(f8_a_cache_that_takes_nothing_is_not_asked_for_manifests),
	   TESTED(f12_manifests_that_the_cache_has_lost_are_fetched_anew), TESTED(expectations_reach_who_listens),
	   TESTED(what_is_forgotten_comes_back_from_the_cache))
