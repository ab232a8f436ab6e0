/* SPDX-License-Identifier: MIT
 * The shelf gives back what was put on it, or says that it cannot. */
#include "cpm/store/shelf.h"

#include "check.h"
#include "temp_dir.h"

static const struct digest key = { .algo = DIGEST_SHA512, .bytes = { 0xab, 0xcd, 0xef } };

static struct row_file files[2];

/* A package of two files in @dir/package, and its row. */
static struct package_row make_package(struct arena *a, const struct temp_dir *dir, int *package)
{
	struct package_row row = { .files = files, .nfiles = ARRAY_LEN(files) };

	files[0] = (struct row_file){ .path = S("package.json"), .size = 2 };
	files[1] = (struct row_file){ .path = S("lib/x.js"), .size = 5 };
	temp_file(dir, "package/package.json", S("{}"));
	temp_file(dir, "package/lib/x.js", S("alert"));
	package_row_list_dirs(a, &row);
	CHECK_OK(fs_open_dir(dir->fd, "package", package));
	CHECK_OK(fs_mkdir(dir->fd, "shelf"));
	CHECK_OK(fs_mkdir(dir->fd, "place"));
	return row;
}

struct shelves {
	int shelf, package, place;
};

static struct shelves open_all(struct arena *a, const struct temp_dir *dir, struct package_row *row)
{
	struct shelves s;

	*row = make_package(a, dir, &s.package);
	CHECK_OK(fs_open_dir(dir->fd, "shelf", &s.shelf));
	CHECK_OK(fs_open_dir(dir->fd, "place", &s.place));
	CHECK(shelf_keep(s.shelf, &key, s.package, row));
	CHECK(row->is_shelved);
	return s;
}

static void close_all(struct shelves *s)
{
	close(s->shelf);
	close(s->package);
	close(s->place);
}

TEST(a_kept_package_is_linked_with_its_folders)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct package_row row;
	struct shelves s = open_all(a, &dir, &row);
	struct stat one, two;

	CHECK_EQ(shelf_link(s.shelf, &key, &row, s.place), SHELF_LINKED);
	CHECK(fs_lstat(dir.fd, "package/lib/x.js", &one) &&
	      fs_lstat(dir.fd, "place/lib/x.js", &two));
	CHECK_EQ(one.st_ino, two.st_ino);
	CHECK(fs_is_file(dir.fd, "place/package.json"));
	close_all(&s);
}

TEST(an_edited_file_is_found_and_never_spread)
{
	const struct {
		const char *what, *bytes;
		mode_t mode;
	} rows[] = { { "other bytes of the same length", "ALERT", 0644 },
		     { "longer", "alert()", 0644 },
		     { "another mode", "alert", 0755 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);
		struct package_row row;
		struct shelves s = open_all(a, &dir, &row);
		AUTO_FD fd = openat(dir.fd, "package/lib/x.js", O_WRONLY | O_CLOEXEC);

		/* In place, as an editor of one project would: the shelf shares the file. */
		CHECK_EQ(write(fd, rows[i].bytes, strlen(rows[i].bytes)), strlen(rows[i].bytes));
		CHECK_EQ(fchmod(fd, rows[i].mode), 0);
		CHECK_EQ(shelf_link(s.shelf, &key, &row, s.place), SHELF_STALE, "%s", rows[i].what);
		CHECK(!fs_is_file(dir.fd, "place/lib/x.js"), "%s", rows[i].what);
		close_all(&s);
	}
}

TEST(a_package_that_is_not_there_is_stale)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct package_row row;
	struct shelves s = open_all(a, &dir, &row);
	const struct digest other = { .algo = DIGEST_SHA512, .bytes = { 1 } };

	CHECK_EQ(shelf_link(s.shelf, &other, &row, s.place), SHELF_STALE);
	close_all(&s);
}

TEST(keeping_again_replaces_what_was_kept)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct package_row row;
	struct shelves s = open_all(a, &dir, &row);

	CHECK_OK(fs_unlink(dir.fd, "package/lib/x.js"));
	temp_file(&dir, "package/lib/x.js", S("other"));
	CHECK(shelf_keep(s.shelf, &key, s.package, &row));
	CHECK_EQ(shelf_link(s.shelf, &key, &row, s.place), SHELF_LINKED);
	close_all(&s);
}

TEST(a_package_that_is_not_what_its_row_says_is_not_kept)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct package_row row;
	struct shelves s = open_all(a, &dir, &row);

	row.files[1].size = 99;
	CHECK(!shelf_keep(s.shelf, &key, s.package, &row));
	CHECK(!row.is_shelved);
	close_all(&s);
}

UNIT_TESTS(TESTED(a_kept_package_is_linked_with_its_folders),
	   TESTED(an_edited_file_is_found_and_never_spread),
	   TESTED(a_package_that_is_not_there_is_stale),
	   TESTED(keeping_again_replaces_what_was_kept),
	   TESTED(a_package_that_is_not_what_its_row_says_is_not_kept))
