/* SPDX-License-Identifier: MIT
 * Rows of npm-semver behaviour (npm 12.2.0's node-semver 7.8.5); tests/conformance compares far more of them. */
#include "cpm/base/semver.h"

#include "check.h"

/* The normalised text, or the null string. */
static str parsed(struct arena *a, str text, unsigned flags)
{
	struct semver v;

	return semver_parse(a, text, flags, &v) ? v.text : STR_NULL;
}

TEST(strict_parsing_takes_what_the_grammar_says_and_no_more)
{
	const struct {
		str text, want;
	} rows[] = {
		{ S("1.2.3"), S("1.2.3") },
		{ S("v1.2.3"), S("1.2.3") },
		{ S("  1.2.3\t"), S("1.2.3") },
		{ S("\xc2\xa0" "1.2.3\xef\xbb\xbf"), S("1.2.3") },
		{ S("1.2.3-beta.1"), S("1.2.3-beta.1") },
		{ S("1.2.3-beta+build.5"), S("1.2.3-beta") },
		{ S("1.2.3+build"), S("1.2.3") },
		{ S("1.2.3--"), S("1.2.3--") },
		{ S("9007199254740991.0.0"), S("9007199254740991.0.0") },
		{ S("9007199254740992.0.0"), STR_NULL },
		{ S("01.2.3"), STR_NULL },
		{ S("1.2.3-01"), STR_NULL },
		{ S("1.2.3beta"), STR_NULL },
		{ S("=1.2.3"), STR_NULL },
		{ S("vv1.2.3"), STR_NULL },
		{ S("v 1.2.3"), STR_NULL },
		{ S("1.2"), STR_NULL },
		{ S("1.2.3.4"), STR_NULL },
		{ S("1.2.x"), STR_NULL },
		{ S("1.2.3-"), STR_NULL },
		{ S("1.2.3+"), STR_NULL },
		{ S("1.2.3-a..b"), STR_NULL },
		{ S(""), STR_NULL },
		{ S("latest"), STR_NULL },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(parsed(a, rows[i].text, SEMVER_STRICT), rows[i].want, STR_FMT, STR_ARG(rows[i].text));
}

TEST(loose_parsing_repairs_common_mistakes)
{
	const struct {
		str text, want;
	} rows[] = {
		{ S("=v 1.2.3"), S("1.2.3") },
		{ S("01.02.03"), S("1.2.3") },
		{ S("1.2.3beta"), S("1.2.3-beta") },
		{ S("1.2.3-"), S("1.2.3--") },
		{ S("1.2.3-beta.01"), S("1.2.3-beta.1") },
		{ S("1.2.3-009007199254740993"), S("1.2.3-009007199254740993") },
		{ S("1.2.34.5"), S("1.2.3-4.5") },
		{ S("1.2.3.4"), STR_NULL },
		{ S("1.2"), STR_NULL },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(parsed(a, rows[i].text, SEMVER_LOOSE), rows[i].want, STR_FMT, STR_ARG(rows[i].text));
}

/* T16: nothing that is not a version gets into the tree as one. */
TEST(hostile_texts_are_no_versions)
{
	const str rows[] = { S("1.0.0;rm -rf"), S("1.0.0\n1.0.1"), S("__proto__"), S("1.0.0\0"), S("../1.0.0"), S("1.0.0-$(id)") };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (unsigned flags = 0; flags <= SEMVER_LOOSE; flags++)
			CHECK(!semver_is_valid(rows[i], flags), "row %zu", i);
}

TEST(a_version_has_at_most_256_characters)
{
	ARENA_SCOPE(a);
	struct str_buf text = str_buf(a, 1024);

	buf_add(&text, S("1.2.3-"));
	buf_add_repeat(&text, S("a"), 250);
	CHECK(semver_is_valid(buf_view(&text), SEMVER_STRICT));
	buf_add(&text, S("a"));
	CHECK(!semver_is_valid(buf_view(&text), SEMVER_STRICT));
	buf_reset(&text);
	buf_add_repeat(&text, S("1"), 300);
	buf_add(&text, S(".0.0"));
	CHECK(!semver_is_valid(buf_view(&text), SEMVER_LOOSE));
}

TEST(versions_are_ordered_by_number_then_prerelease)
{
	const str rows[] = { S("0.0.0-0"), S("0.0.0"), S("0.0.2"), S("0.10.0"), S("1.0.0-1"), S("1.0.0-2"), S("1.0.0-10"),
			     S("1.0.0--"), S("1.0.0-A"), S("1.0.0-alpha"), S("1.0.0-alpha.1"), S("1.0.0-alpha.beta"),
			     S("1.0.0-beta"), S("1.0.0"), S("1.0.1-0"), S("2.0.0"), S("10.0.0") };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t k = 0; k < ARRAY_LEN(rows); k++)
			CHECK_EQ(semver_compare_text(rows[i], rows[k]), (i > k) - (i < k), STR_FMT " and " STR_FMT,
				 STR_ARG(rows[i]), STR_ARG(rows[k]));
}

TEST(build_breaks_ties_only_where_it_is_asked_to)
{
	ARENA_SCOPE(a);
	struct semver x, y;

	CHECK(semver_parse(a, S("1.0.0+1"), SEMVER_STRICT, &x));
	CHECK(semver_parse(a, S("1.0.0+2"), SEMVER_STRICT, &y));
	CHECK_EQ(semver_compare(&x, &y), 0, "builds are ignored");
	CHECK_EQ(semver_compare_build(&x, &y), -1, "1 before 2");
	CHECK_STR(y.build, S("2"));
}

TEST(what_is_no_version_sorts_first)
{
	CHECK_EQ(semver_compare_text(S("latest"), S("0.0.0-0")), -1);
	CHECK_EQ(semver_compare_text(S("1.0.0"), S("")), 1);
	CHECK_EQ(semver_compare_text(S("a"), S("b")), 0);
}

TEST(increments_follow_npm_version)
{
	const struct {
		str from;
		enum semver_release kind;
		str preid, want;
	} rows[] = {
		{ S("1.2.3"), SEMVER_MAJOR, STR_NULL, S("2.0.0") },
		{ S("2.0.0-1"), SEMVER_MAJOR, STR_NULL, S("2.0.0") },
		{ S("2.1.0-1"), SEMVER_MAJOR, STR_NULL, S("3.0.0") },
		{ S("1.2.3"), SEMVER_MINOR, STR_NULL, S("1.3.0") },
		{ S("1.2.0-1"), SEMVER_MINOR, STR_NULL, S("1.2.0") },
		{ S("1.2.3"), SEMVER_PATCH, STR_NULL, S("1.2.4") },
		{ S("1.2.3-1"), SEMVER_PATCH, STR_NULL, S("1.2.3") },
		{ S("1.2.3"), SEMVER_PREMAJOR, STR_NULL, S("2.0.0-0") },
		{ S("1.2.3"), SEMVER_PREMINOR, S("beta"), S("1.3.0-beta.0") },
		{ S("1.2.3-a"), SEMVER_PREPATCH, STR_NULL, S("1.2.4-0") },
		{ S("1.2.3"), SEMVER_PRERELEASE, STR_NULL, S("1.2.4-0") },
		{ S("1.2.3-0"), SEMVER_PRERELEASE, STR_NULL, S("1.2.3-1") },
		{ S("1.2.3-alpha.0.beta"), SEMVER_PRERELEASE, STR_NULL, S("1.2.3-alpha.1.beta") },
		{ S("1.2.3-alpha"), SEMVER_PRERELEASE, STR_NULL, S("1.2.3-alpha.0") },
		{ S("1.2.3-alpha.1"), SEMVER_PRERELEASE, S("alpha"), S("1.2.3-alpha.2") },
		{ S("1.2.3-alpha.1"), SEMVER_PRERELEASE, S("beta"), S("1.2.3-beta.0") },
		{ S("1.2.3-beta.x"), SEMVER_PRERELEASE, S("beta"), S("1.2.3-beta.0") },
		{ S("1.2.3+build"), SEMVER_PATCH, STR_NULL, S("1.2.4") },
		{ S("1.2.3"), SEMVER_PRERELEASE, S("a b"), STR_NULL },
		{ S("1.2.3"), SEMVER_PRERELEASE, S(".a"), STR_NULL },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct semver v;

		CHECK(semver_parse(a, rows[i].from, SEMVER_LOOSE, &v), "row %zu", i);
		CHECK_STR(semver_increment(a, &v, rows[i].kind, rows[i].preid), rows[i].want, "row %zu", i);
	}
}

UNIT_TESTS(TESTED(strict_parsing_takes_what_the_grammar_says_and_no_more),
	   TESTED(loose_parsing_repairs_common_mistakes), TESTED(hostile_texts_are_no_versions),
	   TESTED(a_version_has_at_most_256_characters), TESTED(versions_are_ordered_by_number_then_prerelease),
	   TESTED(build_breaks_ties_only_where_it_is_asked_to), TESTED(what_is_no_version_sorts_first),
	   TESTED(increments_follow_npm_version))
