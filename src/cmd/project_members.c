/* SPDX-License-Identifier: MIT
 * Members without a tree around them. */
#include "project_members.h"

#include "cpm/tree/map_workspaces.h"

struct err *project_members_choose(struct cmd_ctx *ctx, struct workspace_choice *out)
{
	const struct cfg *cfg = ctx->cfg;
	struct manifest *root;
	struct tree *t;
	size_t nfilters;
	str dir;

	*out = (struct workspace_choice){ 0 };
	(void)cfg_list(cfg, CFG_WORKSPACE, &nfilters);
	if (nfilters == 0 && !cfg_bool(cfg, CFG_WORKSPACES))
		return NULL;
	TRY(fs_real_path(ctx->arena, str_cstr(ctx->arena, cfg_local_prefix(cfg)), &dir));
	TRY(manifest_read(ctx->arena, AT_FDCWD, str_cstr(ctx->arena, dir), &root, NULL));
	t = tree_new(ctx->arena, dir);
	TRY(map_workspaces(ctx->arena, dir, root, t));
	return workspaces_choose(ctx, t, root, true, out);
}
