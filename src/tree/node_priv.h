/* SPDX-License-Identifier: MIT
 * What the files of the tree model share: folding of names, edges moving between nodes, and the rules of `overrides`
 * as they travel along edges. */
#pragma once
#include "cpm/tree/node.h"

/* ---- names: npm keeps children and edges by lower-cased name ---- */

#define NAME_FOLD_ROOM 256

/* A name of at most NAME_FOLD_ROOM bytes with ASCII capitals made small; borrowed when there is nothing to fold. */
struct folded {
	str key;
	char room[NAME_FOLD_ROOM];
};
str name_fold(struct folded *f, str name);

/* ---- edges.c ---- */

/* Makes the edge and resolves it; an edge of the same name goes away. */
struct edge *edge_new(struct tree *t, struct node *from, struct edge proto);
void edge_detach(struct edge *e);
/* Resolves the edge again. @hard: even when it leads where it did, forget whether it was satisfied. */
void edge_reload(struct edge *e, bool hard);
/* Enters the edges of a node that was placed into the tree's lists by name, or takes them out. */
void edges_enlist(struct tree *t, struct node *n);
void edges_delist(struct tree *t, struct node *n);
/* The node called @name came or went below @parent: resolves again what could have seen it. */
void edges_refresh_named(struct tree *t, struct node *parent, str name);
/* The nodes below and including @n, parents first; false, and not all of them, when there are more than @limit. */
bool nodes_below(struct arena *a, struct node *n, size_t limit, node_vec *out);
/* All edges of one name in the tree. */
const edge_vec *edges_named(const struct tree *t, str name);
/* The edge a virtual root has by @name, made when it is first asked for; NULL when it has none. */
struct edge *virtual_edge(struct tree *vr, str name);

/* ---- override_set.c (npm-tree.md 6.5) ---- */

struct override_set {
	struct override_set *parent;
	str key;		/* as written; null for the root set */
	str name;		/* package it applies to */
	str key_spec;		/* "*" unless the key has a spec; null for the root set */
	str value;		/* replacement; "*": leave the spec alone */
	struct range *key_range, *value_range; /* NULL when they are no ranges */
	struct map children;	/* key -> struct override_set * */
};

/* @json: the root manifest's `overrides`. E_GENERIC for a key without a name. NULL set when there are none. */
MUST_CHECK_ERR override_set_new(struct arena *a, const struct json *json, struct override_set **out);
bool override_sets_equal(const struct override_set *a, const struct override_set *b);
/* The rule for an edge out of a node governed by @set; @set itself when none applies. */
struct override_set *override_edge_rule(struct override_set *set, const struct edge *e);
/* The rule for a package that no edge led to. */
struct override_set *override_node_rule(struct override_set *set, str name, str version);
/* The more specific of two, or what they have in common; NULL (conflict) when they contradict each other. */
struct override_set *override_specific(struct override_set *a, struct override_set *b);
bool override_sets_conflict(struct override_set *a, struct override_set *b);

/* ---- override_flow.c: sets travel from edges to nodes and on to their edges ---- */

void node_add_edge_in(struct node *n, struct edge *e);
void node_drop_edge_in(struct node *n, struct edge *e);
bool node_overrides_added(struct node *n, struct override_set *set);
bool node_overrides_removed(struct node *n, struct override_set *set);

/* ---- dep_valid.c ---- */

/* @text in the eyes of @e: parsed, compared, with acceptDependencies as a second chance. */
bool dep_text_is_valid(struct node *n, const struct edge *e, str text);
