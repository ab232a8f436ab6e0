/* SPDX-License-Identifier: MIT
 * Files through directory handles: reading, naming, asking. Replacing files and removing trees have their own tests. */
#include "cpm/base/fs.h"

#include <errno.h>

#include "check.h"
#include "temp_dir.h"

TEST(read_all_gives_the_bytes)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	const str rows[] = { S(""), S("x"), str_of("a\0b", 3) };
	str got;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		temp_file(&dir, "f", rows[i]);
		CHECK_OK(fs_read_all(a, dir.fd, "f", 3, &got));
		CHECK_STR(got, rows[i], "row %zu", i);
	}
	CHECK_FAILS(fs_read_all(a, dir.fd, "f", 2, &got), E_TOO_BIG);
}

TEST(read_all_reads_files_that_claim_to_be_empty)
{
	ARENA_SCOPE(a);
	str got;

	CHECK_OK(fs_read_all(a, AT_FDCWD, "/proc/self/maps", 1 << 20, &got));
	CHECK(got.len > 100);
	CHECK_FAILS(fs_read_all(a, AT_FDCWD, "/proc/self/maps", 10, &got), E_TOO_BIG);
}

TEST(t4_read_all_refuses_what_is_no_file)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	str got;

	CHECK_EQ(mkfifoat(dir.fd, "fifo", 0600), 0);
	CHECK_FAILS(fs_read_all(a, dir.fd, "fifo", 10, &got), E_UNSUPPORTED);
	CHECK_FAILS(fs_read_all(a, AT_FDCWD, "/dev/zero", 10, &got), E_UNSUPPORTED);
	CHECK_OK(fs_mkdir(dir.fd, "d"));
	CHECK_FAILS(fs_read_all(a, dir.fd, "d", 10, &got), E_IS_DIRECTORY);
}

TEST(errors_name_the_call_and_the_path)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	struct err *e;
	str got;

	e = fs_read_all(a, dir.fd, "missing", 10, &got);
	CHECK(e != NULL);
	CHECK_EQ(e->code, E_NO_ENTRY);
	CHECK_STR(e->syscall, S("open"));
	CHECK_STR(e->path, S("missing"));
	err_free(e);

	e = fs_rename(dir.fd, "missing", dir.fd, "there");
	CHECK(e != NULL);
	CHECK_STR(e->syscall, S("rename"));
	CHECK_STR(e->dest, S("there"));
	err_free(e);
}

TEST(mkdir_takes_an_existing_folder_but_no_link_to_one)
{
	TEMP_DIR(dir);

	CHECK_OK(fs_mkdir(dir.fd, "d"));
	CHECK_OK(fs_mkdir(dir.fd, "d"));
	CHECK_OK(fs_symlink("d", dir.fd, "link"));
	CHECK_FAILS(fs_mkdir(dir.fd, "link"), E_EXISTS);
	temp_file(&dir, "f", S(""));
	CHECK_FAILS(fs_mkdir(dir.fd, "f"), E_EXISTS);
	CHECK_FAILS(fs_mkdir(dir.fd, "no/d"), E_NO_ENTRY);
}

TEST(mkdirs_makes_parents)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	const char *rows[] = { "a", "a/b/c/d", "a/b//x///y/", "./p/q", "a/b/c/d", "a/../z/w", "u//v" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_OK(fs_mkdirs(dir.fd, rows[i]));
		CHECK(fs_is_dir(dir.fd, rows[i]), "%s", rows[i]);
	}
	CHECK_OK(fs_mkdirs(AT_FDCWD, str_cstr(a, str_printf(a, STR_FMT "/abs/olute", STR_ARG(dir.path)))));
	CHECK(fs_is_dir(dir.fd, "abs/olute"));
	CHECK_OK(fs_mkdirs(AT_FDCWD, "/"));
}

TEST(mkdirs_follows_links_and_stops_at_files)
{
	TEMP_DIR(dir);

	CHECK_OK(fs_mkdirs(dir.fd, "real/sub"));
	CHECK_OK(fs_symlink("real", dir.fd, "link"));
	CHECK_OK(fs_mkdirs(dir.fd, "link/sub/new"));
	CHECK_OK(fs_mkdirs(dir.fd, "link"));
	CHECK(fs_is_dir(dir.fd, "real/sub/new"));
	temp_file(&dir, "f", S(""));
	CHECK_FAILS(fs_mkdirs(dir.fd, "f"), E_EXISTS);
	CHECK_FAILS(fs_mkdirs(dir.fd, "f/x"), E_NOT_DIRECTORY);
	CHECK_FAILS(fs_mkdirs(dir.fd, "f/x/y"), E_NOT_DIRECTORY);
	CHECK_FAILS(fs_mkdirs(dir.fd, ""), E_NO_ENTRY);
}

TEST(links_are_read_whole)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	struct str_buf longest = str_buf(a, SIZE_MAX);
	str got;

	buf_add_repeat(&longest, S("x/"), 1000);
	CHECK_OK(fs_symlink(buf_cstr(&longest), dir.fd, "link"));
	CHECK_OK(fs_read_link(a, dir.fd, "link", &got));
	CHECK_STR(got, buf_view(&longest));
	temp_file(&dir, "f", S(""));
	struct err *e = fs_read_link(a, dir.fd, "f", &got);

	CHECK(e && e->sys_errno == EINVAL);
	err_free(e);
}

TEST(questions_know_links_from_what_they_name)
{
	TEMP_DIR(dir);
	struct stat st;

	temp_file(&dir, "f", S("abc"));
	CHECK_OK(fs_mkdir(dir.fd, "d"));
	CHECK_OK(fs_symlink("f", dir.fd, "to-f"));
	CHECK_OK(fs_symlink("d", dir.fd, "to-d"));
	CHECK_OK(fs_symlink("none", dir.fd, "dangling"));
	const struct {
		const char *name;
		bool exists, is_dir, is_file, has_lstat;
	} rows[] = {
		{ "f", true, false, true, true },	{ "d", true, true, false, true },
		{ "to-f", true, false, true, true },	{ "to-d", true, false, false, true },
		{ "dangling", false, false, false, true }, { "none", false, false, false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_EQ(fs_exists(dir.fd, rows[i].name), rows[i].exists, "%s", rows[i].name);
		CHECK_EQ(fs_is_dir(dir.fd, rows[i].name), rows[i].is_dir, "%s", rows[i].name);
		CHECK_EQ(fs_is_file(dir.fd, rows[i].name), rows[i].is_file, "%s", rows[i].name);
		CHECK_EQ(fs_lstat(dir.fd, rows[i].name, &st), rows[i].has_lstat, "%s", rows[i].name);
	}
	CHECK_OK(fs_unlink(dir.fd, "to-f"));
	CHECK_OK(fs_unlink(dir.fd, "to-f"));
	CHECK(fs_is_file(dir.fd, "f"));
}

TEST(nofollow_refuses_a_linked_folder)
{
	TEMP_DIR(dir);
	AUTO_FD fd = -1;

	CHECK_OK(fs_mkdir(dir.fd, "d"));
	CHECK_OK(fs_symlink("d", dir.fd, "to-d"));
	CHECK_FAILS(fs_open_dir_nofollow(dir.fd, "to-d", &fd), E_NOT_DIRECTORY);
	CHECK_EQ(fd, -1);
	CHECK_OK(fs_open_dir(dir.fd, "to-d", &fd));
	CHECK_EQ(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(directories_are_listed_with_types)
{
	TEMP_DIR(dir);
	AUTO_DIR it = { 0 };
	int files = 0, dirs = 0, links = 0, others = 0;

	temp_file(&dir, "x/f", S(""));
	temp_file(&dir, "x/.hidden", S(""));
	CHECK_OK(fs_mkdir(dir.fd, "x/d"));
	CHECK_OK(fs_symlink("d", dir.fd, "x/l"));
	CHECK_OK(dir_open(dir.fd, "x", &it));
	while (dir_next(&it)) {
		files += it.type == DT_REG;
		dirs += it.type == DT_DIR;
		links += it.type == DT_LNK;
		others += strcmp(it.name, ".") == 0 || strcmp(it.name, "..") == 0;
	}
	CHECK_OK(it.err);
	CHECK_EQ(files, 2);
	CHECK_EQ(dirs, 1);
	CHECK_EQ(links, 1);
	CHECK_EQ(others, 0);
}

TEST(umask_is_the_one_the_process_has)
{
	mode_t mask = umask(022);

	umask(mask);
	CHECK_EQ(fs_umask(), mask);
	CHECK_EQ(fs_umask(), mask);
}

TEST(cwd_and_real_path_are_absolute)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	str got;

	CHECK_OK(fs_cwd(a, &got));
	CHECK(str_starts(got, S("/")));
	CHECK_OK(fs_mkdir(dir.fd, "d"));
	CHECK_OK(fs_symlink("d", dir.fd, "l"));
	CHECK_OK(fs_real_path(a, str_cstr(a, str_concat(a, dir.path, S("/l/../l"))), &got));
	CHECK_STR(got, str_concat(a, dir.path, S("/d")));
	CHECK_FAILS(fs_real_path(a, str_cstr(a, str_concat(a, dir.path, S("/none"))), &got), E_NO_ENTRY);
}

UNIT_TESTS(TESTED(read_all_gives_the_bytes), TESTED(read_all_reads_files_that_claim_to_be_empty),
	   TESTED(t4_read_all_refuses_what_is_no_file), TESTED(errors_name_the_call_and_the_path),
	   TESTED(mkdir_takes_an_existing_folder_but_no_link_to_one), TESTED(mkdirs_makes_parents),
	   TESTED(mkdirs_follows_links_and_stops_at_files), TESTED(links_are_read_whole),
	   TESTED(questions_know_links_from_what_they_name), TESTED(nofollow_refuses_a_linked_folder),
	   TESTED(directories_are_listed_with_types), TESTED(umask_is_the_one_the_process_has),
	   TESTED(cwd_and_real_path_are_absolute))
