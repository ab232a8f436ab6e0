/* SPDX-License-Identifier: MIT
 * Opening and making things below a directory handle without ever passing through a symbolic link,
 * so that a folder that is swapped for a link at the wrong moment leads nowhere (T2, T37). */
#pragma once
#include <fcntl.h>
#include <sys/stat.h>

#include "cpm/base/err.h"

/* openat() that fails with ELOOP when any component of @path is a symbolic link. Returns the
 * descriptor, or -1 and errno. On kernels without openat2() only the last component is guarded.
 * O_CLOEXEC is added. */
int fs_open_beneath(int dirfd, const char *path, int flags, mode_t mode);
/* mkdirat() with the same guarantee for the parents of @path. Returns 0, or -1 and errno. */
int fs_mkdir_beneath(int dirfd, const char *path, mode_t mode);
/* The same with all missing parents; an existing directory is success. ENOTDIR when something else
 * is in the way. */
int fs_mkdirs_beneath(int dirfd, const char *path);
/* A handle (O_PATH) on the directory that holds @path, for the *at() calls, and the name in it. -1
 * and errno on failure. */
int fs_parent_beneath(int dirfd, const char *path, const char **name);
