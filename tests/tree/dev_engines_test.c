/* SPDX-License-Identifier: MIT */
#include "cpm/tree/dev_engines.h"

#include "check.h"

static const struct dev_engines_here here = {
	.platform = { S("linux"), S("x64"), S("glibc") },
	.os_version = S("6.1.0"),
	.node_version = S("v24.1.0"),
	.npm_version = S("12.2.0"),
};

static struct err *check(struct arena *a, str text, dev_engines_failures *out)
{
	struct json *doc;
	CHECK_OK(json_parse(a, text, &doc));
	return dev_engines_check(a, doc, &here, out);
}

TEST(engines_hold_or_fail_as_npm_says)
{
	const struct {
		str wanted, message;
		bool is_warning;
	} rows[] = {
		{ S("{}"), STR_NULL, false },
		{ S("{\"packageManager\":{\"name\":\"npm\"}}"), STR_NULL, false },
		{ S("{\"packageManager\":{\"name\":\"npm\",\"version\":\">=10\"}}"), STR_NULL,
		  false },
		{ S("{\"packageManager\":[{\"name\":\"pnpm\"},{\"name\":\"npm\"}]}"), STR_NULL,
		  false },
		{ S("{\"runtime\":[]}"), STR_NULL, false },
		{ S("{\"runtime\":{\"name\":\"node\",\"version\":\"^24\"}}"), STR_NULL, false },
		{ S("{\"packageManager\":{\"name\":\"pnpm\",\"onFail\":\"ignore\"}}"), STR_NULL,
		  false },
		{ S("{\"packageManager\":{\"name\":\"pnpm\"}}"),
		  S("Invalid devEngines.packageManager\nInvalid name \"pnpm\" does not match "
		    "\"npm\" for \"packageManager\""),
		  false },
		{ S("{\"runtime\":{\"name\":\"node\",\"version\":\"<20\",\"onFail\":\"warn\"}}"),
		  S("Invalid devEngines.runtime\nInvalid semver version \"<20\" does not match "
		    "\"v24.1.0\" for \"runtime\""),
		  true },
		{ S("{\"os\":{\"name\":\"linux\",\"version\":\"not a range\"}}"),
		  S("Invalid devEngines.os\nInvalid version \"not a range\" does not match "
		    "\"6.1.0\" for \"os\""),
		  false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		dev_engines_failures out = { 0 };
		CHECK_OK(check(tmp, rows[i].wanted, &out));
		CHECK_EQ(out.len, !str_is_null(rows[i].message), "row %zu", i);
		if (out.len == 0)
			continue;
		CHECK_STR(out.items[0].message, rows[i].message, "row %zu", i);
		CHECK_EQ(out.items[0].is_warning, rows[i].is_warning, "row %zu", i);
	}
}

TEST(malformed_demands_are_errors)
{
	const str rows[] = {
		S("[]"),
		S("{\"shell\":{}}"),
		S("{\"runtime\":1}"),
		S("{\"runtime\":{}}"),
		S("{\"runtime\":{\"name\":1}}"),
		S("{\"runtime\":{\"name\":\"node\",\"version\":1}}"),
		S("{\"runtime\":{\"name\":\"node\",\"onFail\":\"panic\"}}"),
		S("{\"runtime\":{\"name\":\"node\",\"extra\":1}}"),
		S("{\"cpu\":{\"name\":\"x64\",\"version\":\"1\"}}"),
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		dev_engines_failures out = { 0 };
		CHECK_FAILS(check(tmp, rows[i], &out), E_GENERIC);
	}
}

UNIT_TESTS(TESTED(engines_hold_or_fail_as_npm_says), TESTED(malformed_demands_are_errors))
