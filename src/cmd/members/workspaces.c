/* SPDX-License-Identifier: MIT
 * Filters into members. npm tries each filter as a name, as a path from where the user stands, and
 * as a folder whose members are meant; so do we, in that order of meanings but without caring which
 * of them it was. What npm does not have comes on top: patterns, what has changed, the relatives of
 * what was chosen, and "!" for what is not meant. */
#include "workspaces.h"

#include "members_since.h"

#include "cpm/base/glob.h"
#include "cpm/base/path.h"
#include "cpm/tree/member_graph.h"

struct chooser {
	const struct cmd_ctx *ctx;
	str root;          /* the project's folder */
	str from;          /* where relative filters start */
	struct map chosen; /* name -> struct workspace * */
	const str *filters;
	size_t nfilters;
};

static bool is_in_folder(struct arena *tmp, str folder, str path)
{
	return glob_match(tmp, str_concat(tmp, folder, S("/*")), path);
}

static bool matches_pattern(struct arena *tmp, const struct chooser *c, str filter,
			    const struct workspace *w)
{
	str pattern = str_starts(filter, S("./")) ? str_from(filter, 2) : filter;

	return !glob_is_plain(filter) &&
	       (glob_match(tmp, pattern, w->name) ||
		glob_match(tmp, pattern, path_relative(tmp, c->from, w->path)));
}

static bool is_meant(const struct chooser *c, str filter, const struct workspace *w)
{
	ARENA_SCOPE(tmp);
	str cwd = cfg_cwd(c->ctx->cfg);
	str relative = path_relative(tmp, c->from, w->path);

	if (matches_pattern(tmp, c, filter, w))
		return true;

	if (str_eq(filter, w->name) || str_eq(path_resolve(tmp, c->from, filter), w->path))
		return true;
	if (str_starts(filter, S("./")))
		relative = str_concat(tmp, S("./"), relative);
	return is_in_folder(tmp, path_relative(tmp, c->root, path_resolve(tmp, cwd, filter)),
			    relative) ||
	       is_in_folder(tmp, filter, relative);
}

static void choose(struct chooser *c, const struct workspace *w)
{
	struct workspace *copy = ARENA_NEW(c->ctx->arena, struct workspace);

	*copy = *w;
	map_put(&c->chosen, w->name, copy);
}

static struct err *none_found(struct arena *a, const str *filters, size_t nfilters)
{
	struct str_buf list = str_buf(a, 1 << 16);

	if (!nfilters)
		return err_new(E_GENERIC, "No workspaces found!");
	for (size_t i = 0; i < nfilters; i++)
		buf_printf(&list, " --workspace=" STR_FMT, STR_ARG(filters[i]));
	return err_new(E_GENERIC, "No workspaces found:\n %s", buf_cstr(&list));
}

/* ---- relatives ---- */

static struct workspace *chosen_root(const struct chooser *c)
{
	for (struct map_iter it = map_iter(&c->chosen); map_next(&it);)
		if (str_eq(((struct workspace *)it.val)->path, c->root))
			return it.val;
	return NULL;
}

/* With relatives among them the chosen have lost the order of the filters: they come in their own.
 */
static struct err *add_relatives(struct chooser *c, const struct tree *t)
{
	const struct cfg *cfg = c->ctx->cfg;
	struct workspace *root = chosen_root(c);
	struct member_graph g;
	bool *set;

	if (!cfg_bool(cfg, CFG_WITH_DEPENDENTS) && !cfg_bool(cfg, CFG_WITH_DEPENDENCIES))
		return NULL;
	TRY(member_graph_build(c->ctx->arena, t->path, t->workspaces.items, t->workspaces.len, &g));
	set = ARENA_ARRAY(c->ctx->arena, bool, g.count + 1);
	for (size_t i = 0; i < g.count; i++)
		set[i] = map_has(&c->chosen, g.items[i].name);
	if (cfg_bool(cfg, CFG_WITH_DEPENDENTS))
		member_graph_add_needed_by(&g, set);
	if (cfg_bool(cfg, CFG_WITH_DEPENDENCIES))
		member_graph_add_needs(&g, set);
	map_init(&c->chosen, c->ctx->arena);
	if (root)
		choose(c, root);
	for (size_t i = 0; i < g.count; i++)
		if (set[i])
			choose(c, &t->workspaces.items[i]);
	return NULL;
}

/* ---- the choice ---- */

static bool is_negation(str filter)
{
	return str_starts(filter, S("!"));
}

/* Filters that all say what is not meant begin with everybody. */
static void choose_meant(struct chooser *c, const struct tree *t)
{
	bool has_any = false;

	for (size_t i = 0; i < c->nfilters; i++) {
		if (is_negation(c->filters[i]))
			continue;
		has_any = true;
		VEC_EACH (struct workspace, w, &t->workspaces)
			if (is_meant(c, c->filters[i], w))
				choose(c, w);
	}
	if (!has_any)
		VEC_EACH (struct workspace, w, &t->workspaces)
			choose(c, w);
}

static void drop_negated(struct chooser *c, const struct tree *t)
{
	for (size_t i = 0; i < c->nfilters; i++) {
		if (!is_negation(c->filters[i]))
			continue;
		VEC_EACH (struct workspace, w, &t->workspaces)
			if (is_meant(c, str_from(c->filters[i], 1), w))
				map_del(&c->chosen, w->name);
	}
}

/* The project itself is kept by what lies in no member. */
static struct err *drop_unchanged(struct chooser *c, const struct tree *t)
{
	struct members_since since;
	str ref = cfg_text(c->ctx->cfg, CFG_SINCE);

	TRY(members_since(c->ctx, t, ref, &since));
	for (struct map_iter it = map_iter(&c->chosen); map_next(&it);) {
		const struct workspace *w = it.val;
		bool is_root = str_eq(w->path, c->root);

		if (is_root ? !since.is_root_changed : !map_has(&since.changed, w->path))
			map_del(&c->chosen, it.key);
	}
	return NULL;
}

static struct err *none_changed(const struct chooser *c)
{
	return err_new(E_UNCHANGED, "No workspace has changed since '" STR_FMT "'.",
		       STR_ARG(cfg_text(c->ctx->cfg, CFG_SINCE)));
}

static void collect(struct arena *a, const struct map *chosen, struct workspace_choice *out)
{
	out->items = ARENA_ARRAY(a, struct workspace, chosen->count + 1);
	for (struct map_iter it = map_iter(chosen); map_next(&it);)
		out->items[out->count++] = *(struct workspace *)it.val;
}

bool workspaces_are_since(const struct cfg *cfg)
{
	return cfg_text(cfg, CFG_SINCE).len > 0 && cfg_source(cfg, CFG_SINCE) == CFG_LAYER_CLI;
}

struct err *workspaces_choose(const struct cmd_ctx *ctx, const struct tree *t,
			      const struct manifest *root, bool with_root,
			      struct workspace_choice *out)
{
	const struct cfg *cfg = ctx->cfg;
	struct chooser c = { .ctx = ctx, .root = cfg_local_prefix(cfg), .from = cfg_cwd(cfg) };

	bool is_since = workspaces_are_since(cfg);

	c.filters = cfg_list(cfg, CFG_WORKSPACE, &c.nfilters);
	*out = (struct workspace_choice){ .is_made = c.nfilters || cfg_bool(cfg, CFG_WORKSPACES) };
	if (!out->is_made)
		return NULL;
	if (!path_is_under(c.from, c.root))
		c.from = c.root;
	map_init(&c.chosen, ctx->arena);
	if (with_root && cfg_bool(cfg, CFG_INCLUDE_WORKSPACE_ROOT))
		choose(&c,
		       &(struct workspace){ str_is_null(root->name) ? S("") : root->name, c.root });
	choose_meant(&c, t);
	if (!c.chosen.count)
		return none_found(ctx->arena, c.filters, c.nfilters);
	if (is_since)
		TRY(drop_unchanged(&c, t));
	TRY(add_relatives(&c, t));
	drop_negated(&c, t);
	collect(ctx->arena, &c.chosen, out);
	if (out->count)
		return NULL;
	return is_since ? none_changed(&c) : none_found(ctx->arena, c.filters, c.nfilters);
}
