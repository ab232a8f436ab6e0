/* SPDX-License-Identifier: MIT
 * Which command a package is run by, and where packages are kept. */
#include "exec_packages.h"

#include "check.h"

TEST(exec_runs_the_only_command_or_the_one_named_like_the_package)
{
	ARENA_SCOPE(a);
	const struct {
		const char *json, *want;
	} rows[] = {
		{ "{\"name\":\"a\",\"bin\":\"x.js\"}", "a" },
		{ "{\"name\":\"a\",\"bin\":{\"b\":\"x.js\"}}", "b" },
		{ "{\"name\":\"a\",\"bin\":{\"b\":\"x.js\",\"c\":\"x.js\"}}", "b" },
		{ "{\"name\":\"@s/a\",\"bin\":{\"b\":\"x.js\",\"a\":\"y.js\"}}", "a" },
		{ "{\"name\":\"a\",\"bin\":{\"b\":\"x.js\",\"c\":\"y.js\"}}", NULL },
		{ "{\"name\":\"a\"}", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct manifest *m;
		str command;

		CHECK_OK(manifest_from_text(a, str_view(rows[i].json), &m));
		if (!rows[i].want) {
			CHECK_FAILS(exec_main_command(m, &command), E_GENERIC);
			continue;
		}
		CHECK_OK(exec_main_command(m, &command));
		CHECK_STR(command, str_view(rows[i].want));
	}
}

/* printf 'a\nb@1' | sha512sum */
TEST(exec_folder_is_named_by_what_is_in_it_in_any_order)
{
	ARENA_SCOPE(a);
	const str one[] = { S("a"), S("b@1") }, other[] = { S("b@1"), S("a") };

	CHECK_STR(exec_folder_name(a, one, 2), S("83378bc900d57d98"));
	CHECK_STR(exec_folder_name(a, other, 2), S("83378bc900d57d98"));
}

UNIT_TESTS(TESTED(exec_runs_the_only_command_or_the_one_named_like_the_package),
	   TESTED(exec_folder_is_named_by_what_is_in_it_in_any_order))
