/* SPDX-License-Identifier: MIT
 * package-lock.json and node_modules/.package-lock.json to and from trees (npm-tree.md 7.2, 10, 12). */
#pragma once
#include "cpm/tree/node.h"

/* What of a lockfile outlives its packages: top-level keys, version, layout. */
struct lockfile {
	struct json *top;		/* the document without packages and dependencies */
	int version;			/* lockfileVersion as read */
	struct json_style style;	/* of the file on disk */
	str extensions_hash;		/* packageExtensionsHash, or null */
	bool was_conflicted;		/* git conflict markers were resolved */
};

struct lockfile_opts {
	int version;			/* 0: keep the file's (1 becomes 3) */
	struct json_style style;	/* package.json's, see npm-tree.md 10.2 */
	bool has_manifest;		/* a package.json exists: its style wins over the old lock's */
	bool omit_registry_resolved;
	bool is_formatted;		/* format-package-lock */
	bool is_in_tree_order;		/* entries as the tree has them: for our own eyes */
	bool is_hidden;			/* node_modules/.package-lock.json: without the root and what is not on disk */
	/* Of a hidden lockfile: */
	bool omit_dev, omit_optional, omit_peer; /* what --omit left out */
	bool was_not_saved;		/* the run wrote no package-lock.json: name and version stay what the old one says */
};

/**
 * lockfile_load - the virtual tree of @dir/package-lock.json.
 * @root: the project's manifest (already read); @out: NULL when there is no lockfile, or it is unparsable
 *
 * Every location key and link target is checked before anything else happens (T21): E_LOCKFILE_PATH. Other errors:
 * E_LOCKFILE_VERSION, E_MISSING_TARGET. Limits: 256 MiB, 200,000 packages. Cost: O(bytes).
 */
MUST_CHECK_ERR lockfile_load(struct arena *a, int dirfd, str dir, struct manifest *root, bool legacy_peer_deps, struct tree **out);
/* The same from text, for the hidden lockfile and tests; @name is for messages. */
MUST_CHECK_ERR lockfile_parse(struct arena *a, str text, str name, str dir, struct manifest *root, bool legacy_peer_deps, struct tree **out);

/* The bytes npm would write for @t. */
MUST_CHECK_ERR lockfile_format(struct arena *a, const struct tree *t, const struct lockfile_opts *opts, str *out);
/* The same, and the hidden lockfile of the same tree, most of whose text is the same. */
MUST_CHECK_ERR lockfile_format_both(struct arena *a, const struct tree *t, const struct lockfile_opts *opts, str *out,
				    str *hidden);

/* Orders the keys of every object as npm's lockfile writer does (npm-tree.md 10.3); used by nothing else but tests. */
struct json *lockfile_sort_nice(struct arena *a, struct json *v);
