/* SPDX-License-Identifier: MIT
 * Replacing a file whole. The new bytes go into a file beside the old one, which a rename then puts
 * in its place: whoever reads sees all of the old or all of the new, and after a crash one of them
 * is there (F2, F31). */
#include "fs_priv.h"

#include <errno.h>
#include <sys/random.h>

#include "cpm/base/path.h"

#define MAX_LINKS     40
#define NAME_TRIES    100
#define TEMP_NAME_LEN (sizeof(FS_TEMP_PREFIX) + 16)

/* A file under construction: in the directory where it will live, under a name nobody can guess
 * (T45). */
struct temp_file {
	int dirfd;
	char name[TEMP_NAME_LEN];
	int fd;
	bool is_there; /* the name exists and is ours to remove */
};

static void temp_drop(struct temp_file *t)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->is_there)
		unlinkat(t->dirfd, t->name, 0);
	if (t->dirfd >= 0)
		close(t->dirfd);
}

static struct err *temp_create(struct temp_file *t, mode_t mode, const char *path)
{
	for (int i = 0; i < NAME_TRIES; i++) {
		uint64_t random;

		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return err_sys(errno, "getrandom", str_view(path));
		snprintf(t->name, sizeof(t->name), FS_TEMP_PREFIX "%016llx",
			 (unsigned long long)random);
		t->fd = FS_RETRY(openat(t->dirfd, t->name,
					O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
					mode));
		if (t->fd >= 0) {
			t->is_there = true;
			return NULL;
		}
		if (errno != EEXIST)
			break;
	}
	return err_sys(errno, "open", str_view(path));
}

/* Follows links from @path to the name that is to be replaced; that name need not exist. */
static struct err *follow_links(struct arena *a, int dirfd, const char *path, const char **out)
{
	for (int i = 0; i < MAX_LINKS; i++) {
		struct stat st;
		str target, dir;

		if (!fs_lstat(dirfd, path, &st) || !S_ISLNK(st.st_mode)) {
			*out = path;
			return NULL;
		}
		TRY(fs_read_link(a, dirfd, path, &target));
		dir = path_dirname(str_view(path));
		/* Not path_join(): a ".." behind a linked folder is not where the text says. */
		if (!path_is_absolute(target))
			target = str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(dir), STR_ARG(target));
		path = str_cstr(a, target);
	}
	return err_sys(ELOOP, "open", str_view(path));
}

/* The new file looks like the old one: same mode, and same owner where we may say so (root in a
 * user's folder). */
static struct err *keep_attributes(int fd, const struct stat *old, const char *path)
{
	struct stat now;

	if (S_ISDIR(old->st_mode))
		return err_sys(EISDIR, "open", str_view(path));
	if (!S_ISREG(old->st_mode))
		return err_new(E_UNSUPPORTED, "'%s' is not a regular file", path);
	if (fstat(fd, &now) < 0)
		return err_sys(errno, "fstat", str_view(path));
	if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) &&
	    fchown(fd, old->st_uid, old->st_gid) < 0 && errno != EPERM)
		return err_sys(errno, "chown", str_view(path));
	if (fchmod(fd, old->st_mode & 07777) < 0)
		return err_sys(errno, "chmod", str_view(path));
	return NULL;
}

/* Some file systems cannot sync a directory and say EINVAL; a folder we may write but not read
 * cannot be opened. */
static struct err *sync_dir(int dirfd, const char *path)
{
	AUTO_FD
	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP)
		return err_sys(errno, "fsync", str_view(path));
	return NULL;
}

/* Everything up to the rename. A failed fsync is not tried again: the kernel may have dropped the
 * pages (F4). */
static struct err *temp_fill(struct temp_file *t, str bytes, bool is_durable, const char *path)
{
	int fd;

	TRY(fs_write_all(t->fd, bytes, path));
	if (is_durable && FS_RETRY(fsync(t->fd)) < 0)
		return err_sys(errno, "fsync", str_view(path));
	fd = TAKE_FD(t->fd);
	if (close(fd) < 0 && errno != EINTR)
		return err_sys(errno, "close", str_view(path));
	return NULL;
}

static struct err *replace(int dirfd, const char *path, str bytes, mode_t mode, bool is_durable)
{
	ARENA_SCOPE(tmp);
	__attribute__((cleanup(temp_drop))) struct temp_file t = { .dirfd = -1, .fd = -1 };
	const char *target = NULL, *name;
	struct stat old;

	TRY(follow_links(tmp, dirfd, path, &target));
	name = str_cstr(tmp, path_basename(str_view(target)));
	TRY(fs_open(dirfd, str_cstr(tmp, path_dirname(str_view(target))), O_PATH | O_DIRECTORY,
		    &t.dirfd));
	TRY(temp_create(&t, mode, path));
	if (fs_lstat(t.dirfd, name, &old))
		TRY(keep_attributes(t.fd, &old, path));
	TRY(temp_fill(&t, bytes, is_durable, path));
	if (renameat(t.dirfd, t.name, t.dirfd, name) < 0)
		return fs_failed_pair(errno, "rename", t.name, path);
	t.is_there = false;
	return is_durable ? sync_dir(t.dirfd, path) : NULL;
}

struct err *fs_write_atomic(int dirfd, const char *path, str bytes, mode_t mode)
{
	return replace(dirfd, path, bytes, mode, true);
}

struct err *fs_write_replace(int dirfd, const char *path, str bytes, mode_t mode)
{
	return replace(dirfd, path, bytes, mode, false);
}
