/* SPDX-License-Identifier: MIT
 * Opening the project for the commands that only read it. Nothing is locked: a reader sees the tree
 * before or after another run's work, and both are true. */
#include "project_tree.h"

#include "cpm/base/path.h"
#include "cpm/tree/load_actual.h"

/* ---- opening ---- */

static struct err *read_manifest(struct cmd_ctx *ctx)
{
	struct err *e = cmd_ctx_open_project(ctx);

	if (!err_is(e, E_NO_ENTRY) || ctx->dirfd < 0)
		return e;
	err_ignore(e);
	ctx->manifest = ARENA_NEW(ctx->arena, struct manifest);
	return NULL;
}

struct err *project_tree_no_lock(struct cmd_ctx *ctx)
{
	(void)ctx;
	return err_show_as(
		err_detail(err_new(E_GENERIC, "This command requires an existing lockfile."),
			   "Try creating one first with: npm i --package-lock-only\n"
			   "Original error: loadVirtual requires existing package-lock.json file"),
		S("ENOLOCK"));
}

static struct err *load_lock(struct cmd_ctx *ctx, str dir, bool no_peers, struct tree **out)
{
	TRY(lockfile_load(ctx->arena, ctx->dirfd, dir, ctx->manifest, no_peers, out));
	return *out ? NULL : project_tree_no_lock(ctx);
}

static struct err *open_global(struct cmd_ctx *ctx, bool no_peers, struct project_tree *out)
{
	TRY(cmd_ctx_open_global(ctx));
	return actual_load_global(ctx->arena, ctx->dirfd, cfg_local_prefix(ctx->cfg), NULL, no_peers,
				  &out->tree);
}

struct err *project_tree_open(struct cmd_ctx *ctx, unsigned flags, struct project_tree *out)
{
	const struct cfg *cfg = ctx->cfg;
	bool no_peers = cfg_bool(cfg, CFG_LEGACY_PEER_DEPS) && !(flags & TREE_WITH_PEERS);
	str dir;

	*out = (struct project_tree){ .is_lock = cfg_bool(cfg, CFG_PACKAGE_LOCK_ONLY) };
	if (cfg_is_global(cfg))
		return open_global(ctx, no_peers, out);
	TRY(read_manifest(ctx));
	TRY(fs_real_path(ctx->arena, str_cstr(ctx->arena, cfg_local_prefix(cfg)), &dir));
	if (out->is_lock)
		TRY(load_lock(ctx, dir, no_peers, &out->tree));
	else if (flags & TREE_FROM_DISK)
		TRY(actual_walk(ctx->arena, ctx->dirfd, dir, ctx->manifest, no_peers, &out->tree));
	else
		TRY(actual_load(ctx->arena, ctx->dirfd, dir, ctx->manifest, no_peers, &out->tree));
	if (!out->is_lock && str_eq(cfg_text(cfg, CFG_INSTALL_STRATEGY), S("linked")))
		actual_link_members(out->tree);
	return workspaces_choose(ctx, out->tree, ctx->manifest, false, &out->choice);
}

struct err *project_tree_open_for_usage(struct cmd_ctx *ctx, unsigned flags,
					struct project_tree *out)
{
	struct err *e = project_tree_open(ctx, flags, out);

	if (!e || !str_eq(err_code_shown(e), S("ENOLOCK")))
		return e;
	err_ignore(e);
	return cmd_usage_error(ctx,
			       "A package-lock.json file is required in package-lock-only mode");
}

/* ---- members ---- */

node_vec project_tree_members(struct cmd_ctx *ctx, const struct project_tree *p)
{
	node_vec found = { 0 };

	for (size_t i = 0; i < p->choice.count; i++) {
		const struct workspace *w = &p->choice.items[i];
		struct node *n = tree_at(p->tree,
					 path_relative(ctx->arena, p->tree->path, w->path));

		if (n)
			VEC_PUSH(ctx->arena, &found, n);
		else
			log_warn("workspaces",
				 STR_FMT " in filter set, but no workspace folder present",
				 STR_ARG(w->name));
	}
	return found;
}

/* ---- filters ---- */

struct gathering {
	struct arena *arena;
	struct map *set;
	node_vec agenda;
};

static void gather(struct gathering *g, struct node *n)
{
	if (map_has(g->set, n->location))
		return;
	map_put(g->set, n->location, n);
	VEC_PUSH(g->arena, &g->agenda, n);
}

/* All that the members need, and what lies in their node_modules without being needed. */
static void gather_needs(struct gathering *g)
{
	node_vec extraneous = { 0 };

	for (size_t i = 0; i < g->agenda.len; i++) {
		struct node *n = g->agenda.items[i];

		for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
			struct node *to = ((struct edge *)it.val)->to;
			if (!to)
				continue;
			gather(g, to);
			if (to->is_link)
				gather(g, to->target);
		}
		for (struct map_iter it = map_iter(&n->children); map_next(&it);)
			if (((struct node *)it.val)->extraneous)
				VEC_PUSH(g->arena, &extraneous, it.val);
	}
	for (size_t i = 0; i < extraneous.len; i++)
		map_put(g->set, extraneous.items[i]->location, extraneous.items[i]);
}

/* What the project needs by ways that lead through no member. */
static void gather_without_members(struct gathering *g, struct tree *t)
{
	VEC_PUSH(g->arena, &g->agenda, t->root);
	for (size_t i = 0; i < g->agenda.len; i++)
		for (struct map_iter it = map_iter(&g->agenda.items[i]->edges_out); map_next(&it);) {
			struct node *to = ((struct edge *)it.val)->to;

			if (to && !node_is_workspace(to))
				gather(g, to);
		}
}

void project_tree_filter(struct cmd_ctx *ctx, const struct project_tree *p, bool with_root,
			 struct map *out)
{
	struct gathering g = { .arena = ctx->arena, .set = out };
	bool are_members_off = !cfg_is_null(ctx->cfg, CFG_WORKSPACES) &&
			       !cfg_bool(ctx->cfg, CFG_WORKSPACES);

	map_init(out, ctx->arena);
	if (are_members_off) {
		gather_without_members(&g, p->tree);
		return;
	}
	if (!p->choice.is_made)
		return;
	node_vec members = project_tree_members(ctx, p);
	for (size_t i = 0; i < members.len; i++)
		gather(&g, members.items[i]);
	if (with_root && cfg_bool(ctx->cfg, CFG_INCLUDE_WORKSPACE_ROOT))
		for (struct map_iter it = map_iter(&p->tree->root->edges_out); map_next(&it);) {
			const struct edge *e = it.val;
			if (e->type != EDGE_WORKSPACE && e->to)
				gather(&g, e->to);
		}
	gather_needs(&g);
}

bool project_tree_has(const struct map *filter, const struct node *n)
{
	return !filter->count || map_get(filter, n->location) == n;
}
