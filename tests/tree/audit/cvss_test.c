/* SPDX-License-Identifier: MIT
 * Scores against those the specification's own examples and its calculator give. */
#include "check.h"
#include "osv_priv.h"

TEST(base_scores_are_those_of_the_calculator)
{
	static const struct {
		const char *vector;
		double score;
	} rows[] = {
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7.5 },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8 },
		{ "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10 },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1 },
		{ "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4 },
		{ "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:L", 3.7 },
		{ "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8 },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0 },
		/* optional metrics behind, in any order */
		{ "CVSS:3.1/S:U/AV:N/AC:L/PR:N/UI:N/C:N/I:N/A:H/E:P/RL:O", 7.5 },
		/* no version 3 vector, cut short, unknown values */
		{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", -1 },
		{ "AV:N/AC:L/Au:N/C:P/I:P/A:P", -1 },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N", -1 },
		{ "CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", -1 },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:X/C:N/I:N/A:H", -1 },
		{ "CVSS:3.1/", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double got = cvss_base_score(str_view(rows[i].vector));

		CHECK(got > rows[i].score - 0.001 && got < rows[i].score + 0.001, "%s: %g",
		      rows[i].vector, got);
	}
}

TEST(a_score_has_a_name)
{
	CHECK_STR(cvss_severity(0), S("info"));
	CHECK_STR(cvss_severity(0.1), S("low"));
	CHECK_STR(cvss_severity(3.9), S("low"));
	CHECK_STR(cvss_severity(4.0), S("moderate"));
	CHECK_STR(cvss_severity(7.0), S("high"));
	CHECK_STR(cvss_severity(9.0), S("critical"));
}

UNIT_TESTS(TESTED(base_scores_are_those_of_the_calculator), TESTED(a_score_has_a_name))
