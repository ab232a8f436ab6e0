/* SPDX-License-Identifier: MIT
 * Members without a tree around them. */
#include "project_members.h"

#include "script_cache.h"

#include "cpm/base/path.h"
#include "cpm/tree/map_workspaces.h"

static struct err *find_members(struct cmd_ctx *ctx, struct manifest **root, struct tree **out)
{
	str dir;

	TRY(fs_real_path(ctx->arena, str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg)), &dir));
	TRY(manifest_read(ctx->arena, AT_FDCWD, str_cstr(ctx->arena, dir), root, NULL));
	*out = tree_new(ctx->arena, dir);
	return map_workspaces(ctx->arena, dir, *root, *out);
}

struct err *project_members_choose(struct cmd_ctx *ctx, struct workspace_choice *out)
{
	const struct cfg *cfg = ctx->cfg;
	struct manifest *root;
	struct tree *t;
	size_t nfilters;

	*out = (struct workspace_choice){ 0 };
	(void)cfg_list(cfg, CFG_WORKSPACE, &nfilters);
	if (nfilters == 0 && !cfg_bool(cfg, CFG_WORKSPACES))
		return NULL;
	TRY(find_members(ctx, &root, &t));
	return workspaces_choose(ctx, t, root, true, out);
}

/* ---- relations ---- */

static bool is_among(const struct workspace_choice *choice, str path)
{
	for (size_t i = 0; i < choice->count; i++)
		if (str_eq(choice->items[i].path, path))
			return true;
	return false;
}

/* Results are kept of a project without members too: it counts as the only one. */
static bool is_alone(const struct cmd_ctx *ctx, const struct tree *t)
{
	return t->workspaces.len == 0 && script_cache_is_wanted(ctx);
}

static struct err *relate(struct cmd_ctx *ctx, const struct manifest *root, const struct tree *t,
			  const struct workspace_choice *choice, struct project_graph *out)
{
	struct workspace *list = ARENA_ARRAY(ctx->arena, struct workspace, t->workspaces.len + 1);
	size_t count = 0;

	if (cfg_bool(ctx->cfg, CFG_INCLUDE_WORKSPACE_ROOT) || is_alone(ctx, t))
		list[count++] = (struct workspace){ root->name, t->path };
	VEC_EACH (struct workspace, w, &t->workspaces)
		list[count++] = *w;
	TRY(member_graph_build(ctx->arena, t->path, list, count, &out->graph));
	out->is_made = choice->is_made;
	out->is_chosen = ARENA_ARRAY(ctx->arena, bool, count + 1);
	for (size_t i = 0; i < count; i++)
		out->is_chosen[i] = !choice->is_made || is_among(choice, list[i].path);
	return NULL;
}

struct err *project_members_relate(struct cmd_ctx *ctx, struct project_graph *out)
{
	struct workspace_choice choice;
	struct err *none_changed, *e;
	struct manifest *root;
	struct tree *t;

	*out = (struct project_graph){ 0 };
	TRY(find_members(ctx, &root, &t));
	none_changed = workspaces_choose(ctx, t, root, true, &choice);
	if (!err_is(none_changed, E_UNCHANGED))
		TRY(none_changed);
	e = relate(ctx, root, t, &choice, out);
	if (e)
		err_free(none_changed);
	return e ? e : none_changed;
}

/* ---- words ---- */

/* "b -> a" for each link of the circle that nobody waits for. */
static void add_broken(struct str_buf *out, const struct member_graph *g,
		       const struct member_cycle *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct member *from = &g->items[c->members[i]];

		VEC_EACH (struct member_link, l, &from->needs)
			if (l->is_broken && l->to == c->members[(i + 1) % c->count])
				buf_printf(out, "%s" STR_FMT " -> " STR_FMT " (" STR_FMT ")",
					   out->len ? ", " : "", STR_ARG(from->name),
					   STR_ARG(g->items[l->to].name),
					   STR_ARG(member_link_field(l)));
	}
}

void project_graph_warn_of_cycles(struct arena *a, const struct member_graph *g)
{
	VEC_EACH (struct member_cycle, c, &g->cycles) {
		struct str_buf broken = str_buf(a, 1 << 16), round = str_buf(a, 1 << 16);

		for (size_t i = 0; i < c->count; i++)
			buf_printf(&round, STR_FMT " -> ", STR_ARG(g->items[c->members[i]].name));
		add_broken(&broken, g, c);
		log_warn("workspaces",
			 STR_FMT STR_FMT ": these depend on each other; not waited for: " STR_FMT,
			 STR_ARG(buf_view(&round)), STR_ARG(g->items[c->members[0]].name),
			 STR_ARG(buf_view(&broken)));
	}
}

str member_version(const struct member *m)
{
	return str_is_null(m->manifest->version) ? S("") : m->manifest->version;
}
