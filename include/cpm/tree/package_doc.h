/* SPDX-License-Identifier: MIT
 * What a node's package.json says in full, as npm's trees hold it. Trees keep only what installing needs, so commands
 * that show a whole package ask here, and only for the packages that they show. */
#pragma once
#include "cpm/tree/node.h"

/* Caller's storage. */
struct package_docs {
	struct arena *arena;
	int dirfd;
	const char *lock_path;	/* the lockfile that the tree was loaded from, if it was */
	struct json *lock;	/* its packages; NULL until asked for */
	bool is_lock_read;
	struct map docs;	/* location -> struct json * */
};

/**
 * package_docs_init - @dirfd: the project's folder; @lock_path: "package-lock.json", or the hidden lockfile
 *
 * A package that was loaded from a lockfile is its entry there (npm sees no more of it either), any other one its
 * package.json on disk.
 */
void package_docs_init(struct package_docs *docs, struct arena *a, int dirfd, const char *lock_path);

/**
 * package_doc - the normalised document of @n (npm-tree.md 5).
 *
 * Never NULL: an object without members when nothing can be read. Kept: asking again is a lookup. Not to be changed.
 * Cost: the first entry from a lockfile parses the lockfile; each one from disk reads a file unless the tree has it.
 * Source: @npmcli/package-json's normalize, and what arborist adds to lockfile entries.
 */
const struct json *package_doc(struct package_docs *docs, const struct node *n);

/* @raw in the form that trees see, as a new document; @m: the same as a manifest, for its bins. */
struct json *package_doc_normalize(struct arena *a, const struct json *raw, const struct manifest *m);
