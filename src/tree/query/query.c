/* SPDX-License-Identifier: MIT
 * Carrying out a selector: each part filters what the part before it left, or, behind a combinator,
 * all of the tree, which is then related to what was left. What npm does in corners (what a
 * combinator at the beginning relates to, that :root means nothing inside of :is and :not) is kept,
 * because scripts rely on results. */
#include "query_priv.h"
#include "node_priv.h"

#include "cpm/base/glob.h"
#include "cpm/base/path.h"

#include <stdlib.h>

/* ---- what is known of nodes ---- */

static struct query_match *match_of(struct query_run *run, struct node *n)
{
	struct query_match *m = map_get(&run->contexts, str_of((const char *)&n, sizeof(n)));

	if (m)
		return m;
	m = ARENA_NEW(run->arena, struct query_match);
	*m = (struct query_match){ n, json_new(run->arena, JSON_OBJECT) };
	map_put(&run->contexts, str_of((const char *)&m->node, sizeof(m->node)), m);
	return m;
}

struct json *query_context(struct query_run *run, struct node *n)
{
	return match_of(run, n)->context;
}

/* ---- :pseudo-classes about one node ---- */

static bool has_invalid_edge(const struct node *n)
{
	for (size_t i = 0; i < n->edges_in.len; i++)
		if (edge_error(n->edges_in.items[i]) == EDGE_INVALID)
			return true;
	return false;
}

/* A pattern that ends in "**" means what is in the folder, not the folder. */
static bool is_at_path(struct query_run *run, const struct query_part *part, const struct node *n)
{
	ARENA_SCOPE(tmp);
	str pattern;

	if (str_is_empty(part->text))
		return true;
	pattern = path_resolve(tmp, run->tree->path, part->text);
	if (str_ends(pattern, S("/**")))
		pattern = str_concat(tmp, pattern, S("/*"));
	return !str_is_null(n->real_path) && glob_match(tmp, pattern, n->real_path);
}

static bool has_attr_below(struct query_run *run, const struct query_part *part,
			   const struct node *n)
{
	ARENA_SCOPE(tmp);

	return query_path_matches(tmp, part, package_doc(run->opts->docs, n));
}

static bool is_private(struct query_run *run, const struct node *n)
{
	return json_is_truthy(json_get(package_doc(run->opts->docs, n), "private"));
}

/* @scope: NULL inside of :is and :not. */
static bool has_pseudo(struct query_run *run, const struct query_part *part, struct node *scope,
		       struct node *n)
{
	switch (part->pseudo) {
	case PSEUDO_ATTR:
		return has_attr_below(run, part, n);
	case PSEUDO_DEDUPED:
		return (n->is_link && n->target ? n->target : n)->edges_in.len > 1;
	case PSEUDO_EMPTY:
		return n->edges_out.count == 0;
	case PSEUDO_EXTRANEOUS:
		return n->extraneous;
	case PSEUDO_INVALID:
		return has_invalid_edge(n);
	case PSEUDO_LINK:
		return n->is_link || (node_is_top(n) && !n->is_root);
	case PSEUDO_OVERRIDDEN:
		return node_is_overridden(n);
	case PSEUDO_PATH:
		return is_at_path(run, part, n);
	case PSEUDO_PRIVATE:
		return is_private(run, n);
	case PSEUDO_ROOT:
		return scope && n->is_root;
	default: /* PSEUDO_SCOPE */
		return n == scope;
	}
}

/* ---- :missing ---- */

/* A node in no tree that stands for what @e does not find. */
static struct node *missing_node(struct query_run *run, struct edge *e)
{
	struct manifest *m = ARENA_NEW(run->arena, struct manifest);
	struct node *n;

	m->name = e->name;
	m->version = edge_spec_text(e);
	n = node_new(run->arena, e->name, m);
	n->location = S("");
	n->order = ++run->tree->order;
	VEC_PUSH(run->arena, &n->edges_in, e);
	json_set(run->arena, query_context(run, n), S("missing"), json_new_bool(run->arena, true));
	return n;
}

static node_vec find_missing(struct query_run *run)
{
	node_vec out = { 0 };

	for (size_t i = 0; i < run->inventory.len; i++)
		for (struct map_iter it = map_iter(&run->inventory.items[i]->edges_out);
		     map_next(&it);)
			if (edge_error(it.val) == EDGE_MISSING)
				VEC_PUSH(run->arena, &out, missing_node(run, it.val));
	return out;
}

/* ---- :type ---- */

static str spec_type_name(const struct spec *s)
{
	static const char *const names[] = {
		[SPEC_VERSION] = "version", [SPEC_RANGE] = "range",
		[SPEC_TAG] = "tag",         [SPEC_ALIAS] = "alias",
		[SPEC_FILE] = "file",       [SPEC_DIRECTORY] = "directory",
		[SPEC_GIT] = "git",         [SPEC_REMOTE] = "remote",
	};

	return str_view(names[s->type]);
}

static struct err *is_asked_for_as(struct node *n, str type, bool *holds)
{
	*holds = false;
	for (size_t i = 0; i < n->edges_in.len && !*holds; i++) {
		const struct spec *s;

		TRY(edge_parse_spec(n->edges_in.items[i], &s));
		*holds = str_eq(type, spec_type_name(s)) ||
			 (str_eq(type, S("registry")) && spec_is_registry(s));
	}
	return NULL;
}

/* ---- evaluation ---- */

static struct err *select_list(struct query_run *run, const struct query_list *list,
			       const node_vec *initial, struct node *scope, node_vec *out);

/* npm asks each node by itself whether something stands in the relation to it. */
static struct err *keep_having(struct query_run *run, const struct query_list *list,
			       const node_vec *items, node_vec *out)
{
	for (size_t i = 0; i < items->len; i++) {
		node_vec self = { .items = &items->items[i], .len = 1 }, found = { 0 };

		TRY(select_list(run, list, &self, items->items[i], &found));
		if (found.len)
			VEC_PUSH(run->arena, out, items->items[i]);
	}
	return NULL;
}

static struct err *keep_not(struct query_run *run, const struct query_list *list,
			    const node_vec *items, node_vec *out)
{
	node_vec found = { 0 };
	unsigned mark;

	TRY(select_list(run, list, items, NULL, &found));
	mark = tree_next_mark(run->tree);
	for (size_t i = 0; i < found.len; i++)
		found.items[i]->mark = mark;
	for (size_t i = 0; i < items->len; i++)
		if (items->items[i]->mark != mark)
			VEC_PUSH(run->arena, out, items->items[i]);
	return NULL;
}

static struct err *keep_type(struct query_run *run, str type, const node_vec *items, node_vec *out)
{
	for (size_t i = 0; i < items->len; i++) {
		bool holds = true;

		if (!str_is_empty(type))
			TRY(is_asked_for_as(items->items[i], type, &holds));
		if (holds)
			VEC_PUSH(run->arena, out, items->items[i]);
	}
	return NULL;
}

static struct err *keep_pseudo(struct query_run *run, const struct query_part *part,
			       struct node *scope, const node_vec *items, node_vec *out)
{
	switch (part->pseudo) {
	case PSEUDO_HAS:
		return keep_having(run, part->nested, items, out);
	case PSEUDO_IS:
		return select_list(run, part->nested, items, NULL, out);
	case PSEUDO_NOT:
		return keep_not(run, part->nested, items, out);
	case PSEUDO_MISSING:
		*out = find_missing(run);
		return NULL;
	case PSEUDO_OUTDATED:
		return query_outdated(run, part->text, items, out);
	case PSEUDO_SEMVER:
		return query_semver(run, part, items, out);
	case PSEUDO_TYPE:
		return keep_type(run, part->text, items, out);
	case PSEUDO_VULN:
		return query_vuln(run, part->nested, items, out);
	default:
		for (size_t i = 0; i < items->len; i++)
			if (has_pseudo(run, part, scope, items->items[i]))
				VEC_PUSH(run->arena, out, items->items[i]);
		return NULL;
	}
}

static bool is_called(const struct node *n, str name)
{
	return str_eq(n->name, name) || str_eq(node_package_name(n), name);
}

static struct err *keep(struct query_run *run, const struct query_part *part, struct node *scope,
			const node_vec *items, node_vec *out)
{
	switch (part->test) {
	case TEST_ANY:
		*out = *items;
		return NULL;
	case TEST_KIND:
		*out = query_of_kind(run, part->kind, items);
		return NULL;
	case TEST_PSEUDO:
		return keep_pseudo(run, part, scope, items, out);
	default:
		break;
	}
	for (size_t i = 0; i < items->len; i++) {
		struct node *n = items->items[i];
		bool holds = part->test == TEST_NAME
				     ? is_called(n, part->text)
				     : query_attr_matches(&part->attr,
							  package_doc(run->opts->docs, n));

		if (holds)
			VEC_PUSH(run->arena, out, n);
	}
	return NULL;
}

/* @left: what a combinator at the very beginning relates to. */
static struct err *select_one(struct query_run *run, const struct query_selector *s,
			      const node_vec *initial, node_vec left, struct node *scope,
			      node_vec *out)
{
	*out = left;
	for (size_t i = 0; i < s->parts.len; i++) {
		const struct query_part *part = &s->parts.items[i];
		const node_vec *items = part->join ? &run->inventory : i ? out : initial;
		node_vec next = { 0 };

		TRY(keep(run, part, scope, items, &next));
		*out = part->join ? query_join(run, part->join, out, &next) : next;
	}
	return NULL;
}

/* Each node once, in the order the selectors find them. */
static struct err *select_list(struct query_run *run, const struct query_list *list,
			       const node_vec *initial, struct node *scope, node_vec *out)
{
	node_vec all = { 0 };
	unsigned mark;

	for (size_t i = 0; i < list->selectors.len; i++) {
		node_vec left = i ? (node_vec){ 0 } : *initial, found;

		TRY(select_one(run, &list->selectors.items[i], initial, left, scope, &found));
		for (size_t j = 0; j < found.len; j++)
			VEC_PUSH(run->arena, &all, found.items[j]);
	}
	mark = tree_next_mark(run->tree);
	for (size_t i = 0; i < all.len; i++) {
		if (all.items[i]->mark == mark)
			continue;
		all.items[i]->mark = mark;
		VEC_PUSH(run->arena, out, all.items[i]);
	}
	return NULL;
}

/* ---- whole ---- */

struct sorted {
	struct node *node;
	size_t at;
};

static int by_location(const void *a, const void *b)
{
	const struct sorted *left = a, *right = b;
	int order = str_collate(left->node->location, right->node->location);

	return order ? order : left->at < right->at ? -1 : 1;
}

static void collect(struct query_run *run, const node_vec *found, struct query_result *out)
{
	struct sorted *sorted = ARENA_ARRAY(run->arena, struct sorted, found->len);

	for (size_t i = 0; i < found->len; i++)
		sorted[i] = (struct sorted){ found->items[i], i };
	qsort(sorted, found->len, sizeof(*sorted), by_location);
	for (size_t i = 0; i < found->len; i++)
		VEC_PUSH(run->arena, &out->matches, *match_of(run, sorted[i].node));
}

struct err *query_select(struct arena *a, struct tree *t, struct node *scope, str selector,
			 const struct query_opts *opts, struct query_result *out)
{
	struct query_run run = { .arena = a, .tree = t, .opts = opts };
	struct query_list *list;
	node_vec found = { 0 };

	*out = (struct query_result){ 0 };
	if (str_is_empty(selector))
		return NULL;
	TRY(query_parse(a, selector, &list));
	map_init(&run.contexts, a);
	map_init(&run.asked, a);
	map_init(&run.advisories, a);
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		VEC_PUSH(a, &run.inventory, it.val);
	TRY(select_list(&run, list, &run.inventory, scope, &found));
	collect(&run, &found, out);
	return NULL;
}
