/* SPDX-License-Identifier: MIT
 * Our reader takes archives as node-tar does; each expectation here was seen in a run of
 * node-tar 7.5.22. */
#include "check.h"
#include "tar.h"
#include "tar_build.h"

static str list(struct arena *a, str archive)
{
	struct tar tar = tar_open(a, archive);
	struct str_buf out = str_buf(a, 1 << 16);
	struct err *err;

	for (struct tar_entry e; tar_next(&tar, &e);)
		buf_printf(&out, "%c " STR_FMT "=" STR_FMT ";", e.type ? e.type : '?',
			   STR_ARG(e.path), STR_ARG(e.body));
	err = tar_finish(&tar);
	if (err)
		buf_add(&out, S("ERR"));
	err_free(err);
	return buf_view(&out);
}

#define ARCHIVE(name)   \
	ARENA_SCOPE(a); \
	struct str_buf name = str_buf(a, 1 << 22)

TEST(plain_files_come_out_in_order)
{
	ARCHIVE(t);
	tar_add_file(&t, "package/a", S("one"));
	tar_add(&t, (struct tar_header){ .name = "b", .prefix = "package/deep" }, S("two"));
	tar_add(&t, (struct tar_header){ .name = "package/old/" }, S(""));
	tar_end(&t);
	CHECK_STR(list(a, buf_view(&t)),
		  S("0 package/a=one;0 package/deep/b=two;5 package/old/=;"));
}

TEST(t3_pax_and_gnu_names_describe_the_next_file_only)
{
	ARCHIVE(t);
	tar_add(&t, (struct tar_header){ .name = "x", .type = 'x' },
		tar_pax(a, "path", "package/pax"));
	tar_add_file(&t, "package/short", S("1"));
	tar_add(&t, (struct tar_header){ .name = "L", .type = 'L' }, S("package/gnu"));
	tar_add_file(&t, "package/short", S("2"));
	tar_add_file(&t, "package/short", S("3"));
	tar_add(&t, (struct tar_header){ .name = "g", .type = 'g' },
		tar_pax(a, "path", "package/global"));
	tar_add_file(&t, "package/short", S("4"));
	tar_end(&t);
	CHECK_STR(list(a, buf_view(&t)),
		  S("0 package/pax=1;0 package/gnu=2;0 package/short=3;0 package/short=4;"));
}

TEST(t3_pax_size_passes_over_the_extension_header_in_between)
{
	ARCHIVE(t);
	tar_add(&t, (struct tar_header){ .name = "x", .type = 'x' }, tar_pax(a, "size", "3"));
	tar_add(&t, (struct tar_header){ .name = "L", .type = 'L' }, S("package/long-name"));
	tar_add(&t, (struct tar_header){ .name = "package/f", .size_field = S("00000000000") },
		S("abc"));
	tar_end(&t);
	CHECK_STR(list(a, buf_view(&t)), S("0 package/long-name=abc;"));
}

TEST(t3_a_link_takes_its_body_along_and_a_bad_header_does_not)
{
	ARCHIVE(hidden);
	tar_add_file(&hidden, "package/hidden", S(""));
	const struct {
		const char *what;
		struct tar_header header;
		str want;
	} rows[] = {
		{ "link with a body",
		  { .name = "package/l", .type = '2', .link = "t" },
		  S("0 package/end=;") },
		{ "link without target",
		  { .name = "package/l", .type = '2' },
		  S("0 package/hidden=;0 package/end=;") },
		{ "file with a link name",
		  { .name = "package/f", .link = "t" },
		  S("0 package/hidden=;0 package/end=;") },
		{ "bad checksum",
		  { .name = "package/f", .bad_checksum = true },
		  S("0 package/hidden=;0 package/end=;") },
		{ "folder with a size",
		  { .name = "package/d", .type = '5' },
		  S("5 package/d=;0 package/hidden=;0 package/end=;") },
		{ "sparse file", { .name = "package/s", .type = 'S' }, S("0 package/end=;") },
		{ "unknown type", { .name = "package/u", .type = 'z' }, S("0 package/end=;") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str_buf t = str_buf(a, 1 << 16), got = str_buf(a, 1 << 16);
		struct tar tar;

		tar_add(&t, rows[i].header, buf_view(&hidden));
		tar_add_file(&t, "package/end", S(""));
		tar_end(&t);
		tar = tar_open(a, buf_view(&t));
		for (struct tar_entry e; tar_next(&tar, &e);)
			if (e.type == '0' || e.type == '5')
				buf_printf(&got, "%c " STR_FMT "=;", e.type, STR_ARG(e.path));
		CHECK_OK(tar_finish(&tar));
		CHECK_STR(buf_view(&got), rows[i].want, "%s", rows[i].what);
	}
}

TEST(two_zero_blocks_end_the_archive)
{
	ARCHIVE(t);
	tar_add_file(&t, "package/a", S("1"));
	buf_add_repeat(&t, str_of("\0", 1), TAR_BLOCK);
	tar_add_file(&t, "package/b", S("2"));
	tar_end(&t);
	tar_add_file(&t, "package/after", S("3"));
	CHECK_STR(list(a, buf_view(&t)), S("0 package/a=1;0 package/b=2;"));
}

TEST(a_cut_or_empty_archive_is_an_error)
{
	ARCHIVE(t);
	tar_add_file(&t, "package/a", S("1"));
	CHECK_STR(list(a, str_slice(buf_view(&t), 0, TAR_BLOCK + 100)), S("ERR"));
	CHECK_STR(list(a, S("not an archive")), S("ERR"));
	CHECK_STR(list(a, S("")), S("ERR"));
	buf_reset(&t);
	tar_end(&t);
	CHECK_STR(list(a, buf_view(&t)), S("ERR"));
}

TEST(names_lose_what_stands_behind_a_nul)
{
	ARCHIVE(t);
	tar_add(&t, (struct tar_header){ .name = "L", .type = 'L' }, S("package/a\0hidden"));
	tar_add_file(&t, "package/x", S(""));
	tar_add_file(&t, "package/\xff\xe2\x82", S(""));
	tar_end(&t);
	CHECK_STR(list(a, buf_view(&t)), S("0 package/a=;0 package/\xef\xbf\xbd\xef\xbf\xbd=;"));
}

TEST(odd_numbers_are_read_as_node_tar_does_or_refused)
{
	/* clang-format off */
	const struct { str size_field, want; } rows[] = {
		{ S("\x80\0\0\0\0\0\0\0\0\0\0\3"),                         S("0 package/n=abc;") },
		{ S("-0000000003"),                                           S("0 package/n=;") },
		{ S("   3 "),                                                 S("0 package/n=abc;") },
		{ S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),     S("0 package/n=;") },
		{ S("\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),     S("ERR") },
		{ S("\x81\0\0\0\0\0\0\0\0\0\0\3"),                         S("ERR") },
		{ S("77777777777"),                                           S("ERR") },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARCHIVE(t);

		tar_add(&t,
			(struct tar_header){ .name = "package/n",
					     .size_field = rows[i].size_field },
			S("abc"));
		tar_end(&t);
		CHECK_STR(list(a, buf_view(&t)), rows[i].want, "row %zu", i);
	}
}

TEST(t10_an_extension_header_over_a_mebibyte_is_ignored)
{
	ARCHIVE(t);
	struct str_buf value = str_buf(a, 1 << 21);

	buf_add_repeat(&value, S("n"), (1 << 20) + 1);
	tar_add(&t, (struct tar_header){ .name = "L", .type = 'L' }, buf_view(&value));
	tar_add_file(&t, "package/real", S(""));
	tar_end(&t);
	CHECK_STR(list(a, buf_view(&t)), S("0 package/real=;"));
}

UNIT_TESTS(TESTED(plain_files_come_out_in_order),
	   TESTED(t3_pax_and_gnu_names_describe_the_next_file_only),
	   TESTED(t3_pax_size_passes_over_the_extension_header_in_between),
	   TESTED(t3_a_link_takes_its_body_along_and_a_bad_header_does_not),
	   TESTED(two_zero_blocks_end_the_archive), TESTED(a_cut_or_empty_archive_is_an_error),
	   TESTED(names_lose_what_stands_behind_a_nul),
	   TESTED(odd_numbers_are_read_as_node_tar_does_or_refused),
	   TESTED(t10_an_extension_header_over_a_mebibyte_is_ignored))
