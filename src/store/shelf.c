/* SPDX-License-Identifier: MIT
 * Linking packages to and from the shelf. Links are made handle to handle: the shelf's package
 * folder on one side, the file's own folder on the other, so that neither walks a path and no
 * swapped folder leads a link elsewhere (T37). */
#include "cpm/store/shelf.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/log.h"
#include "store_priv.h"

#include <errno.h>
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

static const char *number_name(size_t n, char name[NAME_BYTES])
{
	snprintf(name, NAME_BYTES, "%zu", n);
	return name;
}

static int64_t mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * NSEC_PER_SEC + st->st_mtim.tv_nsec;
}

/* ---- the tree's side: one handle per folder ---- */

struct place {
	struct arena *arena;
	int dirfd;     /* of the package */
	int folder_fd; /* of the folder at hand; -1: none, or the package's own */
	str folder;    /* null: none yet */
};

/* The handle of the folder that holds @path, and the name in it. Files come folder by folder,
 * mostly. */
static int place_of(struct place *p, str path, const char **name)
{
	size_t end = str_rfind_char(path, '/');
	str folder = end == STR_NPOS ? S("") : str_slice(path, 0, end);

	*name = str_cstr(p->arena, end == STR_NPOS ? path : str_from(path, end + 1));
	if (!str_is_null(p->folder) && str_eq(folder, p->folder))
		return str_is_empty(folder) ? p->dirfd : p->folder_fd;
	if (p->folder_fd >= 0)
		close(p->folder_fd);
	p->folder = folder;
	p->folder_fd = str_is_empty(folder) ? -1
					    : fs_open_beneath(p->dirfd, str_cstr(p->arena, folder),
							      O_PATH | O_DIRECTORY, 0);
	return str_is_empty(folder) ? p->dirfd : p->folder_fd;
}

static void place_close(struct place *p)
{
	if (p->folder_fd >= 0)
		close(p->folder_fd);
}

#define AUTO_PLACE __attribute__((cleanup(place_close))) struct place

/* ---- to the shelf ---- */

static bool keep_files(int staging, int dirfd, struct package_row *row)
{
	ARENA_SCOPE(tmp);
	AUTO_PLACE place = { .arena = tmp, .dirfd = dirfd, .folder_fd = -1 };
	char number[NAME_BYTES];
	struct stat st;

	for (size_t i = 0; i < row->nfiles; i++) {
		struct row_file *f = &row->files[i];
		const char *name;
		int folder = place_of(&place, f->path, &name);

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
	char number[NAME_BYTES];
	const char *name;
	int folder = place_of(place, f->path, &name);

	if (folder < 0)
		return SHELF_IMPOSSIBLE;
	if (!is_unchanged(package, number_name(i, number), f))
		return SHELF_STALE;
	if (linkat(package, number, folder, name, 0) == 0)
		return SHELF_LINKED;
	return errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP ? SHELF_IMPOSSIBLE
								       : SHELF_STALE;
}

static enum shelf_result link_files(int package, const struct package_row *row, int dirfd)
{
	ARENA_SCOPE(tmp);
	AUTO_PLACE place = { .arena = tmp, .dirfd = dirfd, .folder_fd = -1 };

	for (size_t i = 0; i < row->ndirs; i++)
		if (fs_mkdir_beneath(dirfd, str_cstr(tmp, row->dirs[i]), 0777) && errno != EEXIST)
			return SHELF_IMPOSSIBLE;
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
