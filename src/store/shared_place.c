/* SPDX-License-Identifier: MIT
 * Where shared packages lie: a folder in the cache's, private like that, and in it one folder with
 * a link to each project that uses some. */
#include "shared_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "store_db_priv.h"
#include "store_priv.h"

#include <errno.h>
#include <sys/file.h>

static struct err *open_place(struct store *s)
{
	ARENA_SCOPE(tmp);
	const char *path = str_cstr(tmp, store_shared_path(tmp, s));
	bool is_readonly;
	struct stat st;

	TRY(store_dir_prepare(store_dir(s), &is_readonly));
	if (is_readonly)
		return err_new(E_ACCESS, "'%s' cannot be written", store_dir(s));
	TRY(fs_mkdir(AT_FDCWD, path));
	TRY(fs_open_dir_nofollow(AT_FDCWD, path, &s->shared_fd));
	/* With others who use it; whoever sweeps it is alone. A file system that cannot lock is
	 * used without. */
	while (flock(s->shared_fd, LOCK_SH) != 0 && errno == EINTR)
		continue;
	if (fstat(s->shared_fd, &st) == 0 && st.st_uid == geteuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return NULL;
	close(s->shared_fd);
	s->shared_fd = -1;
	return err_new(E_ACCESS, "'%s' can be written by other users", path);
}

int store_shared_fd(struct store *s)
{
	struct err *err;

	if (!s || s->shared_fd >= 0 || s->has_no_shared)
		return s ? s->shared_fd : -1;
	err = open_place(s);
	if (err) {
		ARENA_SCOPE(tmp);

		log_warn("cache", "no packages are shared: " STR_FMT, STR_ARG(err_text(tmp, err)));
		err_free(err);
		s->has_no_shared = true;
	}
	return s->shared_fd;
}

str store_shared_path(struct arena *a, const struct store *s)
{
	return str_printf(a, "%s/" SHARED_DIR, store_dir(s));
}

void shared_note_project(int shared_fd, str path)
{
	ARENA_SCOPE(tmp);
	struct fingerprint f = fingerprint_of(path);
	const char *link = str_printf(tmp, SHARED_PROJECTS "/%016llx%016llx",
				      (unsigned long long)f.a, (unsigned long long)f.b)
				   .p;

	if (symlinkat(str_cstr(tmp, path), shared_fd, link) == 0 || errno != ENOENT)
		return;
	err_ignore(fs_mkdir(shared_fd, SHARED_PROJECTS));
	(void)!symlinkat(str_cstr(tmp, path), shared_fd, link);
}
