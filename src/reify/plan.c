/* SPDX-License-Identifier: MIT
 * From the difference of two trees to what has to be done: which places are written, which are
 * moved aside first, what comes back from there. A place is moved aside on its own when the package
 * around it stays; inside one that goes it goes along. The reverse holds for what comes back: it is
 * moved when the package around it went. */
#include "reify_priv.h"

#include "cpm/base/log.h"

struct unit *plan_unit_of(const struct run *r, const struct node *n)
{
	return map_get(&r->units_by_location, n->location);
}

/* ---- what is written ---- */

static bool is_remote_package(const struct node *n)
{
	return str_is_empty(n->resolved) || str_starts(n->resolved, S("http:")) ||
	       str_starts(n->resolved, S("https:"));
}

/* The tarball must hold what the lockfile and the registry call it (T26). Others were named after
 * their content. */
static void expect_identity(struct unit *u)
{
	struct node *n = u->node;

	if (!is_remote_package(n) || !node_is_registry_dep(n))
		return;
	u->want_name = str_is_empty(node_package_name(n)) ? n->name : node_package_name(n);
	u->want_version = node_version(n);
}

/* npm knows the manifest of some packages when it unpacks them, and then makes all their commands
 * executable (npm-tree.md 14). */
static void plan_executables(struct run *r, struct unit *u)
{
	const struct manifest *m = u->node->manifest;

	if (!str_is_empty(u->node->resolved) && !str_starts(u->node->resolved, S("file:")))
		return;
	for (size_t i = 0; i < m->nbins; i++)
		VEC_PUSH(r->arena, &u->executables, m->bins[i].target);
}

void plan_add_unit(struct run *r, struct node *n)
{
	struct unit *u = ARENA_NEW(r->arena, struct unit);

	u->node = n;
	u->path = run_path(r, n->location);
	if (!n->is_link) {
		expect_identity(u);
		plan_executables(r, u);
	}
	VEC_PUSH(r->arena, &r->units, u);
	map_put(&r->units_by_location, n->location, u);
	if (!n->is_link && n->manifest->nbundled)
		VEC_PUSH(r->arena, &r->bundlers, n);
}

/* ---- what is moved aside, and what comes back ---- */

static bool is_leaving(const struct run *r, const struct node *actual)
{
	return actual && actual->mark == r->retired_mark;
}

static void mark_leaving(struct run *r)
{
	r->retired_mark = tree_next_mark(r->actual);
	for (size_t i = 0; i < r->diff->count; i++)
		if (r->diff->items[i].actual)
			r->diff->items[i].actual->mark = r->retired_mark;
}

/* Store entries that nothing leads to any more go as a whole. */
static void plan_stale_store(struct run *r)
{
	const struct node *root = r->actual->root;

	/* Members that were left alone may still have links into it. */
	if (r->opts->is_partial && !r->ideal->is_isolated)
		return;
	for (size_t i = 0; i < root->fs_children.len; i++) {
		struct node *n = root->fs_children.items[i];

		if (!node_is_store_entry(n) || tree_at(r->ideal, n->location))
			continue;
		n->mark = r->retired_mark;
		VEC_PUSH(r->arena, &r->retired, n);
	}
}

/* Deepest first: what lies inside a package that comes back must be out of it by then. */
static void plan_retirement(struct run *r)
{
	for (size_t i = r->diff->count; i-- > 0;) {
		struct node *n = r->diff->items[i].actual;

		if (n && !is_leaving(r, n->parent) && !shared_is_behind_link(r, n))
			VEC_PUSH(r->arena, &r->retired, n);
	}
}

static void plan_comeback(struct run *r, struct node *stays)
{
	struct node *actual = tree_at(r->actual, stays->location), *host;
	struct comeback c;

	if (!actual || !is_leaving(r, actual->parent) || node_in_dep_bundle(stays))
		return;
	for (host = actual->parent; is_leaving(r, host->parent);)
		host = host->parent;
	c = (struct comeback){ .host = host, .to = run_path(r, stays->location) };
	c.from = run_path(r, str_from(stays->location, host->location.len + 1));
	VEC_PUSH(r->arena, &r->comebacks, c);
}

void plan_make(struct run *r)
{
	map_init(&r->units_by_location, r->arena);
	map_init(&r->host_names, r->arena);
	for (size_t i = 0; i < r->diff->count; i++) {
		struct node *n = r->diff->items[i].ideal;

		if (n && !n->is_root && !node_in_dep_bundle(n))
			plan_add_unit(r, n);
	}
	shared_plan(r);
	if (!r->opts->replace_all) {
		mark_leaving(r);
		plan_stale_store(r);
		plan_retirement(r);
		for (size_t i = 0; i < r->diff->unchanged.len; i++)
			plan_comeback(r, r->diff->unchanged.items[i]);
	}
	if (r->opts->bin_links)
		bins_plan(r, r->diff->count > 0 || r->opts->replace_all || r->rebuilt);
}
