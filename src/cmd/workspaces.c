/* SPDX-License-Identifier: MIT
 * Filters into members. npm tries each filter as a name, as a path from where the user stands, and
 * as a folder whose members are meant; so do we, in that order of meanings but without caring which
 * of them it was. */
#include "workspaces.h"

#include "cpm/base/glob.h"
#include "cpm/base/path.h"

struct chooser {
	const struct cmd_ctx *ctx;
	str root;          /* the project's folder */
	str from;          /* where relative filters start */
	struct map chosen; /* name -> struct workspace * */
};

static bool is_in_folder(struct arena *tmp, str folder, str path)
{
	return glob_match(tmp, str_concat(tmp, folder, S("/*")), path);
}

static bool is_meant(const struct chooser *c, str filter, const struct workspace *w)
{
	ARENA_SCOPE(tmp);
	str cwd = cfg_cwd(c->ctx->cfg);
	str relative = path_relative(tmp, c->from, w->path);

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

static void collect(struct arena *a, const struct map *chosen, struct workspace_choice *out)
{
	out->items = ARENA_ARRAY(a, struct workspace, chosen->count);
	for (struct map_iter it = map_iter(chosen); map_next(&it);)
		out->items[out->count++] = *(struct workspace *)it.val;
}

struct err *workspaces_choose(const struct cmd_ctx *ctx, const struct tree *t,
			      const struct manifest *root, bool with_root,
			      struct workspace_choice *out)
{
	const struct cfg *cfg = ctx->cfg;
	struct chooser c = { .ctx = ctx, .root = cfg_local_prefix(cfg), .from = cfg_cwd(cfg) };
	size_t nfilters;
	const str *filters = cfg_list(cfg, CFG_WORKSPACE, &nfilters);

	*out = (struct workspace_choice){ .is_made = nfilters || cfg_bool(cfg, CFG_WORKSPACES) };
	if (!out->is_made)
		return NULL;
	if (!path_is_under(c.from, c.root))
		c.from = c.root;
	map_init(&c.chosen, ctx->arena);
	if (with_root && cfg_bool(cfg, CFG_INCLUDE_WORKSPACE_ROOT))
		choose(&c,
		       &(struct workspace){ str_is_null(root->name) ? S("") : root->name, c.root });
	if (!nfilters)
		VEC_EACH (struct workspace, w, &t->workspaces)
			choose(&c, w);
	for (size_t i = 0; i < nfilters; i++)
		VEC_EACH (struct workspace, w, &t->workspaces)
			if (is_meant(&c, filters[i], w))
				choose(&c, w);
	collect(ctx->arena, &c.chosen, out);
	return out->count ? NULL : none_found(ctx->arena, filters, nfilters);
}
