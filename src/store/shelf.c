/* SPDX-License-Identifier: MIT
 * Linking packages to and from the shelf. Links are made handle to handle: the shelf's package
 * folder on one side, the file's own folder on the other, so that neither walks a path and no
 * swapped folder leads a link elsewhere (T37). */
#include "cpm/store/shelf.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "store_priv.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>

#define NAME_BYTES   64
#define NSEC_PER_SEC 1000000000

int store_shelf_fd(struct store *s)
{
	ARENA_SCOPE(tmp);
	const char *path;
	struct err *err;

	if (!s || s->shelf_fd >= 0 || s->has_no_shelf || !db_is_writable(s->db))
		return s ? s->shelf_fd : -1;
	path = str_printf(tmp, "%s/" SHELF_DIR, store_dir(s)).p;
	err = fs_mkdir(AT_FDCWD, path);
	if (!err)
		err = fs_open_dir_nofollow(AT_FDCWD, path, &s->shelf_fd);
	if (err) {
		log_verbose("cache", "no packages are kept unpacked: " STR_FMT,
			    STR_ARG(err_text(tmp, err)));
		err_free(err);
		s->has_no_shelf = true;
	}
	return s->shelf_fd;
}

/* "ab/cdef..." of the digest's first 20 bytes: enough to tell packages apart, short enough for
 * every file system. */
static void shelf_name(const struct digest *key, char name[NAME_BYTES])
{
	static const char hex[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < 20; i++) {
		name[at++] = hex[key->bytes[i] >> 4];
		name[at++] = hex[key->bytes[i] & 15];
		if (i == 0)
			name[at++] = '/';
	}
	name[at] = '\0';
}

/* By hand: each file's name is made once for every place it is linked to. */
static const char *number_name(size_t n, char name[NAME_BYTES])
{
	char *at = name + NAME_BYTES - 1;

	*at = '\0';
	do
		*--at = (char)('0' + n % 10);
	while ((n /= 10));
	return at;
}

static int64_t mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * NSEC_PER_SEC + st->st_mtim.tv_nsec;
}

/* ---- the tree's side: a handle for each folder down to the one at hand ---- */

#define DEPTH_MAX 64

/* Files come folder by folder, so from one to the next little of the way changes: each folder is
 * opened from the one it is in, and nothing is walked twice. */
struct place {
	int dirfd;       /* of the package */
	bool makes_dirs; /* what is not there yet */
	str folder;      /* the one at hand, from the package */
	size_t depth;
	size_t ends[DEPTH_MAX]; /* where in it each open folder's own path ends */
	int fds[DEPTH_MAX];
};

static void place_leave(struct place *p, size_t depth)
{
	while (p->depth > depth)
		close(p->fds[--p->depth]);
}

static void place_close(struct place *p)
{
	place_leave(p, 0);
}

#define AUTO_PLACE __attribute__((cleanup(place_close))) struct place

static bool c_name(char room[NAME_MAX + 1], str name)
{
	if (name.len > NAME_MAX)
		return false;
	memcpy(room, name.p, name.len);
	room[name.len] = '\0';
	return true;
}

static int place_fd(const struct place *p)
{
	return p->depth ? p->fds[p->depth - 1] : p->dirfd;
}

/* How many of the open folders are on the way to @folder too. */
static size_t place_shared(const struct place *p, str folder)
{
	size_t depth = 0;

	while (depth < p->depth && p->ends[depth] <= folder.len &&
	       (p->ends[depth] == folder.len || folder.p[p->ends[depth]] == '/') &&
	       memcmp(folder.p, p->folder.p, p->ends[depth]) == 0)
		depth++;
	return depth;
}

/* Goes down from the folder at hand to the one whose path ends at @end. */
static bool place_descend(struct place *p, str folder, size_t end)
{
	size_t start = p->depth ? p->ends[p->depth - 1] + 1 : 0;
	char name[NAME_MAX + 1];
	int fd;

	if (p->depth == DEPTH_MAX || !c_name(name, str_slice(folder, start, end)))
		return false;
	if (p->makes_dirs && mkdirat(place_fd(p), name, 0777) && errno != EEXIST)
		return false;
	fd = openat(place_fd(p), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	p->ends[p->depth] = end;
	p->fds[p->depth++] = fd;
	return true;
}

static bool place_enter(struct place *p, str folder)
{
	place_leave(p, place_shared(p, folder));
	p->folder = folder;
	for (size_t at = p->depth ? p->ends[p->depth - 1] + 1 : 0; at <= folder.len; at++)
		if ((at == folder.len || folder.p[at] == '/') && !place_descend(p, folder, at))
			return false;
	return true;
}

/* The handle of the folder that holds @path, and the name in it; -1 when there is no way to it. */
static int place_of(struct place *p, str path, char name[NAME_MAX + 1])
{
	size_t end = str_rfind_char(path, '/');
	str folder = end == STR_NPOS ? S("") : str_slice(path, 0, end);

	if (!c_name(name, end == STR_NPOS ? path : str_from(path, end + 1)))
		return -1;
	if (str_is_empty(folder))
		return p->dirfd;
	if (!str_eq(folder, p->folder) && !place_enter(p, folder)) {
		place_leave(p, 0);
		p->folder = S("");
		return -1;
	}
	return place_fd(p);
}

/* ---- to the shelf ---- */

static bool keep_files(int staging, int dirfd, struct package_row *row)
{
	AUTO_PLACE place = { .dirfd = dirfd };
	char number[NAME_BYTES], name[NAME_MAX + 1];
	struct stat st;

	for (size_t i = 0; i < row->nfiles; i++) {
		struct row_file *f = &row->files[i];
		int folder = place_of(&place, f->path, name);

		if (folder < 0 || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode) || (uint64_t)st.st_size != f->size ||
		    linkat(folder, name, staging, number_name(i, number), 0))
			return false;
		f->mode = st.st_mode & 07777;
		f->mtime_ns = mtime_ns(&st);
	}
	return true;
}

/* A folder under the shelf's own that nobody else uses. */
static int make_staging(int shelf_fd, char name[NAME_BYTES])
{
	static atomic_uint count;

	snprintf(name, NAME_BYTES, FS_TEMP_PREFIX "%d-%u", (int)getpid(),
		 atomic_fetch_add(&count, 1));
	if (mkdirat(shelf_fd, name, 0700))
		return -1;
	return openat(shelf_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Another process may put the same package there at the same moment: the first wins, both are
 * right. */
static bool publish(int shelf_fd, const char *staging, const char *name)
{
	char prefix[3] = { name[0], name[1], '\0' };

	if (mkdirat(shelf_fd, prefix, 0700) && errno != EEXIST)
		return false;
	if (renameat(shelf_fd, staging, shelf_fd, name) == 0)
		return true;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return false;
	err_ignore(fs_remove_tree(shelf_fd, name));
	return renameat(shelf_fd, staging, shelf_fd, name) == 0;
}

bool shelf_keep(int shelf_fd, const struct digest *key, int dirfd, struct package_row *row)
{
	char staging_name[NAME_BYTES], name[NAME_BYTES];
	AUTO_FD staging = make_staging(shelf_fd, staging_name);

	shelf_name(key, name);
	if (staging < 0)
		return false;
	row->is_shelved = keep_files(staging, dirfd, row) && publish(shelf_fd, staging_name, name);
	if (!row->is_shelved)
		err_ignore(fs_remove_tree(shelf_fd, staging_name));
	return row->is_shelved;
}

/* ---- from the shelf ---- */

static bool is_unchanged(int package, const char *number, const struct row_file *f)
{
	struct stat st;

	return !fstatat(package, number, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == f->size && (st.st_mode & 07777) == f->mode &&
	       mtime_ns(&st) == f->mtime_ns;
}

static enum shelf_result link_file(struct place *place, int package, size_t i,
				   const struct row_file *f)
{
	char room[NAME_BYTES], name[NAME_MAX + 1];
	const char *number = number_name(i, room);
	int folder = place_of(place, f->path, name);

	if (folder < 0)
		return SHELF_IMPOSSIBLE;
	if (!is_unchanged(package, number, f))
		return SHELF_STALE;
	if (linkat(package, number, folder, name, 0) == 0)
		return SHELF_LINKED;
	return errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP ? SHELF_IMPOSSIBLE
								       : SHELF_STALE;
}

static enum shelf_result link_files(int package, const struct package_row *row, int dirfd)
{
	AUTO_PLACE place = { .dirfd = dirfd, .makes_dirs = true };

	for (size_t i = 0; i < row->nfiles; i++) {
		enum shelf_result result = link_file(&place, package, i, &row->files[i]);

		if (result != SHELF_LINKED)
			return result;
	}
	return SHELF_LINKED;
}

enum shelf_result shelf_link(int shelf_fd, const struct digest *key, const struct package_row *row,
			     int dirfd)
{
	char name[NAME_BYTES];
	AUTO_FD package = -1;

	shelf_name(key, name);
	package = openat(shelf_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return package < 0 ? SHELF_STALE : link_files(package, row, dirfd);
}
