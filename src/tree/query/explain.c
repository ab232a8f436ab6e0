/* SPDX-License-Identifier: MIT
 * Explanations are found depth first: a package is explained by its dependents, each of these by
 * its own, up to the project. Going round in a circle is cut at the package that is being explained
 * already, and what is finished is remembered, the cuts too until the package itself is finished:
 * which of the many true answers comes out depends on that order, and it is npm's. A stack of our
 * own, because chains of dependents come from outside. */
#include "cpm/tree/explain.h"

struct frame {
	struct explanation *x;
	struct edge *only; /* of what leads here, this alone counts; NULL: all */
	size_t next_edge, next_link;
	bool is_kept; /* remembered when finished: all but links on the way to their targets */
};

/* What is known of one node. */
struct explained_node {
	struct node *node;
	struct explanation *known;
	bool is_open; /* on the stack */
};

struct explainer {
	struct arena *arena;
	struct map nodes; /* bytes of the node's address -> struct explained_node * */
	struct map edges; /* the same of edges -> struct explained_edge * */
	size_t count;
	VEC(struct frame) stack;
};

struct explainer *explainer_new(struct arena *a)
{
	struct explainer *s = ARENA_NEW(a, struct explainer);

	s->arena = a;
	map_init(&s->nodes, a);
	map_init(&s->edges, a);
	return s;
}

static struct explained_node *note_of(struct explainer *s, struct node *n)
{
	struct explained_node *note = map_get(&s->nodes, str_of((const char *)&n, sizeof(n)));

	if (note)
		return note;
	note = ARENA_NEW(s->arena, struct explained_node);
	note->node = n;
	map_put(&s->nodes, str_of((const char *)&note->node, sizeof(n)), note);
	return note;
}

static struct explanation *begin(struct explainer *s, struct node *n)
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
static struct explanation *enter(struct explainer *s, struct node *n, struct edge *only,
				 bool is_kept)
{
	struct node *real = n->stands_for && n->tree->is_virtual ? n->stands_for : n;
	struct explained_node *note = note_of(s, real);
	struct explanation *x;

	if (is_kept && note->known)
		return note->known;
	x = begin(s, real);
	x->is_cut = note->is_open;
	if (!x->is_root && !x->is_cut) {
		note->is_open = true;
		VEC_PUSH(s->arena, &s->stack,
			 (struct frame){ .x = x, .only = only, .is_kept = is_kept });
	} else if (is_kept) {
		note->known = x;
	}
	return x;
}

/* What does not satisfy its dependent is not held in its place by it; but the project's own wishes
 * are shown. */
static bool holds(struct edge *e)
{
	return edge_error(e) == EDGE_OK || e->from->is_root;
}

static struct explained_edge *explain_edge(struct explainer *s, struct edge *e)
{
	struct explained_edge *known = map_get(&s->edges, str_of((const char *)&e, sizeof(e)));

	if (known && e->is_explained)
		return known;
	known = ARENA_NEW(s->arena, struct explained_edge);
	known->edge = e;
	map_put(&s->edges, str_of((const char *)&known->edge, sizeof(known->edge)), known);
	e->is_explained = true;
	known->from = enter(s, e->from, NULL, true);
	return known;
}

/* The next that leads to the package on top of the stack; NULL when it was the last. */
static struct edge *next_edge(struct frame *f)
{
	const struct node *n = f->x->node;

	if (f->only)
		return f->next_edge++ ? NULL : f->only;
	while (f->next_edge < n->edges_in.len) {
		struct edge *e = n->edges_in.items[f->next_edge++];
		if (holds(e))
			return e;
	}
	return NULL;
}

static struct node *next_link(struct frame *f)
{
	const struct node *n = f->x->node;

	while (f->next_link < n->links_in.len) {
		struct node *link = n->links_in.items[f->next_link++];
		if (link->tree == n->tree) /* else left over in a virtual root */
			return link;
	}
	return NULL;
}

static void step(struct explainer *s)
{
	struct frame *f = &VEC_LAST(&s->stack);
	struct explanation *x = f->x;
	struct edge *e = next_edge(f), *only = f->only;
	struct node *link = e ? NULL : next_link(f);

	if (e) {
		VEC_PUSH(s->arena, &x->dependents, explain_edge(s, e));
	} else if (link) {
		VEC_PUSH(s->arena, &x->links_in, enter(s, link, only, false));
	} else {
		struct explained_node *note = note_of(s, x->node);
		note->is_open = false;
		if (f->is_kept)
			note->known = x;
		(void)VEC_POP(&s->stack);
	}
}

struct explanation *explainer_node(struct explainer *s, struct node *n, struct edge *only)
{
	struct explanation *x = enter(s, n, only, true);

	while (s->stack.len)
		step(s);
	return x;
}

const struct explained_edge *explainer_edge(struct explainer *s, struct edge *e)
{
	struct explained_edge *x = explain_edge(s, e);

	while (s->stack.len)
		step(s);
	return x;
}

void explain_nodes(struct arena *a, struct node *const *nodes, size_t count,
		   struct explanation **out)
{
	struct explainer *s = explainer_new(a);

	for (size_t i = 0; i < count; i++) {
		out[i] = explainer_node(s, nodes[i], NULL);
		out[i]->has_marks = true;
	}
}

str edge_extension(const struct edge *e, str *selector)
{
	static const char *const fields[] = { "dependencies", "optionalDependencies",
					      "peerDependencies", "peerDependenciesMeta" };
	const struct json *rule = e->from->extended_by;

	*selector = json_get_text(rule, "selector");
	for (size_t i = 0; rule && i < ARRAY_LEN(fields); i++) {
		const struct json *names = json_get(rule, fields[i]);

		for (size_t j = 0; json_is(names, JSON_ARRAY) && j < names->count; j++)
			if (str_eq(names->items[j]->string, e->name))
				return str_view(fields[i]);
	}
	return STR_NULL;
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
