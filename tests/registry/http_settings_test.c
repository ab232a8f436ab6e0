/* SPDX-License-Identifier: MIT */
#include "http_priv.h"

#include "check.h"
#include "cpm/base/fs.h"
#include "test_cfg.h"

static str proxy_for(struct arena *a, const char *const *argv, str url)
{
	struct http_settings set;
	struct url u;

	CHECK_OK(http_settings_read(a, test_cfg(a, argv, NULL), &set));
	CHECK(url_parse(a, url, &u), STR_FMT, STR_ARG(url));
	return http_proxy_for(&set, &u);
}

static void forget_environment(void)
{
	const char *const names[] = { "https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY",
				      "proxy",       "PROXY",       "no_proxy",   "NO_PROXY" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
}

TEST(noproxy_matches_whole_labels_at_the_end)
{
	const struct {
		const char *noproxy;
		str url;
		bool is_direct;
	} rows[] = {
		{ "example.com", S("http://example.com/"), true },
		{ "example.com", S("http://a.example.com:8080/"), true },
		{ ".example.com", S("http://a.example.com/"), true },
		{ ".example.com", S("http://example.com/"), true },
		{ "example.com", S("http://notexample.com/"), false },
		{ "example.com", S("http://example.com.evil/"), false },
		{ "EXAMPLE.com", S("http://example.COM/"), true },
		{ "a, b", S("http://b/"), true },
		{ "a,b", S("http://c/"), false },
		{ "*", S("http://a/"), false },
		{ ".", S("http://a/"), false },
		{ "", S("http://a/"), false },
		{ "0.1", S("http://127.0.0.1/"), true },
	};
	ARENA_SCOPE(a);

	forget_environment();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const argv[] = { "install", "--proxy=http://p:1/", "--noproxy",
					     rows[i].noproxy, NULL };

		CHECK_EQ(str_is_null(proxy_for(a, argv, rows[i].url)), rows[i].is_direct,
			 "'%s' and " STR_FMT, rows[i].noproxy, STR_ARG(rows[i].url));
	}
}

TEST(settings_beat_the_environment_and_https_beats_all)
{
	const char *const plain[] = { "install", NULL };
	const char *const proxy[] = { "install", "--proxy=http://p:1/", NULL };
	const char *const both[] = { "install", "--proxy=http://p:1/", "--https-proxy=http://s:1/",
				     NULL };
	const struct {
		const char *const *argv;
		const char *env_https, *env_http;
		str for_http, for_https;
	} rows[] = {
		{ plain, NULL, NULL, STR_NULL, STR_NULL },
		{ plain, NULL, "http://eh/", S("http://eh/"), STR_NULL },
		{ plain, "http://es/", "http://eh/", S("http://es/"), S("http://es/") },
		{ proxy, "http://es/", "http://eh/", S("http://p:1/"), S("http://p:1/") },
		{ both, NULL, NULL, S("http://s:1/"), S("http://s:1/") },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		forget_environment();
		if (rows[i].env_https)
			setenv("HTTPS_PROXY", rows[i].env_https, 1);
		if (rows[i].env_http)
			setenv("http_proxy", rows[i].env_http, 1);
		CHECK_STR(proxy_for(a, rows[i].argv, S("http://h/")), rows[i].for_http, "row %zu",
			  i);
		CHECK_STR(proxy_for(a, rows[i].argv, S("https://h/")), rows[i].for_https, "row %zu",
			  i);
	}
	forget_environment();
}

TEST(no_proxy_of_the_environment_holds_where_none_is_set)
{
	ARENA_SCOPE(a);
	const char *const argv[] = { "install", "--proxy=http://p:1/", NULL };

	forget_environment();
	setenv("NO_PROXY", "x,h", 1);
	CHECK(str_is_null(proxy_for(a, argv, S("http://h/"))), "direct");
	CHECK(!str_is_null(proxy_for(a, argv, S("http://g/"))), "through the proxy");
	forget_environment();
}

TEST(limits_are_the_users_or_ours)
{
	ARENA_SCOPE(a);
	const char *const ours[] = { "install", NULL };
	const char *const users[] = { "install", "--maxsockets=7", "--fetch-timeout=60000",
				      "--fetch-retries=5", NULL };
	struct http_settings set;

	CHECK_OK(http_settings_read(a, test_cfg(a, ours, NULL), &set));
	CHECK(set.max_per_origin > 15 && set.max_per_origin <= set.max_total, "%u",
	      set.max_per_origin);
	CHECK_EQ(set.stall_ms, HTTP_STALL_MAX_MS, "f19");
	CHECK_EQ(set.retries, 2, "npm's");
	CHECK_OK(http_settings_read(a, test_cfg(a, users, NULL), &set));
	CHECK_EQ(set.max_per_origin, 7, "chosen");
	CHECK_EQ(set.stall_ms, 60000, "chosen");
	CHECK_EQ(set.retries, 5, "chosen");
}

TEST(t34_certificates_are_checked_unless_the_user_says_no)
{
	ARENA_SCOPE(a);
	const char *const plain[] = { "install", NULL };
	const char *const unsafe[] = { "install", "--no-strict-ssl", NULL };
	const char *const own[] = { "install", "--ca=-----BEGIN CERTIFICATE-----", NULL };
	struct http_settings set = { .ca_fd = -1 };
	str text;

	unsetenv("NODE_EXTRA_CA_CERTS");
	http_tls_read(a, test_cfg(a, plain, NULL), &set);
	CHECK(set.verify_tls && set.ca_fd < 0, "checked against the system's");
	http_tls_read(a, test_cfg(a, unsafe, NULL), &set);
	CHECK(!set.verify_tls, "switched off");
	http_tls_read(a, test_cfg(a, own, NULL), &set);
	CHECK_OK(fs_read_all(a, AT_FDCWD, set.ca_file, 1000, &text));
	CHECK_STR(text, S("-----BEGIN CERTIFICATE-----"), "the user's own instead of the system's");
	close(set.ca_fd);
}

UNIT_TESTS(TESTED(noproxy_matches_whole_labels_at_the_end),
	   TESTED(settings_beat_the_environment_and_https_beats_all),
	   TESTED(no_proxy_of_the_environment_holds_where_none_is_set),
	   TESTED(limits_are_the_users_or_ours),
	   TESTED(t34_certificates_are_checked_unless_the_user_says_no))
