/* SPDX-License-Identifier: MIT
 * Relations between packages. npm looks from each package up, over and over; the answers are the
 * same as those of one walk down from where the relation begins, which costs the tree once instead
 * of once for each package. */
#include "query_priv.h"
#include "node_priv.h"

/* ---- sets ---- */

/* Membership by node->order. */
static bool *members_of(struct query_run *run, struct arena *scratch, const node_vec *nodes)
{
	bool *in = ARENA_ARRAY(scratch, bool, run->tree->order + 1);

	for (size_t i = 0; i < nodes->len; i++)
		in[nodes->items[i]->order] = true;
	return in;
}

struct closure {
	struct arena *scratch;
	bool *in;
	node_vec agenda;
};

static void add(struct closure *c, struct node *n)
{
	if (!n || c->in[n->order])
		return;
	c->in[n->order] = true;
	VEC_PUSH(c->scratch, &c->agenda, n);
}

static void add_needs(struct closure *c, struct node *n)
{
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
		add(c, ((struct edge *)it.val)->to);
}

/* ---- ">" ---- */

/* The project or a member has @n as its own by a link of its own. */
static bool is_linked_from(const struct node *n, const struct node *parent)
{
	for (size_t i = 0; i < n->links_in.len; i++)
		if (n->links_in.items[i]->parent == parent)
			return true;
	return false;
}

static bool has_parent(const struct node *n, const bool *parents)
{
	const struct node *up = node_resolve_parent(n);

	if (node_is_top(n) && up && parents[up->order] && is_linked_from(n, up))
		return true;
	for (size_t i = 0; i < n->edges_in.len; i++)
		if (parents[n->edges_in.items[i]->from->order])
			return true;
	return false;
}

/* A link stands for what it leads to. */
static node_vec targets_of(struct arena *scratch, const node_vec *nodes)
{
	node_vec out = { 0 };

	for (size_t i = 0; i < nodes->len; i++)
		VEC_PUSH(scratch, &out,
			 nodes->items[i]->is_link && nodes->items[i]->target
				 ? nodes->items[i]->target
				 : nodes->items[i]);
	return out;
}

/* ---- " " ---- */

/* Children in the sense of has_parent(), and all that hangs below them. */
static bool *all_below(struct query_run *run, struct arena *scratch, const bool *parents)
{
	struct closure c = { .scratch = scratch };

	c.in = ARENA_ARRAY(scratch, bool, run->tree->order + 1);
	for (size_t i = 0; i < run->inventory.len; i++)
		if (has_parent(run->inventory.items[i], parents))
			add(&c, run->inventory.items[i]);
	for (size_t i = 0; i < c.agenda.len; i++) {
		struct node *n = c.agenda.items[i];

		add_needs(&c, n);
		for (size_t j = 0; j < n->fs_children.len; j++)
			if (node_is_top(n->fs_children.items[j]))
				add(&c, n->fs_children.items[j]);
		if (n->is_link)
			add(&c, n->target);
	}
	return c.in;
}

/* What is missing is in no tree, but what misses it is. */
static bool is_needed_from(const struct node *n, const bool *in)
{
	for (size_t i = 0; i < n->edges_in.len; i++)
		if (in[n->edges_in.items[i]->from->order])
			return true;
	return false;
}

/* ---- "~" ---- */

static node_vec dependents_of(struct arena *scratch, const node_vec *nodes)
{
	node_vec out = { 0 };

	for (size_t i = 0; i < nodes->len; i++)
		for (size_t j = 0; j < nodes->items[i]->edges_in.len; j++)
			VEC_PUSH(scratch, &out, nodes->items[i]->edges_in.items[j]->from);
	return out;
}

/* ---- joining ---- */

node_vec query_join(struct query_run *run, enum query_join join, const node_vec *prev,
		    const node_vec *next)
{
	ARENA_SCOPE(scratch);
	node_vec up = join == JOIN_SIBLING ? dependents_of(scratch, prev)
					   : targets_of(scratch, prev),
		 out = { 0 };
	const bool *parents = members_of(run, scratch, &up), *self = members_of(run, scratch, prev);
	const bool *below = join == JOIN_BELOW ? all_below(run, scratch, parents) : NULL;

	for (size_t i = 0; i < next->len; i++) {
		struct node *n = next->items[i];
		bool holds = has_parent(n, parents);

		if (join == JOIN_BELOW)
			holds = holds || below[n->order] || is_needed_from(n, below);
		else if (join == JOIN_SIBLING)
			holds = holds && !self[n->order];
		if (holds)
			VEC_PUSH(run->arena, &out, n);
	}
	return out;
}

/* ---- kinds ---- */

static bool is_of_kind(const struct node *n, enum query_kind kind)
{
	return kind == KIND_DEV ? n->dev : kind == KIND_OPTIONAL ? n->optional : n->peer;
}

static bool *all_of_kind(struct query_run *run, struct arena *scratch, enum query_kind kind)
{
	enum edge_type type = kind == KIND_DEV        ? EDGE_DEV
			      : kind == KIND_OPTIONAL ? EDGE_OPTIONAL
						      : EDGE_PEER;
	struct closure c = { .scratch = scratch };

	c.in = ARENA_ARRAY(scratch, bool, run->tree->order + 1);
	for (size_t i = 0; i < run->inventory.len; i++) {
		struct node *n = run->inventory.items[i];

		if (is_of_kind(n, kind))
			add(&c, n);
		for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
			if (((struct edge *)it.val)->type == type)
				add(&c, ((struct edge *)it.val)->to);
	}
	for (size_t i = 0; i < c.agenda.len; i++)
		add_needs(&c, c.agenda.items[i]);
	return c.in;
}

node_vec query_of_kind(struct query_run *run, enum query_kind kind, const node_vec *items)
{
	ARENA_SCOPE(scratch);
	bool is_inherited = kind == KIND_DEV || kind == KIND_OPTIONAL || kind == KIND_PEER;
	const bool *in = is_inherited ? all_of_kind(run, scratch, kind) : NULL;
	node_vec out = { 0 };

	for (size_t i = 0; i < items->len; i++) {
		struct node *n = items->items[i];
		bool holds;

		if (is_inherited)
			holds = in[n->order] || is_of_kind(n, kind) || is_needed_from(n, in);
		else if (kind == KIND_PROD)
			holds = !n->dev;
		else
			holds = kind == KIND_WORKSPACE ? node_is_workspace(n) : node_in_bundle(n);
		if (holds)
			VEC_PUSH(run->arena, &out, n);
	}
	return out;
}
