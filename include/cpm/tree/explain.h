/* SPDX-License-Identifier: MIT
 * Why is this here? The ways from a package up to the project, as npm explains them. */
#pragma once
#include "cpm/tree/node.h"

struct explanation;

/* One dependent: an edge into the package, and why the package it leaves is there. */
struct explained_edge {
	const struct edge *edge;
	const struct explanation *from;
};

/* Shared: a package that is reached by many ways is explained once and pointed to. Never a cycle. */
struct explanation {
	struct node *node;
	size_t id;			/* counts from 0: for those who keep a table of them */
	str name, version;		/* null when there is none */
	bool is_root;			/* nothing but a place */
	bool is_cut;			/* met again on the way up from itself: not explained further */
	bool has_marks;			/* one of those asked for: its marks are shown */
	VEC(struct explained_edge *) dependents;
	VEC(const struct explanation *) links_in;
};

/**
 * explain_nodes - an explanation for each of @nodes, in order, in @out (room for @count).
 *
 * Iterative; each package and each edge is explained once, so the cost is O(nodes + edges). What it unfolds to when it
 * is written out can be far larger.
 * Source: explain() of arborist's node.js and edge.js, which remember in this order, cuts included.
 */
void explain_nodes(struct arena *a, struct tree *t, struct node *const *nodes, size_t count, struct explanation **out);

/* "prod", "peerOptional" and so on. */
str edge_type_name(enum edge_type type);
/* "MISSING", "INVALID", "PEER LOCAL"; null when the edge is fine. */
str edge_error_name(enum edge_error error);
