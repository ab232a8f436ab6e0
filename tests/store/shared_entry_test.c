/* SPDX-License-Identifier: MIT
 * An entry of the place that projects share is there whole, closed, and believed only as long as it
 * can be. */
#include "cpm/store/shared.h"

#include "check.h"
#include "temp_dir.h"

#include <time.h>

#define KEY    "a@1.0.0-x"
#define SCOPED "@s/a@1.0.0-x"

static struct row_file files[] = {
	{ .path = S("package.json"), .mode = 0644, .size = 2 },
	{ .path = S("bin/a.js"), .mode = 0755, .size = 5 },
};

static void make_folder(const struct temp_dir *dir)
{
	temp_file(dir, "built/node_modules/a/package.json", S("{}"));
	temp_file(dir, "built/node_modules/a/bin/a.js", S("alert"));
	temp_file(dir, "built/node_modules/.bin/x", S(""));
	CHECK(fchmodat(dir->fd, "built/node_modules/a/bin/a.js", 0755, 0) == 0);
	CHECK(fchmodat(dir->fd, "built/node_modules/a/package.json", 0644, 0) == 0);
	CHECK_OK(fs_symlink("../../b/node_modules/b", dir->fd, "built/node_modules/b"));
}

static int open_place(const struct temp_dir *dir)
{
	int fd;

	CHECK_OK(fs_mkdir(dir->fd, "place"));
	CHECK_OK(fs_open_dir(dir->fd, "place", &fd));
	return fd;
}

static struct package_row row_of(struct arena *a)
{
	struct package_row row = { .files = files, .nfiles = ARRAY_LEN(files) };

	package_row_list_dirs(a, &row);
	return row;
}

static void put(const struct temp_dir *dir, int place, const char *key)
{
	make_folder(dir);
	CHECK_OK(shared_put(place, key, dir->fd, "built"));
	CHECK_OK(shared_stamp(place, key));
}

/* Stamps that lie ahead are not believed, and everything in the entry is older. */
static void make_due(int place, const char *key)
{
	const struct timespec later[2] = { { .tv_sec = time(NULL) + 1000 },
					   { .tv_sec = time(NULL) + 1000 } };

	CHECK(utimensat(place, key, later, 0) == 0);
}

static mode_t mode_of(int place, const char *path)
{
	struct stat st = { 0 };

	CHECK(fs_lstat(place, path, &st), "%s", path);
	return st.st_mode & 07777;
}

TEST(an_entry_is_moved_in_whole_and_closed)
{
	TEMP_DIR(dir);
	AUTO_FD place = open_place(&dir);
	ARENA_SCOPE(a);
	str target;

	CHECK_EQ(shared_look(place, KEY), SHARED_ABSENT);
	put(&dir, place, KEY);
	CHECK(!fs_exists(dir.fd, "built"));
	CHECK_EQ(shared_look(place, KEY), SHARED_SOUND);
	CHECK_EQ(mode_of(place, KEY), 0555);
	CHECK_EQ(mode_of(place, KEY "/node_modules/a"), 0555);
	CHECK_EQ(mode_of(place, KEY "/node_modules/a/bin/a.js"), 0555);
	CHECK_EQ(mode_of(place, KEY "/node_modules/a/package.json"), 0444);
	CHECK_OK(fs_read_link(a, place, KEY "/node_modules/b", &target));
	CHECK_STR(target, S("../../b/node_modules/b"));
}

TEST(a_scope_gets_a_folder)
{
	TEMP_DIR(dir);
	AUTO_FD place = open_place(&dir);

	put(&dir, place, SCOPED);
	CHECK_EQ(shared_look(place, SCOPED), SHARED_SOUND);
}

TEST(before_its_stamp_an_entry_does_not_count)
{
	TEMP_DIR(dir);
	AUTO_FD place = open_place(&dir);

	make_folder(&dir);
	CHECK_OK(fs_rename(dir.fd, "built", place, KEY));
	CHECK_EQ(shared_look(place, KEY), SHARED_ABSENT, "it can be written");
	make_folder(&dir);
	CHECK_OK(shared_put(place, KEY, dir.fd, "built"));
	CHECK_OK(shared_stamp(place, KEY));
	CHECK_EQ(shared_look(place, KEY), SHARED_SOUND, "what was there gave way");
}

TEST(a_sound_entry_stays_when_another_comes)
{
	TEMP_DIR(dir);
	AUTO_FD place = open_place(&dir);
	struct stat one, two;

	put(&dir, place, KEY);
	CHECK(fs_lstat(place, KEY, &one));
	make_folder(&dir);
	CHECK_OK(shared_put(place, KEY, dir.fd, "built"));
	CHECK(!fs_exists(dir.fd, "built"));
	CHECK(fs_lstat(place, KEY, &two));
	CHECK_EQ(one.st_ino, two.st_ino);
}

TEST(a_file_that_has_other_names_keeps_its_mode_there)
{
	TEMP_DIR(dir);
	AUTO_FD place = open_place(&dir);

	make_folder(&dir);
	CHECK(linkat(dir.fd, "built/node_modules/a/package.json", dir.fd, "shelved", 0) == 0);
	CHECK_OK(shared_put(place, KEY, dir.fd, "built"));
	CHECK_EQ(mode_of(dir.fd, "shelved"), 0644);
	CHECK_EQ(mode_of(place, KEY "/node_modules/a/package.json"), 0444);
}

TEST(a_due_entry_is_proven_and_believed_again)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	AUTO_FD place = open_place(&dir);
	struct package_row row = row_of(a);

	put(&dir, place, KEY);
	make_due(place, KEY);
	CHECK_EQ(shared_look(place, KEY), SHARED_DUE);
	CHECK(shared_prove(place, KEY, S("a"), &row));
	CHECK_EQ(shared_look(place, KEY), SHARED_SOUND);
}

TEST(a_condemned_entry_is_never_proven)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	AUTO_FD place = open_place(&dir);
	struct package_row row = row_of(a);

	put(&dir, place, KEY);
	shared_condemn(place, KEY);
	CHECK_EQ(shared_look(place, KEY), SHARED_DUE);
	CHECK(!shared_prove(place, KEY, S("a"), &row));
}

static void edit(int place, const char *path, const char *text)
{
	AUTO_FD fd = -1;
	mode_t before = mode_of(place, path);

	CHECK(fchmodat(place, path, 0755, 0) == 0);
	CHECK_OK(fs_open(place, path, O_WRONLY | O_TRUNC, &fd));
	CHECK_OK(fs_write_all(fd, str_view(text), path));
	CHECK(fchmodat(place, path, before, 0) == 0);
}

TEST(whatever_was_changed_is_found_by_the_proof)
{
	static const char *const changes[] = { "size", "content", "mode", "added", "removed" };
	const char *file = KEY "/node_modules/a/bin/a.js";

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		TEMP_DIR(dir);
		ARENA_SCOPE(a);
		AUTO_FD place = open_place(&dir);
		struct package_row row = row_of(a);
		struct stat st;

		put(&dir, place, KEY);
		CHECK(fs_lstat(place, KEY, &st));
		switch (i) {
		case 0:
			edit(place, file, "longer");
			break;
		case 1:
			edit(place, file, "ALERT");
			break;
		case 2:
			CHECK(fchmodat(place, file, 0444, 0) == 0);
			break;
		case 3:
			CHECK(fchmodat(place, KEY "/node_modules/a", 0755, 0) == 0);
			temp_file(&dir, "place/" KEY "/node_modules/a/new.js", S(""));
			CHECK(fchmodat(place, KEY "/node_modules/a", 0555, 0) == 0);
			break;
		default:
			CHECK(fchmodat(place, KEY "/node_modules/a/bin", 0755, 0) == 0);
			CHECK_OK(fs_unlink(place, file));
		}
		CHECK(!shared_prove(place, KEY, S("a"), &row), "%s", changes[i]);
	}
}

UNIT_TESTS(TESTED(an_entry_is_moved_in_whole_and_closed), TESTED(a_scope_gets_a_folder),
	   TESTED(before_its_stamp_an_entry_does_not_count),
	   TESTED(a_sound_entry_stays_when_another_comes),
	   TESTED(a_file_that_has_other_names_keeps_its_mode_there),
	   TESTED(a_due_entry_is_proven_and_believed_again),
	   TESTED(a_condemned_entry_is_never_proven),
	   TESTED(whatever_was_changed_is_found_by_the_proof))
