/* SPDX-License-Identifier: MIT
 * Where members and the links among them go on a drawing: columns from those that nobody needs, on the left, to those
 * that need nobody, on the right. */
#pragma once
#include "project_members.h"

struct layout_node {
	size_t member;		/* LAYOUT_BEND: a point that a long link passes */
	size_t column;
	double y, height;	/* y: of its middle */
	VEC(size_t) left, right; /* neighbours in the columns beside */
};
#define LAYOUT_BEND SIZE_MAX

struct layout_link {
	size_t from, to;	/* members */
	const struct member_link *link;
	VEC(size_t) nodes;	/* from left to right, both ends included */
	bool is_backward;	/* leads from right to left, or stays in its column */
};

struct layout_column {
	VEC(size_t) nodes;	/* from top to bottom */
};

struct layout {
	VEC(struct layout_node) nodes;
	VEC(struct layout_link) links;
	struct layout_column *columns;
	size_t ncolumns;
	double height;
};

/**
 * member_layout_make - a place for each chosen member. Lives in @a.
 * @height, @gap: of a member's box, and between two of them
 *
 * Cost: O(rounds * (members + links * columns they pass) * log).
 * Source: Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system structures", 1981.
 */
void member_layout_make(struct arena *a, const struct project_graph *p, double height, double gap,
			struct layout *out);
