/* SPDX-License-Identifier: MIT
 * Whole-buffer gzip with libdeflate. */
#pragma once
#include "cpm/base/err.h"

enum gzip_effort {
	GZIP_QUICK, /* for what stays on this machine: 100 MB/s */
	GZIP_BEST,  /* for what many will fetch: 25 MB/s */
};

/* @bytes as one gzip member without date or name, on the heap for the caller to free(). */
MUST_CHECK_ERR gzip(str bytes, enum gzip_effort effort, char **out, size_t *out_len);
