/* SPDX-License-Identifier: MIT
 * A verified tarball into a fresh folder: gunzip, strict tar reading, every guard of T1-T11 in one place. Any thread. */
#pragma once
#include "cpm/base/digest.h"

struct unpack_file {
	str path;		/* inside the package, first component stripped */
	bool is_executable;
	uint64_t size;
};

struct unpack_result {
	struct unpack_file *files;	/* as written, in order of creation */
	size_t nfiles;
	uint64_t unpacked_bytes;
	str manifest;		/* package.json's bytes as they ended up on disk; null when there is none (T5) */
	struct digest digest;	/* of the tarball's bytes */
};

struct unpack_opts {
	mode_t file_mask;	/* bits to clear, from umask */
	bool keep_gitignore;	/* tarballs of git hosts keep .gitignore (npm-tree.md 14.3) */
	const str *bins;	/* files to make executable at once; may be NULL */
	size_t nbins;
	uint64_t cap_bytes;	/* unpacked; 0: the ceiling of threats.md 1 */
};

/**
 * unpack_tarball - @bytes into the empty directory @dirfd.
 *
 * Files are created once, O_EXCL, with their final mode; no links, devices or empty directories ever (npm-tree.md 14).
 * The caller has verified the digest, or checks result.digest before publishing the folder. On failure the folder's
 * content is undefined: the caller removes it. Errors: E_BAD_ARCHIVE, E_TOO_BIG, E_PATH_ESCAPE, any of fs. Lives in @a.
 */
MUST_CHECK_ERR unpack_tarball(struct arena *a, str bytes, int dirfd, const struct unpack_opts *opts, struct unpack_result *out);
