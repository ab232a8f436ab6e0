/* SPDX-License-Identifier: MIT
 * Packages inside packages (bundleDependencies). What is in them only the tarball knows: after
 * unpacking, the ideal tree takes over what the disk shows, and what a lockfile promised to be
 * inside but is not is fetched on its own. npm keeps a list of what is missing for that too, but
 * its diff never asks for it: there the hole stays, and a project that falls into it. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/tree/flags.h"

void bundles_walk(struct run *r, struct node *bundler, void (*visit)(struct run *r, struct node *n))
{
	node_vec agenda = { 0 };

	VEC_PUSH(r->arena, &agenda, bundler);
	while (agenda.len) {
		struct node *n = VEC_POP(&agenda);

		if (n != bundler)
			visit(r, n);
		for (struct map_iter it = map_iter(&n->children); map_next(&it);)
			if (node_in_dep_bundle(it.val))
				VEC_PUSH(r->arena, &agenda, it.val);
	}
}

/* ---- what the disk shows ---- */

typedef VEC(str) name_list;

/* Names of the packages in @dir, which is a node_modules or a scope in one. */
static void list_into(struct run *r, str dir, str scope, name_list *out)
{
	AUTO_DIR it = { 0 };
	struct err *err = dir_open(r->dirfd, run_path(r, dir), &it);

	err_ignore(err);
	while (!err && dir_next(&it)) {
		str name = str_dup(r->arena, str_view(it.name));

		if (it.type != DT_DIR || it.name[0] == '.')
			continue;
		if (str_is_empty(scope) && it.name[0] == '@')
			list_into(r, path_join(r->arena, dir, name), name, out);
		else
			VEC_PUSH(r->arena, out,
				 str_is_empty(scope) ? name : path_join(r->arena, scope, name));
	}
	err_ignore(it.err);
	it.err = NULL;
}

static struct err *adopt_children(struct run *r, struct node *n, node_vec *agenda)
{
	str folder = path_join(r->arena, n->location, S("node_modules"));
	name_list names = { 0 };

	list_into(r, folder, S(""), &names);
	VEC_EACH (str, name, &names) {
		struct node *child = node_child(n, *name);
		struct manifest *m;
		struct err *err;

		if (!child) {
			err = manifest_read(r->arena, r->dirfd,
					    run_path(r, path_join(r->arena, folder, *name)), &m,
					    NULL);
			err_ignore(err);
			if (err)
				continue;
			child = node_new(r->arena, *name, m);
			node_set_parent(child, n);
			r->adopted++;
		}
		if (node_in_dep_bundle(child))
			VEC_PUSH(r->arena, agenda, child);
	}
	return NULL;
}

static struct err *adopt_bundle(struct run *r, struct node *bundler)
{
	node_vec agenda = { 0 };

	VEC_PUSH(r->arena, &agenda, bundler);
	while (agenda.len) {
		struct node *n = VEC_POP(&agenda);

		TRY(adopt_children(r, n, &agenda));
	}
	return NULL;
}

/* ---- what was promised and is not there ---- */

static void fetch_if_missing(struct run *r, struct node *n)
{
	if (n->is_link || n->inert || plan_unit_of(r, n))
		return;
	if (!fs_exists(r->dirfd, run_path(r, path_join(r->arena, n->location, S("package.json")))))
		plan_add_unit(r, n);
}

/* ---- what nobody needs any more ---- */

static void shadow(struct run *r, node_vec *shadowed, unsigned mark, struct node *n)
{
	if (!n || n->mark == mark || n->is_root)
		return;
	n->mark = mark;
	VEC_PUSH(r->arena, shadowed, n);
}

/* A package that was fetched for a bundle's own dependents, before it was known that the bundle
 * brings one along. */
static void shadow_all(struct run *r, node_vec *shadowed, unsigned mark)
{
	for (size_t i = 0; i < r->bundlers.len; i++) {
		const struct node *bundler = r->bundlers.items[i];

		for (struct map_iter it = map_iter(&bundler->children);
		     bundler->parent && map_next(&it);)
			shadow(r, shadowed, mark,
			       node_resolve(bundler->parent, ((struct node *)it.val)->name));
	}
	for (size_t i = 0; i < shadowed->len; i++)
		for (struct map_iter it = map_iter(&shadowed->items[i]->edges_out); map_next(&it);)
			shadow(r, shadowed, mark, ((struct edge *)it.val)->to);
}

static bool is_needed(const struct node *n, unsigned mark)
{
	for (size_t i = 0; i < n->edges_in.len; i++)
		if (n->edges_in.items[i]->from->mark != mark)
			return true;
	return false;
}

/* What somebody else needs stays, and with it what that needs. */
static void spare_needed(node_vec *shadowed, unsigned mark)
{
	bool has_changed = true;

	while (has_changed) {
		has_changed = false;
		for (size_t i = shadowed->len; i-- > 0;) {
			if (!is_needed(shadowed->items[i], mark))
				continue;
			shadowed->items[i]->mark = 0;
			VEC_REMOVE_AT(shadowed, i);
			has_changed = true;
		}
	}
}

static struct err *drop_shadowed(struct run *r)
{
	unsigned mark = tree_next_mark(r->ideal);
	node_vec shadowed = { 0 };

	shadow_all(r, &shadowed, mark);
	spare_needed(&shadowed, mark);
	VEC_EACH (struct node *, n, &shadowed) {
		struct unit *u = plan_unit_of(r, *n);

		log_verbose("reify", "a bundle makes " STR_FMT " superfluous",
			    STR_ARG((*n)->location));
		if (u)
			u->is_dropped = true;
		else
			TRY(retire_path(r, run_path(r, (*n)->location)));
		(*n)->inert = true;
		node_detach(*n);
	}
	return NULL;
}

struct err *bundles_settle(struct run *r)
{
	size_t planned = r->units.len;

	for (size_t i = 0; i < r->bundlers.len; i++) {
		struct unit *u = plan_unit_of(r, r->bundlers.items[i]);

		if (u && u->is_done && !u->is_dropped)
			TRY(adopt_bundle(r, r->bundlers.items[i]));
	}
	if (r->bundlers.len)
		TRY(drop_shadowed(r));
	for (size_t i = 0; r->adopted && i < r->bundlers.len; i++)
		if (r->bundlers.items[i]->tree)
			flags_spread(r->bundlers.items[i]);
	for (size_t i = 0, n = r->bundlers.len; i < n; i++)
		if (!plan_unit_of(r, r->bundlers.items[i])->is_dropped)
			bundles_walk(r, r->bundlers.items[i], fetch_if_missing);
	return r->units.len > planned ? fetch_all(r) : NULL;
}
