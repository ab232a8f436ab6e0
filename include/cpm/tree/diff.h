/* SPDX-License-Identifier: MIT
 * Actual tree against ideal tree: what must be added, changed, removed (npm-tree.md 13.2). Twin of
 * arborist's diff.js. */
#pragma once
#include "cpm/tree/node.h"

enum diff_action { DIFF_ADD, DIFF_CHANGE, DIFF_REMOVE };

struct diff_entry {
	enum diff_action action;
	struct node *actual; /* NULL for ADD */
	struct node *ideal;  /* NULL for REMOVE */
};

struct diff {
	struct diff_entry
		*items; /* in the order npm lists them: parents before what hangs below them */
	size_t count;
	node_vec unchanged; /* ideal nodes that stay as they are on disk */
	struct map within;  /* locations that opts->only reaches in either tree; empty without it */
};

struct diff_opts {
	bool omit_dev, omit_optional, omit_peer;
	bool bin_links; /* a missing .bin link counts as a change */
	/* Restricts the diff to what these nodes (of either tree) need; NULL for everything.
	 * Workspace filters. */
	struct node *const *only;
	size_t nonly;
};

/**
 * diff_trees - compares the two trees location by location.
 *
 * Two things happen to @ideal on the way, as in npm: omitted nodes become inert, and packages that
 * came inside a package which stays are moved over from @actual, since only the disk knows them.
 * Cost: O(nodes), and one stat per expected bin link. Iterative: depth does not recurse.
 */
struct diff *diff_trees(struct arena *a, struct tree *actual, struct tree *ideal,
			const struct diff_opts *opts);
