/* SPDX-License-Identifier: MIT
 * What init guesses. */
#include "init_questions.h"

#include "check.h"

TEST(a_folder_gives_its_package_a_name)
{
	const struct {
		str base, scope, want;
	} rows[] = {
		{ S("proj"), S(""), S("proj") },
		{ S("My  Proj"), S(""), S("my-proj") },
		{ S("node-thing-js"), S(""), S("thing") },
		{ S("thing.js"), S(""), S("thing") },
		{ S("proj"), S("me"), S("@me/proj") },
		{ S("proj"), S("@me"), S("@me/proj") },
		{ S("@you/proj"), S("me"), S("@me/proj") },
		{ S("@you/proj"), S(""), S("@you/proj") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		CHECK_STR(init_package_name(a, rows[i].base, rows[i].scope), rows[i].want, STR_FMT,
			  STR_ARG(rows[i].base));
	}
}

UNIT_TESTS(TESTED(a_folder_gives_its_package_a_name))
