/* SPDX-License-Identifier: MIT
 * An installation as the end of another command. Twin of npm's update-workspaces.js. */
#include "workspaces_update.h"

#include "install_stages.h"

static void settle(struct cfg *cfg)
{
	cfg_force(cfg, CFG_AUDIT, "false");
	cfg_force(cfg, CFG_FUND, "false");
	if (cfg_source(cfg, CFG_SAVE) == CFG_LAYER_DEFAULT)
		cfg_force(cfg, CFG_SAVE, "false");
	cfg_force(cfg, CFG_WORKSPACE, NULL);
	cfg_force(cfg, CFG_WORKSPACES, NULL);
}

struct err *workspaces_update(struct cmd_ctx *ctx, const str *names, size_t count)
{
	const struct install_request req = { .saves = true, .update = names, .nupdate = count };

	if (count == 0 || !cfg_bool(ctx->cfg, CFG_WORKSPACES_UPDATE))
		return NULL;
	settle(ctx->cfg);
	if (ctx->dirfd < 0)
		TRY(cmd_ctx_open_project(ctx));
	if (!ctx->store)
		TRY(store_open(cmd_ctx_store_dir(ctx->arena, ctx->cfg), &ctx->store));
	return install_run(ctx, &req);
}
