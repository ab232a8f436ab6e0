/* SPDX-License-Identifier: MIT
 * update: the newest versions that the ranges allow. package.json stays as it is unless --save says
 * otherwise; the lockfile is written in any case. */
#include "install_stages.h"

static struct err *update_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				  int *exit_status)
{
	const struct install_request req = {
		.saves = true,
		.update = args,
		.nupdate = nargs,
		.updates_all = nargs == 0,
	};

	(void)exit_status;
	if (cfg_source(ctx->cfg, CFG_SAVE) == CFG_LAYER_DEFAULT)
		cfg_force(ctx->cfg, CFG_SAVE, "false");
	if (!cfg_is_null(ctx->cfg, CFG_DEPTH))
		log_warn("update", "The --depth option no longer has any effect. See RFC0019.");
	TRY(cfg_is_global(ctx->cfg) ? cmd_ctx_open_global(ctx) : cmd_ctx_open_any_project(ctx));
	return install_run(ctx, &req);
}

const struct cmd cmd_update = {
	.name = "update",
	.summary = "Update packages within their ranges",
	.synopsis = (const char *const[]){ "[<name> ...]", NULL },
	.aliases = (const char *const[]){ "up", "u", "upgrade", "udpate", NULL },
	.keys = (const enum cfg_key[]){ CFG_SAVE, CFG_GLOBAL, CFG_BEFORE, CFG_MIN_RELEASE_AGE,
					CFG_INSTALL_STRATEGY, CFG_SHARED_STORE, CFG_OMIT, CFG_INCLUDE,
					CFG_STRICT_PEER_DEPS, CFG_LEGACY_PEER_DEPS,
					CFG_PACKAGE_LOCK, CFG_IGNORE_SCRIPTS, CFG_BIN_LINKS,
					CFG_FUND, CFG_DRY_RUN, CFG_JSON, CFG_INSTALL_LINKS,
					CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_INCLUDE_WORKSPACE_ROOT, CFG_END },
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "update",
	.run = update_command,
};
