/* SPDX-License-Identifier: MIT
 * An order in which members can be built. Where members need each other there is none, so links
 * have to give: which ones must not depend on chance, or a build would work on one machine alone.
 *
 *	knots        strongly connected sets, by Tarjan's walk
 *	order        each member after what it needs, in the given order; inside a knot without
 *	             the links for development, and without whatever still closes a cycle
 *	broken       the links that then lead forward
 *
 * A test framework that is tested with its own plugins is the usual knot: the plugins need the
 * framework to be built, the framework needs them for its tests only.
 */
#include "member_order.h"

#define NONE SIZE_MAX

/* A member on the way down, and the next of its links. */
struct step {
	size_t member, link;
};

struct walk {
	struct arena *arena;
	struct member_graph *graph;
	struct step *path; /* from where the walk began to where it is */
	size_t depth;
	size_t *knot; /* of each member; NONE: not known yet */
	size_t nknots;
	size_t *knot_size;
};

/* ---- knots ---- */

struct tarjan {
	size_t *seen, *low; /* seen: 0 is never */
	size_t *open;       /* members whose knot is not known yet */
	size_t nopen, clock;
};

static void enter(struct walk *w, struct tarjan *t, size_t member)
{
	t->seen[member] = t->low[member] = ++t->clock;
	t->open[t->nopen++] = member;
	w->path[w->depth++] = (struct step){ .member = member };
}

static void leave(struct walk *w, struct tarjan *t, size_t member)
{
	size_t above = w->depth ? w->path[w->depth - 1].member : member;

	t->low[above] = MIN(t->low[above], t->low[member]);
	if (t->low[member] != t->seen[member])
		return;
	for (size_t last = NONE; last != member;) {
		last = t->open[--t->nopen];
		w->knot[last] = w->nknots;
		w->knot_size[w->nknots]++;
	}
	w->nknots++;
}

static void find_knots_from(struct walk *w, struct tarjan *t, size_t start)
{
	enter(w, t, start);
	while (w->depth > 0) {
		struct step *at = &w->path[w->depth - 1];
		const struct member *m = &w->graph->items[at->member];

		if (at->link == m->needs.len) {
			size_t done = at->member;

			w->depth--;
			leave(w, t, done);
			continue;
		}
		size_t to = m->needs.items[at->link++].to;
		if (!t->seen[to])
			enter(w, t, to);
		else if (w->knot[to] == NONE)
			t->low[at->member] = MIN(t->low[at->member], t->seen[to]);
	}
}

static void find_knots(struct walk *w)
{
	size_t n = w->graph->count;
	struct tarjan t = { 0 };

	t.seen = ARENA_ARRAY(w->arena, size_t, n + 1);
	t.low = ARENA_ARRAY(w->arena, size_t, n + 1);
	t.open = ARENA_ARRAY(w->arena, size_t, n + 1);
	for (size_t i = 0; i < n; i++)
		w->knot[i] = NONE;
	for (size_t i = 0; i < n; i++)
		if (!t.seen[i])
			find_knots_from(w, &t, i);
}

/* ---- order ---- */

static bool is_in_knot(const struct walk *w, size_t from, size_t to)
{
	return w->knot[from] == w->knot[to];
}

/* Links that the order does not care for. */
static bool gives_way(const struct walk *w, size_t from, const struct member_link *l)
{
	return l->type == EDGE_DEV && is_in_knot(w, from, l->to);
}

static void order_from(struct walk *w, bool *is_seen, size_t *count, size_t start)
{
	w->path[w->depth++] = (struct step){ .member = start };
	is_seen[start] = true;
	while (w->depth > 0) {
		struct step *at = &w->path[w->depth - 1];
		struct member *m = &w->graph->items[at->member];

		if (at->link == m->needs.len) {
			m->rank = *count;
			w->graph->order[(*count)++] = at->member;
			w->depth--;
			continue;
		}
		const struct member_link *l = &m->needs.items[at->link++];
		if (is_seen[l->to] || gives_way(w, at->member, l))
			continue;
		is_seen[l->to] = true;
		w->path[w->depth++] = (struct step){ .member = l->to };
	}
}

static void find_order(struct walk *w)
{
	struct member_graph *g = w->graph;
	bool *is_seen = ARENA_ARRAY(w->arena, bool, g->count + 1);
	size_t count = 0;

	for (size_t i = 0; i < g->count; i++)
		if (!is_seen[i])
			order_from(w, is_seen, &count, i);
	for (size_t i = 0; i < g->count; i++)
		VEC_EACH (struct member_link, l, &g->items[i].needs)
			l->is_broken = g->items[l->to].rank > g->items[i].rank;
}

/* ---- cycles to show ---- */

/* The shortest way round through @start that stays in its knot: breadth first, then back. */
static struct member_cycle cycle_through(struct walk *w, struct arena *a, size_t start)
{
	const struct member_graph *g = w->graph;
	size_t *before = ARENA_ARRAY(w->arena, size_t, g->count);
	size_t *agenda = ARENA_ARRAY(w->arena, size_t, g->count + 1);
	struct member_cycle c = { 0 };
	size_t ntodo = 1;

	for (size_t i = 0; i < g->count; i++)
		before[i] = NONE;
	agenda[0] = start;
	for (size_t at = 0; at < ntodo && before[start] == NONE; at++)
		VEC_EACH (struct member_link, l, &g->items[agenda[at]].needs) {
			if (!is_in_knot(w, start, l->to) || before[l->to] != NONE)
				continue;
			before[l->to] = agenda[at];
			agenda[ntodo++] = l->to;
		}
	c.members = ARENA_ARRAY(a, size_t, w->knot_size[w->knot[start]]);
	for (size_t i = before[start]; i != start; i = before[i])
		c.count++;
	for (size_t i = before[start], at = c.count; i != start; i = before[i])
		c.members[at--] = i;
	c.members[0] = start;
	c.count++;
	return c;
}

static void find_cycles(struct walk *w, struct arena *a)
{
	bool *is_shown = ARENA_ARRAY(w->arena, bool, w->nknots + 1);

	for (size_t i = 0; i < w->graph->count; i++) {
		size_t knot = w->knot[i];

		if (w->knot_size[knot] < 2 || is_shown[knot])
			continue;
		is_shown[knot] = true;
		VEC_PUSH(a, &w->graph->cycles, cycle_through(w, a, i));
	}
}

void member_order_find(struct arena *a, struct member_graph *g)
{
	ARENA_SCOPE(tmp);
	struct walk w = { .arena = tmp, .graph = g };

	w.path = ARENA_ARRAY(tmp, struct step, g->count + 1);
	w.knot = ARENA_ARRAY(tmp, size_t, g->count + 1);
	w.knot_size = ARENA_ARRAY(tmp, size_t, g->count + 1);
	g->order = ARENA_ARRAY(a, size_t, g->count + 1);
	find_knots(&w);
	find_order(&w);
	find_cycles(&w, a);
}
