/* SPDX-License-Identifier: MIT
 * Explanations are found depth first: a package is explained by its dependents, each of these by
 * its own, up to the project. Going round in a circle is cut at the package that is being explained
 * already, and what is finished is remembered, the cuts too until the package itself is finished:
 * which of the many true answers comes out depends on that order, and it is npm's. A stack of our
 * own, because chains of dependents come from outside. */
#include "cpm/tree/explain.h"

struct frame {
	struct explanation *x;
	size_t next_edge, next_link;
	bool is_kept; /* remembered when finished: all but links on the way to their targets */
};

struct state {
	struct arena *arena;
	struct explanation **known; /* by node->order */
	bool *is_open;              /* the same: on the stack */
	struct map edges;           /* bytes of the edge's address -> struct explained_edge * */
	size_t count;
	VEC(struct frame) stack;
};

static struct explanation *begin(struct state *s, struct node *n)
{
	struct explanation *x = ARENA_NEW(s->arena, struct explanation);

	x->node = n;
	x->id = s->count++;
	x->is_root = n->is_root;
	if (n->is_root)
		return x;
	x->name = node_is_top(n) ? node_package_name(n) : n->name;
	x->version = n->is_link && n->target ? n->target->manifest->version : n->manifest->version;
	return x;
}

/* The explanation of @n, which is still to be filled in when it is new. */
static struct explanation *enter(struct state *s, struct node *n, bool is_kept)
{
	struct explanation *x;

	if (is_kept && s->known[n->order])
		return s->known[n->order];
	x = begin(s, n);
	x->is_cut = s->is_open[n->order];
	if (!x->is_root && !x->is_cut) {
		s->is_open[n->order] = true;
		VEC_PUSH(s->arena, &s->stack, (struct frame){ .x = x, .is_kept = is_kept });
	} else if (is_kept) {
		s->known[n->order] = x;
	}
	return x;
}

/* What does not satisfy its dependent is not held in its place by it; but the project's own wishes
 * are shown. */
static bool holds(struct edge *e)
{
	return edge_error(e) == EDGE_OK || e->from->is_root;
}

static struct explained_edge *explain_edge(struct state *s, struct edge *e)
{
	struct explained_edge *known = map_get(&s->edges, str_of((const char *)&e, sizeof(e)));

	if (known)
		return known;
	known = ARENA_NEW(s->arena, struct explained_edge);
	known->edge = e;
	map_put(&s->edges, str_of((const char *)&known->edge, sizeof(known->edge)), known);
	known->from = enter(s, e->from, true);
	return known;
}

static void step(struct state *s)
{
	struct frame *f = &VEC_LAST(&s->stack);
	struct explanation *x = f->x;
	struct node *n = x->node;

	if (f->next_edge < n->edges_in.len) {
		struct edge *e = n->edges_in.items[f->next_edge++];
		if (holds(e))
			VEC_PUSH(s->arena, &x->dependents, explain_edge(s, e));
	} else if (f->next_link < n->links_in.len) {
		struct node *link = n->links_in.items[f->next_link++];
		VEC_PUSH(s->arena, &x->links_in, enter(s, link, false));
	} else {
		s->is_open[n->order] = false;
		if (f->is_kept)
			s->known[n->order] = x;
		(void)VEC_POP(&s->stack);
	}
}

void explain_nodes(struct arena *a, struct tree *t, struct node *const *nodes, size_t count,
		   struct explanation **out)
{
	struct state s = { .arena = a };

	s.known = ARENA_ARRAY(a, struct explanation *, t->order + 1);
	s.is_open = ARENA_ARRAY(a, bool, t->order + 1);
	map_init(&s.edges, a);
	for (size_t i = 0; i < count; i++) {
		out[i] = enter(&s, nodes[i], true);
		while (s.stack.len)
			step(&s);
		out[i] = s.known[nodes[i]->order];
		out[i]->has_marks = true;
	}
}

str edge_type_name(enum edge_type type)
{
	static const char *const names[] = {
		[EDGE_PROD] = "prod",
		[EDGE_DEV] = "dev",
		[EDGE_OPTIONAL] = "optional",
		[EDGE_PEER] = "peer",
		[EDGE_PEER_OPTIONAL] = "peerOptional",
		[EDGE_WORKSPACE] = "workspace",
	};

	return str_view(names[type]);
}

str edge_error_name(enum edge_error error)
{
	switch (error) {
	case EDGE_MISSING:
		return S("MISSING");
	case EDGE_PEER_LOCAL:
		return S("PEER LOCAL");
	case EDGE_INVALID:
		return S("INVALID");
	default:
		return STR_NULL;
	}
}
