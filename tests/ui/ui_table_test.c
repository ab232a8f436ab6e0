/* SPDX-License-Identifier: MIT */
#include "cpm/ui/ui_table.h"

#include "check.h"

static str format(struct arena *a, const str *cells, size_t nrows, size_t ncols, const char *align)
{
	struct str_buf out = str_buf(a, 1 << 16);

	ui_table_format(&out, cells, nrows, ncols, align);
	return buf_view(&out);
}

TEST(columns_are_as_wide_as_their_widest_cell)
{
	ARENA_SCOPE(a);
	const str cells[] = { S("Package"), S("Now"), S("Where"), S("a"), S("10.0.0"),
			      S("x"),       S("b"),   S(""),      S("") };

	CHECK_STR(format(a, cells, 3, 3, "lr"), S("Package     Now  Where\n"
						  "a        10.0.0  x\n"
						  "b"));
}

TEST(colours_take_no_room)
{
	ARENA_SCOPE(a);
	const str cells[] = { S("\033[31mred\033[0m"), S("1"), S("longer"), S("2") };

	CHECK_STR(format(a, cells, 2, 2, "l"), S("\033[31mred\033[0m     1\nlonger  2"));
}

TEST(characters_are_counted_as_they_are_seen)
{
	ARENA_SCOPE(a);
	const str cells[] = { S("é"), S("1"), S("ab"), S("2") };

	CHECK_STR(format(a, cells, 2, 2, "l"), S("é   1\nab  2"));
}

UNIT_TESTS(TESTED(columns_are_as_wide_as_their_widest_cell), TESTED(colours_take_no_room),
	   TESTED(characters_are_counted_as_they_are_seen))
