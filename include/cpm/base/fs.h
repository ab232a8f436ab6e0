/* SPDX-License-Identifier: MIT
 * The file system through directory handles. Every function works relative to @dirfd (AT_FDCWD where the user named
 * the path), opens with O_CLOEXEC, retries EINTR, and returns err_sys() naming the path. */
#pragma once
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpm/base/err.h"

/* AUTO_FD fd = -1; closed at the brace. TAKE_FD(fd) hands it out. */
void fs_close_auto(int *fd);
#define AUTO_FD	    __attribute__((cleanup(fs_close_auto))) int
#define TAKE_FD(fd) ({ int take_fd_ = (fd); (fd) = -1; take_fd_; })

MUST_CHECK_ERR fs_open(int dirfd, const char *path, int flags, int *out);
MUST_CHECK_ERR fs_open_dir(int dirfd, const char *path, int *out);	/* follows links */
MUST_CHECK_ERR fs_open_dir_nofollow(int dirfd, const char *path, int *out);

/* How the names of our temporary files begin, beside the file they will replace. */
#define FS_TEMP_PREFIX ".cpm-tmp-"

/* Whole regular file; E_TOO_BIG over @cap_bytes; opened O_NONBLOCK so that a fifo cannot hang us (T4). */
MUST_CHECK_ERR fs_read_all(struct arena *a, int dirfd, const char *path, size_t cap_bytes, str *out);
MUST_CHECK_ERR fs_write_all(int fd, str bytes, const char *path_for_errors);

/**
 * fs_write_atomic - replaces or creates @path with @bytes: written beside it, fsynced, renamed, directory fsynced.
 * @mode: for a new file, before umask; an existing file keeps its own mode
 *
 * Follows a final symbolic link, so that a user's own link stays a link (F31). Readers see the old bytes or the new.
 * On any failure the temporary file is gone and the old file untouched; only when the directory cannot be synced at
 * the very end is the new one already in place. A target that is a folder, a device or a fifo is refused.
 */
MUST_CHECK_ERR fs_write_atomic(int dirfd, const char *path, str bytes, mode_t mode);
/* The same without the two fsyncs, for what can be rebuilt. */
MUST_CHECK_ERR fs_write_replace(int dirfd, const char *path, str bytes, mode_t mode);

MUST_CHECK_ERR fs_mkdir(int dirfd, const char *path);	/* an existing directory is success, a link to one is not */
/* With parents; mode 0777 & ~umask. Existing links to directories are followed: the user made them. */
MUST_CHECK_ERR fs_mkdirs(int dirfd, const char *path);
MUST_CHECK_ERR fs_rename(int from_dirfd, const char *from, int to_dirfd, const char *to);
MUST_CHECK_ERR fs_symlink(const char *target, int dirfd, const char *path);
MUST_CHECK_ERR fs_unlink(int dirfd, const char *path);	/* absent is success */
/* Removes a file or a whole tree, never following links below @path's parent, never crossing a mount point (bind
 * mounts included); makes own directories writable where needed (F32). Absent is success. What cannot be removed does
 * not keep the rest: the first such failure is returned. Constant number of descriptors at any depth. */
MUST_CHECK_ERR fs_remove_tree(int dirfd, const char *path);
MUST_CHECK_ERR fs_read_link(struct arena *a, int dirfd, const char *path, str *out);
MUST_CHECK_ERR fs_real_path(struct arena *a, const char *path, str *out);
MUST_CHECK_ERR fs_cwd(struct arena *a, str *out);

/* Plain questions: false when absent or unreadable. */
bool fs_exists(int dirfd, const char *path);		/* follows links */
bool fs_is_dir(int dirfd, const char *path);		/* a real directory, not a link to one */
bool fs_is_file(int dirfd, const char *path);		/* follows links */
bool fs_lstat(int dirfd, const char *path, struct stat *out);

/* Entries of a directory in the order the system gives them, without "." and "..".
 *   AUTO_DIR it = {0}; TRY(dir_open(dirfd, path, &it)); while (dir_next(&it)) use(it.name, it.type); return it.err; */
struct dir_iter {
	DIR *dir;
	const char *name;
	unsigned char type;	/* DT_*, resolved where the file system leaves it unknown */
	struct err *err;	/* set when reading failed; the caller takes it */
};
void dir_close_auto(struct dir_iter *it);
#define AUTO_DIR __attribute__((cleanup(dir_close_auto))) struct dir_iter
MUST_CHECK_ERR dir_open(int dirfd, const char *path, struct dir_iter *it);
bool dir_next(struct dir_iter *it);

/* The mask the process was started with; read once, so that threads never race over umask(2). */
mode_t fs_umask(void);
