/* SPDX-License-Identifier: MIT
 * Opening and making things below a directory handle without ever passing through a symbolic link, so that a folder that
 * is swapped for a link at the wrong moment leads nowhere (T2, T37). */
#pragma once
#include <fcntl.h>
#include <sys/stat.h>

#include "cpm/base/err.h"

/* openat() that fails with ELOOP when any component of @path is a symbolic link. Returns the descriptor, or -1 and errno.
 * On kernels without openat2() only the last component is guarded. O_CLOEXEC is added. */
int fs_open_beneath(int dirfd, const char *path, int flags, mode_t mode);
/* mkdirat() with the same guarantee for the parents of @path. Returns 0, or -1 and errno. */
int fs_mkdir_beneath(int dirfd, const char *path, mode_t mode);
