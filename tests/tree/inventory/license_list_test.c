/* SPDX-License-Identifier: MIT
 * Which licences are refused by which words. */
#include "cpm/tree/license_list.h"

#include "check.h"

TEST(a_licence_is_refused_when_nothing_else_can_be_chosen)
{
	static const struct {
		str pattern, license;
		bool is_refused;
	} rows[] = {
		{ S("MIT"), S("MIT"), true },
		{ S("mit"), S("MIT"), true },
		{ S("MIT"), S("MIT-0"), false },
		{ S("GPL-*"), S("GPL-3.0-or-later"), true },
		{ S("GPL-*"), S("LGPL-3.0-or-later"), false },
		{ S("GPL-*"), S("MIT OR GPL-3.0-only"), false },
		{ S("GPL-*"), S("MIT AND GPL-3.0-only"), true },
		{ S("GPL-2.0"), S("GPL-2.0+"), true },
		{ S("GPL-2.0-only"), S("GPL-2.0-only WITH Classpath-exception-2.0"), true },
		{ S("GPL-2.0-only WITH *"), S("GPL-2.0-only"), false },
		{ S("GPL-2.0-only WITH *"), S("GPL-2.0-only WITH Classpath-exception-2.0"), true },
		{ S("unknown"), S("SEE LICENSE IN x"), true },
		{ S("unknown"), S("MIT"), false },
		{ S("UNLICENSED"), S("UNLICENSED"), true },
		{ S("missing"), STR_NULL, true },
		{ S("*"), STR_NULL, true },
		{ S("MIT"), STR_NULL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK(license_is_refused(&(struct license_refusal){ &rows[i].pattern, 1 },
					 rows[i].license) == rows[i].is_refused,
		      STR_FMT " against '" STR_FMT "'", STR_ARG(rows[i].pattern),
		      STR_ARG(rows[i].license));
}

TEST(an_exception_takes_a_licence_out_of_what_is_refused)
{
	static const struct {
		str excepted, license;
		bool is_covered;
	} rows[] = {
		{ S("GPL-3.0-only"), S("MIT AND GPL-3.0-only"), true },
		{ S("MIT AND GPL-3.0-only"), S("MIT AND GPL-3.0-only"), true },
		{ S("MIT"), S("MIT AND GPL-3.0-only"), false },
		{ S("GPL-3.0-only"), S("AGPL-3.0-only AND GPL-3.0-only"), false },
		{ S("GPL-3.0-only"), S("AGPL-3.0-only OR GPL-3.0-only"), true },
		{ S("missing"), STR_NULL, true },
		{ S("unknown"), S("SEE LICENSE IN x"), true },
		{ S("SEE LICENSE IN *"), S("SEE LICENSE IN x"), true },
	};
	static const str patterns[] = { S("*GPL-*"), S("missing"), S("unknown") };
	const struct license_refusal refusal = { patterns, ARRAY_LEN(patterns) };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct policy p = { 0 };

		VEC_PUSH(a, &p.entries,
			 (struct policy_entry){ .kind = POLICY_LICENSE, .what = rows[i].excepted });
		CHECK(license_is_refused(&refusal, rows[i].license), "row %zu", i);
		CHECK_EQ(license_exception(&refusal, rows[i].license, &p, S("node_modules/a"),
					   false) != NULL,
			 rows[i].is_covered, "row %zu", i);
	}
}

UNIT_TESTS(TESTED(a_licence_is_refused_when_nothing_else_can_be_chosen),
	   TESTED(an_exception_takes_a_licence_out_of_what_is_refused))
