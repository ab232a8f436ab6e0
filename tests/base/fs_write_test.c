/* SPDX-License-Identifier: MIT
 * Replacing files: all or nothing, links and modes kept, no temporary file left behind. */
#include "cpm/base/fs.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "check.h"
#include "temp_dir.h"

typedef struct err *(*write_fn)(int dirfd, const char *path, str bytes, mode_t mode);

static const write_fn writers[] = { fs_write_atomic, fs_write_replace };

static size_t entries(const struct temp_dir *dir)
{
	AUTO_DIR it = { 0 };
	size_t n = 0;

	CHECK_OK(dir_open(dir->fd, ".", &it));
	while (dir_next(&it))
		n++;
	return n;
}

static str content(struct arena *a, const struct temp_dir *dir, const char *path)
{
	str got = STR_NULL;

	CHECK_OK(fs_read_all(a, dir->fd, path, 1 << 20, &got));
	return got;
}

static mode_t mode_of(const struct temp_dir *dir, const char *path)
{
	struct stat st;

	CHECK(fs_lstat(dir->fd, path, &st), "%s", path);
	return st.st_mode & 07777;
}

TEST(new_file_has_the_bytes_and_the_masked_mode)
{
	for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
		TEMP_DIR(dir);
		ARENA_SCOPE(a);

		CHECK_OK(writers[i](dir.fd, "f", S("bytes"), 0666));
		CHECK_STR(content(a, &dir, "f"), S("bytes"));
		CHECK_EQ(mode_of(&dir, "f"), 0666 & ~fs_umask());
		CHECK_EQ(entries(&dir), 1);
	}
}

TEST(f31_old_file_keeps_its_mode)
{
	for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
		TEMP_DIR(dir);
		ARENA_SCOPE(a);

		temp_file(&dir, "f", S("old"));
		CHECK_EQ(fchmodat(dir.fd, "f", 0604, 0), 0);
		CHECK_OK(writers[i](dir.fd, "f", S("new"), 0666));
		CHECK_STR(content(a, &dir, "f"), S("new"));
		CHECK_EQ(mode_of(&dir, "f"), 0604);
	}
}

TEST(f31_a_users_link_stays_a_link)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	struct stat st;

	temp_file(&dir, "real/pkg.json", S("old"));
	CHECK_OK(fs_mkdir(dir.fd, "here"));
	CHECK_OK(fs_symlink("../real/pkg.json", dir.fd, "here/one"));
	CHECK_OK(fs_symlink("here/one", dir.fd, "two"));
	CHECK_OK(fs_write_atomic(dir.fd, "two", S("new"), 0644));
	CHECK_STR(content(a, &dir, "real/pkg.json"), S("new"));
	CHECK(fs_lstat(dir.fd, "two", &st) && S_ISLNK(st.st_mode));
	CHECK(fs_lstat(dir.fd, "here/one", &st) && S_ISLNK(st.st_mode));

	CHECK_OK(fs_symlink("real/later", dir.fd, "dangling"));
	CHECK_OK(fs_write_atomic(dir.fd, "dangling", S("made"), 0644));
	CHECK_STR(content(a, &dir, "real/later"), S("made"));

	CHECK_OK(fs_symlink("loop", dir.fd, "loop"));
	struct err *e = fs_write_atomic(dir.fd, "loop", S("x"), 0644);

	CHECK(e && e->sys_errno == ELOOP);
	err_free(e);
}

/* "l/.." is not "." when l is a link: the text of a path must not be cleaned before it is followed. */
TEST(links_through_linked_folders_are_followed_by_the_kernel)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);

	CHECK_OK(fs_mkdirs(dir.fd, "far/away"));
	CHECK_OK(fs_symlink("far/away", dir.fd, "l"));
	CHECK_OK(fs_symlink("l/../target", dir.fd, "f"));
	CHECK_OK(fs_write_atomic(dir.fd, "f", S("x"), 0644));
	CHECK_STR(content(a, &dir, "far/target"), S("x"));
}

TEST(only_files_are_replaced)
{
	TEMP_DIR(dir);

	CHECK_OK(fs_mkdir(dir.fd, "d"));
	CHECK_EQ(mkfifoat(dir.fd, "fifo", 0600), 0);
	CHECK_FAILS(fs_write_atomic(dir.fd, "d", S("x"), 0644), E_IS_DIRECTORY);
	CHECK_FAILS(fs_write_atomic(dir.fd, "fifo", S("x"), 0644), E_UNSUPPORTED);
	CHECK_FAILS(fs_write_atomic(dir.fd, "none/f", S("x"), 0644), E_NO_ENTRY);
	CHECK_EQ(entries(&dir), 2);
}

/* A limit on the size of files stands in for a full disk: the write fails halfway. */
TEST(f3_a_failed_write_leaves_the_old_file_and_nothing_else)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	struct rlimit old, small;
	struct str_buf big = str_buf(a, SIZE_MAX);
	struct err *e;

	buf_add_repeat(&big, S("0123456789abcdef"), 8192);
	temp_file(&dir, "f", S("old"));
	CHECK_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ .rlim_cur = 4096, .rlim_max = old.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
	e = fs_write_atomic(dir.fd, "f", buf_view(&big), 0644);
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
	CHECK(e && e->sys_errno == EFBIG);
	CHECK_STR(e->syscall, S("write"));
	err_free(e);
	CHECK_STR(content(a, &dir, "f"), S("old"));
	CHECK_EQ(entries(&dir), 1);
}

UNIT_TESTS(TESTED(new_file_has_the_bytes_and_the_masked_mode), TESTED(f31_old_file_keeps_its_mode),
	   TESTED(f31_a_users_link_stays_a_link), TESTED(links_through_linked_folders_are_followed_by_the_kernel),
	   TESTED(only_files_are_replaced), TESTED(f3_a_failed_write_leaves_the_old_file_and_nothing_else))
