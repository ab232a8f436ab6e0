/* SPDX-License-Identifier: MIT
 * Sets of nodes that stand or fall together: what only one package needs, an optional package with
 * all it drags in, the peers that entered the tree as a group. Twins of arborist's
 * gather-dep-set.js, optional-set.js, peer-entry-sets.js and the replacement rules of node.js
 * (npm-tree.md 6.4). */
#pragma once
#include "cpm/tree/node.h"
#include "cpm/tree/optional_set.h"
#include "cpm/tree/optional_set.h"

typedef bool (*dep_set_filter_fn)(const void *ctx, const struct edge *e);

/**
 * dep_set_gather - the seeds and what only they need, along edges that pass @filter.
 *
 * Closes @seeds over out-edges, then drops every member that something outside needs (by an edge
 * that passes), until nothing changes. Members keep the order in which they were found. Cost:
 * O(edges of the closure).
 */
node_vec dep_set_gather(struct arena *a, const node_vec *seeds, dep_set_filter_fn filter,
			const void *ctx);
/* What falls with @n, following valid edges only. */
node_vec dep_set_of(struct arena *a, struct node *n);

struct peer_entry {
	struct edge *edge; /* through which the group came in: no peer edge, or from a top */
	node_vec peers;    /* the group */
};
typedef VEC(struct peer_entry) peer_entry_vec;
/* The peer groups that contain @n, by entry. */
peer_entry_vec peer_entry_sets(struct arena *a, struct node *n);

/* Everybody who needs @old is fine with @n in its place. Edges from @old's neighbours that are
 * called like a child of
 * @peers (may be NULL) do not count: they are replaced as well. */
bool node_can_replace(struct node *n, struct node *old, const struct node *peers);
/* @n may go: what its dependents would find instead does for them. */
bool node_can_dedupe(struct node *n, bool prefer_dedupe, bool is_explicit);
