/* SPDX-License-Identifier: MIT
 * The file list behind pack.h. */
#pragma once
#include "cpm/store/pack.h"

struct json;

/* @root: the real path of the folder @dirfd. Modes are those on disk. @manifest: its package.json.
 */
MUST_CHECK_ERR packlist_make(struct arena *a, int dirfd, str root, const struct pack_opts *opts,
			     struct pack_file **files, size_t *count, const struct json **manifest);
