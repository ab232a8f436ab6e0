/* SPDX-License-Identifier: MIT
 * Why dependencies cannot be had together, in the fewest words: who needs what of one package. npm's own report tells
 * the whole story around a conflict; this is its core. */
#pragma once
#include "cpm/registry/packument.h"
#include "cpm/tree/node.h"

struct conflict_wish {
	str by;			/* "plug@1.0.0"; null: the project itself */
	str by_name;		/* its name alone; null: the project itself */
	str spec;		/* what it needs */
	str through;		/* the project's own dependency that leads there; null: none does */
	const struct range *range; /* NULL: the spec is no range of versions */
	bool is_own;		/* of the project or one of its members */
};

struct conflict {
	struct arena *arena;	/* the caller's: all below lives there */
	str package;		/* what the wishes are about; null: there was no conflict */
	VEC(struct conflict_wish) wishes; /* the one that failed comes first */
	str suits;		/* newest version that all of them could use, which npm's way does not find; or null */
	str report;		/* npm's report without its limit of depth */
};

/* Takes down everybody who has a say in what @failed leads to. @rival: another edge of that name, or NULL; @there: the
 * package in its way, or NULL. Only reads. */
void conflict_collect(struct conflict *c, struct edge *failed, struct edge *rival, struct node *there);
/* Leaves away whoever is not needed for the rest to be a conflict. @p: the package's versions; NULL: pairs of ranges
 * have to do. Cost: wishes squared times versions. */
void conflict_minimise(struct conflict *c, const struct packument *p);
/* The newest version that all wishes can use, leaving aside the project's own when @foreign_only; NULL: none. */
const struct packument_version *conflict_common(const struct conflict *c, const struct packument *p, bool foreign_only);
