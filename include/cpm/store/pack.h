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

/* What a packer may add to the package's own word. NULL in place of the whole: nothing. */
struct pack_opts {
	str more_rules;   /* lines as of an .npmignore, behind the built-in ones; or null */
	str global_rules; /* the text of the `global-ignore-file`: the package's `files` outweigh it; or null */
	bool drops_patches; /* package.json goes in without its patchedDependencies, whose files stay here */
};

/**
 * pack_list - the files of the package in @folder that go into its tarball, in the order of the
 * archive.
 *
 * Only regular files: links are left out whatever they lead to (T38). Errors: any of fs,
 * E_JSON_PARSE for its package.json.
 */
MUST_CHECK_ERR pack_list(struct arena *a, str folder, const struct pack_opts *opts, struct pack_file **files,
			 size_t *count);

/**
 * pack_folder - those files as a plain tar, on the heap for the caller to free().
 *
 * The files are opened without following links, so that one which is swapped for a link meanwhile
 * is refused.
 */
MUST_CHECK_ERR pack_folder(str folder, const struct pack_opts *opts, char **bytes, size_t *len);
