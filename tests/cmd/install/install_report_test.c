/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "install_stages.h"

TEST(changes_are_counted_in_npms_words)
{
	const struct {
		struct install_counts counts;
		str want;
	} rows[] = {
		{ { 0, 0, 0, 0 }, S("up to date") },
		{ { 0, 0, 0, 1 }, S("up to date, audited 1 package") },
		{ { 1, 0, 0, 0 }, S("added 1 package") },
		{ { 2, 0, 0, 0 }, S("added 2 packages") },
		{ { 1, 1, 0, 0 }, S("added 1 package, and removed 1 package") },
		{ { 0, 1, 1, 0 }, S("removed 1 package, and changed 1 package") },
		{ { 1, 0, 1, 0 }, S("added 1 package, and changed 1 package") },
		{ { 1, 2, 3, 0 },
		  S("added 1 package, removed 2 packages, and changed 3 packages") },
		{ { 5, 0, 0, 6 }, S("added 5 packages, and audited 6 packages") },
		{ { 1, 2, 3, 9 },
		  S("added 1 package, removed 2 packages, changed 3 packages, and audited 9 "
		    "packages") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		CHECK_STR(install_changes_text(tmp, &rows[i].counts), rows[i].want, "row %zu", i);
	}
}

TEST(times_are_short)
{
	const struct {
		int64_t ms;
		str want;
	} rows[] = {
		{ 0, S("0ms") },     { 578, S("578ms") },   { 999, S("999ms") },
		{ 1000, S("1s") },   { 1499, S("1s") },     { 1500, S("2s") },
		{ 59499, S("59s") }, { 59999, S("60s") },   { 60000, S("1m") },
		{ 90000, S("2m") },  { 3599999, S("60m") }, { 3600000, S("1h") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		CHECK_STR(install_format_ms(tmp, rows[i].ms), rows[i].want, "row %zu", i);
	}
}

TEST(nothing_blocked_is_nothing_said)
{
	ARENA_SCOPE(tmp);
	struct reify_result none = { 0 };
	CHECK(str_is_null(install_blocked_text(tmp, &none, false)), "null");
}

UNIT_TESTS(TESTED(changes_are_counted_in_npms_words), TESTED(times_are_short),
	   TESTED(nothing_blocked_is_nothing_said))
