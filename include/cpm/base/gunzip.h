/* SPDX-License-Identifier: MIT
 * Whole-buffer gunzip with libdeflate: any number of members, trailer checked, output and ratio capped (T10, T11). */
#pragma once
#include "cpm/base/err.h"

/* @out: heap, for the caller to free(). Plain bytes without the gzip magic are copied through when @allow_plain. */
MUST_CHECK_ERR gunzip(str bytes, uint64_t cap_bytes, bool allow_plain, char **out, size_t *out_len);
