/* SPDX-License-Identifier: MIT
 * One entry of the place that projects share: how it gets there, and how much of it is believed.
 *
 * To look at each file at every install would cost more than the install (40,000 of them take 17 ms
 * or more). So an entry is closed: no file and no folder in it can be written, and its own folder's
 * time of writing says when it was last known to be whole. That is believed for a day, and not
 * beyond a start of the machine, since what a power cut does to files that were just written shows
 * nowhere else. Then every file is looked at once. */
#include "shared_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>

#define WRITE_BITS     0222
#define NSEC_PER_SEC   1000000000
#define BELIEVED_NS    ((int64_t)24 * 60 * 60 * NSEC_PER_SEC)
#define TICK_WAIT_NS   500000
#define TICK_WAITS_MAX 100
#define FILE_MAX_BYTES ((size_t)4 << 30)

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE  2
#endif

static int64_t ns_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * NSEC_PER_SEC + t->tv_nsec;
}

/* ---- looking ---- */

/* Stamps older than this are not believed. */
static int64_t oldest_believed(int64_t now)
{
	struct timespec up = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &up);
	return now - MIN(BELIEVED_NS, ns_of(&up));
}

static bool is_closed(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & WRITE_BITS);
}

bool shared_is_older(const struct stat *st, const struct stat *entry)
{
	return (S_ISLNK(st->st_mode) || is_closed(st)) &&
	       ns_of(&st->st_ctim) < ns_of(&entry->st_mtim);
}

enum shared_state shared_look(int shared_fd, const char *key)
{
	struct timespec clock;
	struct stat st;
	int64_t now;

	if (fstatat(shared_fd, key, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode) ||
	    !is_closed(&st))
		return SHARED_ABSENT;
	clock_gettime(CLOCK_REALTIME, &clock);
	now = ns_of(&clock);
	return ns_of(&st.st_mtim) > oldest_believed(now) && ns_of(&st.st_mtim) <= now ? SHARED_SOUND
										      : SHARED_DUE;
}

/* ---- proving ---- */

/* @path: from the entry's folder. True when it is there, closed, and as it was at the stamp. */
static bool is_as_stamped(int entry, str path, int64_t stamp_ns, struct stat *st)
{
	char room[PATH_MAX];

	if (path.len >= sizeof(room))
		return false;
	memcpy(room, path.p, path.len);
	room[path.len] = '\0';
	return fstatat(entry, room, st, AT_SYMLINK_NOFOLLOW) == 0 && is_closed(st) &&
	       ns_of(&st->st_ctim) < stamp_ns;
}

static bool is_folder(int entry, str path, int64_t stamp_ns)
{
	struct stat st;

	return is_as_stamped(entry, path, stamp_ns, &st) && S_ISDIR(st.st_mode);
}

static bool is_file(int entry, str path, int64_t stamp_ns, const struct row_file *f)
{
	struct stat st;

	return is_as_stamped(entry, path, stamp_ns, &st) && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == f->size &&
	       (st.st_mode & 07777) == (f->mode & ~(mode_t)WRITE_BITS);
}

/* node_modules, and what lies in it beside the package: scopes, commands. */
static bool are_surroundings_whole(int entry, int64_t stamp_ns)
{
	ARENA_SCOPE(tmp);
	AUTO_DIR it = { 0 };
	struct err *err;
	bool whole = is_folder(entry, S("node_modules"), stamp_ns);

	err = whole ? dir_open(entry, "node_modules", &it) : NULL;
	while (whole && !err && dir_next(&it))
		if (it.type == DT_DIR && (it.name[0] == '@' || it.name[0] == '.'))
			whole = is_folder(entry, str_printf(tmp, "node_modules/%s", it.name),
					  stamp_ns);
	whole = whole && !err && !it.err;
	err_ignore(err);
	err_ignore(it.err);
	it.err = NULL;
	return whole;
}

static bool is_package_whole(int entry, str name, const struct package_row *row, int64_t stamp_ns)
{
	ARENA_SCOPE(tmp);
	str package = str_concat(tmp, S("node_modules/"), name);

	if (!is_folder(entry, package, stamp_ns))
		return false;
	for (size_t i = 0; i < row->ndirs; i++)
		if (!is_folder(entry, path_join(tmp, package, row->dirs[i]), stamp_ns))
			return false;
	for (size_t i = 0; i < row->nfiles; i++)
		if (!is_file(entry, path_join(tmp, package, row->files[i].path), stamp_ns,
			     &row->files[i]))
			return false;
	return true;
}

bool shared_prove(int shared_fd, const char *key, str name, const struct package_row *row)
{
	AUTO_FD entry = openat(shared_fd, key, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (entry < 0 || fstat(entry, &st) != 0 || !is_closed(&st))
		return false;
	return are_surroundings_whole(entry, ns_of(&st.st_mtim)) &&
	       is_package_whole(entry, name, row, ns_of(&st.st_mtim)) && futimens(entry, NULL) == 0;
}

void shared_condemn(int shared_fd, const char *key)
{
	const struct timespec never[2] = { { 0 }, { 0 } };

	(void)!utimensat(shared_fd, key, never, AT_SYMLINK_NOFOLLOW);
}

/* ---- closing ---- */

typedef VEC(str) path_vec;

/* Files on the shelf must stay as they are: what has other names is copied. */
static struct err *close_file(int root, const char *path)
{
	ARENA_SCOPE(tmp);
	struct stat st;
	str bytes;

	if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return err_sys(errno, "stat", str_view(path));
	if (st.st_nlink > 1) {
		TRY(fs_read_all(tmp, root, path, FILE_MAX_BYTES, &bytes));
		TRY(fs_write_replace(root, path, bytes, st.st_mode & 07777));
	}
	return fchmodat(root, path, st.st_mode & 07777 & ~WRITE_BITS, 0) == 0
		       ? NULL
		       : err_sys(errno, "chmod", str_view(path));
}

static struct err *close_content(struct arena *a, int root, str folder, path_vec *folders)
{
	AUTO_DIR it = { 0 };
	struct err *err;

	TRY(dir_open(root, str_cstr(a, folder), &it));
	while (dir_next(&it)) {
		str path = path_join(a, folder, str_view(it.name));

		if (it.type == DT_DIR)
			VEC_PUSH(a, folders, path);
		else if (it.type == DT_REG)
			TRY(close_file(root, str_cstr(a, path)));
	}
	err = it.err;
	it.err = NULL;
	return err;
}

/* All below the folder @root; folders last, and inner ones before those around them. */
static struct err *close_below(int root)
{
	ARENA_SCOPE(tmp);
	path_vec folders = { 0 };
	struct stat st;

	VEC_PUSH(tmp, &folders, S("."));
	for (size_t i = 0; i < folders.len; i++)
		TRY(close_content(tmp, root, folders.items[i], &folders));
	for (size_t i = folders.len; i-- > 1;) {
		const char *path = str_cstr(tmp, folders.items[i]);

		if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    fchmodat(root, path, st.st_mode & 07777 & ~WRITE_BITS, 0) != 0)
			return err_sys(errno, "chmod", folders.items[i]);
	}
	return NULL;
}

/* ---- putting ---- */

static int rename_with(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

/* Into the place, under a name that nobody looks at. */
static struct err *stage(int shared_fd, const char *name, int dirfd, const char *path)
{
	if (renameat(dirfd, path, shared_fd, name) == 0)
		return NULL;
	if (errno != EXDEV && errno != EPERM)
		return err_sys(errno, "rename", str_view(path));
	TRY(shared_copy(dirfd, path, shared_fd, name));
	return fs_remove_tree(dirfd, path);
}

static struct err *make_scope(int shared_fd, const char *key)
{
	ARENA_SCOPE(tmp);
	str scope = path_dirname(str_view(key));

	return str_eq(scope, S(".")) ? NULL : fs_mkdir(shared_fd, str_cstr(tmp, scope));
}

/* What is there is not sound: ours takes its place, at once where the system can do that. */
static struct err *replace(int shared_fd, const char *staged, const char *key)
{
	ARENA_SCOPE(tmp);
	const char *aside = str_printf(tmp, "%s-old", staged).p;

	/* A folder that cannot be written cannot be moved to another one. */
	(void)!fchmodat(shared_fd, key, 0700, 0);
	if (rename_with(shared_fd, staged, shared_fd, key, RENAME_EXCHANGE) == 0)
		return fs_remove_tree(shared_fd, staged);
	TRY(fs_rename(shared_fd, key, shared_fd, aside));
	TRY(fs_rename(shared_fd, staged, shared_fd, key));
	return fs_remove_tree(shared_fd, aside);
}

static struct err *publish(int shared_fd, const char *staged, const char *key)
{
	TRY(make_scope(shared_fd, key));
	if (rename_with(shared_fd, staged, shared_fd, key, RENAME_NOREPLACE) == 0)
		return NULL;
	if (errno == EINVAL || errno == ENOSYS) /* not every file system knows that */
		return fs_rename(shared_fd, staged, shared_fd, key);
	if (errno != EEXIST && errno != ENOTEMPTY)
		return err_sys(errno, "rename", str_view(key));
	/* Another process may have made it in the meantime: the first wins, both are right. */
	if (shared_look(shared_fd, key) == SHARED_SOUND)
		return fs_remove_tree(shared_fd, staged);
	return replace(shared_fd, staged, key);
}

struct err *shared_put(int shared_fd, const char *key, int dirfd, const char *path)
{
	static atomic_uint count;
	char name[64];
	AUTO_FD root = -1;
	struct err *err;

	snprintf(name, sizeof(name), FS_TEMP_PREFIX "%d-%u", (int)getpid(),
		 atomic_fetch_add(&count, 1));
	TRY(fs_remove_tree(shared_fd, name));
	err = stage(shared_fd, name, dirfd, path);
	if (!err)
		err = fs_open_dir_nofollow(shared_fd, name, &root);
	if (!err)
		err = close_below(root);
	if (!err)
		err = publish(shared_fd, name, key);
	if (!err && fchmodat(shared_fd, key, 0555 & ~fs_umask(), 0) != 0)
		err = err_sys(errno, "chmod", str_view(key));
	if (err)
		err_ignore(fs_remove_tree(shared_fd, name));
	return err ? err_wrap(err, "cannot share %s", key) : NULL;
}

struct err *shared_stamp(int shared_fd, const char *key)
{
	AUTO_FD entry = openat(shared_fd, key, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat before, now;

	if (entry < 0 || fstat(entry, &before) != 0)
		return err_sys(errno, "open", str_view(key));
	for (int i = 0; i < TICK_WAITS_MAX; i++) {
		if (futimens(entry, NULL) != 0 || fstat(entry, &now) != 0)
			return err_sys(errno, "utime", str_view(key));
		if (ns_of(&now.st_mtim) > ns_of(&before.st_ctim))
			return NULL;
		nanosleep(&(struct timespec){ .tv_nsec = TICK_WAIT_NS }, NULL);
	}
	return NULL;
}
