/* SPDX-License-Identifier: MIT
 * Both trees are walked side by side from the root. Where the two nodes of a place agree, the walk
 * goes on below them; where they do not, the place becomes an entry and what hangs below either
 * node is compared too, so that the entries are a pre-order listing of npm's Diff tree. */
#include "cpm/tree/diff.h"

#include "cpm/base/digest.h"
#include "cpm/base/fs.h"
#include "cpm/base/path.h"

/* One place in both trees; either side may be missing. */
struct place {
	struct node *actual, *ideal;
};

struct walk {
	struct arena *arena;
	struct tree *actual, *ideal;
	const struct diff_opts *opts;
	unsigned actual_mark, ideal_mark; /* of the nodes that opts->only reaches */
	VEC(struct place) agenda;           /* a stack: the next place is the last */
	VEC(struct diff_entry) entries;
	node_vec unchanged;
};

/* ---- the restriction to what some nodes need ---- */

static bool is_reached(const struct walk *w, const struct node *n)
{
	return n && n->mark == (n->tree == w->actual ? w->actual_mark : w->ideal_mark);
}

static void reach(struct walk *w, node_vec *agenda, struct node *n)
{
	if (!n || !n->tree || is_reached(w, n))
		return;
	n->mark = n->tree == w->actual ? w->actual_mark : w->ideal_mark;
	VEC_PUSH(w->arena, agenda, n);
}

static void reach_needed_by(struct walk *w, node_vec *agenda, const struct node *n)
{
	if (!n)
		return;
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
		reach(w, agenda, ((struct edge *)it.val)->to);
}

/* What a link leads to, where that is known; any other node itself. */
static struct node *seen_through(struct node *n)
{
	return n->target ? n->target : n;
}

/* Nodes in opts->only, all they need in either tree, and what nobody needs any more beside it. */
static void reach_all(struct walk *w)
{
	node_vec agenda = { 0 };

	w->actual_mark = tree_next_mark(w->actual);
	w->ideal_mark = tree_next_mark(w->ideal);
	for (size_t i = 0; i < w->opts->nonly; i++)
		reach(w, &agenda, w->opts->only[i]);
	while (agenda.len) {
		struct node *n = VEC_POP(&agenda), *on_disk;

		n = seen_through(n);
		reach(w, &agenda, n);
		on_disk = tree_at(w->actual, n->location);
		reach_needed_by(w, &agenda, tree_at(w->ideal, n->location));
		reach_needed_by(w, &agenda, on_disk);
		if (!on_disk)
			continue;
		for (struct map_iter it = map_iter(&on_disk->children); map_next(&it);)
			if (((struct node *)it.val)->extraneous)
				reach(w, &agenda, it.val);
	}
}

/* ---- one place ---- */

static bool integrity_agrees(str a, str b)
{
	ARENA_SCOPE(tmp);
	struct integrity want, have;

	integrity_parse(tmp, a, &want);
	integrity_parse(tmp, b, &have);
	for (enum digest_algo algo = DIGEST_SHA512; algo > DIGEST_NONE; algo--) {
		bool both = false;

		for (size_t i = 0; i < want.count; i++)
			for (size_t j = 0; j < have.count; j++) {
				if (want.items[i].algo != algo || have.items[j].algo != algo)
					continue;
				if (digest_eq(&want.items[i], &have.items[j]))
					return true;
				both = true;
			}
		if (both)
			return false;
	}
	return false;
}

/* True when @n's commands are linked. A command whose file is not in the package can never be: it
 * does not count, where npm unpacks such a package again at every install (npm-tree.md 18). */
static bool bins_are_linked(struct walk *w, struct node *n)
{
	ARENA_SCOPE(tmp);
	const struct manifest *m = seen_through(n)->manifest;
	str folder;

	if (!w->opts->bin_links || !n->parent || m->nbins == 0)
		return true;
	folder = node_is_top(n) ? path_resolve(tmp, n->tree->path, S("../bin"))
				: str_concat(tmp, str_slice(n->path, 0, n->path.len - n->name.len),
					     S(".bin"));
	for (size_t i = 0; i < m->nbins; i++) {
		str link = path_join(tmp, folder, m->bins[i].name);
		str file = str_concat(tmp, n->path, str_concat(tmp, S("/"), m->bins[i].target));

		if (!fs_exists(AT_FDCWD, str_cstr(tmp, link)) &&
		    fs_exists(AT_FDCWD, str_cstr(tmp, file)))
			return false;
	}
	return true;
}

/* Without an integrity on either side: both come from the same place. */
static bool source_agrees(const struct node *actual, const struct node *ideal)
{
	if (actual->is_link != ideal->is_link)
		return false;
	return ideal->is_link ? str_eq(actual->real_path, ideal->real_path)
			      : str_eq(actual->resolved, ideal->resolved);
}

/* Both sides exist: is what lies there what is wanted? */
static bool is_same(struct walk *w, const struct node *actual, struct node *ideal)
{
	bool has_bins,
		no_integrity = str_is_empty(ideal->integrity) && str_is_empty(actual->integrity);

	if (ideal->is_root && actual->is_root)
		return true;
	if (!str_eq(node_version(actual), node_version(ideal)) || ideal->patch_removed ||
	    !str_eq(json_get_text(actual->patched, "integrity"),
		    json_get_text(ideal->patched, "integrity")))
		return false;
	has_bins = bins_are_linked(w, ideal);
	if (no_integrity)
		return has_bins && source_agrees(actual, ideal);
	if (str_is_empty(ideal->integrity) || str_is_empty(actual->integrity))
		return false;
	return has_bins && integrity_agrees(ideal->integrity, actual->integrity);
}

/* ---- the walk ---- */

static void push_pair(struct walk *w, struct node *actual, struct node *ideal)
{
	VEC_PUSH(w->arena, &w->agenda, (struct place){ actual, ideal });
}

static void push_actual_kids(struct walk *w, const struct node *holder, bool has_ideal)
{
	for (struct map_iter it = map_iter(&holder->children); map_next(&it);) {
		struct node *kid = it.val;

		push_pair(w, kid, has_ideal ? tree_at(w->ideal, kid->location) : NULL);
	}
}

static void push_ideal_kids(struct walk *w, const struct node *holder, bool has_actual)
{
	for (struct map_iter it = map_iter(&holder->children); map_next(&it);) {
		struct node *kid = it.val;

		if (!has_actual || !tree_at(w->actual, kid->location))
			push_pair(w, NULL, kid);
	}
}

/* What is installed for the two nodes of a place, and for the folders inside them that have a
 * node_modules of their own. npm's reports walk its Diff tree with a stack too, so the last sibling
 * comes first there as it does here. */
static void push_kids(struct walk *w, struct node *actual, struct node *ideal)
{
	if (actual) {
		push_actual_kids(w, actual, ideal != NULL);
		for (size_t i = 0; i < actual->fs_children.len; i++)
			push_actual_kids(w, actual->fs_children.items[i], ideal != NULL);
	}
	if (ideal) {
		push_ideal_kids(w, ideal, actual != NULL);
		for (size_t i = 0; i < ideal->fs_children.len; i++)
			push_ideal_kids(w, ideal->fs_children.items[i], actual != NULL);
	}
}

/* What came inside a package is only known from the disk: it goes into the ideal tree with the
 * package that stays. */
static void adopt_bundle(struct walk *w, struct node *actual, struct node *ideal)
{
	node_vec moved = { 0 };

	if (!ideal->manifest->nbundled)
		return;
	for (struct map_iter it = map_iter(&actual->children); map_next(&it);) {
		struct node *kid = it.val;

		if (node_in_bundle(kid))
			VEC_PUSH(w->arena, &moved, kid);
	}
	for (size_t i = 0; i < moved.len; i++) {
		node_detach(moved.items[i]);
		node_set_parent(moved.items[i], ideal);
	}
}

/* Where the link at @n's place leads; null when there is none. */
static str link_target(struct arena *a, const struct node *n)
{
	str target;
	struct err *err = fs_read_link(a, AT_FDCWD, str_cstr(a, n->path), &target);

	err_ignore(err);
	return err ? STR_NULL : path_resolve(a, path_dirname(n->path), target);
}

/* What lies in a node_modules of a linked layout, and was put there by neither npm nor us, stays: npm takes away links
 * into the project, and packages. */
static bool is_foreign(const struct walk *w, const struct node *actual)
{
	ARENA_SCOPE(tmp);
	const struct node *holder = node_resolve_parent(actual);
	str target;

	if (!w->ideal->is_isolated || !actual->parent || node_is_store_entry(holder) || !node_is_top(holder))
		return false;
	target = link_target(tmp, actual);
	if (!str_is_null(target))
		return !path_is_under(target, w->ideal->path);
	return !fs_is_file(AT_FDCWD, str_cstr(tmp, str_concat(tmp, actual->path, S("/package.json"))));
}

/* Members that are left alone may need anything that is in a store. */
static bool is_kept_store(const struct walk *w, const struct node *actual)
{
	return w->opts->only && !w->ideal->is_isolated && actual->parent && node_is_store_entry(actual->parent);
}

static void add_entry(struct walk *w, enum diff_action action, struct node *actual,
		      struct node *ideal)
{
	VEC_PUSH(w->arena, &w->entries, (struct diff_entry){ action, actual, ideal });
}

static void visit(struct walk *w, struct node *actual, struct node *ideal)
{
	const struct diff_opts *o = w->opts;

	if (o->only && !is_reached(w, actual) && !is_reached(w, ideal))
		return;
	if (ideal && node_is_omitted(ideal, o->omit_dev, o->omit_optional, o->omit_peer))
		ideal->inert = true;
	if (ideal && ideal->inert)
		ideal = NULL;
	if (!actual && !ideal)
		return;
	if (!ideal && (is_foreign(w, actual) || is_kept_store(w, actual)))
		return;
	if (!ideal)
		add_entry(w, DIFF_REMOVE, actual, NULL);
	else if (!actual && !node_in_dep_bundle(ideal))
		add_entry(w, DIFF_ADD, NULL, ideal);
	else if (actual && !is_same(w, actual, ideal))
		add_entry(w, DIFF_CHANGE, actual, ideal);
	else
		VEC_PUSH(w->arena, &w->unchanged, ideal);
	if (actual && ideal && w->unchanged.len && VEC_LAST(&w->unchanged) == ideal)
		adopt_bundle(w, actual, ideal);
	push_kids(w, actual, ideal);
}

static void note_within(struct walk *w, struct tree *t, struct map *within)
{
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		if (is_reached(w, it.val))
			map_put(within, it.key, it.val);
}

/* A project that is a link is walked at the folder it leads to. */
static struct node *root_of(struct tree *t)
{
	return seen_through(t->root);
}

struct diff *diff_trees(struct arena *a, struct tree *actual, struct tree *ideal,
			const struct diff_opts *opts)
{
	struct walk w = { .arena = a, .actual = actual, .ideal = ideal, .opts = opts };
	struct diff *out = ARENA_NEW(a, struct diff);

	map_init(&out->within, a);
	if (opts->only) {
		reach_all(&w);
		note_within(&w, actual, &out->within);
		note_within(&w, ideal, &out->within);
	}
	push_kids(&w, root_of(actual), root_of(ideal));
	while (w.agenda.len) {
		struct place p = VEC_POP(&w.agenda);

		visit(&w, p.actual, p.ideal);
	}
	out->items = w.entries.items;
	out->count = w.entries.len;
	out->unchanged = w.unchanged;
	return out;
}
