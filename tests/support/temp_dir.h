/* SPDX-License-Identifier: MIT
 * A folder of its own for a test, gone when the test's brace closes: TEMP_DIR(dir); dir.fd, dir.path. */
#pragma once
#include <unistd.h>

#include "cpm/base/fs.h"

#include "check.h"

struct temp_dir {
	int fd;
	struct arena arena;
	str path;		/* absolute and real */
};

static inline struct temp_dir temp_dir_new(void)
{
	struct temp_dir dir = { .fd = -1 };
	const char *base = getenv("TMPDIR");
	char *path = str_cstr(&dir.arena, str_printf(&dir.arena, "%s/cpm-test.XXXXXX", base && *base ? base : P_tmpdir));

	CHECK(mkdtemp(path) != NULL, "%s", path);
	CHECK_OK(fs_real_path(&dir.arena, path, &dir.path));
	CHECK_OK(fs_open_dir(AT_FDCWD, path, &dir.fd));
	return dir;
}

static inline void temp_dir_drop(struct temp_dir *dir)
{
	ARENA_SCOPE(tmp);

	close(dir->fd);
	err_ignore(fs_remove_tree(AT_FDCWD, str_cstr(tmp, dir->path)));
	arena_fini(&dir->arena);
}

#define TEMP_DIR(name) struct temp_dir name __attribute__((cleanup(temp_dir_drop))) = temp_dir_new()

/* Writes @path below @dir, making the folders it needs. */
static inline void temp_file(const struct temp_dir *dir, const char *path, str bytes)
{
	ARENA_SCOPE(tmp);
	const char *slash = strrchr(path, '/');

	if (slash)
		CHECK_OK(fs_mkdirs(dir->fd, str_cstr(tmp, str_of(path, (size_t)(slash - path)))));
	CHECK_OK(fs_write_replace(dir->fd, path, bytes, 0644));
}
