/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "ignore_rules.h"

/* What the rules make of an entry that was wanted so far. */
static bool keeps(str text, str path, bool as_dir)
{
	ARENA_SCOPE(tmp);
	struct ignore_rules rules = ignore_rules_parse(tmp, text);

	return ignore_rules_apply(tmp, &rules, path, STR_NULL, as_dir, true);
}

TEST(lines_match_as_npm_reads_them)
{
	const struct {
		str text, path;
		bool as_dir, want;
	} rows[] = {
		{ S("*.log"), S("a/b.log"), false, false },
		{ S("*.log"), S("a/b.LOG"), false, false },
		{ S("/a"), S("a"), false, false },
		{ S("/a"), S("b/a"), false, true },
		{ S("a/b"), S("a/b"), false, false },
		{ S("lib/"), S("lib"), false, true },
		{ S("lib/"), S("lib"), true, false },
		{ S("# lib\nlib # x"), S("lib"), true, true },
		{ S("  lib  \r\n"), S("lib"), true, false },
		{ S("*\n!a"), S("a"), false, true },
		{ S("*\n!a"), S("b"), false, false },
		{ S("*\n!/a/b"), S("a"), true, true },
		{ S("*\n!/a/b"), S("a"), false, false },
		{ S("!!a"), S("a"), false, false },
		{ S("a/**"), S("a/.b/c"), false, false },
		{ S("a/**"), S("a"), false, true },
		{ S("**/c"), S("a/b/c"), false, false },
		{ S("a/**/c"), S("a/c"), false, false },
		{ S("x{1,2}"), S("x2"), false, false },
		{ S("[^~]x"), S("~x"), false, true },
		{ S(".*"), S("a"), false, true },
		{ S("*"), S(".a"), false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(keeps(rows[i].text, rows[i].path, rows[i].as_dir), rows[i].want,
			 "'" STR_FMT "' on " STR_FMT, STR_ARG(rows[i].text), STR_ARG(rows[i].path));
}

TEST(a_rule_without_a_place_is_held_against_the_name_as_well)
{
	ARENA_SCOPE(tmp);
	struct ignore_rules rules = ignore_rules_parse(tmp, S("lib/"));

	CHECK(!ignore_rules_apply(tmp, &rules, S("a/lib"), S("lib"), true, true), "a/lib");
	CHECK(ignore_rules_apply(tmp, &rules, S("a/lib"), S("lib"), false, true), "a file");
}

TEST(many_stars_cost_no_more_than_their_number_times_the_path)
{
	ARENA_SCOPE(tmp);
	struct str_buf stars = str_buf(tmp, 1 << 16), path = str_buf(tmp, 1 << 16);

	buf_add_repeat(&stars, S("**/a/"), 200);
	buf_add_repeat(&path, S("a/"), 1000);
	CHECK(keeps(str_concat(tmp, buf_view(&stars), S("b")), buf_view(&path), true), "stars");
}

UNIT_TESTS(TESTED(lines_match_as_npm_reads_them),
	   TESTED(a_rule_without_a_place_is_held_against_the_name_as_well),
	   TESTED(many_stars_cost_no_more_than_their_number_times_the_path))
