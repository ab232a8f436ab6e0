/* SPDX-License-Identifier: MIT */
#include "url.h"

#include "check.h"
#include "cpm/registry/http.h"

TEST(t27_urls_have_one_normal_form)
{
	const struct {
		str text, normal; /* null: refused */
	} rows[] = {
		{ S("https://h/a/b?q=1#f"), S("https://h/a/b?q=1") },
		{ S("HTTPS://Host.Example:443"), S("https://host.example/") },
		{ S("http://h:80/"), S("http://h/") },
		{ S("http://h:8080/x"), S("http://h:8080/x") },
		{ S("http://h:/x"), S("http://h/x") },
		{ S("https://u:p@h/x"), S("https://h/x") },
		{ S("https://a@b@h/x"), S("https://h/x") },
		{ S("http://[::1]:4873/x"), S("http://[::1]:4873/x") },
		{ S("http://h/a/./b/../c"), S("http://h/a/c") },
		{ S("http://h/../../x"), S("http://h/x") },
		{ S("http://h/a/%2e%2E/x"), S("http://h/x") },
		{ S("http://h/a/.%2e"), S("http://h/") },
		{ S("http://h/a/.."), S("http://h/") },
		{ S("http://h/a/b/."), S("http://h/a/b/") },
		{ S("http://h/.../x"), S("http://h/.../x") },
		{ S("http://h//x"), S("http://h//x") },
		{ S("http://h?q"), S("http://h/?q") },
		{ S("http://h/@s%2fn"), S("http://h/@s%2fn") },
		{ S("ftp://h/"), STR_NULL },
		{ S("file:///etc/passwd"), STR_NULL },
		{ S("http:/h"), STR_NULL },
		{ S("http://"), STR_NULL },
		{ S("http://:80/"), STR_NULL },
		{ S("http://u@/x"), STR_NULL },
		{ S("http://h:99999/"), STR_NULL },
		{ S("http://h:8a/"), STR_NULL },
		{ S("http://%68/"), STR_NULL },
		{ S("http://h\\evil/"), STR_NULL },
		{ S("http://h /"), STR_NULL },
		{ S("http://h/a\nb"), STR_NULL },
		{ S("http://[::1/"), STR_NULL },
		{ S("http://[::1]x/"), STR_NULL },
		{ S(""), STR_NULL },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct url u;
		bool ok = url_parse(a, rows[i].text, &u);

		CHECK_STR(ok ? url_format(a, &u) : STR_NULL, rows[i].normal, STR_FMT,
			  STR_ARG(rows[i].text));
	}
}

TEST(locations_are_seen_from_where_they_were_said)
{
	const struct {
		str base, location, want; /* null: refused */
	} rows[] = {
		{ S("http://h/a/b"), S("/x"), S("http://h/x") },
		{ S("http://h/a/b"), S("c?d"), S("http://h/a/c?d") },
		{ S("http://h/a/b"), S("../c"), S("http://h/c") },
		{ S("http://h/a/b?x"), S("?y"), S("http://h/a/b?y") },
		{ S("https://h/a"), S("//other/x"), S("https://other/x") },
		{ S("http://h/a"), S("https://o:8/x"), S("https://o:8/x") },
		{ S("http://h/a"), S("x:y"), STR_NULL },
		{ S("http://h/a"), S("file:///x"), STR_NULL },
		{ S("http://h/a"), S("javascript:1"), STR_NULL },
		{ S("http://h/a"), S(""), STR_NULL },
		{ S("http://u:p@h/a"), S("/x"), S("http://h/x") },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct url base, u;

		CHECK(url_parse(a, rows[i].base, &base), "base");
		CHECK_STR(url_resolve(a, &base, rows[i].location, &u) ? url_format(a, &u)
								      : STR_NULL,
			  rows[i].want, STR_FMT, STR_ARG(rows[i].location));
		CHECK(str_is_null(u.userinfo) || str_is_null(rows[i].want),
		      "no user info is inherited");
	}
}

TEST(origins_are_scheme_host_and_port)
{
	const struct {
		str a, b;
		bool same;
	} rows[] = {
		{ S("https://h/a"), S("https://H:443/b"), true },
		{ S("https://h/"), S("http://h/"), false },
		{ S("https://h/"), S("https://h:444/"), false },
		{ S("https://h/"), S("https://h.evil/"), false },
		{ S("https://h/"), S("https://u@h/"), true },
		{ S("https://h@evil/"), S("https://h/"), false },
		{ S("https://h/"), S("https://h./"), false },
		{ S("x"), S("x"), false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(http_same_origin(rows[i].a, rows[i].b), rows[i].same,
			 STR_FMT " and " STR_FMT, STR_ARG(rows[i].a), STR_ARG(rows[i].b));
}

UNIT_TESTS(TESTED(t27_urls_have_one_normal_form),
	   TESTED(locations_are_seen_from_where_they_were_said),
	   TESTED(origins_are_scheme_host_and_port))
