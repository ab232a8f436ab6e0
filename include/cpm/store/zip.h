/* SPDX-License-Identifier: MIT
 * The files in a zip archive, one after the other; nothing is ever written to where their names point. */
#pragma once
#include "cpm/base/err.h"

struct zip;

void zip_close(struct zip *z);
void zip_close_auto(struct zip **z);
#define AUTO_ZIP __attribute__((cleanup(zip_close_auto))) struct zip

bool zip_is_zip(str first_bytes);
/* @fd: borrowed, a regular file at its start. @name: of the archive, for errors. Errors: E_BAD_ARCHIVE. */
MUST_CHECK_ERR zip_open(int fd, str name, struct zip **out);
/* The next file of the archive; folders and links are passed over. Both texts live in @a, or are null at the end.
 * Errors: E_BAD_ARCHIVE; E_TOO_BIG when it inflates to more than @cap_bytes. */
MUST_CHECK_ERR zip_next(struct arena *a, struct zip *z, size_t cap_bytes, str *name, str *bytes);
