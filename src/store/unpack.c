/* SPDX-License-Identifier: MIT
 * The one place where bytes of strangers become files. Each file costs exactly open, write, close:
 * its mode is final at creation and its folder was made once before. All paths are walked by the
 * kernel below the package's own handle and never through a link, so neither the archive nor a
 * swapped folder can lead a write outside (T1, T2, T37). */
#include "cpm/store/unpack.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/gunzip.h"
#include "cpm/base/map.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"
#include "entry_path.h"
#include "tar.h"
#include "tar_window.h"

#include <errno.h>

#define PATH_BYTES    4096
#define SHEBANG_BYTES 2048 /* how far npm looks for the end of the first line */

struct unpacker {
	struct arena *arena;
	int dirfd;
	const struct unpack_opts *opts;
	struct map dirs;           /* folders known to exist -> themselves */
	str last_dir;              /* of the file before: mostly the next one's too */
	struct map seen_npmignore; /* full names of .npmignore entries so far */
	VEC(struct unpack_file) files;
	struct map file_rows; /* path -> row + 1 */
	uint64_t bytes;
	str manifest;          /* in the arena */
	char name[PATH_BYTES]; /* the path at hand, for system calls */
};

/* For error messages: where the file would have been. */
static str shown(struct unpacker *u, str path)
{
	return str_is_null(u->opts->place)
		       ? path
		       : str_concat(u->arena, u->opts->place, str_concat(u->arena, S("/"), path));
}

static const char *c_name(struct unpacker *u, str path)
{
	memcpy(u->name, path.p, path.len);
	u->name[path.len] = '\0';
	return u->name;
}

/* True when @dir is a folder now; false with errno when something else is in its place or it cannot
 * be made. */
static bool make_dir(struct unpacker *u, str dir)
{
	struct stat st;

	if (map_has(&u->dirs, dir))
		return true;
	if (fs_mkdir_beneath(u->dirfd, c_name(u, dir), 0777) < 0) {
		if (errno != EEXIST)
			return false;
		if (!fs_lstat(u->dirfd, u->name, &st) || !S_ISDIR(st.st_mode)) {
			errno = ENOTDIR;
			return false;
		}
	}
	map_put(&u->dirs, dir, u);
	return true;
}

/* Makes the folders above @path, outermost first. *is_blocked: a file is in the way, so the entry
 * is left out. */
static struct err *make_parents(struct unpacker *u, str path, bool *is_blocked)
{
	size_t end = str_rfind_char(path, '/');
	str dir = end == STR_NPOS ? S("") : str_slice(path, 0, end);

	*is_blocked = false;
	if (str_is_empty(dir) || str_eq(dir, u->last_dir))
		return NULL;
	for (size_t i = 0; i <= dir.len; i++) {
		if (i < dir.len && dir.p[i] != '/')
			continue;
		if (make_dir(u, str_slice(dir, 0, i)))
			continue;
		*is_blocked = errno == ENOTDIR;
		return *is_blocked ? NULL : err_sys(errno, "mkdir", shown(u, str_slice(dir, 0, i)));
	}
	u->last_dir = dir;
	return NULL;
}

static bool is_listed(const str *list, size_t n, str path)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], path))
			return true;
	return false;
}

/* npm: at least rw for all, exec bits as recorded. Set-uid and its like are dropped, where npm
 * keeps them (T9). */
static mode_t file_mode(const struct unpacker *u, const struct tar_entry *e, bool is_executable)
{
	mode_t mode = ((e->mode & 0777) | 0666) & ~u->opts->file_mask;

	return mode | (is_executable ? 0111 : 0) | 0600;
}

/* Opens the file at u->name, new if it can be. An earlier entry of this name is overwritten and
 * keeps its mode, as npm does; a contiguous file replaces it. */
static int open_file(struct unpacker *u, mode_t mode, bool replaces)
{
	int fd = fs_open_beneath(u->dirfd, u->name, O_WRONLY | O_CREAT | O_EXCL, mode);

	if (fd >= 0 || errno != EEXIST)
		return fd;
	if (!replaces)
		return fs_open_beneath(u->dirfd, u->name, O_WRONLY | O_TRUNC | O_NONBLOCK, 0);
	if (unlinkat(u->dirfd, u->name, 0) < 0)
		return -1;
	return fs_open_beneath(u->dirfd, u->name, O_WRONLY | O_CREAT | O_EXCL, mode);
}

/* Where the carriage return at the end of a "#!" line stands; STR_NPOS when there is none to
 * repair. */
static size_t shebang_return(str body)
{
	size_t end = str_find_char(str_slice(body, 0, SHEBANG_BYTES), '\n');

	if (!str_starts(body, S("#!")) || end == STR_NPOS || end < 4 || body.p[end - 1] != '\r')
		return STR_NPOS;
	return end - 1;
}

/* Usually one write; again after signals and short writes. */
static bool write_all(int fd, str bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.p, bytes.len);

		if (n < 0 && errno != EINTR)
			return false;
		bytes = str_from(bytes, n > 0 ? (size_t)n : 0);
	}
	return true;
}

/* A file that is being written, and a copy of what goes into it where one is wanted. */
struct sink {
	int fd;
	struct str_buf *copy; /* or NULL */
};

static bool put(struct sink *to, str bytes)
{
	if (to->copy)
		buf_add(to->copy, bytes);
	return write_all(to->fd, bytes);
}

/* The whole body, as it comes from @tar, but for the byte @cut of its first piece. False with errno
 * when it cannot be written; an archive that ends too early is for tar_finish() to report. */
static bool put_body(struct sink *to, struct tar *tar, str first, size_t cut)
{
	if (cut != STR_NPOS && !put(to, str_slice(first, 0, cut)))
		return false;
	if (!put(to, cut == STR_NPOS ? first : str_from(first, cut + 1)))
		return false;
	for (str piece; tar_next_piece(tar, &piece);)
		if (!put(to, piece))
			return false;
	return true;
}

static void remember_file(struct unpacker *u, struct unpack_file row)
{
	size_t known = (size_t)map_get(&u->file_rows, row.path);

	if (known) {
		u->files.items[known - 1] = row;
	} else {
		VEC_PUSH(u->arena, &u->files, row);
		map_put(&u->file_rows, row.path, (void *)u->files.len);
	}
}

static struct err *write_file(struct unpacker *u, struct tar *tar, const struct tar_entry *e,
			      str path)
{
	bool is_bin = is_listed(u->opts->bins, u->opts->nbins, path), is_blocked;
	bool is_requested = is_bin || is_listed(u->opts->executables, u->opts->nexecutables, path);
	bool is_manifest = str_eq(path, S("package.json"));
	mode_t mode = file_mode(u, e, is_requested);
	size_t cut = is_bin ? shebang_return(e->body) : STR_NPOS;
	struct str_buf manifest = str_buf(u->arena, SIZE_MAX);
	AUTO_FD fd = -1;

	TRY(make_parents(u, path, &is_blocked));
	if (is_blocked)
		return NULL;
	c_name(u, path);
	fd = open_file(u, mode, e->type == '7');
	if (fd < 0 && (errno == EISDIR || errno == ENOTDIR))
		return NULL; /* a folder is there: npm leaves the file out */
	if (fd < 0)
		return err_sys(errno, "open", shown(u, path));
	if (!put_body(&(struct sink){ fd, is_manifest ? &manifest : NULL }, tar, e->body, cut))
		return err_sys(errno, "write", shown(u, path));
	/* Some file systems tell only here that the disk was full (F4). */
	if (close(TAKE_FD(fd)) < 0 && errno != EINTR)
		return err_sys(errno, "close", shown(u, path));
	u->bytes += e->size;
	remember_file(u, (struct unpack_file){ path, mode & ~fs_umask(), is_requested,
					       e->size - (cut != STR_NPOS) });
	if (is_manifest)
		u->manifest = buf_view(&manifest);
	return NULL;
}

/* npm pack writes .gitignore files that it meant as .npmignore: they come back under that name,
 * unless an .npmignore of the same folder came first. False when the entry is to be left out. */
static bool rename_ignore_file(struct unpacker *u, str *name)
{
	str base = path_basename(*name), folder;

	if (str_eq(base, S(".npmignore"))) {
		map_put(&u->seen_npmignore, *name, u);
		return true;
	}
	if (!str_eq(base, S(".gitignore")) || u->opts->keep_gitignore ||
	    !str_ends(*name, S(".gitignore")))
		return true;
	folder = str_slice(*name, 0, name->len - base.len);
	*name = str_concat(u->arena, folder, S(".npmignore"));
	return !map_has(&u->seen_npmignore, *name);
}

static struct err *unpack_entry(struct unpacker *u, struct tar *tar, const struct tar_entry *e)
{
	str name = e->path, path;

	if (e->type != '0' && e->type != '7')
		return NULL;
	if (!rename_ignore_file(u, &name))
		return NULL;
	path = entry_path_inside(u->arena, name);
	if (str_is_null(path))
		return NULL;
	if (!path_is_inside(path))
		return err_new(E_PATH_ESCAPE,
			       "the archive has a file name that no file can have (%zu bytes)",
			       path.len);
	if (e->size > u->opts->cap_bytes - u->bytes)
		return err_new(E_TOO_BIG, "the package is larger than %llu bytes",
			       (unsigned long long)u->opts->cap_bytes);
	return write_file(u, tar, e, path);
}

static struct err *unpack_all(struct unpacker *u, struct tar *tar)
{
	size_t count = 0;

	for (struct tar_entry e; tar_next(tar, &e);) {
		struct err *err;

		if (++count > UNPACK_MAX_ENTRIES)
			return err_new(E_TOO_BIG, "the archive has more than %d entries",
				       UNPACK_MAX_ENTRIES);
		err = unpack_entry(u, tar, &e);
		if (err) {
			err_ignore(tar_finish(tar));
			return err;
		}
	}
	return tar_finish(tar);
}

static struct err *unpack_whole(struct unpacker *u, str bytes)
{
	struct tar tar;
	str plain;

	TRY(gunzip_into(u->arena, bytes, u->opts->cap_bytes, true, &plain));
	tar = tar_open(u->arena, plain);
	return unpack_all(u, &tar);
}

static struct err *unpack_through(struct unpacker *u, struct tar_window *window)
{
	struct tar tar = tar_open_source(u->arena, &window->source);

	TRY(unpack_all(u, &tar));
	return tar_window_finish(window);
}

static struct err *unpack_bytes(struct unpacker *u, str bytes)
{
	struct tar_window window;
	bool is_possible = false;

	if (gunzip_is_gzip(bytes))
		TRY(tar_window_open(u->arena, bytes, u->opts->cap_bytes, &window, &is_possible));
	return is_possible ? unpack_through(u, &window) : unpack_whole(u, bytes);
}

struct err *unpack_tarball(struct arena *a, str bytes, int dirfd, const struct unpack_opts *opts,
			   struct unpack_result *out)
{
	struct unpack_opts limited = *opts;
	struct unpacker u = { .arena = a, .dirfd = dirfd, .opts = &limited };

	if (!limited.cap_bytes)
		limited.cap_bytes = UNPACK_MAX_BYTES;
	map_init(&u.dirs, a);
	map_init(&u.seen_npmignore, a);
	map_init(&u.file_rows, a);
	TRY(unpack_bytes(&u, bytes));
	*out = (struct unpack_result){ .files = u.files.items,
				       .nfiles = u.files.len,
				       .unpacked_bytes = u.bytes,
				       .manifest = u.manifest,
				       .has_binding_gyp = map_has(&u.file_rows, S("binding.gyp")) };
	return NULL;
}
