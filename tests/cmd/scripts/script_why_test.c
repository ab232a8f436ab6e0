/* SPDX-License-Identifier: MIT
 * What is said of two keys that differ: each part once, a few names of it. */
#include "script_why.h"

#include "check.h"

static str why(struct arena *a, const char *was, const char *is)
{
	struct json *before, *now;

	CHECK_OK(json_parse(a, str_view(was), &before));
	CHECK_OK(json_parse(a, str_view(is), &now));
	return script_why_differs(a, before, now);
}

TEST(parts_say_what_is_new_changed_and_gone)
{
	ARENA_SCOPE(a);
	const struct {
		const char *was, *is, *want;
	} rows[] = {
		{ "{\"env\":{\"A\":\"1\"}}", "{\"env\":{\"A\":\"1\"}}", "" },
		{ "{\"env\":{\"A\":\"1\"}}", "{\"env\":{\"A\":\"2\"}}", "env: A changed" },
		{ "{\"env\":{\"A\":null}}", "{\"env\":{\"A\":\"\"}}", "env: A changed" },
		{ "{\"files\":{\"a\":1,\"b\":1}}", "{\"files\":{\"a\":2,\"c\":1}}", "files: a changed, c is new, b is gone" },
		{ "{\"files\":{\"a\":1},\"env\":{}}", "{\"files\":{},\"env\":{\"A\":1}}", "files: a is gone; env: A is new" },
		{ "{}", "{\"files\":{\"a\":1}}", "files: a is new" },
		{ "{\"files\":7}", "{\"files\":{\"a\":1}}", "files: a is new" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(why(a, rows[i].was, rows[i].is), str_view(rows[i].want), "row %zu", i);
}

TEST(five_names_of_a_part_are_enough)
{
	ARENA_SCOPE(a);

	CHECK_STR(why(a, "{\"files\":{}}", "{\"files\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}}"),
		  S("files: a is new, b is new, c is new, d is new, e is new"));
	CHECK_STR(why(a, "{\"files\":{\"x\":1},\"env\":{\"A\":1}}",
		      "{\"files\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1},\"env\":{\"A\":2}}"),
		  S("files: a is new, b is new, c is new, d is new, e is new and 2 more; env: A changed"));
}

UNIT_TESTS(TESTED(parts_say_what_is_new_changed_and_gone), TESTED(five_names_of_a_part_are_enough))
