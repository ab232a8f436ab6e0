/* SPDX-License-Identifier: MIT
 * What zip.c calls of libarchive, bound when first called (lazy.h). */
#include "cpm/base/lazy.h"

#include <archive.h>
#include <archive_entry.h>

static struct lazy_library libarchive = { .soname = "libarchive.so.13", .package = "libarchive13" };

/* clang-format off */
LAZY(&libarchive, struct archive *, archive_read_new, (void), ())
LAZY(&libarchive, int, archive_read_support_format_zip_seekable, (struct archive *ar), (ar))
LAZY(&libarchive, int, archive_read_open_fd, (struct archive *ar, int fd, size_t block), (ar, fd, block))
LAZY(&libarchive, int, archive_read_next_header, (struct archive *ar, struct archive_entry **out), (ar, out))
LAZY(&libarchive, la_ssize_t, archive_read_data, (struct archive *ar, void *to, size_t room), (ar, to, room))
LAZY(&libarchive, int, archive_read_free, (struct archive *ar), (ar))
LAZY(&libarchive, const char *, archive_error_string, (struct archive *ar), (ar))
LAZY(&libarchive, const char *, archive_entry_pathname, (struct archive_entry *entry), (entry))
LAZY(&libarchive, __LA_MODE_T, archive_entry_filetype, (struct archive_entry *entry), (entry))
