/* SPDX-License-Identifier: MIT
 * Each function is one or two system calls with the three habits that every caller would forget now
 * and then: close-on-exec, trying again after EINTR, and an error that names the path. Replacing
 * files is in fs_write.c, removing trees in fs_remove.c. */
#include "cpm/base/fs.h"

#include <errno.h>
#include <stdatomic.h>

#include "fs_priv.h"

#define LINK_MAX_BYTES ((size_t)64 * 1024)

void fs_close_auto(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* errno of the last call about @path. */
static struct err *failed(const char *call, const char *path)
{
	return err_sys(errno, call, str_view(path));
}

struct err *fs_failed_pair(int errno_value, const char *call, const char *from, const char *to)
{
	struct err *e = err_sys(errno_value, call, str_view(from));

	e->dest = str_dup(&e->arena, str_view(to));
	e->message = str_printf(&e->arena, STR_FMT " -> '%s'", STR_ARG(e->message), to);
	return e;
}

/* ---- opening and reading ---- */

struct err *fs_open(int dirfd, const char *path, int flags, int *out)
{
	int fd = FS_RETRY(openat(dirfd, path, flags | O_CLOEXEC, 0666));

	if (fd < 0)
		return failed("open", path);
	*out = fd;
	return NULL;
}

struct err *fs_open_dir(int dirfd, const char *path, int *out)
{
	return fs_open(dirfd, path, O_RDONLY | O_DIRECTORY, out);
}

struct err *fs_open_dir_nofollow(int dirfd, const char *path, int *out)
{
	return fs_open(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out);
}

static struct err *too_big(const char *path, size_t cap_bytes)
{
	return err_new(E_TOO_BIG, "'%s' is larger than %zu bytes", path, cap_bytes);
}

/* Opens for reading and makes sure that it is a file and no larger than @cap_bytes. */
static struct err *open_regular(int dirfd, const char *path, size_t cap_bytes, int *out,
				size_t *size)
{
	AUTO_FD
	fd = -1;
	struct stat st;

	TRY(fs_open(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &fd));
	if (fstat(fd, &st) < 0)
		return failed("fstat", path);
	if (S_ISDIR(st.st_mode))
		return err_sys(EISDIR, "read", str_view(path));
	if (!S_ISREG(st.st_mode))
		return err_new(E_UNSUPPORTED, "'%s' is not a regular file", path);
	if ((uint64_t)st.st_size > cap_bytes)
		return too_big(path, cap_bytes);
	*size = (size_t)st.st_size;
	*out = TAKE_FD(fd);
	return NULL;
}

/* The size is where reading starts, not where it ends: files grow, and those in /proc say 0. */
struct err *fs_read_all(struct arena *a, int dirfd, const char *path, size_t cap_bytes, str *out)
{
	AUTO_FD
	fd = -1;
	size_t room = 0, len = 0;
	char *p;

	TRY(open_regular(dirfd, path, cap_bytes, &fd, &room));
	p = arena_alloc_raw(a, ++room);
	for (;;) {
		ssize_t n = FS_RETRY(read(fd, p + len, room - len));

		if (n < 0)
			return failed("read", path);
		len += (size_t)n;
		if (len > cap_bytes)
			return too_big(path, cap_bytes);
		if (!n)
			break;
		if (len == room) {
			p = arena_grow(a, p, room, 2 * room + 4096);
			room = 2 * room + 4096;
		}
	}
	p[len] = '\0';
	*out = str_of(p, len);
	return NULL;
}

struct err *fs_write_all(int fd, str bytes, const char *path_for_errors)
{
	while (bytes.len) {
		ssize_t n = FS_RETRY(write(fd, bytes.p, bytes.len));

		if (n < 0)
			return failed("write", path_for_errors);
		if (!n)
			return err_sys(EIO, "write", str_view(path_for_errors));
		bytes = str_from(bytes, (size_t)n);
	}
	return NULL;
}

/* ---- names ---- */

struct err *fs_mkdir(int dirfd, const char *path)
{
	if (mkdirat(dirfd, path, 0777) == 0)
		return NULL;

	int why = errno;

	return why == EEXIST && fs_is_dir(dirfd, path) ? NULL
						       : err_sys(why, "mkdir", str_view(path));
}

static bool is_dir_or_link_to_one(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* The deepest folder is tried first: most of the time only that one is missing. */
struct err *fs_mkdirs(int dirfd, const char *path)
{
	ARENA_SCOPE(tmp);
	char *p = str_cstr(tmp, str_view(path));
	size_t len = strlen(p), at = len;

	while (mkdirat(dirfd, p, 0777) < 0 && errno == ENOENT) {
		while (at > 0 && p[at] != '/')
			at--;
		while (at > 0 && p[at - 1] == '/')
			at--;
		if (!at)
			return err_sys(ENOENT, "mkdir", str_view(path));
		p[at] = '\0';
	}
	for (;;) {
		if (!is_dir_or_link_to_one(dirfd, p) && mkdirat(dirfd, p, 0777) < 0 &&
		    !(errno == EEXIST && is_dir_or_link_to_one(dirfd, p)))
			return failed("mkdir", p);
		if (at == len)
			return NULL;
		p[at] = '/';
		at += strlen(p + at);
	}
}

struct err *fs_rename(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	if (renameat(from_dirfd, from, to_dirfd, to) < 0)
		return fs_failed_pair(errno, "rename", from, to);
	return NULL;
}

struct err *fs_symlink(const char *target, int dirfd, const char *path)
{
	if (symlinkat(target, dirfd, path) < 0)
		return fs_failed_pair(errno, "symlink", target, path);
	return NULL;
}

struct err *fs_unlink(int dirfd, const char *path)
{
	if (unlinkat(dirfd, path, 0) < 0 && errno != ENOENT)
		return failed("unlink", path);
	return NULL;
}

/* A link's size is often 0 or wrong (/proc), so the buffer grows until the answer leaves room in
 * it. */
struct err *fs_read_link(struct arena *a, int dirfd, const char *path, str *out)
{
	for (size_t room = 256; room <= LINK_MAX_BYTES; room *= 2) {
		char *p = arena_alloc_raw(a, room);
		ssize_t n = readlinkat(dirfd, path, p, room);

		if (n < 0)
			return failed("readlink", path);
		if ((size_t)n < room) {
			p[n] = '\0';
			*out = str_of(p, (size_t)n);
			return NULL;
		}
	}
	return err_sys(ENAMETOOLONG, "readlink", str_view(path));
}

static struct err *take_malloced(struct arena *a, char *text, const char *call, const char *path,
				 str *out)
{
	if (!text)
		return failed(call, path);
	*out = str_dup(a, str_view(text));
	free(text);
	return NULL;
}

struct err *fs_real_path(struct arena *a, const char *path, str *out)
{
	return take_malloced(a, realpath(path, NULL), "realpath", path, out);
}

struct err *fs_cwd(struct arena *a, str *out)
{
	return take_malloced(a, getcwd(NULL, 0), "getcwd", ".", out);
}

/* ---- questions ---- */

bool fs_exists(int dirfd, const char *path)
{
	return faccessat(dirfd, path, F_OK, 0) == 0;
}

bool fs_lstat(int dirfd, const char *path, struct stat *out)
{
	return fstatat(dirfd, path, out, AT_SYMLINK_NOFOLLOW) == 0;
}

bool fs_is_dir(int dirfd, const char *path)
{
	struct stat st;

	return fs_lstat(dirfd, path, &st) && S_ISDIR(st.st_mode);
}

bool fs_is_file(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, 0) == 0 && S_ISREG(st.st_mode);
}

/* ---- directories ---- */

struct err *dir_open_fd(int fd, const char *path_for_errors, struct dir_iter *it)
{
	*it = (struct dir_iter){ .dir = fdopendir(fd) };
	if (it->dir)
		return NULL;

	int why = errno;

	close(fd);
	return err_sys(why, "scandir", str_view(path_for_errors));
}

struct err *dir_open(int dirfd, const char *path, struct dir_iter *it)
{
	AUTO_FD
	fd = -1;

	TRY(fs_open_dir(dirfd, path, &fd));
	return dir_open_fd(TAKE_FD(fd), path, it);
}

void dir_close_auto(struct dir_iter *it)
{
	if (it->dir)
		closedir(it->dir);
	it->dir = NULL;
}

static unsigned char type_of_entry(int dirfd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN || !fs_lstat(dirfd, entry->d_name, &st))
		return entry->d_type;
	return IFTODT(st.st_mode);
}

bool dir_next(struct dir_iter *it)
{
	for (;;) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(it->dir);
		if (!entry) {
			if (errno)
				it->err = err_sys(errno, "scandir", S("."));
			return false;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		it->name = entry->d_name;
		it->type = type_of_entry(dirfd(it->dir), entry);
		return true;
	}
}

/* ---- the mask ---- */

#define MASK_UNKNOWN UINT32_MAX

/* From /proc, which changes nothing; where that is missing, by the call that must set a mask to
 * learn it. */
static mode_t read_umask(void)
{
	char line[256];
	unsigned mask = MASK_UNKNOWN;
	FILE *status = fopen("/proc/self/status", "re");

	while (status && mask == MASK_UNKNOWN && fgets(line, sizeof(line), status))
		if (strncmp(line, "Umask:", 6) == 0)
			mask = (unsigned)strtoul(line + 6, NULL, 8);
	if (status)
		fclose(status);
	if (mask == MASK_UNKNOWN) {
		mask = umask(077);
		umask(mask);
	}
	return mask;
}

mode_t fs_umask(void)
{
	static _Atomic uint32_t known = MASK_UNKNOWN;

	if (known == MASK_UNKNOWN)
		known = read_umask();
	return (mode_t)known;
}
