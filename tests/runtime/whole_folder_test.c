/* SPDX-License-Identifier: MIT */
#include "cpm/runtime/whole_folder.h"

#include "cpm/base/path.h"

#include "check.h"
#include "temp_dir.h"

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

UNIT_TESTS(TESTED(a_folder_appears_whole_or_not_at_all),
	   TESTED(whoever_comes_second_leaves_the_first_in_place))
