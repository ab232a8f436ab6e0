/* SPDX-License-Identifier: MIT
 * Path algebra, row by row. */
#include "cpm/base/path.h"

#include "check.h"

TEST(clean_resolves_dots_where_it_can)
{
	ARENA_SCOPE(a);
	const struct {
		str path, want;
	} rows[] = {
		{ S(""), S(".") },	  { S("."), S(".") },		{ S("a"), S("a") },
		{ S("a/"), S("a") },	  { S("a//b"), S("a/b") },	{ S("./a/./b/."), S("a/b") },
		{ S("a/.."), S(".") },	  { S("a/../.."), S("..") },	{ S("a/../../b"), S("../b") },
		{ S("../.."), S("../..") }, { S("../a/.."), S("..") },	{ S("/"), S("/") },
		{ S("//"), S("/") },	  { S("/.."), S("/") },		{ S("/../a"), S("/a") },
		{ S("/a/.."), S("/") },	  { S("/a/b/../../c/"), S("/c") }, { S("a/b/../c"), S("a/c") },
		{ S("..."), S("...") },	  { S("..a/..b"), S("..a/..b") }, { S("a/b/../../.."), S("..") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(path_clean(a, rows[i].path), rows[i].want, "'" STR_FMT "'", STR_ARG(rows[i].path));
}

TEST(join_appends_and_resolve_replaces)
{
	ARENA_SCOPE(a);
	const struct {
		str dir, rest, joined, resolved;
	} rows[] = {
		{ S("/a"), S("b"), S("/a/b"), S("/a/b") },
		{ S("/a"), S("/b"), S("/a/b"), S("/b") },
		{ S("/a/b"), S("../c"), S("/a/c"), S("/a/c") },
		{ S("/a"), S(""), S("/a"), S("/a") },
		{ S("/"), S("x"), S("/x"), S("/x") },
		{ S("/a"), S("./x/"), S("/a/x"), S("/a/x") },
		{ S(""), S("x"), S("x"), S("x") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_STR(path_join(a, rows[i].dir, rows[i].rest), rows[i].joined, "row %zu", i);
		CHECK_STR(path_resolve(a, rows[i].dir, rows[i].rest), rows[i].resolved, "row %zu", i);
	}
}

TEST(dirname_and_basename_split_a_path)
{
	const struct {
		str path, dir, base;
	} rows[] = {
		{ S("a/b"), S("a"), S("b") }, { S("/a"), S("/"), S("a") },     { S("a"), S("."), S("a") },
		{ S("a/b/"), S("a"), S("b") }, { S("/"), S("/"), S("") },     { S(""), S("."), S("") },
		{ S("/a/b"), S("/a"), S("b") }, { S("a//b"), S("a"), S("b") }, { S("@s/n"), S("@s"), S("n") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_STR(path_dirname(rows[i].path), rows[i].dir, "row %zu", i);
		CHECK_STR(path_basename(rows[i].path), rows[i].base, "row %zu", i);
	}
}

TEST(relative_leads_from_one_directory_to_another)
{
	ARENA_SCOPE(a);
	const struct {
		str from, to, want;
	} rows[] = {
		{ S("/a/b"), S("/a/b"), S("") },       { S("/a/b"), S("/a/b/c"), S("c") },
		{ S("/a/b"), S("/a/c"), S("../c") },   { S("/a/b"), S("/a/bc"), S("../bc") },
		{ S("/a/b"), S("/"), S("../..") },     { S("/"), S("/a"), S("a") },
		{ S("/a"), S("/b/c"), S("../b/c") },   { S("/a/b/c"), S("/a"), S("../..") },
		{ S("/"), S("/"), S("") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(path_relative(a, rows[i].from, rows[i].to), rows[i].want, "row %zu", i);
}

TEST(under_compares_whole_components)
{
	CHECK(path_is_under(S("/a"), S("/a")));
	CHECK(path_is_under(S("/a/b"), S("/a")));
	CHECK(path_is_under(S("/a"), S("/")));
	CHECK(path_is_under(S("/"), S("/")));
	CHECK(!path_is_under(S("/ab"), S("/a")));
	CHECK(!path_is_under(S("/"), S("/a")));
}

TEST(t1_inside_refuses_every_way_out)
{
	ARENA_SCOPE(a);
	struct str_buf b = str_buf(a, SIZE_MAX);
	const struct {
		str path;
		bool want;
	} rows[] = {
		{ S("a"), true },	 { S("a/b.c/-rf"), true },   { S("..a/b.."), true }, { S("a\\b"), true },
		{ S("node_modules/@s/n"), true }, { S("\xff\n"), true }, { S(""), false },   { S("/a"), false },
		{ S(".."), false },	 { S("a/../b"), false },     { S("a/.."), false },   { S("."), false },
		{ S("./a"), false },	 { S("a//b"), false },	     { S("a/"), false },     { S("a\\..\\b"), false },
		{ S("..\\x"), false },	 { str_of("a\0b", 3), false }, { STR_NULL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(path_is_inside(rows[i].path), rows[i].want, "row %zu '" STR_FMT "'", i, STR_ARG(rows[i].path));

	buf_add_repeat(&b, S("x"), 255);
	CHECK(path_is_inside(buf_view(&b)));
	buf_add(&b, S("x"));
	CHECK(!path_is_inside(buf_view(&b)), "component of 256 bytes");
	buf_reset(&b);
	buf_add_repeat(&b, S("a/"), 1023);
	buf_add(&b, S("a"));
	CHECK(path_is_inside(buf_view(&b)), "1024 components");
	buf_add(&b, S("/a"));
	CHECK(!path_is_inside(buf_view(&b)), "1025 components");
	buf_reset(&b);
	buf_add_repeat(&b, S("abcdefg/"), 512);
	b.len--;
	CHECK(path_is_inside(buf_view(&b)), "4095 bytes");
	buf_add(&b, S("x"));
	CHECK(!path_is_inside(buf_view(&b)), "4096 bytes");
}

UNIT_TESTS(TESTED(clean_resolves_dots_where_it_can), TESTED(join_appends_and_resolve_replaces),
	   TESTED(dirname_and_basename_split_a_path), TESTED(relative_leads_from_one_directory_to_another),
	   TESTED(under_compares_whole_components), TESTED(t1_inside_refuses_every_way_out))
