/* SPDX-License-Identifier: MIT
 * A verified tarball into a folder: gunzip, strict tar reading, every guard of T1-T11 in one place.
 * Any thread. */
#pragma once
#include <sys/types.h>

#include "cpm/base/err.h"

struct unpack_file {
	str path; /* inside the package, first component stripped */
	mode_t mode;		/* permission bits as created, umask applied */
	bool is_requested;	/* opts->bins or opts->executables named it */
	uint64_t size;
};

struct unpack_result {
	struct unpack_file *files; /* as written, in order of creation; one row per path */
	size_t nfiles;
	uint64_t unpacked_bytes;
	str manifest; /* package.json's bytes as they ended up on disk (T5); null when there is none
		       */
	bool has_binding_gyp; /* a regular file binding.gyp lies beside it */
};

struct unpack_opts {
	str place;           /* what the folder is called in error messages; may be null */
	mode_t file_mask;    /* bits to clear beyond what the process's umask clears (npm's `umask`
				setting) */
	bool keep_gitignore; /* tarballs of git hosts keep .gitignore (npm-tree.md 14.3) */
	const str *bins; /* files to make executable, and whose "#!...\r\n" to repair, at once; may
			    be NULL */
	size_t nbins;
	const str *executables; /* files to make executable only; may be NULL */
	size_t nexecutables;
	uint64_t cap_bytes; /* unpacked; 0: the ceiling of threats.md 1 */
};

#define UNPACK_MAX_BYTES   ((uint64_t)8 << 30)
#define UNPACK_MAX_ENTRIES 500000

/**
 * unpack_tarball - @bytes into the directory @dirfd, which holds no files of the package yet.
 *
 * Files are created once, O_EXCL, with their final mode; never through a link; no links, devices,
 * set-uid bits or empty directories ever (npm-tree.md 14). What npm drops silently is dropped:
 * entries with "..", links, files in the place of folders and the reverse. Folders that exist
 * already (a nested node_modules) are used. The caller has verified the digest before (T35). On
 * failure the folder's content is undefined: the caller removes it. Errors: E_BAD_ARCHIVE,
 * E_TOO_BIG, E_PATH_ESCAPE, any of fs. Results live in @a. Cost: one open, write and close per
 * file, one mkdir per folder.
 */
MUST_CHECK_ERR unpack_tarball(struct arena *a, str bytes, int dirfd, const struct unpack_opts *opts,
			      struct unpack_result *out);
