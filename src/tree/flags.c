/* SPDX-License-Identifier: MIT
 * What a package is there for (npm-tree.md 9). All marks start set on all nodes and are only ever
 * cleared, walking out from the root: a node that changes is walked again, so each node is walked
 * at most once per mark. Twin of arborist's calc-dep-flags.js. */
#include "cpm/tree/flags.h"

#include "cpm/base/trace.h"

struct flag_walk {
	struct arena *arena;
	node_vec stack, visited;
	unsigned mark;
};

static void set_all(struct node *n, bool value)
{
	n->extraneous = n->dev = n->optional = n->dev_optional = n->peer = value;
}

/* What is below node_modules of something that stays has to stay reachable: its parents stay too.
 */
static void keep_parents(struct node *n)
{
	for (struct node *up = node_resolve_parent(n); up && up->extraneous;
	     up = node_resolve_parent(up))
		up->extraneous = false;
}

static bool clear(bool *flag, bool may_clear)
{
	if (!*flag || !may_clear)
		return false;
	*flag = false;
	return true;
}

static void walk_link(struct flag_walk *w, struct node *link)
{
	struct node *t = link->target;
	bool changed = false;

	if (!t)
		return;
	changed |= clear(&t->dev, !link->dev);
	changed |= clear(&t->optional, !link->optional);
	changed |= clear(&t->dev_optional, !link->dev_optional);
	changed |= clear(&t->peer, !link->peer);
	changed |= clear(&t->extraneous, !link->extraneous);
	if (changed || t->mark != w->mark)
		VEC_PUSH(w->arena, &w->stack, t);
}

static void walk_edge(struct flag_walk *w, struct node *n, const struct edge *e)
{
	struct node *t = e->to;
	bool is_dev = e->type == EDGE_DEV, is_optional = edge_is_optional(e);
	bool changed = false;

	if (!t)
		return;
	changed |= clear(&t->extraneous, !n->extraneous && e->type != EDGE_PEER_OPTIONAL);
	changed |= clear(&t->dev, !n->dev && !is_dev);
	changed |= clear(&t->optional, !n->optional && !is_optional);
	/* devOptional: needed by development and by optional packages, by neither alone. */
	changed |= clear(&t->dev_optional,
			 !n->dev_optional && !n->dev && !n->optional && !is_dev && !is_optional);
	changed |= clear(&t->peer, !n->peer && !edge_is_peer(e));
	if (changed)
		VEC_PUSH(w->arena, &w->stack, t);
}

static void walk_node(struct flag_walk *w, struct node *n)
{
	if (n->mark != w->mark) {
		n->mark = w->mark;
		VEC_PUSH(w->arena, &w->visited, n);
	}
	if (!n->extraneous)
		keep_parents(n);
	if (n->is_link) {
		walk_link(w, n);
		return;
	}
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
		walk_edge(w, n, it.val);
}

void flags_spread(struct node *from)
{
	ARENA_SCOPE(tmp);
	struct flag_walk w = { .arena = tmp, .mark = tree_next_mark(from->tree) };

	VEC_PUSH(tmp, &w.stack, from);
	while (w.stack.len)
		walk_node(&w, VEC_POP(&w.stack));
	for (size_t i = 0; i < w.visited.len; i++) {
		struct node *n = w.visited.items[i];

		if (n != from && (n->dev || n->optional))
			n->dev_optional = false;
	}
}

void flags_calc(struct tree *t)
{
	TRACE(FLAGS);

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		set_all(it.val, true);
	set_all(t->root, false);
	flags_spread(t->root);
}
