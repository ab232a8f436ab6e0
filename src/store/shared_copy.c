/* SPDX-License-Identifier: MIT
 * Copying a tree to where it cannot be moved: the cache may lie on another file system than the
 * project. */
#include "shared_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"

#include <errno.h>

#define FILE_MAX_BYTES ((size_t)4 << 30)

typedef VEC(str) path_vec;

static struct err *copy_file(int from, int to, const char *path)
{
	ARENA_SCOPE(tmp);
	AUTO_FD fd = -1;
	struct stat st;
	str bytes;

	if (fstatat(from, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return err_sys(errno, "stat", str_view(path));
	TRY(fs_read_all(tmp, from, path, FILE_MAX_BYTES, &bytes));
	fd = openat(to, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(errno, "open", str_view(path));
	TRY(fs_write_all(fd, bytes, path));
	return fchmod(fd, st.st_mode & 07777) == 0 ? NULL : err_sys(errno, "chmod", str_view(path));
}

static struct err *copy_entry(struct arena *a, int from, int to, str path, unsigned char type,
			      path_vec *folders)
{
	const char *name = str_cstr(a, path);
	str target;

	if (type == DT_REG)
		return copy_file(from, to, name);
	if (type == DT_LNK) {
		TRY(fs_read_link(a, from, name, &target));
		return fs_symlink(str_cstr(a, target), to, name);
	}
	if (type == DT_DIR) {
		TRY(fs_mkdir(to, name));
		VEC_PUSH(a, folders, path);
	}
	return NULL;
}

static struct err *copy_folder(struct arena *a, int from, int to, str folder, path_vec *folders)
{
	AUTO_DIR it = { 0 };
	struct err *err;

	TRY(dir_open(from, str_cstr(a, folder), &it));
	while (dir_next(&it))
		TRY(copy_entry(a, from, to, path_join(a, folder, str_view(it.name)), it.type,
			       folders));
	err = it.err;
	it.err = NULL;
	return err;
}

struct err *shared_copy(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	ARENA_SCOPE(tmp);
	AUTO_FD source = -1, target = -1;
	path_vec folders = { 0 };

	TRY(fs_open_dir_nofollow(from_dirfd, from, &source));
	TRY(fs_mkdir(to_dirfd, to));
	TRY(fs_open_dir_nofollow(to_dirfd, to, &target));
	VEC_PUSH(tmp, &folders, S("."));
	while (folders.len)
		TRY(copy_folder(tmp, source, target, VEC_POP(&folders), &folders));
	return NULL;
}
