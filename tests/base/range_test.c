/* SPDX-License-Identifier: MIT
 * Rows of node-semver 7.8.5's ranges; tests/conformance compares far more of them with the real one. */
#include "cpm/base/range.h"

#include <time.h>

#include "check.h"

/* How node-semver prints the range, or the null string when @text is none. */
static str desugared(struct arena *a, str text, unsigned flags)
{
	struct range *r = range_parse(a, text, flags);

	return r ? range_format(a, r) : STR_NULL;
}

struct row {
	str text, want;
};

static void check_rows(const struct row *rows, size_t count, unsigned flags)
{
	ARENA_SCOPE(a);

	for (size_t i = 0; i < count; i++)
		CHECK_STR(desugared(a, rows[i].text, flags), rows[i].want, "'" STR_FMT "'", STR_ARG(rows[i].text));
}

static const struct row shared_rows[] = {
	{ S(""), S("") },
	{ S("*"), S("") },
	{ S("x"), S("") },
	{ S("^*"), S("") },
	{ S("~*"), S("") },
	{ S(">=*"), S("") },
	{ S(">=0"), S("") },
	{ S("1 ||"), S("") },
	{ S("1"), S(">=1.0.0 <2.0.0-0") },
	{ S("=1"), S(">=1.0.0 <2.0.0-0") },
	{ S("1.x"), S(">=1.0.0 <2.0.0-0") },
	{ S("^1"), S(">=1.0.0 <2.0.0-0") },
	{ S("~1"), S(">=1.0.0 <2.0.0-0") },
	{ S("1.2"), S(">=1.2.0 <1.3.0-0") },
	{ S("1.2.x"), S(">=1.2.0 <1.3.0-0") },
	{ S("~1.2"), S(">=1.2.0 <1.3.0-0") },
	{ S("~>1.2"), S(">=1.2.0 <1.3.0-0") },
	{ S("^1.2"), S(">=1.2.0 <2.0.0-0") },
	{ S("~1.2.3"), S(">=1.2.3 <1.3.0-0") },
	{ S("~1.2.3-b"), S(">=1.2.3-b <1.3.0-0") },
	{ S("^1.2.3"), S(">=1.2.3 <2.0.0-0") },
	{ S("^1.2.3-b"), S(">=1.2.3-b <2.0.0-0") },
	{ S("^0.1.2"), S(">=0.1.2 <0.2.0-0") },
	{ S("^0.1.2-b"), S(">=0.1.2-b <0.2.0-0") },
	{ S("^0.0.1"), S(">=0.0.1 <0.0.2-0") },
	{ S("^0.0.1-b"), S(">=0.0.1-b <0.0.2-0") },
	{ S("^0"), S("<1.0.0-0") },
	{ S("^0.x"), S("<1.0.0-0") },
	{ S("~0"), S("<1.0.0-0") },
	{ S("^0.0"), S("<0.1.0-0") },
	{ S("^0.0.x"), S("<0.1.0-0") },
	{ S("~0.0"), S("<0.1.0-0") },
	{ S(">1"), S(">=2.0.0") },
	{ S(">1.2"), S(">=1.3.0") },
	{ S("<=1"), S("<2.0.0-0") },
	{ S("<=1.2"), S("<1.3.0-0") },
	{ S("<1"), S("<1.0.0-0") },
	{ S("<0"), S("<0.0.0-0") },
	{ S(">*"), S("<0.0.0-0") },
	{ S("<*"), S("<0.0.0-0") },
	{ S("1.2 - 3.4"), S(">=1.2.0 <3.5.0-0") },
	{ S("1.2.3 - 3"), S(">=1.2.3 <4.0.0-0") },
	{ S("1.2.3 - 2.0.0"), S(">=1.2.3 <=2.0.0") },
	{ S("* - 2"), S("<3.0.0-0") },
	{ S("1 - *"), S(">=1.0.0") },
	{ S("1 2"), S(">=1.0.0 <2.0.0-0 >=2.0.0 <3.0.0-0") },
	{ S("^v1.2.3"), S(">=1.2.3 <2.0.0-0") },
	{ S("^=1.2.3"), S(">=1.2.3 <2.0.0-0") },
	{ S("~=1.2.3"), S(">=1.2.3 <1.3.0-0") },
	{ S("~1.2.x-b"), S(">=1.2.0 <1.3.0-0") },
	{ S("1.2.3+x"), S("1.2.3") },
	{ S("1.2.3*"), S("1.2.3") },
	{ S("> 1.2.3  <\t2"), S(">1.2.3 <2.0.0-0") },
	{ S("~ 1.2.3"), S(">=1.2.3 <1.3.0-0") },
	{ S("~> 1.2.3"), S(">=1.2.3 <1.3.0-0") },
	{ S("^ 1.2.3"), S(">=1.2.3 <2.0.0-0") },
	{ S("1.2.3 1.2.3"), S("1.2.3") },
	{ S("* 1.2.3"), S("1.2.3") },
	{ S("<0.0.0-0 1.2.3"), S("<0.0.0-0") },
	{ S("<0 || 1.2.3"), S("1.2.3") },
	{ S("<0 || >*"), S("<0.0.0-0") },
	{ S("1.2.3 || *"), S("") },
	{ S("1.2.3||^2.0.0"), S("1.2.3||>=2.0.0 <3.0.0-0") },
	{ S(">=1,<2"), STR_NULL },
	{ S("1.2.3.4"), STR_NULL },
	{ S("1.x.3"), STR_NULL },
	{ S("1.*.3"), STR_NULL },
	{ S("x.1.2"), STR_NULL },
	{ S("1.x-beta"), STR_NULL },
	{ S(">"), STR_NULL },
	{ S("^"), STR_NULL },
	{ S("v"), STR_NULL },
	{ S("1."), STR_NULL },
	{ S("latest"), STR_NULL },
	{ S("9007199254740992"), STR_NULL },
	{ S(">9007199254740991"), STR_NULL },
};

TEST(ranges_mean_the_same_comparators_in_both_modes)
{
	check_rows(shared_rows, ARRAY_LEN(shared_rows), SEMVER_STRICT);
	check_rows(shared_rows, ARRAY_LEN(shared_rows), SEMVER_LOOSE);
}

TEST(loose_ranges_drop_what_strict_ranges_refuse)
{
	static const struct row rows[] = {
		{ S(">=1 , <2"), S(">=1.0.0 <2.0.0-0") },
		{ S("1.2.3 foo"), S("1.2.3") },
		{ S(">=1.0.0 || foo"), S(">=1.0.0") },
		{ S("==1.2.3"), S("1.2.3") },
		{ S("- 2"), S(">=2.0.0 <3.0.0-0") },
		{ S(">1.2.3beta"), S(">1.2.3-beta") },
	};
	static const struct row strict[] = {
		{ S(">=1 , <2"), STR_NULL }, { S("1.2.3 foo"), STR_NULL }, { S(">=1.0.0 || foo"), STR_NULL },
		{ S("==1.2.3"), STR_NULL },  { S("- 2"), STR_NULL },       { S(">1.2.3beta"), STR_NULL },
	};

	check_rows(rows, ARRAY_LEN(rows), SEMVER_LOOSE);
	check_rows(strict, ARRAY_LEN(strict), SEMVER_STRICT);
	check_rows(&(struct row){ S("1 -2"), S(">=1.0.0 <2.0.0-0") }, 1, SEMVER_LOOSE);
}

TEST(with_prereleases_partial_versions_begin_at_their_first_prerelease)
{
	static const struct row rows[] = {
		{ S("1"), S(">=1.0.0-0 <2.0.0-0") },
		{ S("^1.2"), S(">=1.2.0-0 <2.0.0-0") },
		{ S("~1.2"), S(">=1.2.0-0 <1.3.0-0") },
		{ S(">1"), S(">=2.0.0-0") },
		{ S("1.2.3 - 2.0.0"), S(">=1.2.3-0 <2.0.1-0") },
		{ S(">=0.0.0-0"), S("") },
		{ S(">=0.0.0"), S(">=0.0.0") },
		{ S("^1.2.3"), S(">=1.2.3 <2.0.0-0") },
	};

	check_rows(rows, ARRAY_LEN(rows), SEMVER_INCLUDE_PRE);
}

TEST(a_prerelease_matches_only_where_its_own_release_is_named)
{
	const struct {
		str version, range;
		unsigned flags;
		bool want;
	} rows[] = {
		{ S("1.9.0"), S("^1.2.3"), 0, true },
		{ S("0.3.0"), S("^0.2.3"), 0, false },
		{ S("1.3.0-beta"), S("^1.2.3"), 0, false },
		{ S("1.2.3-beta.2"), S("^1.2.3-beta.1"), 0, true },
		{ S("1.2.4-beta.2"), S("^1.2.3-beta.1"), 0, false },
		{ S("2.0.0-a"), S("*"), 0, false },
		{ S("2.0.0-a"), S(""), 0, false },
		{ S("2.0.0-a"), S(">=1"), 0, false },
		{ S("2.0.0-a"), S("<2.0.0"), 0, false },
		{ S("2.0.0-a"), S(">=2.0.0-a"), 0, true },
		{ S("2.0.0-a"), S("*"), SEMVER_INCLUDE_PRE, true },
		{ S("2.0.0-a"), S("<2.0.0"), SEMVER_INCLUDE_PRE, true },
		{ S("2.0.0-a"), S("^1.2.3"), SEMVER_INCLUDE_PRE, false },
		{ S("v1.2.3"), S("1.2.3"), 0, true },
		{ S("1.2.3+build"), S("1.2.3"), 0, true },
		{ S("1.2.3"), S("latest"), 0, false },
		{ S("latest"), S("*"), 0, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(range_satisfies(rows[i].version, rows[i].range, rows[i].flags), rows[i].want,
			 STR_FMT " against " STR_FMT, STR_ARG(rows[i].version), STR_ARG(rows[i].range));
}

TEST(ranges_meet_where_their_bounds_overlap)
{
	const struct {
		str a, b;
		bool want;
	} rows[] = {
		{ S("^1.2.0"), S("~1.3.0"), true },
		{ S("^1.2.0"), S("^2.0.0"), false },
		{ S(">=1.0.0"), S("<=1.0.0"), true },
		{ S(">1.0.0"), S("<=1.0.0"), false },
		{ S("1.2.3"), S("^1.0.0"), true },
		{ S("1.2.3-a"), S("^1.0.0"), false },
		{ S("*"), S("1.2.3-a"), true },
		{ S("1.2.3-a"), S("*"), false },
		{ S("<0.0.0"), S("*"), true },
		{ S("<0.0.0"), S("<1.0.0"), false },
		{ S(">2 <1"), S("*"), false },
		{ S("1.x || >=2.5.0 || 5.0.0 - 7.2.3"), S(">2.4 <2.6"), true },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(range_intersects(range_parse(a, rows[i].a, 0), range_parse(a, rows[i].b, 0)), rows[i].want,
			 STR_FMT " and " STR_FMT, STR_ARG(rows[i].a), STR_ARG(rows[i].b));
}

TEST(a_subset_lies_within_one_alternative)
{
	const struct {
		str sub, dom;
		unsigned flags;
		bool want;
	} rows[] = {
		{ S("1.2.3"), S("^1.0.0"), 0, true },
		{ S("^1.2.3"), S("^1.0.0"), 0, true },
		{ S("^1.0.0"), S("^1.2.3"), 0, false },
		{ S("^1 || ^2"), S(">=1"), 0, true },
		{ S(">=1 <3"), S("^1 || ^2"), 0, false },
		{ S("*"), S("*"), 0, true },
		{ S("*"), S(">=0.0.0"), 0, true },
		{ S("*"), S(">=1"), 0, false },
		{ S("^1.2.3-a"), S(">=1.0.0"), 0, false },
		{ S("^1.2.3-a"), S(">=1.0.0"), SEMVER_INCLUDE_PRE, true },
		{ S("<1.2.3-0"), S("<1.2.3"), 0, true },
		{ S(">2 <1"), S("3"), 0, true },
		{ S("1.2.3 1.2.4"), S("3"), 0, true },
		{ S("^1 || >2 <1"), S("^1"), 0, false },
		{ S(">1"), S("<2"), 0, false },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(range_is_subset(range_parse(a, rows[i].sub, rows[i].flags), range_parse(a, rows[i].dom, rows[i].flags)),
			 rows[i].want, STR_FMT " in " STR_FMT, STR_ARG(rows[i].sub), STR_ARG(rows[i].dom));
}

TEST(the_lowest_version_is_the_least_that_matches)
{
	static const struct row rows[] = {
		{ S("*"), S("0.0.0") },		   { S("^1.2.3"), S("1.2.3") },
		{ S(">1.2.3"), S("1.2.4") },	   { S(">1.2.3-a"), S("1.2.3-a.0") },
		{ S("<=2"), S("0.0.0") },	   { S("^2 || ^1"), S("1.0.0") },
		{ S("<0.0.0-1"), S("0.0.0-0") },   { S(">2 <1"), STR_NULL },
		{ S(">=1.0.0 >=2.0.0"), S("2.0.0") },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct semver v;
		bool found = range_min_version(a, range_parse(a, rows[i].text, 0), &v);

		CHECK_STR(found ? v.text : STR_NULL, rows[i].want, STR_FMT, STR_ARG(rows[i].text));
	}
}

/* T41: texts that make a backtracking parser work for minutes. */
TEST(hostile_ranges_are_read_in_linear_time)
{
	static const str units[] = { S("v"), S("= "), S(" - "), S("1.2.3 - "), S("||"), S("<"), S("1."), S("+a "), S("~> "),
				     S(">=1.2.3 "), S("1.2.3-a.b.c || "), S("*") };
	clock_t start = clock();

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		ARENA_SCOPE(a);
		struct str_buf text = str_buf(a, SIZE_MAX);
		struct range *r;

		buf_add_repeat(&text, units[i], 65535 / units[i].len);
		r = range_parse(a, buf_view(&text), SEMVER_LOOSE);
		if (r)
			range_intersects(r, r);
	}
	CHECK((clock() - start) / CLOCKS_PER_SEC < 5);
}

TEST(ranges_beyond_the_limits_are_refused)
{
	ARENA_SCOPE(a);
	struct str_buf text = str_buf(a, SIZE_MAX);

	buf_add_repeat(&text, S("1||"), 9999);
	CHECK(range_parse(a, buf_view(&text), 0) != NULL);
	buf_add_repeat(&text, S("1||"), 2);
	CHECK(range_parse(a, buf_view(&text), 0) == NULL);
	buf_reset(&text);
	buf_add_repeat(&text, S(" "), 65537);
	CHECK(range_parse(a, buf_view(&text), 0) == NULL);
	buf_reset(&text);
	for (int i = 0; i < 1025; i++)
		buf_printf(&text, ">1.0.%d ", i);
	CHECK(range_parse(a, buf_view(&text), 0) == NULL);
}

UNIT_TESTS(TESTED(ranges_mean_the_same_comparators_in_both_modes), TESTED(loose_ranges_drop_what_strict_ranges_refuse),
	   TESTED(with_prereleases_partial_versions_begin_at_their_first_prerelease),
	   TESTED(a_prerelease_matches_only_where_its_own_release_is_named), TESTED(ranges_meet_where_their_bounds_overlap),
	   TESTED(a_subset_lies_within_one_alternative), TESTED(the_lowest_version_is_the_least_that_matches),
	   TESTED(hostile_ranges_are_read_in_linear_time), TESTED(ranges_beyond_the_limits_are_refused))
