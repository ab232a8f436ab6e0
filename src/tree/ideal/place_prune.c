/* SPDX-License-Identifier: MIT
 * Clearing away after a placement: copies that nobody needs any more, what only a replaced package
 * needed, peer groups that must move. See place.h. Removing is always by sets, so that what a
 * package dragged in goes with it. */
#include "place.h"
#include "dep_set.h"

/* ---- superfluous copies ---- */

static int by_location(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
	int order = str_collate(x->location, y->location);

	return order ? order : (x->order < y->order ? -1 : 1);
}

static node_vec sorted_children(struct arena *a, const struct node *n)
{
	node_vec kids = { 0 };

	for (struct map_iter it = map_iter(&n->children); map_next(&it);)
		VEC_PUSH(a, &kids, it.val);
	VEC_SORT(&kids, by_location);
	return kids;
}

static bool can_go(const struct placement *p, struct node *n)
{
	return node_can_dedupe(n, p->placer->opts->prefer_dedupe, p->is_explicit);
}

static void remove_with_deps(struct node *n)
{
	ARENA_SCOPE(tmp);
	node_vec set = dep_set_of(tmp, n);

	for (size_t i = 0; i < set.len; i++)
		node_detach(set.items[i]);
}

/* Anything at or below @n that could go? Most searches find nothing; this one needs no sorting. */
static bool is_worth_a_search(const struct placement *p, struct node *n)
{
	ARENA_SCOPE(tmp);
	node_vec walk = { 0 };

	VEC_PUSH(tmp, &walk, n);
	for (size_t i = 0; i < walk.len; i++) {
		struct node *at = walk.items[i];

		if (can_go(p, at))
			return true;
		for (struct map_iter it = map_iter(&at->children); map_next(&it);)
			VEC_PUSH(tmp, &walk, it.val);
		for (size_t j = 0; j < at->fs_children.len; j++)
			for (struct map_iter it = map_iter(&at->fs_children.items[j]->children);
			     map_next(&it);)
				VEC_PUSH(tmp, &walk, it.val);
	}
	return false;
}

static void search(struct placement *p, struct node *top)
{
	ARENA_SCOPE(tmp);
	node_vec stack = { 0 };

	VEC_PUSH(tmp, &stack, top);
	while (stack.len) {
		struct node *n = VEC_POP(&stack);
		node_vec kids, tops = { 0 };

		if (!n->tree)
			continue;
		if (can_go(p, n)) {
			remove_with_deps(n);
			continue;
		}
		/* Pushed last to first: node_modules in order, then that of the workspaces below.
		 */
		for (size_t i = 0; i < n->fs_children.len; i++)
			VEC_PUSH(tmp, &tops, n->fs_children.items[i]);
		VEC_SORT(&tops, by_location);
		for (size_t i = tops.len; i-- > 0;) {
			kids = sorted_children(tmp, tops.items[i]);
			for (size_t j = kids.len; j-- > 0;)
				VEC_PUSH(tmp, &stack, kids.items[j]);
		}
		kids = sorted_children(tmp, n);
		for (size_t j = kids.len; j-- > 0;)
			VEC_PUSH(tmp, &stack, kids.items[j]);
	}
}

void placement_prune(struct placement *p, struct node *n, bool descend)
{
	struct placer *placer = p->placer;
	struct tree *t = placer->tree;

	if (!descend) {
		if (can_go(p, n))
			remove_with_deps(n);
		return;
	}
	/* Nothing moved since a search of the same place found nothing. */
	if (placer->clean.target == n && placer->clean.generation == t->generation &&
	    placer->clean.is_explicit == p->is_explicit)
		return;
	if (is_worth_a_search(p, n))
		search(p, n);
	else {
		placer->clean.target = n;
		placer->clean.generation = t->generation;
		placer->clean.is_explicit = p->is_explicit;
	}
}

/* ---- replacing ---- */

static bool leads_elsewhere(const void *ctx, const struct edge *e)
{
	return e->to != ctx;
}

static bool is_group_member(const void *ctx, const struct edge *e)
{
	return e->to != ctx && !e->peer_conflicted;
}

static bool is_not_of(const void *ctx, const struct edge *e)
{
	return e->from != ctx && e->to != ctx && edge_is_valid(e);
}

static void append(struct arena *a, node_vec *to, const node_vec *from)
{
	for (size_t i = 0; i < from->len; i++)
		VEC_PUSH(a, to, from->items[i]);
}

static void append_new(struct arena *a, node_vec *to, struct node *n)
{
	for (size_t i = 0; i < to->len; i++)
		if (to->items[i] == n)
			return;
	VEC_PUSH(a, to, n);
}

/* What the old node needs and the new one does not, with all that hangs on it. */
static node_vec left_behind(struct arena *a, const struct placement *p)
{
	node_vec old_deps = { 0 };

	for (struct map_iter it = map_iter(&p->old->edges_out); map_next(&it);) {
		const struct edge *e = it.val;
		node_vec seed = { 0 }, set;

		if (!e->to || node_edge(p->placed, e->name))
			continue;
		VEC_PUSH(a, &seed, e->to);
		set = dep_set_gather(a, &seed, leads_elsewhere, e->to);
		append(a, &old_deps, &set);
	}
	return old_deps;
}

/* Peer groups beside the old node that the new one breaks. Those that can live deeper are returned,
 * to be taken out and placed again; for the rest the dependency is overridden. */
static node_vec broken_groups(struct arena *a, struct placement *p)
{
	node_vec broken = { 0 };
	edge_vec in = { 0 };

	for (size_t i = 0; i < p->old->edges_in.len; i++)
		VEC_PUSH(a, &in, p->old->edges_in.items[i]);
	for (size_t i = 0; i < in.len; i++) {
		struct edge *e = in.items[i];
		peer_entry_vec entries;

		if (edge_is_satisfied_by(e, p->placed) || !edge_is_peer(e) || e->peer_conflicted ||
		    e->from->parent != p->old->parent)
			continue;
		entries = peer_entry_sets(a, e->from);
		for (size_t j = 0; j < entries.len; j++) {
			struct edge *entry = entries.items[j].edge;
			node_vec seed = { 0 }, set;

			if (entry->from->is_root || node_is_workspace(entry->from)) {
				placement_warn_conflict(p, e, p->dep);
				continue;
			}
			VEC_PUSH(a, &seed, entry->to);
			set = dep_set_gather(a, &seed, is_group_member, entry->to);
			append(a, &broken, &set);
		}
	}
	return broken;
}

/* Targets of edges that broke and what the old node left behind, as far as nobody else needs them.
 */
static void remove_leftovers(struct arena *a, struct node *placed, const node_vec *old_deps)
{
	node_vec suspects = { 0 }, set;

	for (struct map_iter it = map_iter(&placed->edges_out); map_next(&it);) {
		struct edge *e = it.val;

		if (e->to && !edge_is_valid(e))
			append_new(a, &suspects, e->to);
	}
	for (size_t i = 0; i < old_deps->len; i++) {
		set = dep_set_of(a, old_deps->items[i]);
		for (size_t j = 0; j < set.len; j++)
			append_new(a, &suspects, set.items[j]);
	}
	set = dep_set_gather(a, &suspects, is_not_of, placed);
	for (size_t i = 0; i < set.len; i++)
		node_detach(set.items[i]);
}

void placement_replace_old(struct placement *p)
{
	ARENA_SCOPE(tmp);
	node_vec old_deps = left_behind(tmp, p);
	node_vec broken = broken_groups(tmp, p);

	node_replace(p->placed, p->old);
	remove_leftovers(tmp, p->placed, &old_deps);
	for (size_t i = 0; i < broken.len; i++) {
		struct node *n = broken.items[i];

		for (size_t j = 0; j < n->edges_in.len; j++)
			append_new(p->placer->arena, &p->need_evaluation,
				   n->edges_in.items[j]->from);
		node_detach(n);
	}
}
