/* SPDX-License-Identifier: MIT
 * Removing trees: deep, locked, linked, mounted. */
#include "cpm/base/fs.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "check.h"
#include "temp_dir.h"

#define NOBODY 65534
#define SKIPPED 77

/* Runs @fn in a child process, because it gives up rights or makes mounts; its exit status. */
static int in_child(int (*fn)(const struct temp_dir *), const struct temp_dir *dir)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(fn(dir));
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* 0, or the code of the error. */
static int removed(int dirfd, const char *path)
{
	struct err *e = fs_remove_tree(dirfd, path);
	int code = e ? (int)e->code : 0;

	err_free(e);
	return code;
}

TEST(files_links_and_trees_go_and_absent_is_success)
{
	TEMP_DIR(dir);

	temp_file(&dir, "outside/kept", S("x"));
	temp_file(&dir, "t/a/b/c", S("x"));
	temp_file(&dir, "t/a/.hidden", S("x"));
	CHECK_OK(fs_mkdirs(dir.fd, "t/empty/er"));
	CHECK_OK(fs_symlink("../outside", dir.fd, "t/link"));
	CHECK_OK(fs_symlink("none", dir.fd, "t/a/dangling"));
	CHECK_EQ(mkfifoat(dir.fd, "t/fifo", 0600), 0);
	CHECK_OK(fs_symlink("outside", dir.fd, "link"));

	CHECK_OK(fs_remove_tree(dir.fd, "t"));
	CHECK_OK(fs_remove_tree(dir.fd, "t"));
	CHECK_OK(fs_remove_tree(dir.fd, "link"));
	CHECK(!fs_exists(dir.fd, "t"));
	CHECK(!fs_exists(dir.fd, "link"));
	CHECK(fs_is_file(dir.fd, "outside/kept"));
	CHECK_OK(fs_remove_tree(dir.fd, "outside/kept"));
	CHECK_OK(fs_remove_tree(dir.fd, "outside/"));
	CHECK(!fs_exists(dir.fd, "outside"));
}

TEST(dots_are_refused)
{
	TEMP_DIR(dir);
	const char *rows[] = { ".", "..", "d/.", "d/.." };

	CHECK_OK(fs_mkdir(dir.fd, "d"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err *e = fs_remove_tree(dir.fd, rows[i]);

		CHECK(e && e->sys_errno == EINVAL, "%s", rows[i]);
		err_free(e);
	}
	CHECK(fs_is_dir(dir.fd, "d"));
}

/* Deeper than any path may be long, with a handful of descriptors (F5, F29). */
static int remove_deep(const struct temp_dir *dir)
{
	struct rlimit few = { .rlim_cur = 32, .rlim_max = 32 };
	int fd = dup(dir->fd);

	setrlimit(RLIMIT_NOFILE, &few);
	for (int i = 0; i < 2000; i++) {
		int next;

		if (mkdirat(fd, "nested-folder", 0755) < 0 || (i % 20 == 0 && mkdirat(fd, "beside", 0755) < 0))
			return 100;
		next = openat(fd, "nested-folder", O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = next;
	}
	close(fd);
	return removed(dir->fd, "nested-folder");
}

TEST(f29_a_very_deep_tree_needs_few_descriptors)
{
	TEMP_DIR(dir);

	CHECK_EQ(in_child(remove_deep, &dir), 0);
	CHECK(!fs_exists(dir.fd, "nested-folder"));
}

TEST(wide_folders_are_emptied)
{
	TEMP_DIR(dir);

	CHECK_OK(fs_mkdir(dir.fd, "w"));
	for (int i = 0; i < 600; i++) {
		char name[32];

		snprintf(name, sizeof(name), "w/%s%d", i % 3 ? "f" : "d", i);
		if (i % 3)
			temp_file(&dir, name, S(""));
		else
			CHECK_OK(fs_mkdir(dir.fd, name));
	}
	CHECK_OK(fs_remove_tree(dir.fd, "w"));
	CHECK(!fs_exists(dir.fd, "w"));
}

static int remove_locked(const struct temp_dir *dir)
{
	if (getuid() == 0 && (setgroups(0, NULL) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0))
		return 100;
	if (mkdirat(dir->fd, "t", 0755) < 0 || mkdirat(dir->fd, "t/locked", 0755) < 0 ||
	    mkdirat(dir->fd, "t/locked/dark", 0755) < 0)
		return 101;
	close(openat(dir->fd, "t/locked/f", O_CREAT | O_WRONLY, 0400));
	close(openat(dir->fd, "t/locked/dark/f", O_CREAT | O_WRONLY, 0));
	fchmodat(dir->fd, "t/locked/dark", 0, 0);
	fchmodat(dir->fd, "t/locked", 0500, 0);
	fchmodat(dir->fd, "t", 0500, 0);
	return removed(dir->fd, "t");
}

TEST(f32_own_folders_are_made_writable)
{
	TEMP_DIR(dir);

	CHECK_EQ(fchmod(dir.fd, 0777), 0);
	CHECK_EQ(in_child(remove_locked, &dir), 0);
	CHECK(!fs_exists(dir.fd, "t"));
}

/* The folder around the tree is not ours to unlock. */
static int remove_in_locked_parent(const struct temp_dir *dir)
{
	struct stat st;
	int code;

	if (getuid() == 0 && (setgroups(0, NULL) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0))
		return 100;
	mkdirat(dir->fd, "p", 0755);
	mkdirat(dir->fd, "p/t", 0755);
	fchmodat(dir->fd, "p", 0500, 0);
	code = removed(dir->fd, "p/t");
	if (!fs_lstat(dir->fd, "p", &st) || (st.st_mode & 0777) != 0500)
		return 101;
	fchmodat(dir->fd, "p", 0700, 0);
	return code;
}

TEST(the_parent_of_the_tree_keeps_its_mode)
{
	TEMP_DIR(dir);

	CHECK_EQ(fchmod(dir.fd, 0777), 0);
	CHECK_EQ(in_child(remove_in_locked_parent, &dir), E_ACCESS);
}

/* Mounts of this process's own: as root, or as a user in a namespace that calls him root. */
static bool may_mount(void)
{
	ARENA_SCOPE(a);
	str map = str_printf(a, "0 %u 1\n", (unsigned)getuid());
	AUTO_FD fd = -1;

	if (unshare(CLONE_NEWNS) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			return false;
		fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, map.p, map.len) != (ssize_t)map.len)
			return false;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* A bind mount of the same file system: only its mount tells it from a plain folder. */
static int remove_around_mount(const struct temp_dir *dir)
{
	ARENA_SCOPE(a);
	const char *from = str_cstr(a, str_concat(a, dir->path, S("/precious")));
	const char *to = str_cstr(a, str_concat(a, dir->path, S("/t/mnt")));
	int code, fd;

	if (!may_mount() || mount(from, to, NULL, MS_BIND, NULL) < 0)
		return SKIPPED;
	/* dir->fd still looks at the mounts of before. */
	fd = open(str_cstr(a, dir->path), O_PATH | O_CLOEXEC);
	code = removed(fd, "t");
	if (fs_exists(fd, "t/other") || !fs_is_dir(fd, "t/mnt"))
		return 101;
	return removed(fd, "t/mnt") == code ? code : 102;
}

static int remove_around_mount_in_child(void)
{
	TEMP_DIR(dir);
	int code;

	temp_file(&dir, "precious/file", S("x"));
	temp_file(&dir, "t/other/f", S("x"));
	CHECK_OK(fs_mkdir(dir.fd, "t/mnt"));
	code = in_child(remove_around_mount, &dir);
	CHECK(fs_is_file(dir.fd, "precious/file"));
	return code;
}

TEST(f32_mount_points_are_not_crossed_and_the_rest_goes)
{
	int code = remove_around_mount_in_child();

	if (code == SKIPPED)
		skip();
	CHECK_EQ(code, E_SYSTEM);
}

UNIT_TESTS(TESTED(files_links_and_trees_go_and_absent_is_success), TESTED(dots_are_refused),
	   TESTED(f29_a_very_deep_tree_needs_few_descriptors), TESTED(wide_folders_are_emptied),
	   TESTED(f32_own_folders_are_made_writable), TESTED(the_parent_of_the_tree_keeps_its_mode),
	   TESTED(f32_mount_points_are_not_crossed_and_the_rest_goes))
