/* SPDX-License-Identifier: MIT
 * The policy file: what is refused, and what an exception covers on which day. */
#include "cpm/config/policy.h"

#include "check.h"

#define ENTRY(members) "{\"version\":1,\"exceptions\":[{" members "}]}"
#define REST           ",\"reason\":\"r\",\"owner\":\"o\",\"expires\":\"2026-06-30\""

TEST(mistakes_are_refused)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "[]", "\"version\" has to be 1" },
		{ "{}", "\"version\" has to be 1" },
		{ "{\"version\":2}", "\"version\" has to be 1" },
		{ "{\"version\":1,\"rules\":[]}", "its members are version and exceptions" },
		{ "{\"version\":1,\"exceptions\":{}}", "has to be an array" },
		{ "{\"version\":1,\"exceptions\":[7]}",
		  "exceptions[0]: an exception is an object" },
		{ ENTRY("\"kind\":\"advisory\",\"what\":7" REST), "every member is a text" },
		{ ENTRY("\"kind\":\"advisory\",\"what\":\"\"" REST), "every member is a text" },
		{ ENTRY("\"kind\":\"advice\",\"what\":\"1\"" REST), "kind is one of" },
		{ ENTRY("\"kind\":\"git\",\"what\":\"x\",\"path\":\"y\"" REST),
		  "the others hold everywhere" },
		{ ENTRY("\"kind\":\"git\",\"what\":\"x\",\"state\":\"in_triage\"" REST),
		  "only advisory exceptions have them" },
		{ ENTRY("\"kind\":\"advisory\",\"what\":\"x\",\"state\":\"fine\"" REST),
		  "state is one of" },
		{ ENTRY("\"kind\":\"advisory\",\"what\":\"x\",\"justification\":\"code_not_"
			"present\"" REST),
		  "a justification needs one" },
		{ ENTRY("\"kind\":\"advisory\",\"what\":\"x\",\"state\":\"in_triage\","
			"\"justification\":\"code_not_present\"" REST),
		  "only what is not_affected has one" },
		{ ENTRY("\"kind\":\"advisory\",\"what\":\"x\",\"state\":\"not_affected\","
			"\"justification\":\"trust_me\"" REST),
		  "justification is one of" },
		{ ENTRY("\"kind\":\"git\"" REST), "what: it does not say" },
		{ ENTRY("\"kind\":\"git\",\"what\":\"x\",\"why\":\"y\"" REST),
		  "its members are kind" },
		{ ENTRY("\"kind\":\"git\",\"what\":\"x\",\"reason\":\"r\",\"owner\":\"o\""),
		  "expires: a day is needed" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct policy *p;
		struct err *e = policy_parse(a, str_view(rows[i].text), S("2026-01-01"), &p);

		CHECK(e && str_find(e->message, str_view(rows[i].want)) != STR_NPOS, "%s",
		      rows[i].text);
		err_free(e);
	}
}

TEST(days_are_days)
{
	static const struct {
		str text;
		bool want;
	} rows[] = {
		{ S("2026-01-31"), true },  { S("2026-1-31"), false },   { S("2026-13-01"), false },
		{ S("2026-02-30"), false }, { S("2026-00-10"), false },  { S("2026-01-00"), false },
		{ S("never"), false },      { S("2026-01-31T"), false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(policy_is_day(rows[i].text), rows[i].want, STR_FMT, STR_ARG(rows[i].text));
}

TEST(an_exception_covers_what_and_where_it_says_until_its_day)
{
	static const char text[] = ENTRY(
		"\"kind\":\"advisory\",\"what\":\"GHSA-*\",\"path\":\"node_modules/a/**\"" REST);
	static const struct {
		str today, what, path;
		bool want, want_expired;
	} rows[] = {
		{ S("2026-06-30"), S("GHSA-1"), S("node_modules/a/node_modules/b"), true, false },
		{ S("2026-07-01"), S("GHSA-1"), S("node_modules/a/node_modules/b"), false, true },
		{ S("2026-06-30"), S("CVE-1"), S("node_modules/a/node_modules/b"), false, false },
		{ S("2026-06-30"), S("GHSA-1"), S("node_modules/ab"), false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct policy *p;

		CHECK_OK(policy_parse(a, str_view(text), rows[i].today, &p));
		CHECK_EQ(policy_find(p, POLICY_ADVISORY, rows[i].what, rows[i].path, false) != NULL,
			 rows[i].want, "row %zu", i);
		CHECK_EQ(policy_find(p, POLICY_ADVISORY, rows[i].what, rows[i].path, true) != NULL,
			 rows[i].want_expired, "row %zu, expired", i);
		CHECK(!policy_find(p, POLICY_SCRIPT, rows[i].what, rows[i].path, false), "row %zu",
		      i);
	}
}

TEST(what_is_used_is_remembered_and_so_is_what_would_have_been)
{
	static const char text[] = "{\"version\":1,\"exceptions\":["
				   "{\"kind\":\"git\",\"what\":\"a\"" REST "},"
				   "{\"kind\":\"git\",\"what\":\"b\"" REST "},"
				   "{\"kind\":\"git\",\"what\":\"b*\",\"reason\":\"r\",\"owner\":"
				   "\"o\",\"expires\":\"2026-05-31\"}]}";
	ARENA_SCOPE(a);
	struct policy *p;

	CHECK_OK(policy_parse(a, str_view(text), S("2026-06-15"), &p));
	CHECK(!policy_use(NULL, POLICY_GIT, S("a"), STR_NULL));
	CHECK(policy_use(p, POLICY_GIT, S("b"), STR_NULL) == &p->entries.items[1]);
	CHECK(!p->entries.items[0].is_used && p->entries.items[1].is_used);
	CHECK(!p->entries.items[2].is_used);
	CHECK(!policy_use(p, POLICY_GIT, S("bb"), STR_NULL));
	CHECK(p->entries.items[2].is_used);
}

TEST(the_case_of_a_license_does_not_matter)
{
	ARENA_SCOPE(a);
	struct policy *p;

	CHECK_OK(policy_parse(a, S(ENTRY("\"kind\":\"license\",\"what\":\"gpl-*\"" REST)),
			      S("2026-01-01"), &p));
	CHECK(policy_find(p, POLICY_LICENSE, S("GPL-3.0-only"), STR_NULL, false));
}

UNIT_TESTS(TESTED(mistakes_are_refused), TESTED(days_are_days),
	   TESTED(an_exception_covers_what_and_where_it_says_until_its_day),
	   TESTED(what_is_used_is_remembered_and_so_is_what_would_have_been),
	   TESTED(the_case_of_a_license_does_not_matter))
