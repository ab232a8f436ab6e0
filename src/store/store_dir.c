/* SPDX-License-Identifier: MIT
 * The folder the cache lives in: private to its user, since whoever can write a cache decides what
 * gets installed (T36); and what becomes of a database that is damaged. */
#include "store_db_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

#include <errno.h>
#include <time.h>

#define ASIDE_MARK ".corrupt-"

static struct err *make_private_dir(const char *dir)
{
	ARENA_SCOPE(tmp);

	if (fs_is_dir(AT_FDCWD, dir))
		return NULL;
	TRY(fs_mkdirs(AT_FDCWD, str_cstr(tmp, path_dirname(str_view(dir)))));
	if (mkdir(dir, 0700) && errno != EEXIST)
		return err_sys(errno, "mkdir", str_view(dir));
	return NULL;
}

struct err *store_dir_prepare(const char *dir, bool *is_readonly)
{
	AUTO_FD
	fd = -1;
	struct stat st;

	TRY(make_private_dir(dir));
	TRY(fs_open_dir(AT_FDCWD, dir, &fd));
	if (fstat(fd, &st))
		return err_sys(errno, "stat", str_view(dir));
	if (st.st_uid != geteuid())
		return err_new(E_ACCESS, "'%s' belongs to another user", dir);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_new(E_ACCESS, "'%s' can be written by other users", dir);
	*is_readonly = faccessat(fd, ".", W_OK, AT_EACCESS) != 0;
	return NULL;
}

static struct err *remove_aside(int dirfd, str name)
{
	ARENA_SCOPE(tmp);
	const str mark = str_concat(tmp, name, S(ASIDE_MARK));
	AUTO_DIR it = { 0 };

	TRY(dir_open(dirfd, ".", &it));
	while (dir_next(&it))
		if (str_starts(str_view(it.name), mark))
			TRY(fs_remove_tree(dirfd, it.name));
	return it.err;
}

struct err *db_remove_aside(const struct db *db)
{
	AUTO_FD
	fd = -1;

	TRY(fs_open_dir(AT_FDCWD, db->dir, &fd));
	return remove_aside(fd, path_basename(str_view(db->path)));
}

/* One damaged database is kept for whoever wants to look into it; older ones go. */
struct err *store_dir_set_aside(const char *dir, const char *path, uint64_t inode)
{
	ARENA_SCOPE(tmp);
	str name = path_basename(str_view(path));
	const char *from = str_cstr(tmp, name);
	const char *journal = str_cstr(tmp, str_concat(tmp, name, S("-journal")));
	const char *to = str_cstr(tmp, str_printf(tmp, STR_FMT ASIDE_MARK "%lld", STR_ARG(name),
						  (long long)time(NULL)));
	AUTO_FD
	fd = -1;
	struct stat st;

	TRY(fs_open_dir(AT_FDCWD, dir, &fd));
	if (!fs_lstat(fd, from, &st) || (inode && st.st_ino != inode))
		return NULL;
	TRY(remove_aside(fd, name));
	TRY(fs_rename(fd, from, fd, to));
	return fs_unlink(fd, journal);
}
