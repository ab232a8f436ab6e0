/* SPDX-License-Identifier: MIT
 * How the members of a project depend on each other, and the order that follows from it: what `workspaces ls` draws, what
 * `run --topological` waits for, and what --with-dependents and --with-dependencies walk along. */
#pragma once
#include "cpm/tree/node.h"

/* One member needs another: its spec is satisfied by that member, so that npm links them (npm-tree.md 6.3). */
struct member_link {
	size_t to;		/* index of the member that is needed */
	enum edge_type type;	/* a dependency in several fields counts as npm counts it, once */
	str spec;
	bool is_broken;		/* nobody waits for it: it would close a cycle */
};

struct member {
	str name, path;		/* path: absolute and real */
	str location;		/* below the project, with "/"; "" is the project itself */
	struct manifest *manifest;
	VEC(struct member_link) needs;
	VEC(size_t) needed_by;	/* indices, ascending */
	size_t rank;		/* place in the order; a member comes after all it needs by links that are not broken */
};

struct member_cycle {
	size_t *members;	/* each needs the next, the last needs the first */
	size_t count;
};

struct member_graph {
	struct member *items;	/* as they were given: in the order of `workspaces` */
	size_t count;
	size_t *order;		/* indices by rank */
	VEC(struct member_cycle) cycles; /* one for each knot of members that all need each other */
};

/**
 * member_graph_build - the relations of @list, and their order.
 * @root: the project's folder, absolute and real; @list: members, and the project itself if it is to count
 *
 * The order is that of @list, where whatever a member needs comes right before it. In a knot of members that need each
 * other the links for development give way first, then whichever closes a cycle. Overrides are not looked at, nor are
 * specs that no npm understands.
 * Errors: those of manifest_read(), naming the member's folder. Cost: a package.json for each, and O(members + links).
 * Source: Tarjan, "Depth-first search and linear graph algorithms", 1972, for the knots.
 */
MUST_CHECK_ERR member_graph_build(struct arena *a, str root, const struct workspace *list, size_t count,
				  struct member_graph *out);

/* The member called @name, or whose folder is @name (absolute, or below the project); STR_NPOS when there is none. */
size_t member_graph_find(const struct member_graph *g, str name);
/* Marks in @set, one flag for each member, all that the marked ones need, or all that need them, however far. */
void member_graph_add_needs(const struct member_graph *g, bool *set);
void member_graph_add_needed_by(const struct member_graph *g, bool *set);
/* "dependencies", "devDependencies" and so on: the field a link comes from. */
str member_link_field(const struct member_link *l);
