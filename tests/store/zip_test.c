/* SPDX-License-Identifier: MIT
 * Archives as libarchive writes them, whole and damaged. */
#include "cpm/store/zip.h"

#include "check.h"
#include "temp_dir.h"

#include <archive.h>
#include <archive_entry.h>

static void add(struct archive *w, const char *name, unsigned type, str body)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, (int64_t)body.len);
	CHECK_EQ(archive_write_header(w, e), ARCHIVE_OK, "%s", name);
	if (body.len)
		CHECK_EQ(archive_write_data(w, body.p, body.len), body.len, "%s", name);
	archive_entry_free(e);
}

/* A folder, a small file whose name leads out, one of @large bytes of zero. */
static str make_zip(struct arena *a, size_t large)
{
	size_t room = (64u << 10) + large, used = 0;
	char *buf = arena_alloc(a, room);
	struct archive *w = archive_write_new();

	CHECK_EQ(archive_write_set_format_zip(w), ARCHIVE_OK);
	CHECK_EQ(archive_write_open_memory(w, buf, room, &used), ARCHIVE_OK);
	add(w, "folder/", AE_IFDIR, S(""));
	add(w, "../x.json", AE_IFREG, S("{}"));
	add(w, "large", AE_IFREG, str_of(arena_alloc(a, large), large));
	CHECK_EQ(archive_write_close(w), ARCHIVE_OK);
	archive_write_free(w);
	return str_of(buf, used);
}

/* Reads until the end, or an error. */
static struct err *read_all(struct arena *a, const struct temp_dir *dir, str bytes, size_t cap,
			    size_t *count)
{
	AUTO_ZIP *z = NULL;
	AUTO_FD fd = -1;
	str name, content;

	temp_file(dir, "a.zip", bytes);
	TRY(fs_open(dir->fd, "a.zip", O_RDONLY, &fd));
	TRY(zip_open(fd, S("a.zip"), &z));
	for (*count = 0;; ++*count) {
		TRY(zip_next(a, z, cap, &name, &content));
		if (str_is_null(name))
			return NULL;
		CHECK_STR(name, *count ? S("large") : S("../x.json"));
		CHECK_EQ(content.len, *count ? 100000 : 2);
	}
}

TEST(files_are_read_and_folders_passed_over)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	str bytes = make_zip(a, 100000);
	size_t count;

	CHECK(zip_is_zip(bytes));
	CHECK(!zip_is_zip(S("{}")));
	CHECK_OK(read_all(a, &dir, bytes, 100000, &count));
	CHECK_EQ(count, 2);
}

TEST(what_inflates_to_more_than_the_cap_is_refused)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	size_t count;

	CHECK_FAILS(read_all(a, &dir, make_zip(a, 100000), 99999, &count), E_TOO_BIG);
	CHECK_EQ(count, 1);
}

TEST(an_archive_that_is_cut_short_is_an_error_at_any_length)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	str bytes = make_zip(a, 100000);
	size_t count;

	for (size_t len = 0; len < bytes.len; len += 1 + bytes.len / 50)
		CHECK_FAILS(read_all(a, &dir, str_slice(bytes, 0, len), 100000, &count),
			    E_BAD_ARCHIVE);
}

UNIT_TESTS(TESTED(files_are_read_and_folders_passed_over),
	   TESTED(what_inflates_to_more_than_the_cap_is_refused),
	   TESTED(an_archive_that_is_cut_short_is_an_error_at_any_length))
