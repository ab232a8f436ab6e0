/* SPDX-License-Identifier: MIT
 * Shared by the files of the file system layer. */
#pragma once
#include "cpm/base/fs.h"

/* The call's value, the call repeated for as long as a signal interrupts it (F6). */
#define FS_RETRY(call)                                      \
	({                                                  \
		typeof(call) retry_value_;                  \
		do                                          \
			retry_value_ = (call);              \
		while (retry_value_ < 0 && errno == EINTR); \
		retry_value_;                               \
	})

/* err_sys() for a call about two paths. */
MUST_CHECK_ERR fs_failed_pair(int errno_value, const char *call, const char *from, const char *to);

/* As dir_open(), over a directory's own handle, which is taken even on failure. */
MUST_CHECK_ERR dir_open_fd(int fd, const char *path_for_errors, struct dir_iter *it);
