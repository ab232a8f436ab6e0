/* SPDX-License-Identifier: MIT
 * Placing packages whose versions are settled. A lockfile that is read once says for each package
 * which others it finds; here they get places in which it finds the same ones. Whoever has found a
 * name further up keeps the way there free: the folders in between are closed for that name. */
#include "cpm/tree/lock_extract.h"

/* A lockfile has fewer; places that make each other necessary without end would pass it. */
#define PLACES_MAX 200000

struct place {
	const struct node *node;
	str name, location;
	struct place *parent;
	struct map children; /* name -> struct place * */
	struct map closed;   /* names that are found through here further up */
};

struct layout {
	struct arena *arena;
	VEC(struct place *) places;
	struct lock_extract *out;
};

static struct place *put(struct layout *l, struct place *parent, str name, const struct node *n)
{
	struct place *p = ARENA_NEW(l->arena, struct place);
	str folder = parent ? parent->location : STR_NULL;

	*p = (struct place){ .node = n, .name = name, .location = S(""), .parent = parent };
	map_init(&p->children, l->arena);
	map_init(&p->closed, l->arena);
	if (parent) {
		p->location = str_printf(l->arena, STR_FMT "%snode_modules/" STR_FMT,
					 STR_ARG(folder), folder.len ? "/" : "", STR_ARG(name));
		map_put(&parent->children, name, p);
	}
	VEC_PUSH(l->arena, &l->places, p);
	VEC_PUSH(l->arena, &l->out->items, (struct extracted){ p->location, n });
	return p;
}

/* Where @from finds @name: the place whose child it is; NULL when it finds none. */
static struct place *find(struct place *from, str name)
{
	while (from && !map_has(&from->children, name))
		from = from->parent;
	return from;
}

static void close_way(struct place *from, const struct place *to, str name)
{
	for (; from != to; from = from->parent)
		map_put(&from->closed, name, from);
}

/* The highest place below what @from finds by that name now; what comes in a package's own archive
 * stays in that package. */
static struct place *choose(struct place *from, str name, const struct node *n)
{
	struct place *best = from;

	for (struct place *p = from; p && !map_has(&p->children, name); p = p->parent) {
		if (n->in_bundle_flag && p->node == n->parent)
			return p;
		if (!map_has(&p->closed, name))
			best = p;
	}
	return best;
}

static bool is_needed(const struct edge *e)
{
	return e->type == EDGE_PROD || e->type == EDGE_OPTIONAL || e->type == EDGE_PEER;
}

static struct err *follow(struct layout *l, struct place *from, const struct edge *e)
{
	const struct node *to = e->to && e->to->target ? e->to->target : e->to;
	/* A peer is looked for where the package itself lies. */
	struct place *start = edge_is_peer(e) && from->parent ? from->parent : from, *at;

	if (!to && edge_is_optional(e))
		return NULL;
	if (!to)
		return err_new(E_GENERIC,
			       "package-lock.json lacks '" STR_FMT "', which '" STR_FMT
			       "' needs: run 'cpm install' first",
			       STR_ARG(e->name), STR_ARG(e->from->name));
	at = find(start, e->name);
	if (!at || ((struct place *)map_get(&at->children, e->name))->node != to) {
		at = choose(start, e->name, to);
		put(l, at, e->name, to);
	}
	close_way(start, at, e->name);
	return NULL;
}

struct err *lock_extract_member(struct arena *a, const struct node *member,
				struct lock_extract *out)
{
	struct layout l = { .arena = a, .out = out };

	*out = (struct lock_extract){ 0 };
	put(&l, NULL, STR_NULL, member);
	for (size_t i = 0; i < l.places.len; i++) {
		struct place *from = l.places.items[i];

		for (struct map_iter it = map_iter(&from->node->edges_out); map_next(&it);)
			if (is_needed(it.val))
				TRY(follow(&l, from, it.val));
		if (l.places.len > PLACES_MAX)
			return err_new(E_TOO_BIG, "'" STR_FMT "' needs more than %d packages",
				       STR_ARG(member->name), PLACES_MAX);
	}
	return NULL;
}
