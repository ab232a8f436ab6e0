/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/base/glob.h"

TEST(patterns_match_whole_paths)
{
	const struct {
		str pattern, path;
		bool want;
	} rows[] = {
		{ S("packages/*"), S("packages/a"), true },
		{ S("packages/*"), S("packages/a/b"), false },
		{ S("packages/*"), S("packages/.a"), false },
		{ S("packages/.*"), S("packages/.a"), true },
		{ S("packages/**"), S("packages/a/b/c"), true },
		{ S("packages/**"), S("packages/a/.b/c"), false },
		{ S("**/x"), S("x"), true },
		{ S("**/x"), S("a/b/x"), true },
		{ S("a/**/b/**/c"), S("a/1/b/2/b/c"), true },
		{ S("a/**/b/**/c"), S("a/1/2/c"), false },
		{ S("{a,b}/*"), S("b/x"), true },
		{ S("{a,{b,c}d}/x"), S("cd/x"), true },
		{ S("{a}"), S("{a}"), true },
		{ S("a?c"), S("abc"), true },
		{ S("a[b-d]c"), S("acc"), true },
		{ S("a[!b]c"), S("abc"), false },
		{ S("a*b*c"), S("aXbYbZc"), true },
		{ S("a*b*c"), S("aXbYbZ"), false },
		{ S("\\*"), S("*"), true },
		{ S("\\*"), S("x"), false },
		{ S("@scope/*"), S("@scope/x"), true },
		{ S(""), S(""), true },
		{ S("a["), S("a["), true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		CHECK_EQ(glob_match(tmp, rows[i].pattern, rows[i].path), rows[i].want,
			 STR_FMT " on " STR_FMT, STR_ARG(rows[i].pattern), STR_ARG(rows[i].path));
	}
}

TEST(flags_widen_what_wildcards_match)
{
	ARENA_SCOPE(tmp);

	CHECK(glob_match_with(tmp, S("**/*.js"), S(".a/.b.js"), GLOB_DOT), "dots");
	CHECK(!glob_match_with(tmp, S("**/*.js"), S("a/b.JS"), GLOB_DOT), "case");
	CHECK(glob_match_with(tmp, S("[a-c]/*.js"), S("B/x.JS"), GLOB_NOCASE), "no case");
}

TEST(hostile_patterns_end_soon)
{
	ARENA_SCOPE(tmp);
	struct str_buf stars = str_buf(tmp, 1 << 16), braces = str_buf(tmp, 1 << 16),
		       path = str_buf(tmp, 1 << 16);

	buf_add_repeat(&stars, S("*a"), 200);
	buf_add_repeat(&braces, S("{a,b,c,d}"), 40);
	buf_add_repeat(&path, S("a"), 4000);
	CHECK(!glob_match(tmp, str_concat(tmp, buf_view(&stars), S("b")), buf_view(&path)),
	      "stars");
	CHECK(!glob_match(tmp, buf_view(&braces), S("x")), "braces");
}

TEST(groups_match_as_in_extended_patterns)
{
	const struct {
		str pattern, path;
		bool want;
	} rows[] = {
		{ S("@(a|b).js"), S("a.js"), true },	   { S("@(a|b).js"), S("ab.js"), false },
		{ S("+(a|b).js"), S("abba.js"), true },	   { S("+(a|b).js"), S(".js"), false },
		{ S("*(a|b).js"), S(".js"), true },	   { S("?(a|b).js"), S("a.js"), true },
		{ S("?(a|b).js"), S("aa.js"), false },	   { S("!(a|b).js"), S("c.js"), true },
		{ S("!(a|b).js"), S("a.js"), false },	   { S("!(*.d).ts"), S("x.ts"), true },
		{ S("!(*.d).ts"), S("x.d.ts"), false },	   { S("lib/+(a|b)/*"), S("lib/ab/x"), true },
		{ S("lib/!(test)/*"), S("lib/test/x"), false }, { S("lib/!(test)/*"), S("lib/tests/x"), true },
		{ S("@(a|@(b|c)d)"), S("cd"), true },	   { S("@(a|@(b|c)d)"), S("ad"), false },
		{ S("@(a"), S("@(a"), true },		   { S("a(b)"), S("a(b)"), true },
		{ S("\\@(a)"), S("@(a)"), true },	   { S("@([ab]|*.x)y"), S("by"), true },
		{ S("@([ab]|*.x)y"), S("q.xy"), true },	   { S("*(x)*(x)*(x)*(x)y"), S("xxxxxxxxxxxxxxxxxxxx"), false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		CHECK_EQ(glob_match_with(tmp, rows[i].pattern, rows[i].path, GLOB_DOT | GLOB_GROUPS), rows[i].want,
			 STR_FMT " against " STR_FMT, STR_ARG(rows[i].pattern), STR_ARG(rows[i].path));
	}
	CHECK(glob_is_plain(S("a(b)")));
	CHECK(!glob_is_plain(S("+(a|b)")));
}

UNIT_TESTS(TESTED(groups_match_as_in_extended_patterns), TESTED(patterns_match_whole_paths), TESTED(flags_widen_what_wildcards_match),
	   TESTED(hostile_patterns_end_soon))
