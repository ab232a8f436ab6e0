/* SPDX-License-Identifier: MIT */
#include "cpm/runtime/whole_folder.h"

#include "cpm/base/path.h"

#include "check.h"
#include "temp_dir.h"

#include <sys/file.h>

static str begin(struct arena *a, const struct temp_dir *d)
{
	str temp;

	CHECK_OK(whole_folder_begin(a, path_join(a, d->path, S("all/deep")), &temp));
	CHECK_OK(fs_write_replace(AT_FDCWD, str_cstr(a, path_join(a, temp, S("file"))), S("x"),
				  0644));
	return temp;
}

TEST(a_folder_appears_whole_or_not_at_all)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	str to = path_join(a, d.path, S("all/deep/it")), temp = begin(a, &d);

	CHECK_FAILS(whole_folder_end(a, temp, to, err_new(E_GENERIC, "no")), E_GENERIC);
	CHECK(!fs_exists(AT_FDCWD, str_cstr(a, temp)) && !fs_exists(d.fd, "all/deep/it"));
	temp = begin(a, &d);
	CHECK_OK(whole_folder_end(a, temp, to, NULL));
	CHECK(!fs_exists(AT_FDCWD, str_cstr(a, temp)) && fs_exists(d.fd, "all/deep/it/file"));
}

TEST(whoever_comes_second_leaves_the_first_in_place)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	str to = path_join(a, d.path, S("all/deep/it")), first = begin(a, &d),
	    second = begin(a, &d);

	CHECK_OK(whole_folder_end(a, first, to, NULL));
	temp_file(&d, "all/deep/it/mark", S(""));
	CHECK_OK(whole_folder_end(a, second, to, NULL));
	CHECK(fs_exists(d.fd, "all/deep/it/mark") && !fs_exists(AT_FDCWD, str_cstr(a, second)));
}

TEST(what_a_killed_run_left_is_swept_but_nothing_that_is_locked_or_young)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	str parent = path_join(a, d.path, S("all/deep")), left = begin(a, &d), busy = begin(a, &d);
	AUTO_FD lock = -1;

	temp_file(&d, "all/deep/mine/file", S(""));
	CHECK_OK(fs_open_dir(AT_FDCWD, str_cstr(a, busy), &lock));
	CHECK_EQ(flock(lock, LOCK_EX), 0);
	whole_folder_sweep(parent, 3600);
	CHECK(fs_exists(AT_FDCWD, str_cstr(a, left)), "young");
	whole_folder_sweep(parent, 0);
	CHECK(!fs_exists(AT_FDCWD, str_cstr(a, left)));
	CHECK(fs_exists(AT_FDCWD, str_cstr(a, busy)), "locked");
	CHECK(fs_exists(d.fd, "all/deep/mine/file"), "somebody's own");
}

UNIT_TESTS(TESTED(what_a_killed_run_left_is_swept_but_nothing_that_is_locked_or_young),
	   TESTED(a_folder_appears_whole_or_not_at_all),
	   TESTED(whoever_comes_second_leaves_the_first_in_place))
