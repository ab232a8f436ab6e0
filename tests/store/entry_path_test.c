/* SPDX-License-Identifier: MIT
 * Where an archive's names lead; each row was checked against node-tar 7.5.22 with strip: 1. */
#include "check.h"
#include "entry_path.h"

TEST(t1_names_end_up_inside_the_package_or_nowhere)
{
	ARENA_SCOPE(a);
	/* clang-format off */
	const struct { str name, want; } rows[] = {
		{ S("package/index.js"),        S("index.js") },
		{ S("other/lib/x.js"),          S("lib/x.js") },
		{ S("./package/x"),             S("package/x") },
		{ S("/package/x"),              S("package/x") },
		{ S("package//x"),              S("x") },
		{ S("package/./a//b/."),        S("a/b") },
		{ S("../package/x"),            S("package/x") },
		{ S("package/C:w"),             S("w") },
		{ S("package/c:\\w"),           S("w") },
		{ S("package/\\r"),             S("r") },
		{ S("package/\\\\srv\\sh\\t"),  S("t") },
		{ S("package///?/C:/m"),        S("m") },
		{ S("package/a\\b"),            S("a\\b") },
		{ S("package/..."),             S("...") },
		{ S("package/x/../y"),          STR_NULL },
		{ S("package/../../x"),         STR_NULL },
		{ S("package/..\\e"),           STR_NULL },
		{ S("package/C:../e"),          STR_NULL },
		{ S("package/.."),              STR_NULL },
		{ S("package/"),                STR_NULL },
		{ S("package/."),               STR_NULL },
		{ S("index.js"),                STR_NULL },
		{ S(""),                        STR_NULL },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(entry_path_inside(a, rows[i].name), rows[i].want, STR_FMT,
			  STR_ARG(rows[i].name));
}

TEST(a_name_deeper_than_1024_is_left_out)
{
	ARENA_SCOPE(a);
	struct str_buf name = str_buf(a, 4096);

	buf_add(&name, S("package"));
	buf_add_repeat(&name, S("/d"), 1024);
	CHECK(!str_is_null(entry_path_inside(a, buf_view(&name))), "1024 parts");
	buf_add(&name, S("/d"));
	CHECK(str_is_null(entry_path_inside(a, buf_view(&name))), "1025 parts");
}

UNIT_TESTS(TESTED(t1_names_end_up_inside_the_package_or_nowhere),
	   TESTED(a_name_deeper_than_1024_is_left_out))
