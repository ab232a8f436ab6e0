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

/* What has been explained so far. Each package is explained once, when it is first asked for, each edge once after it was
 * last resolved; later questions find it as it came out then, circles cut where they were cut then. A second explainer for
 * the same edges finds them explained, but not by itself: it explains them again. */
struct explainer;

struct explainer *explainer_new(struct arena *a);
/**
 * explainer_node - why @n is there; @only: of what leads to it this edge alone counts, or NULL.
 *
 * What stands in a virtual root for something real is explained as that. Iterative; cost O(nodes + edges) over all
 * questions together. What it unfolds to when it is written out can be far larger.
 * Source: explain() of arborist's node.js and edge.js, which remember in this order, cuts included.
 */
struct explanation *explainer_node(struct explainer *s, struct node *n, struct edge *only);
/* The same, of one edge. */
const struct explained_edge *explainer_edge(struct explainer *s, struct edge *e);

/* An explanation with marks for each of @nodes, in order, in @out (room for @count). */
void explain_nodes(struct arena *a, struct node *const *nodes, size_t count, struct explanation **out);

/* The field of packageExtensions that made or changed this edge ("peerDependencies"), and the rule's selector; the null
 * string when none did. */
str edge_extension(const struct edge *e, str *selector);
/* "prod", "peerOptional" and so on. */
str edge_type_name(enum edge_type type);
/* "MISSING", "INVALID", "PEER LOCAL"; null when the edge is fine. */
str edge_error_name(enum edge_error error);
