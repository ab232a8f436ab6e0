/* SPDX-License-Identifier: MIT
 * Which version a word means. */
#include "version_bump.h"

#include "check.h"

TEST(words_and_versions_lead_to_the_next_version)
{
	const struct {
		str current, wanted, preid, want;
	} rows[] = {
		{ S("1.2.3"), S("major"), S(""), S("2.0.0") },
		{ S("1.2.3"), S("minor"), S(""), S("1.3.0") },
		{ S("1.2.3"), S("patch"), S(""), S("1.2.4") },
		{ S("1.2.3"), S("premajor"), S("rc"), S("2.0.0-rc.0") },
		{ S("1.2.3"), S("prerelease"), S(""), S("1.2.4-0") },
		{ S("1.2.4-0"), S("prerelease"), S(""), S("1.2.4-1") },
		{ S("1.2.4-rc.1"), S("prerelease"), S("rc"), S("1.2.4-rc.2") },
		{ S("1.2.4-rc.1"), S("patch"), S(""), S("1.2.4") },
		{ S("1.2.4-rc.1"), S("release"), S(""), S("1.2.4") },
		{ S("1.2.3"), S("release"), S(""), STR_NULL },
		{ S("1.2.3"), S("v4.5.6"), S(""), S("4.5.6") },
		{ S("1.2.3"), S("=4.5.6"), S(""), S("4.5.6") },
		{ STR_NULL, S("4.5.6"), S(""), S("4.5.6") },
		{ STR_NULL, S("patch"), S(""), STR_NULL },
		{ S("1.2.3"), S("bigger"), S(""), STR_NULL },
		{ S("1.2.3"), S("4"), S(""), STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		CHECK_STR(version_next(a, rows[i].current, rows[i].wanted, rows[i].preid), rows[i].want,
			  STR_FMT " from " STR_FMT, STR_ARG(rows[i].wanted), STR_ARG(rows[i].current));
	}
}

UNIT_TESTS(TESTED(words_and_versions_lead_to_the_next_version))
