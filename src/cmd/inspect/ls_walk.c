/* SPDX-License-Identifier: MIT
 * The walk behind `ls`. Its order is npm's, because what is shown depends on it: a package appears
 * in full where the walk meets it first, and elsewhere as a repeat that remembers what was known at
 * that moment. Complaints about a package gather on it as edges are looked at, also those that come
 * after it was queued; so they are kept per place and read when the place is visited. Twin of npm's
 * ls.js. */
#include "ls_walk.h"

/* What is known of a place so far. */
struct place {
	struct ls_item *first; /* NULL: not met yet */
	str id;                /* null: not asked for yet */
	str invalid;
};

struct walk {
	struct arena *arena;
	struct tree *tree;
	const struct ls_opts *opts;
	struct ls_result *out;
	struct place *places; /* by node->order */
	struct map problems;  /* those in out->problems */
	bool has_missing;     /* one was met before */
};

/* A dependency on its way to become an item. */
struct candidate {
	struct node *node;       /* NULL: missing */
	const struct edge *edge; /* NULL: extraneous, nothing asked for it */
	str id;
	size_t at; /* keeps sorting stable */
};

typedef VEC(struct candidate) candidate_vec;

static struct place *place_of(struct walk *w, const struct node *n)
{
	return &w->places[n->order];
}

/* Made once: most packages are met many times. */
static str id_of(struct walk *w, const struct node *n)
{
	struct place *place = place_of(w, n);

	if (str_is_null(place->id))
		place->id = node_id(w->arena, n);
	return place->id;
}

/* ---- which edges ---- */

static bool is_member_link(const struct edge *e)
{
	return e->to && node_is_workspace(e->to);
}

static bool is_chosen(const struct walk *w, const struct node *member)
{
	const node_vec *chosen = w->opts->members;

	for (size_t i = 0; i < chosen->len; i++)
		if (chosen->items[i] == member->target)
			return true;
	return false;
}

static bool is_in_selection(const struct walk *w, const struct edge *e)
{
	bool is_of_root = e->from->is_root;

	if (w->opts->without_members && is_of_root && is_member_link(e))
		return false;
	if (!w->opts->members->len)
		return true;
	if (w->opts->with_root && e->to && !is_member_link(e))
		return true;
	return !is_of_root || (is_member_link(e) && is_chosen(w, e->to));
}

static bool is_omitted(const struct walk *w, const struct edge *e)
{
	const struct cfg_omit *omit = &w->opts->omit;

	return (omit->dev && e->type == EDGE_DEV) || (omit->optional && edge_is_optional(e)) ||
	       (omit->peer && edge_is_peer(e));
}

/* Kinds and --link are asked for at the top only: below it, a package is there because something
 * needs it. */
static bool is_wanted(const struct walk *w, const struct edge *e, bool is_top)
{
	if (!is_in_selection(w, e) || (w->opts->is_linked && !is_top && e->type == EDGE_DEV))
		return false;
	return !is_top ||
	       (!is_omitted(w, e) && (!w->opts->only_links || (e->to && e->to->is_link)));
}

/* ---- kids of a place ---- */

static void note_invalid(struct walk *w, struct place *place, const struct edge *e, str spec)
{
	str from = str_is_empty(e->from->location) ? S("the root project") : e->from->location;
	struct str_buf out = str_buf(w->arena, SIZE_MAX);

	if (!str_is_null(place->invalid)) {
		buf_add(&out, place->invalid);
		buf_add(&out, S(", "));
	}
	json_write_string(&out, spec);
	buf_add(&out, S(" from "));
	buf_add(&out, from);
	place->invalid = buf_view(&out);
}

static void add_edge(struct walk *w, struct edge *e, candidate_vec *out)
{
	str spec = edge_spec_text(e);
	enum edge_error error = edge_error(e);

	if (!e->to || error == EDGE_MISSING) {
		str id = str_printf(w->arena, STR_FMT "@" STR_FMT, STR_ARG(e->name), STR_ARG(spec));
		VEC_PUSH(w->arena, out, (struct candidate){ .edge = e, .id = id });
		return;
	}
	if (error == EDGE_INVALID)
		note_invalid(w, place_of(w, e->to), e, str_is_empty(spec) ? S("*") : spec);
	VEC_PUSH(w->arena, out,
		 (struct candidate){ .node = e->to, .edge = e, .id = id_of(w, e->to) });
}

static bool has_candidate(const candidate_vec *all, size_t count, const struct node *n)
{
	for (size_t i = 0; i < count; i++)
		if (all->items[i].node == n)
			return true;
	return false;
}

/* Nothing asks for these, but they lie in this node_modules. */
static void add_extraneous(struct walk *w, struct node *n, candidate_vec *out)
{
	size_t nasked = out->len;

	for (struct map_iter it = map_iter(&n->children); map_next(&it);) {
		struct node *kid = it.val;
		if (kid->extraneous && !has_candidate(out, nasked, kid))
			VEC_PUSH(w->arena, out,
				 (struct candidate){ .node = kid, .id = id_of(w, kid) });
	}
}

static int by_id(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;
	int order = str_collate(left->id, right->id);

	return order ? order : left->at < right->at ? -1 : 1;
}

static candidate_vec candidates_of(struct walk *w, struct node *n, bool is_top)
{
	candidate_vec all = { 0 };

	for (struct map_iter it = map_iter(&n->target->edges_out); map_next(&it);)
		if (is_wanted(w, it.val, is_top))
			add_edge(w, it.val, &all);
	add_extraneous(w, n, &all);
	for (size_t i = 0; i < all.len; i++)
		all.items[i].at = i;
	VEC_SORT(&all, by_id);
	return all;
}

/* ---- items ---- */

static bool matches(const struct walk *w, struct node *n)
{
	if (!w->opts->nspecs)
		return true;
	for (size_t i = 0; n && i < w->opts->nspecs; i++) {
		const struct spec *s = w->opts->specs[i];
		if ((str_is_null(s->name) || str_eq(s->name, n->name)) &&
		    dep_is_valid(n, s, w->tree->root))
			return true;
	}
	return false;
}

static void queue_item(struct walk *w, struct ls_item *item)
{
	item->at = w->out->items.len;
	VEC_PUSH(w->arena, &w->out->items, item);
	if (item->is_repeat || !item->node)
		return;
	place_of(w, item->node)->first = item;
	VEC_PUSH(w->arena, &w->out->firsts, item);
}

/* npm forgets what asked for it when the same thing is missing, or anything was missing, before. */
static void fill_missing(struct walk *w, struct ls_item *item, const struct edge *e)
{
	str spec = edge_spec_text(e);

	item->name = e->name;
	item->missing_by = id_of(w, e->from);
	item->is_optional = edge_is_optional(e);
	if (!w->has_missing)
		item->required = str_is_empty(spec) ? S("*") : spec;
	w->has_missing = true;
}

static void fill_present(struct walk *w, struct ls_item *item, struct node *n)
{
	struct place *place = place_of(w, n);

	item->name = n->name;
	item->is_repeat = place->first != NULL;
	if (item->is_repeat)
		item->invalid = place->invalid;
}

static void add_item(struct walk *w, struct ls_item *parent, const struct candidate *c,
		     unsigned depth)
{
	struct ls_item *item = ARENA_NEW(w->arena, struct ls_item);

	item->node = c->node;
	item->parent = parent;
	item->id = c->id;
	item->depth = depth;
	if (c->node)
		fill_present(w, item, c->node);
	else
		fill_missing(w, item, c->edge);
	item->is_match = item->is_shown = matches(w, c->node);
	queue_item(w, item);
}

/* ---- visiting ---- */

static void add_problem(struct walk *w, struct ls_item *item, const char *kind, str more)
{
	str text = str_printf(w->arena, "%s: " STR_FMT STR_FMT, kind, STR_ARG(item->id),
			      STR_ARG(more));

	VEC_PUSH(w->arena, &item->problems, text);
	if (!item->is_match || map_has(&w->problems, text))
		return;
	map_put(&w->problems, text, item);
	VEC_PUSH(w->arena, &w->out->problems, text);
}

static void find_problems(struct walk *w, struct ls_item *item)
{
	str at = item->node ? str_concat(w->arena, S(" "), item->node->path) : STR_NULL;

	if (!str_is_null(item->missing_by) && !item->is_optional)
		add_problem(w, item, "missing",
			    str_concat(w->arena, S(", required by "), item->missing_by));
	if (!str_is_null(item->invalid))
		add_problem(w, item, "invalid", at);
	if (item->node && !item->is_repeat && item->node->extraneous)
		add_problem(w, item, "extraneous", at);
}

static void visit(struct walk *w, struct ls_item *item)
{
	struct node *n = item->node;
	bool opens = n && !item->is_repeat;

	if (opens)
		item->invalid = place_of(w, n)->invalid;
	find_problems(w, item);
	for (struct ls_item *up = item->parent; item->is_match && up && !up->is_shown;
	     up = up->parent)
		up->is_shown = true;
	if (!opens)
		return;
	unsigned depth = node_is_workspace(n) ? 0 : item->depth;
	if ((double)depth > w->opts->max_depth)
		return;
	candidate_vec kids = candidates_of(w, n, depth == 0);
	VEC_EACH (struct candidate, c, &kids)
		add_item(w, item, c, depth + 1);
}

void ls_walk(struct arena *a, struct tree *t, const struct ls_opts *opts, struct ls_result *out)
{
	struct walk w = { .arena = a, .tree = t, .opts = opts, .out = out };
	struct ls_item *root = ARENA_NEW(a, struct ls_item);

	*out = (struct ls_result){ .root = root };
	w.places = ARENA_ARRAY(a, struct place, t->order + 1);
	map_init(&w.problems, a);
	root->node = t->root;
	root->id = id_of(&w, t->root);
	root->name = t->root->name;
	root->is_match = root->is_shown = opts->nspecs == 0;
	queue_item(&w, root);
	for (size_t i = 0; i < out->items.len; i++)
		visit(&w, out->items.items[i]);
	VEC_EACH (struct ls_item *, item, &out->firsts)
		(*item)->ends_invalid = !str_is_null(place_of(&w, (*item)->node)->invalid);
}
