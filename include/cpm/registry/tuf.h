/* SPDX-License-Identifier: MIT
 * Files out of a TUF repository (The Update Framework, specification 1.0): whoever serves them can keep them back, but cannot
 * change them, mix them or bring old ones back. Trust begins with one root.json that the user has named. */
#pragma once
#include "cpm/base/err.h"

struct tuf_repository {
	/**
	 * read - a file of the repository: "timestamp.json", "7.root.json", "targets/<hash>.name".
	 * @max_bytes: a longer one is an error
	 * @out: null when there is no such file
	 */
	struct err *(*read)(void *ctx, struct arena *a, str path, size_t max_bytes, str *out);
	void *ctx;
	str pinned_root;	/* the root.json that is trusted to begin with */
	int memory;		/* folder with what earlier runs have seen, to tell what is older; -1: none */
	int64_t now_ms;
};

/**
 * tuf_fetch - the target @name as the repository vouches for it now.
 *
 * Roots are followed one by one from the pinned one, each signed by enough keys of the one before and of its own; timestamp,
 * snapshot and targets by those that the last root names. Everything has a version that may not fall, a day on which it expires,
 * and where it is listed a length and hashes. What was seen is kept in @memory. Keys are ECDSA (P-256) or Ed25519; others do not
 * count. Delegated roles are not searched.
 * Errors: E_GENERIC (ETUF) that names the file and what is wrong with it; those of read().
 * Cost: four files and one for each new root. Source: TUF specification 1.0.33, section 5.
 */
MUST_CHECK_ERR tuf_fetch(struct arena *a, const struct tuf_repository *repo, str name, str *out);
