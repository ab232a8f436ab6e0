/* SPDX-License-Identifier: MIT
 * See dep_set.h. The shrinking half of a gathering is a work list: a member is asked again only
 * when something it is needed by has left. The result is the same as npm's repeated passes, without
 * their cost on long chains. */
#include "dep_set.h"
#include "node_priv.h"

/* ---- gathering ---- */

struct gathering {
	struct arena *arena;
	node_vec found; /* all that was ever in */
	node_vec again; /* to be asked whether they may stay */
	unsigned mark;
	dep_set_filter_fn filter;
	const void *ctx;
};

static void add(struct gathering *g, struct node *n)
{
	if (n->set_mark == g->mark)
		return;
	n->set_mark = g->mark;
	VEC_PUSH(g->arena, &g->found, n);
}

static bool is_needed_outside(const struct gathering *g, const struct node *n)
{
	for (size_t i = 0; i < n->edges_in.len; i++) {
		const struct edge *e = n->edges_in.items[i];

		if (e->from->set_mark != g->mark && g->filter(g->ctx, e))
			return true;
	}
	return false;
}

static void let_go(struct gathering *g, struct node *n)
{
	n->set_mark = 0;
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		const struct edge *e = it.val;

		if (e->to && e->to->set_mark == g->mark)
			VEC_PUSH(g->arena, &g->again, e->to);
	}
}

node_vec dep_set_gather(struct arena *a, const node_vec *seeds, dep_set_filter_fn filter,
			const void *ctx)
{
	struct gathering g = {
		.arena = a, .mark = tree_next_mark(NULL), .filter = filter, .ctx = ctx
	};
	node_vec kept = { 0 };

	for (size_t i = 0; i < seeds->len; i++)
		add(&g, seeds->items[i]);
	for (size_t i = 0; i < g.found.len; i++)
		for (struct map_iter it = map_iter(&g.found.items[i]->edges_out); map_next(&it);) {
			const struct edge *e = it.val;

			if (e->to && e->to->set_mark != g.mark && filter(ctx, e))
				add(&g, e->to);
		}
	for (size_t i = 0; i < g.found.len; i++)
		VEC_PUSH(a, &g.again, g.found.items[i]);
	for (size_t i = 0; i < g.again.len; i++) {
		struct node *n = g.again.items[i];

		if (n->set_mark == g.mark && is_needed_outside(&g, n))
			let_go(&g, n);
	}
	for (size_t i = 0; i < g.found.len; i++)
		if (g.found.items[i]->set_mark == g.mark)
			VEC_PUSH(a, &kept, g.found.items[i]);
	return kept;
}

static bool leads_elsewhere(const void *ctx, const struct edge *e)
{
	return e->to != ctx && edge_is_valid(e);
}

node_vec dep_set_of(struct arena *a, struct node *n)
{
	node_vec seed = { 0 };

	VEC_PUSH(a, &seed, n);
	return dep_set_gather(a, &seed, leads_elsewhere, n);
}

/* ---- optional sets ---- */

struct optional_ctx {
	unsigned mark;
};

static bool leaves_optional(const void *ctx, const struct edge *e)
{
	const struct optional_ctx *set = ctx;

	return !(e->to && e->to->mark == set->mark) && !e->from->inert;
}

node_vec dep_set_optional(struct arena *a, struct node *n)
{
	struct optional_ctx set = { tree_next_mark(n->tree) };
	node_vec up = { 0 };

	n->mark = set.mark;
	VEC_PUSH(a, &up, n);
	for (size_t i = 0; i < up.len; i++)
		for (size_t j = 0; j < up.items[i]->edges_in.len; j++) {
			const struct edge *e = up.items[i]->edges_in.items[j];

			if (edge_is_optional(e) || e->from->mark == set.mark)
				continue;
			e->from->mark = set.mark;
			VEC_PUSH(a, &up, e->from);
		}
	return dep_set_gather(a, &up, leaves_optional, &set);
}

/* ---- peer groups ---- */

static void collect(struct arena *a, node_vec *set, unsigned mark, struct node *n)
{
	if (n->mark == mark)
		return;
	n->mark = mark;
	VEC_PUSH(a, set, n);
}

/* Everything reached over valid peer edges, with @back also against their direction. */
static node_vec peers_around(struct arena *a, struct node *n, bool back)
{
	unsigned mark = tree_next_mark(n->tree);
	node_vec set = { 0 };

	collect(a, &set, mark, n);
	for (size_t i = 0; i < set.len; i++) {
		struct node *at = set.items[i];

		for (struct map_iter it = map_iter(&at->edges_out); map_next(&it);) {
			struct edge *e = it.val;

			if (edge_is_peer(e) && e->to && edge_is_valid(e))
				collect(a, &set, mark, e->to);
		}
		for (size_t j = 0; back && j < at->edges_in.len; j++) {
			struct edge *e = at->edges_in.items[j];

			if (edge_is_peer(e) && edge_is_valid(e))
				collect(a, &set, mark, e->from);
		}
	}
	return set;
}

static bool vec_has(const node_vec *v, const struct node *n)
{
	for (size_t i = 0; i < v->len; i++)
		if (v->items[i] == n)
			return true;
	return false;
}

peer_entry_vec peer_entry_sets(struct arena *a, struct node *n)
{
	node_vec all = peers_around(a, n, true);
	peer_entry_vec entries = { 0 };

	for (size_t i = 0; i < all.len; i++) {
		struct node *peer = all.items[i];
		node_vec group = { 0 };
		bool is_ours = false;

		for (size_t j = 0; j < peer->edges_in.len; j++) {
			struct edge *e = peer->edges_in.items[j];

			if ((edge_is_peer(e) && !node_is_top(e->from)) || !edge_is_valid(e))
				continue;
			if (!group.len) {
				group = peers_around(a, peer, false);
				is_ours = vec_has(&group, n);
			}
			if (is_ours)
				VEC_PUSH(a, &entries, (struct peer_entry){ e, group });
		}
	}
	return entries;
}

/* ---- replacing ---- */

static bool overrides_allow(const struct node *n, const struct node *old)
{
	if (!old->edges_out.count)
		return true;
	if (n->overrides)
		return override_sets_equal(n->overrides, old->overrides);
	return !old->overrides;
}

static bool comes_with_peers(const struct edge *e, const struct node *old, const struct node *peers)
{
	const struct node *child;

	if (!peers || node_is_top(old) || !edge_is_peer(e) || e->from->parent != old->parent)
		return false;
	child = node_child(peers, e->from->name);
	return child && str_eq(child->name, e->from->name);
}

bool node_can_replace(struct node *n, struct node *old, const struct node *peers)
{
	ARENA_SCOPE(tmp);
	node_vec own = { 0 };

	if (!str_eq(n->name, old->name) || !str_eq(n->manifest->name, old->manifest->name) ||
	    !overrides_allow(n, old))
		return false;
	for (size_t i = 0; i < old->edges_in.len; i++) {
		struct edge *e = old->edges_in.items[i];

		if (comes_with_peers(e, old, peers) || edge_is_satisfied_by(e, n))
			continue;
		/* Unhappy, but perhaps it goes away together with @old. Only now is it worth
		 * finding out. */
		if (!own.len)
			own = dep_set_of(tmp, old);
		if (!vec_has(&own, e->from))
			return false;
	}
	return true;
}

bool node_can_dedupe(struct node *n, bool prefer_dedupe, bool is_explicit)
{
	struct node *up = node_resolve_parent(n), *other;
	const struct semver *mine, *its;
	int order;

	if (!up || !node_resolve_parent(up) || node_in_dep_bundle(n))
		return false;
	if (!n->edges_in.len)
		return true;
	other = node_resolve(node_resolve_parent(up), n->name);
	if (!other)
		return false;
	if (node_matches(other, n))
		return true;
	if (!node_can_replace(other, n, NULL))
		return false;
	if (prefer_dedupe)
		return true;
	mine = node_semver(n);
	its = node_semver(other);
	order = mine && its ? semver_compare(its, mine) : -1;
	return order == 0 || (order > 0 && !node_is_overridden(n)) || is_explicit;
}
