/* SPDX-License-Identifier: MIT
 * Rows survive freezing and thawing, and no bytes that are none do harm. */
#include "cpm/store/package_row.h"

#include "check.h"

static struct row_file sample_files[] = {
	{ .path = { "package.json", 12 },
	  .mode = 0644,
	  .size = 17,
	  .mtime_ns = 1234567890123456789 },
	{ .path = { "bin/run.js", 10 }, .mode = 0755, .is_requested = true, .size = 0 },
	{ .path = { "lib/deep/er/x.js", 16 }, .mode = 0644, .size = 1 },
};

static struct package_row sample(struct arena *a)
{
	struct package_row row = { .is_shelved = true,
				   .manifest = S("{\"name\":\"x\"}"),
				   .files = sample_files,
				   .nfiles = ARRAY_LEN(sample_files) };

	package_row_list_dirs(a, &row);
	return row;
}

TEST(folders_are_listed_once_with_parents_first)
{
	ARENA_SCOPE(a);
	struct package_row row = sample(a);
	const str want[] = { S("bin"), S("lib"), S("lib/deep"), S("lib/deep/er") };

	CHECK_EQ(row.ndirs, ARRAY_LEN(want));
	for (size_t i = 0; i < row.ndirs; i++)
		CHECK_STR(row.dirs[i], want[i]);
}

TEST(a_row_comes_back_as_it_was)
{
	ARENA_SCOPE(a);
	struct package_row row = sample(a), back;

	CHECK(package_row_thaw(a, package_row_freeze(a, &row), &back));
	CHECK_EQ(back.nfiles, row.nfiles);
	for (size_t i = 0; i < row.nfiles; i++) {
		CHECK_STR(back.files[i].path, row.files[i].path);
		CHECK_EQ(back.files[i].mode, row.files[i].mode, "file %zu", i);
		CHECK_EQ(back.files[i].is_requested, row.files[i].is_requested, "file %zu", i);
		CHECK_EQ(back.files[i].size, row.files[i].size, "file %zu", i);
		CHECK_EQ(back.files[i].mtime_ns, row.files[i].mtime_ns, "file %zu", i);
	}
	CHECK_EQ(back.ndirs, row.ndirs);
	CHECK_STR(back.dirs[3], S("lib/deep/er"));
	CHECK_STR(back.manifest, row.manifest);
	CHECK(back.is_shelved && !back.has_binding_gyp);
}

TEST(cut_and_changed_rows_are_refused_or_harmless)
{
	ARENA_SCOPE(a);
	struct package_row row = sample(a), back;
	str frozen = package_row_freeze(a, &row);

	for (size_t len = 0; len < frozen.len; len++)
		CHECK(!package_row_thaw(a, str_of(str_cstr(a, str_slice(frozen, 0, len)), len),
					&back),
		      "%zu bytes", len);
	for (size_t i = 0; i < frozen.len; i++) {
		char *bytes = str_cstr(a, frozen);

		bytes[i] ^= 0x40;
		(void)package_row_thaw(a, str_of(bytes, frozen.len), &back);
	}
}

TEST(a_path_that_leaves_the_package_is_refused)
{
	ARENA_SCOPE(a);
	const str paths[] = { S("../x"), S("/etc/x"), S("a/../../x"), S("") };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct row_file file = { .path = paths[i] };
		struct package_row row = { .files = &file, .nfiles = 1 }, back;

		CHECK(!package_row_thaw(a, package_row_freeze(a, &row), &back), STR_FMT,
		      STR_ARG(paths[i]));
	}
}

UNIT_TESTS(TESTED(folders_are_listed_once_with_parents_first), TESTED(a_row_comes_back_as_it_was),
	   TESTED(cut_and_changed_rows_are_refused_or_harmless),
	   TESTED(a_path_that_leaves_the_package_is_refused))
