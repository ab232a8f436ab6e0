/* SPDX-License-Identifier: MIT
 * Layered drawing of a graph, in the four steps of Sugiyama:
 *
 *	columns    one further left than the leftmost of what a member needs
 *	bends      a link that passes a column gets a point there, so that it has a place of its own
 *	order      each column sorted by where its neighbours stand, to and fro, so that few links
 *cross places     each node as near to its neighbours as the order and the boxes allow
 */
#include "member_layout.h"

#include <stdlib.h>

#define ORDER_ROUNDS 12
#define PLACE_ROUNDS 8
#define BEND_HEIGHT  4.0

struct maker {
	struct arena *arena;
	const struct project_graph *project;
	struct layout *layout;
	size_t *node_of; /* member -> node */
	double height, gap;
};

/* ---- columns ---- */

static size_t *find_levels(struct maker *m, size_t *highest)
{
	const struct member_graph *g = &m->project->graph;
	size_t *levels = ARENA_ARRAY(m->arena, size_t, g->count + 1);

	*highest = 0;
	for (size_t rank = 0; rank < g->count; rank++) {
		size_t i = g->order[rank];

		VEC_EACH (struct member_link, l, &g->items[i].needs)
			if (!l->is_broken && m->project->is_chosen[l->to])
				levels[i] = MAX(levels[i], levels[l->to] + 1);
		if (m->project->is_chosen[i])
			*highest = MAX(*highest, levels[i]);
	}
	return levels;
}

static size_t add_node(struct maker *m, size_t member, size_t column)
{
	struct layout *l = m->layout;
	double height = member == LAYOUT_BEND ? BEND_HEIGHT : m->height;

	VEC_PUSH(m->arena, &l->nodes,
		 (struct layout_node){ .member = member, .column = column, .height = height });
	VEC_PUSH(m->arena, &l->columns[column].nodes, l->nodes.len - 1);
	return l->nodes.len - 1;
}

static void add_members(struct maker *m)
{
	const struct member_graph *g = &m->project->graph;
	size_t highest, *levels = find_levels(m, &highest);

	m->layout->ncolumns = highest + 1;
	m->layout->columns = ARENA_ARRAY(m->arena, struct layout_column, highest + 1);
	m->node_of = ARENA_ARRAY(m->arena, size_t, g->count + 1);
	for (size_t i = 0; i < g->count; i++)
		if (m->project->is_chosen[i])
			m->node_of[i] = add_node(m, i, highest - levels[i]);
}

/* ---- links and their bends ---- */

static void add_link(struct maker *m, size_t from, const struct member_link *link)
{
	struct layout *lay = m->layout;
	struct layout_link l = { .from = from, .to = link->to, .link = link };
	size_t left = m->node_of[from], right = m->node_of[link->to];

	l.is_backward = lay->nodes.items[left].column >= lay->nodes.items[right].column;
	if (l.is_backward) {
		size_t other = left;

		left = right;
		right = other;
	}
	size_t end = lay->nodes.items[right].column;
	VEC_PUSH(m->arena, &l.nodes, left);
	for (size_t c = lay->nodes.items[left].column + 1; c < end; c++)
		VEC_PUSH(m->arena, &l.nodes, add_node(m, LAYOUT_BEND, c));
	VEC_PUSH(m->arena, &l.nodes, right);
	for (size_t i = 1; i < l.nodes.len && lay->nodes.items[left].column < end; i++) {
		size_t a = l.nodes.items[i - 1], b = l.nodes.items[i];

		VEC_PUSH(m->arena, &lay->nodes.items[a].right, b);
		VEC_PUSH(m->arena, &lay->nodes.items[b].left, a);
	}
	VEC_PUSH(m->arena, &lay->links, l);
}

static void add_links(struct maker *m)
{
	const struct member_graph *g = &m->project->graph;

	for (size_t i = 0; i < g->count; i++)
		VEC_EACH (struct member_link, l, &g->items[i].needs)
			if (m->project->is_chosen[i] && m->project->is_chosen[l->to])
				add_link(m, i, l);
}

/* ---- order and places ---- */

/* Mean of the neighbours' middles; its own where there are none. */
static double wanted_y(const struct layout *l, const struct layout_node *n, bool from_left)
{
	const size_t *items = from_left ? n->left.items : n->right.items;
	size_t count = from_left ? n->left.len : n->right.len;
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += l->nodes.items[items[i]].y;
	return count ? sum / (double)count : n->y;
}

static double distance(const struct maker *m, const struct layout_node *a,
		       const struct layout_node *b)
{
	return (a->height + b->height) / 2 + m->gap;
}

static void stack_column(struct maker *m, struct layout_column *c)
{
	struct layout_node *nodes = m->layout->nodes.items;

	for (size_t i = 0; i < c->nodes.len; i++) {
		struct layout_node *n = &nodes[c->nodes.items[i]];

		n->y = i ? nodes[c->nodes.items[i - 1]].y +
				       distance(m, &nodes[c->nodes.items[i - 1]], n)
			 : 0;
	}
}

struct placed {
	size_t node, before; /* before: where it stood, so that equals keep their order */
	double y;
};

static int compare_placed(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->y != y->y)
		return x->y < y->y ? -1 : 1;
	return x->before < y->before ? -1 : x->before > y->before;
}

static void sort_column(struct maker *m, struct layout_column *c, bool from_left)
{
	ARENA_SCOPE(tmp);
	struct placed *placed = ARENA_ARRAY(tmp, struct placed, c->nodes.len + 1);

	for (size_t i = 0; i < c->nodes.len; i++) {
		size_t node = c->nodes.items[i];
		double y = wanted_y(m->layout, &m->layout->nodes.items[node], from_left);

		placed[i] = (struct placed){ node, i, y };
	}
	if (c->nodes.len > 1)
		qsort(placed, c->nodes.len, sizeof(*placed), compare_placed);
	for (size_t i = 0; i < c->nodes.len; i++)
		c->nodes.items[i] = placed[i].node;
	stack_column(m, c);
}

/* The mean of two ways to keep distance: pushed down from the top, and up from the bottom. */
static void settle_column(struct maker *m, struct layout_column *c, bool from_left)
{
	ARENA_SCOPE(tmp);
	struct layout_node *nodes = m->layout->nodes.items;
	size_t count = c->nodes.len;
	double *down = ARENA_ARRAY(tmp, double, count + 1);
	double *up = ARENA_ARRAY(tmp, double, count + 1);

	for (size_t i = 0; i < count; i++)
		down[i] = up[i] = wanted_y(m->layout, &nodes[c->nodes.items[i]], from_left);
	for (size_t i = 1; i < count; i++) {
		double apart = distance(m, &nodes[c->nodes.items[i - 1]],
					&nodes[c->nodes.items[i]]);

		down[i] = MAX(down[i], down[i - 1] + apart);
	}
	for (size_t i = count; i-- > 1;) {
		double apart = distance(m, &nodes[c->nodes.items[i - 1]],
					&nodes[c->nodes.items[i]]);

		up[i - 1] = MIN(up[i - 1], up[i] - apart);
	}
	for (size_t i = 0; i < count; i++)
		nodes[c->nodes.items[i]].y = (down[i] + up[i]) / 2;
}

typedef void (*column_fn)(struct maker *m, struct layout_column *c, bool from_left);

/* To the right by the left neighbours, and back by the right ones. */
static void sweep(struct maker *m, unsigned rounds, column_fn arrange)
{
	struct layout *l = m->layout;

	for (unsigned round = 0; round < rounds; round++) {
		for (size_t i = 1; i < l->ncolumns; i++)
			arrange(m, &l->columns[i], true);
		for (size_t i = l->ncolumns; i-- > 1;)
			arrange(m, &l->columns[i - 1], false);
	}
}

static void move_to_top(struct layout *l)
{
	double top = l->nodes.len ? l->nodes.items[0].y : 0, bottom = top;

	VEC_EACH (struct layout_node, n, &l->nodes) {
		top = MIN(top, n->y - n->height / 2);
		bottom = MAX(bottom, n->y + n->height / 2);
	}
	VEC_EACH (struct layout_node, n, &l->nodes)
		n->y -= top;
	l->height = bottom - top;
}

void member_layout_make(struct arena *a, const struct project_graph *p, double height, double gap,
			struct layout *out)
{
	struct maker m = { .arena = a, .project = p, .layout = out, .height = height, .gap = gap };

	*out = (struct layout){ 0 };
	add_members(&m);
	add_links(&m);
	for (size_t i = 0; i < out->ncolumns; i++)
		stack_column(&m, &out->columns[i]);
	sweep(&m, ORDER_ROUNDS, sort_column);
	sweep(&m, PLACE_ROUNDS, settle_column);
	move_to_top(out);
}
