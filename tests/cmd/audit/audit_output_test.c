/* SPDX-License-Identifier: MIT
 * The words around vulnerabilities (npm-cli.md 6.5): counts, advice, and when a gate closes. */
#include "audit_run.h"

#include "check.h"

#define VULN(name, fix)                  \
	"\"" name "\":{\"name\":\"" name \
	"\",\"via\":[],\"effects\":[],\"nodes\":[],\"fixAvailable\":" fix "}"

static struct json *report(struct arena *a, const char *vulns, const char *counts)
{
	struct json *out;

	CHECK_OK(json_parse(a,
			    str_printf(a,
				       "{\"vulnerabilities\":{%s},\"metadata\":{"
				       "\"vulnerabilities\":{%s}}}",
				       vulns, counts),
			    &out));
	return out;
}

TEST(summary_counts_and_advises)
{
	static const struct {
		const char *vulns, *counts, *want;
	} rows[] = {
		{ "", "\"total\":0", "found 0 vulnerabilities" },
		{ VULN("a", "true"), "\"high\":1,\"total\":1",
		  "1 high severity vulnerability\n\nTo address all issues, run:\n  npm audit fix" },
		{ VULN("a", "true") "," VULN("b", "false"), "\"low\":1,\"high\":1,\"total\":2",
		  "2 vulnerabilities (1 low, 1 high)\n\nTo address issues that do not require "
		  "attention, "
		  "run:\n  npm audit fix\n\nSome issues need review, and may require choosing\n"
		  "a different dependency." },
		{ VULN("a", "{\"isSemVerMajor\":true}") "," VULN("b", "false"),
		  "\"low\":2,\"total\":2",
		  "2 low severity vulnerabilities\n\nTo address all issues possible (including "
		  "breaking "
		  "changes), run:\n  npm audit fix --force\n\nSome issues need review, and may "
		  "require "
		  "choosing\na different dependency." },
		{ VULN("a", "{\"isSemVerMajor\":false}"), "\"critical\":1,\"total\":1",
		  "1 critical severity vulnerability\n\nTo address all issues, run:\n"
		  "  npm audit fix --force" },
		{ VULN("a", "true"), "\"info\":1,\"total\":1",
		  "1 info severity vulnerability\n\nTo address all issues, run:\n  npm audit fix" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		bool is_empty = !rows[i].vulns[0];
		str want = str_concat(a, str_view(rows[i].want),
				      is_empty ? S("") : S("\n\nRun `npm audit` for details."));

		CHECK_STR(audit_summary_text(a, report(a, rows[i].vulns, rows[i].counts), false),
			  want, "row %zu", i);
	}
}

TEST(gate_closes_from_its_level_on)
{
	static const struct {
		const char *counts;
		str level;
		bool want;
	} rows[] = {
		{ "\"low\":1", STR_NULL, true },       { "\"info\":1", STR_NULL, false },
		{ "\"info\":1", S("info"), true },     { "\"high\":1", S("critical"), false },
		{ "\"high\":1", S("high"), true },     { "\"critical\":9", S("none"), false },
		{ "\"critical\":0", S("low"), false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		CHECK_EQ(audit_reaches(report(a, "", rows[i].counts), rows[i].level), rows[i].want,
			 "row %zu", i);
	}
}

UNIT_TESTS(TESTED(summary_counts_and_advises), TESTED(gate_closes_from_its_level_on))
