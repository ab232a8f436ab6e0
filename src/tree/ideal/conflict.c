/* SPDX-License-Identifier: MIT
 * The core of a conflict. All who lead to the package in question are taken down; then each is left
 * away whose leaving still leaves no version for the rest. What remains is minimal: without any one
 * of them there would be no conflict. The order decides which of several such sets it is: the wish
 * that failed stays in any case, and the project's own are kept longest, because those are what the
 * reader can change. */
#include "cpm/tree/conflict.h"

#include "cpm/tree/spec.h"

#define NODES_SEEN_MAX 2000

/* ---- taking down ---- */

static const struct node *real(const struct node *n)
{
	return n->stands_for ? n->stands_for : n;
}

/* The project's own dependency that leads to @n, by the shortest way. */
static str find_through(const struct node *n)
{
	ARENA_SCOPE(tmp);
	VEC(const struct node *) walk = { 0 };

	VEC_PUSH(tmp, &walk, n);
	for (size_t i = 0; i < walk.len; i++) {
		for (size_t j = 0; j < walk.items[i]->edges_in.len; j++) {
			const struct edge *e = walk.items[i]->edges_in.items[j];
			const struct node *from = real(e->from);
			bool is_known = false;

			if (from->is_root)
				return e->name;
			for (size_t k = 0; k < walk.len && !is_known; k++)
				is_known = walk.items[k] == from;
			if (!is_known && walk.len < NODES_SEEN_MAX)
				VEC_PUSH(tmp, &walk, from);
		}
	}
	return STR_NULL;
}

/* The range of versions of @package that the edge asks for; null when it asks for something else.
 */
static str range_text(struct edge *e, str *package)
{
	const struct spec *spec;
	struct err *failure = edge_parse_spec(e, &spec);

	if (failure) {
		err_ignore(failure);
		return STR_NULL;
	}
	if (!spec_is_registry(spec))
		return STR_NULL;
	spec = spec_target(spec);
	if (str_is_null(*package))
		*package = spec->name;
	return spec->range && str_eq(*package, spec->name) ? spec->fetch_spec : STR_NULL;
}

static bool is_taken_down(const struct conflict *c, const struct conflict_wish *w)
{
	VEC_EACH (struct conflict_wish, known, &c->wishes)
		if (str_eq(known->by, w->by) && str_eq(known->spec, w->spec))
			return true;
	return false;
}

static void take_down(struct conflict *c, struct edge *e)
{
	const struct node *from = real(e->from);
	struct conflict_wish w = { .spec = edge_spec_text(e) };

	w.is_own = from->is_root || node_is_workspace(from);
	if (!from->is_root) {
		w.by_name = str_dup(c->arena, from->manifest->name);
		w.by = str_printf(c->arena, STR_FMT "@" STR_FMT, STR_ARG(w.by_name),
				  STR_ARG(node_version(from)));
		if (!w.is_own)
			w.through = str_dup(c->arena, find_through(e->from));
	}
	if (is_taken_down(c, &w))
		return;
	w.spec = str_dup(c->arena, w.spec);
	str range = range_text(e, &c->package);
	if (!str_is_null(range))
		w.range = range_parse(c->arena, str_dup(c->arena, range), SEMVER_LOOSE);
	VEC_PUSH(c->arena, &c->wishes, w);
}

static struct edge *own_edge(const struct node *from, str name)
{
	from = real(from);
	return from->tree && from->tree->root ? node_edge(from->tree->root, name) : NULL;
}

void conflict_collect(struct conflict *c, struct edge *failed, struct edge *rival,
		      struct node *there)
{
	struct edge *own = own_edge(failed->from, failed->name);

	c->package = STR_NULL;
	VEC_RESET(&c->wishes);
	take_down(c, failed);
	if (str_is_null(c->package))
		c->package = failed->name;
	if (own)
		take_down(c, own);
	if (rival)
		take_down(c, rival);
	for (size_t i = 0; there && i < there->edges_in.len; i++)
		if (edge_is_valid(there->edges_in.items[i]))
			take_down(c, there->edges_in.items[i]);
	c->package = str_dup(c->arena, c->package);
}

/* ---- leaving away ---- */

/* @left_out: whom not to ask; SIZE_MAX: all are asked. */
static bool suits_all(const struct conflict *c, const struct semver *v, size_t left_out,
		      bool foreign_only)
{
	for (size_t i = 0; i < c->wishes.len; i++) {
		const struct conflict_wish *w = &c->wishes.items[i];

		if (i == left_out || (foreign_only && w->is_own))
			continue;
		if (!w->range || !range_has(w->range, v))
			return false;
	}
	return true;
}

static const struct packument_version *common(const struct conflict *c, const struct packument *p,
					      size_t left_out, bool foreign_only)
{
	for (size_t i = 0; i < p->nversions; i++)
		if (!str_is_null(p->versions[i].semver.text) &&
		    suits_all(c, &p->versions[i].semver, left_out, foreign_only))
			return &p->versions[i];
	return NULL;
}

const struct packument_version *conflict_common(const struct conflict *c, const struct packument *p,
						bool foreign_only)
{
	return common(c, p, SIZE_MAX, foreign_only);
}

/* The failed wish and one that rules it out; failing that, the one npm found in its way. */
static void keep_pair(struct conflict *c)
{
	const struct range *failed = c->wishes.items[0].range;
	size_t other = 1;

	for (size_t i = 1; i < c->wishes.len; i++) {
		const struct range *r = c->wishes.items[i].range;

		if (!r || !failed || range_intersects(failed, r))
			continue;
		other = i;
		break;
	}
	c->wishes.items[1] = c->wishes.items[other];
	c->wishes.len = 2;
}

void conflict_minimise(struct conflict *c, const struct packument *p)
{
	const struct packument_version *best = p ? conflict_common(c, p, false) : NULL;

	if (c->wishes.len < 2)
		return;
	if (best)
		c->suits = str_dup(c->arena, best->version);
	if (best || !p) {
		keep_pair(c);
		return;
	}
	for (size_t i = c->wishes.len - 1; i > 0; i--)
		if (!common(c, p, i, false))
			VEC_REMOVE_AT(&c->wishes, i);
}
