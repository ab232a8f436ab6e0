/* SPDX-License-Identifier: MIT
 * A linked layout under construction, as isolated.c and isolated_key.c share it. */
#pragma once
#include "cpm/tree/isolated.h"

struct part;
typedef VEC(struct part *) part_vec;

struct part_label {
	unsigned char bytes[32];
};

/* A package, or a folder of the user's own, with what it depends on. */
struct part {
	struct node *node;	/* of the ideal tree */
	str name;		/* what links to it are called */
	str package_name;	/* what its folder in the store is called */
	bool is_local;
	part_vec external, local, optional;
	struct node *place;	/* in the store, once it has one */
	unsigned mark;		/* for walks: see layout.mark */

	/* Keys of what projects share (shared_key.c). */
	bool is_placed;		/* it gets a place in the store */
	bool is_shared;
	bool is_open;		/* in no component yet */
	size_t number, lowest, component;
	part_vec linked;	/* what it depends on and is linked to, by name; in that walk's own memory */
	struct part_label label;
	str shared_key;		/* null: it lies in the project */
};

struct layout {
	struct arena *arena;
	struct tree *ideal, *tree;
	const struct isolated_opts *opts;
	struct map local_parts, external_parts;	/* location in the ideal tree -> struct part * */
	part_vec unfilled;			/* whose dependencies are not known yet */
	struct part *root;
	part_vec locals, externals;		/* what is placed, in npm's order */
	struct map by_key;			/* key -> the package there */
	unsigned mark;				/* of the newest walk over parts */
};

/* "name@version-<digest>": tells apart whatever differs in itself or in anything it needs. */
str isolated_key(struct layout *l, struct part *p);
/* The @i-th of what @p depends on, in the order that keys follow; NULL behind the last. */
struct part *isolated_dep(const struct part *p, size_t i);
/* The bytes of a digest as keys show them. */
str isolated_key_text(struct arena *a, str bytes);
/* Says of each part whether projects may share it, and gives those that may their keys. */
void isolated_share(struct layout *l);
