/* SPDX-License-Identifier: MIT
 * Filled beside its place and renamed in, so that whoever sees the name may rely on the content. */
#include "cpm/runtime/whole_folder.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>

struct err *whole_folder_begin(struct arena *a, str parent, str *temp)
{
	char *path = str_cstr(a, path_join(a, parent, S(FS_TEMP_PREFIX "XXXXXX")));

	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, parent)));
	if (!mkdtemp(path))
		return err_sys(errno, "mkdir", str_view(path));
	*temp = str_view(path);
	return NULL;
}

static struct err *move_in(struct arena *a, const char *from, str to)
{
	struct err *e;

	if (chmod(from, 0755) < 0)
		return err_sys(errno, "chmod", to);
	e = fs_rename(AT_FDCWD, from, AT_FDCWD, str_cstr(a, to));
	if (!e || !fs_is_dir(AT_FDCWD, str_cstr(a, to)))
		return e;
	err_free(e);
	return fs_remove_tree(AT_FDCWD, from);
}

struct err *whole_folder_end(struct arena *a, str temp, str to, struct err *e)
{
	const char *from = str_cstr(a, temp);

	if (!e)
		e = move_in(a, from, to);
	if (e)
		err_ignore(fs_remove_tree(AT_FDCWD, from));
	return e;
}

/* ---- what was left behind ---- */

static bool is_abandoned(int dirfd, const char *name, int64_t min_age_sec)
{
	AUTO_FD fd = -1;
	struct stat st;
	struct err *e = fs_open_dir_nofollow(dirfd, name, &fd);

	err_ignore(e);
	return !e && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	       st.st_ctime + min_age_sec <= time(NULL) && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

void whole_folder_sweep(str parent, int64_t min_age_sec)
{
	ARENA_SCOPE(tmp);
	AUTO_FD dirfd = -1;
	AUTO_DIR it = { 0 };
	struct err *e = fs_open_dir(AT_FDCWD, str_cstr(tmp, parent), &dirfd);

	if (!e)
		e = dir_open(dirfd, ".", &it);
	while (!e && dir_next(&it))
		if (it.type == DT_DIR && str_starts(str_view(it.name), S(FS_TEMP_PREFIX)) &&
		    is_abandoned(dirfd, it.name, min_age_sec))
			err_ignore(fs_remove_tree(dirfd, it.name));
	err_ignore(e);
	err_ignore(it.err);
	it.err = NULL;
}
