/* SPDX-License-Identifier: MIT
 * Whole-buffer gzip with libdeflate. */
#pragma once
#include "cpm/base/err.h"

/* @bytes as one gzip member without date or name, on the heap for the caller to free(). Cost: about
 * 100 MB/s. */
MUST_CHECK_ERR gzip(str bytes, char **out, size_t *out_len);
