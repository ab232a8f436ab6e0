/* SPDX-License-Identifier: MIT
 * How override sets travel (npm-tree.md 6.5): an edge gets its set from the node it leaves, the
 * node it reaches takes the most specific set of its edges, and hands it on. Trees without
 * overrides pay one comparison per edge. Twin of the override half of arborist's node.js and
 * link.js. */
#include "node_priv.h"

/* Some rule of @set names a package that @top, or something it needs, depends on. */
static bool matches_below(struct override_set *set, struct node *top)
{
	ARENA_SCOPE(tmp);
	unsigned mark = tree_next_mark(top->tree);
	node_vec stack = { 0 };

	VEC_PUSH(tmp, &stack, top);
	while (stack.len) {
		struct node *n = VEC_POP(&stack);

		if (n->is_link)
			n = n->target;
		if (!n || n->mark == mark)
			continue;
		n->mark = mark;
		for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
			struct edge *e = it.val;
			struct override_set *rule = override_edge_rule(set, e);

			if (str_eq(rule->name, e->name))
				return true;
			if (e->to)
				VEC_PUSH(tmp, &stack, e->to);
		}
	}
	return false;
}

static void pass_on(struct node *n)
{
	if (n->is_link) {
		if (n->target && n->overrides && matches_below(n->overrides, n->target))
			node_overrides_added(n->target, n->overrides);
		return;
	}
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		struct edge *e = it.val;

		edge_reload(e, true);
		if (e->to)
			node_overrides_added(e->to, e->overrides);
	}
}

bool node_overrides_added(struct node *n, struct override_set *set)
{
	struct override_set *both;

	if (!set)
		return false;
	if (!n->overrides) {
		n->overrides = set;
		pass_on(n);
		return true;
	}
	if (override_sets_equal(n->overrides, set))
		return false;
	both = override_specific(n->overrides, set);
	if (!both || override_sets_equal(n->overrides, both))
		return false;
	n->overrides = both;
	pass_on(n);
	return true;
}

bool node_overrides_removed(struct node *n, struct override_set *set)
{
	struct override_set *left = NULL;

	if (!n->overrides || !override_sets_equal(n->overrides, set))
		return false;
	for (size_t i = 0; i < n->edges_in.len; i++) {
		struct override_set *other = n->edges_in.items[i]->overrides;

		left = left && other ? override_specific(other, left) : other;
	}
	if (override_sets_equal(n->overrides, left))
		return false;
	n->overrides = left;
	if (left)
		pass_on(n);
	return true;
}

void node_add_edge_in(struct node *n, struct edge *e)
{
	if (e->overrides && (!n->overrides || !override_sets_equal(n->overrides, e->overrides)))
		node_overrides_added(n, e->overrides);
	VEC_PUSH(n->children.arena, &n->edges_in, e);
}

void node_drop_edge_in(struct node *n, struct edge *e)
{
	for (size_t i = n->edges_in.len; i-- > 0;)
		if (n->edges_in.items[i] == e) {
			VEC_REMOVE_AT(&n->edges_in, i);
			break;
		}
	if (e->overrides)
		node_overrides_removed(n, e->overrides);
}

bool node_is_overridden(const struct node *n)
{
	if (!n->overrides || str_is_empty(n->overrides->value) ||
	    !str_eq(n->overrides->name, n->name))
		return false;
	for (size_t i = 0; i < n->edges_in.len; i++) {
		const struct edge *e = n->edges_in.items[i];

		if (e->overrides && str_eq(e->overrides->name, n->name) &&
		    str_eq(e->overrides->value, node_version(n)) &&
		    !override_sets_equal(e->overrides, e->from->overrides))
			return true;
	}
	return false;
}
