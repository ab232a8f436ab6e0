/* SPDX-License-Identifier: MIT
 * npm's order of names, as a collator for English has it (npm-tree.md 1.1). */
#include "cpm/base/str.h"

#include "check.h"

/* Each list is in ascending order: every earlier row is smaller than every later one. */
static void check_ascending(const str *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++) {
			int want = (i > k) - (i < k);

			CHECK_EQ(str_collate(rows[i], rows[k]), want, "'" STR_FMT "' and '" STR_FMT "'",
				 STR_ARG(rows[i]), STR_ARG(rows[k]));
		}
	}
}

TEST(primary_order_of_ascii_is_the_collators)
{
	static const char order[] = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";
	str rows[sizeof(order) - 1];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i] = str_of(order + i, 1);
	check_ascending(rows, ARRAY_LEN(rows));
}

TEST(names_sort_as_npm_sorts_them)
{
	const str rows[] = {
		S(""), S("@x/y"), S("a"), S("a_b"), S("a-b"), S("a.b"), S("a/b"), S("a1"), S("a10"), S("a2"), S("ab"),
		S("onlyshasum"), S("UP"), S("weird"), S("z"),
	};

	check_ascending(rows, ARRAY_LEN(rows));
}

TEST(locations_sort_as_npm_sorts_them)
{
	const str rows[] = {
		S(""), S("node_modules/@s/a"), S("node_modules/a"), S("node_modules/a-b"), S("node_modules/a.b"),
		S("node_modules/a/node_modules/b"), S("node_modules/ab"), S("packages/a"),
	};

	check_ascending(rows, ARRAY_LEN(rows));
}

TEST(case_decides_only_when_all_else_ties_and_lower_comes_first)
{
	const str rows[] = { S("ab"), S("aB"), S("Ab"), S("AB"), S("abc"), S("ABD") };

	check_ascending(rows, ARRAY_LEN(rows));
}

TEST(ignorable_characters_are_stepped_over)
{
	const str ignored[] = { S("\x01"), S("\x08"), S("\x0e"), S("\x1f"), S("\x7f") };

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++) {
		ARENA_SCOPE(a);

		CHECK_EQ(str_collate(ignored[i], S("")), 0, "row %zu", i);
		CHECK_EQ(str_collate(str_concat(a, ignored[i], S("ab")), S("ab")), 0, "row %zu", i);
		CHECK_EQ(str_collate(str_concat(a, S("a"), ignored[i]), S("a")), 0, "row %zu", i);
	}
	CHECK_EQ(str_collate(str_of("a\0b", 3), S("ab")), 0);
	CHECK_EQ(str_collate(S("a\x01" "B"), S("ab")), 1);
}

TEST(latin_letters_sort_by_what_they_are_made_of_and_other_scripts_last)
{
	const str rows[] = {
		S("a"), S("A"), S("\xc3\xa1"), S("\xc3\x81"), S("\xc3\xa0"), S("\xc3\x81" "a"), S("ab"), S("\xc3\xa1" "b"), S("ad"),
		S("af"), S("\xc3\xa6"), S("d"), S("\xc4\x8f"), S("\xc4\x91"), S("e"), S("\xc3\xa9"), S("\xc3\xa9" "f"), S("o"),
		S("\xc3\xb3"), S("\xc3\xb6"), S("\xc3\xb5"), S("\xc3\xb8"), S("z"), S("z\xc3\xa9"), S("\xc3\xbe"),
		S("\xce\xb1"), S("\xce\xa9"), S("\xd0\x90"), S("\xd0\xb1"), S("\xd1\x8f"), S("\xe4\xb8\xad"), S("\xe6\x97\xa5"),
	};

	check_ascending(rows, ARRAY_LEN(rows));
	CHECK_EQ(str_collate(S("e\xcc\x81"), S("\xc3\xa9")), 0, "a letter and its mark are the letter with the mark");
	CHECK_EQ(str_collate(S("\xcc\x81"), S("")), 0);
	CHECK(str_collate(S("\xff"), S("z")) > 0 && str_collate(S("\xc3"), S("z")) != 0, "no UTF-8 is compared all the same");
}

TEST(qsort_takes_it)
{
	str rows[] = { S("b"), S("A"), S("a"), S("@s/z"), S("B") };

	qsort(rows, ARRAY_LEN(rows), sizeof(*rows), str_collate_qsort);
	check_ascending(rows, ARRAY_LEN(rows));
}

TEST(digits_count_as_numbers_where_that_is_asked_for)
{
	const struct {
		str a, b;
	} rows[] = {
		{ S("a9"), S("a10") },     { S("a09"), S("a10") },   { S("1.9.0"), S("1.10.0") },
		{ S("a10"), S("b9") },     { S("a10b"), S("a10c") }, { S("a1"), S("aa") },
		{ S("lib/2.js"), S("lib/10.js") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK(str_collate_numeric(rows[i].a, rows[i].b) < 0, "%zu", i);
		CHECK(str_collate_numeric(rows[i].b, rows[i].a) > 0, "%zu", i);
	}
	CHECK(str_collate_numeric(S("a01"), S("a1")) == 0, "leading zeros do not count");
	CHECK(str_collate(S("a10"), S("a9")) < 0, "nobody asked");
}

UNIT_TESTS(TESTED(digits_count_as_numbers_where_that_is_asked_for), TESTED(primary_order_of_ascii_is_the_collators), TESTED(names_sort_as_npm_sorts_them),
	   TESTED(locations_sort_as_npm_sorts_them),
	   TESTED(case_decides_only_when_all_else_ties_and_lower_comes_first),
	   TESTED(ignorable_characters_are_stepped_over), TESTED(latin_letters_sort_by_what_they_are_made_of_and_other_scripts_last),
	   TESTED(qsort_takes_it))
