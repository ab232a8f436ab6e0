/* SPDX-License-Identifier: MIT
 * Removing a tree without recursion, links or surprises.
 *
 * Two descriptors serve any depth: one on the current folder, one on the folder being entered.
 * Going up is "..", and the folder found there must be the one we came from: if somebody moved the
 * tree meanwhile, we stop rather than remove elsewhere (T37). A folder is read once: files go at
 * once, sub-folders are noted and taken one by one. Folders without sub-folders, most of all, never
 * become a level of their own. */
#include "fs_priv.h"

#include <errno.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "cpm/base/path.h"
#include "cpm/base/vec.h"

/* How often a folder that got new entries while it was being emptied is read again (F16). */
#define MAX_PASSES 3

/* A folder on the way down. Its parent's descriptor is closed; device and inode prove that ".."
 * leads back to it. */
struct level {
	dev_t dev;
	ino_t ino;
	const char *name;
	VEC(const char *) subdirs;
	size_t next; /* sub-folder to take next */
	unsigned passes;
};

struct removal {
	struct arena *arena;
	VEC(struct level) levels;
	int fd;           /* the folder of the last level */
	const char *path; /* what the caller asked for */
	struct err *first;
};

/* ---- errors ---- */

/* The caller's path down to the current folder, then @name. */
static str full_path(struct removal *r, const char *name)
{
	struct str_buf out = str_buf(r->arena, SIZE_MAX);

	buf_add(&out, path_dirname(str_view(r->path)));
	VEC_EACH (struct level, level, &r->levels)
		if (level > r->levels.items)
			buf_printf(&out, "/%s", level->name);
	buf_printf(&out, "/%s", name);
	return path_clean(r->arena, buf_view(&out));
}

static void keep_first(struct removal *r, struct err *e)
{
	if (r->first)
		err_free(e);
	else
		r->first = e;
}

static void failed(struct removal *r, int errno_value, const char *call, const char *name)
{
	if (errno_value != ENOENT)
		keep_first(r, err_sys(errno_value, call, full_path(r, name)));
}

/* ---- entering ---- */

/* Opens a sub-folder, neither through a link nor across a mount point. Bind mounts of one file
 * system share its device number, so only the kernel can tell (openat2, Linux 5.6); before that,
 * the number has to do. */
static int open_subdir(int dirfd, const char *name, dev_t parent_dev, struct stat *st)
{
	static atomic_bool has_no_openat2;
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};
	int fd = -1;

	if (!has_no_openat2) {
		fd = (int)FS_RETRY(syscall(SYS_openat2, dirfd, name, &how, sizeof(how)));
		if (fd < 0 && (errno == ENOSYS || errno == EPERM))
			has_no_openat2 = true;
	}
	if (has_no_openat2)
		fd = FS_RETRY(openat(dirfd, name, (int)how.flags));
	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && !(has_no_openat2 && st->st_dev != parent_dev))
		return fd;
	close(fd);
	errno = EXDEV;
	return -1;
}

/* Gives a folder of ours all rights for its owner. Through /proc, because chmod by name would
 * follow a link that somebody puts there in between. */
static bool unlock(int dirfd, const char *name)
{
	AUTO_FD
	fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char self[64];

	if (fd < 0)
		return false;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return chmod(self, 0700) == 0;
}

/* unlinkat(), once more with the folder made writable if it is one of the tree. 0 or an errno. */
static int unlink_entry(int dirfd, bool may_unlock, const char *name, int flags)
{
	if (unlinkat(dirfd, name, flags) == 0)
		return 0;
	if (errno != EACCES || !may_unlock)
		return errno;
	if (!unlock(dirfd, "."))
		return EACCES;
	return unlinkat(dirfd, name, flags) == 0 ? 0 : errno;
}

/* Removes the entries of the folder behind @fd; what turns out to be a folder is noted in @level.
 */
static void empty_of_files(struct removal *r, int fd, struct level *level)
{
	AUTO_DIR it = { 0 };
	struct err *e;
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0) {
		failed(r, errno, "scandir", level->name);
		return;
	}
	e = dir_open_fd(copy, level->name, &it);
	if (e) {
		keep_first(r, e);
		return;
	}
	while (dir_next(&it)) {
		int why = it.type == DT_DIR ? EISDIR : unlink_entry(fd, true, it.name, 0);

		if (why == EISDIR)
			VEC_PUSH(r->arena, &level->subdirs, str_cstr(r->arena, str_view(it.name)));
		else if (why)
			failed(r, why, "unlink", it.name);
	}
	if (it.err)
		keep_first(r, it.err);
}

static void enter(struct removal *r, const char *name, unsigned passes);

/* Takes an emptied folder out of the current one; if it got new entries meanwhile, goes through it
 * again. */
static void remove_emptied(struct removal *r, const struct level *child)
{
	int why = unlink_entry(r->fd, r->levels.len > 1, child->name, AT_REMOVEDIR);

	if (why == ENOTEMPTY && r->first)
		return; /* what is left in it has been reported */
	if (why == ENOTEMPTY && child->passes < MAX_PASSES)
		enter(r, child->name, child->passes + 1);
	else if (why)
		failed(r, why, "rmdir", child->name);
}

/* Empties the sub-folder @name of files and removes it, or makes it the current folder when it has
 * folders itself. */
static void enter(struct removal *r, const char *name, unsigned passes)
{
	struct level child = { .name = name, .passes = passes };
	struct stat st;
	AUTO_FD
	fd = open_subdir(r->fd, name, VEC_LAST(&r->levels).dev, &st);

	if (fd < 0 && errno == EACCES && unlock(r->fd, name))
		fd = open_subdir(r->fd, name, VEC_LAST(&r->levels).dev, &st);
	if (fd < 0) {
		failed(r, errno, "rmdir", name);
		return;
	}
	child.dev = st.st_dev;
	child.ino = st.st_ino;
	empty_of_files(r, fd, &child);
	if (!child.subdirs.len) {
		remove_emptied(r, &child);
		return;
	}
	VEC_PUSH(r->arena, &r->levels, child);
	close(r->fd);
	r->fd = TAKE_FD(fd);
}

/* Goes up one level and removes the folder left behind. False when ".." is not where we came from.
 */
static bool leave(struct removal *r)
{
	struct level child = VEC_POP(&r->levels);
	const struct level *parent = &VEC_LAST(&r->levels);
	AUTO_FD
	up = openat(r->fd, "..", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (up < 0 || fstat(up, &st) < 0 || st.st_dev != parent->dev || st.st_ino != parent->ino) {
		keep_first(r,
			   err_new(E_GENERIC, "'" STR_FMT "' was moved while it was being removed",
				   STR_ARG(full_path(r, child.name))));
		return false;
	}
	close(r->fd);
	r->fd = TAKE_FD(up);
	remove_emptied(r, &child);
	return true;
}

static void remove_below(struct removal *r, const char *name)
{
	enter(r, name, 0);
	while (r->levels.len > 1) {
		struct level *level = &VEC_LAST(&r->levels);

		if (level->next < level->subdirs.len)
			enter(r, level->subdirs.items[level->next++], 0);
		else if (!leave(r))
			return;
	}
}

struct err *fs_remove_tree(int dirfd, const char *path)
{
	ARENA_SCOPE(tmp);
	const char *name = str_cstr(tmp, path_basename(str_view(path)));
	AUTO_FD
	parent_fd = -1;
	struct removal r = { .arena = tmp, .path = path };
	struct level parent = { 0 };
	struct stat st;

	if (unlinkat(dirfd, path, 0) == 0 || errno == ENOENT)
		return NULL;
	if (errno != EISDIR)
		return err_sys(errno, "unlink", str_view(path));
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || !*name)
		return err_sys(EINVAL, "rmdir", str_view(path));
	TRY(fs_open(dirfd, str_cstr(tmp, path_dirname(str_view(path))), O_PATH | O_DIRECTORY,
		    &parent_fd));
	if (fstat(parent_fd, &st) < 0)
		return err_sys(errno, "fstat", str_view(path));
	parent.dev = st.st_dev;
	parent.ino = st.st_ino;
	VEC_PUSH(tmp, &r.levels, parent);
	r.fd = TAKE_FD(parent_fd);
	remove_below(&r, name);
	close(r.fd);
	return r.first;
}
