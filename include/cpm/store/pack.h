/* SPDX-License-Identifier: MIT
 * A folder into the tarball that `npm pack` would make of it: which files go in (npm-cli.md 8.2),
 * and the archive they make (8.3), the same bytes on every machine. */
#pragma once
#include <sys/types.h>

#include "cpm/base/err.h"

struct pack_file {
	str path;    /* in the package, "/"-separated */
	mode_t mode; /* as the archive says it */
	uint64_t size;
	bool is_bundled; /* lies in node_modules */
};

/**
 * pack_list - the files of the package in @folder that go into its tarball, in the order of the
 * archive.
 *
 * Only regular files: links are left out whatever they lead to (T38). Errors: any of fs,
 * E_JSON_PARSE for its package.json.
 */
MUST_CHECK_ERR pack_list(struct arena *a, str folder, struct pack_file **files, size_t *count);

/**
 * pack_folder - those files as a plain tar, on the heap for the caller to free().
 *
 * The files are opened without following links, so that one which is swapped for a link meanwhile
 * is refused.
 */
MUST_CHECK_ERR pack_folder(str folder, char **bytes, size_t *len);
