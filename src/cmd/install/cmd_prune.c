/* SPDX-License-Identifier: MIT
 * prune and dedupe: the same packages, fewer of them. Neither changes package.json. */
#include "install_stages.h"

static struct err *prune_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				 int *exit_status)
{
	const struct install_request req = { .saves = true, .prunes = true };

	(void)args;
	(void)nargs;
	(void)exit_status;
	if (cfg_is_global(ctx->cfg))
		return err_new(E_GENERIC,
			       "`npm prune` does not work for global packages: nothing needs them, "
			       "so each stays until `npm uninstall -g` removes it");
	return install_run(ctx, &req);
}

static struct err *dedupe(struct cmd_ctx *ctx)
{
	const struct install_request req = { .saves = true, .dedupes = true };

	if (cfg_is_global(ctx->cfg))
		return err_show_as(err_new(E_GENERIC, "`npm dedupe` does not work in global mode."),
				   S("EDEDUPEGLOBAL"));
	cfg_force(ctx->cfg, CFG_SAVE, "false");
	return install_run(ctx, &req);
}

static struct err *dedupe_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				  int *exit_status)
{
	(void)args;
	(void)nargs;
	(void)exit_status;
	return dedupe(ctx);
}

static struct err *find_dupes_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				      int *exit_status)
{
	(void)args;
	(void)nargs;
	(void)exit_status;
	cfg_force(ctx->cfg, CFG_DRY_RUN, "true");
	return dedupe(ctx);
}

static const enum cfg_key tidy_keys[] = { CFG_INSTALL_STRATEGY, CFG_SHARED_STORE,
					  CFG_OMIT,
					  CFG_INCLUDE,
					  CFG_STRICT_PEER_DEPS,
					  CFG_LEGACY_PEER_DEPS,
					  CFG_PACKAGE_LOCK,
					  CFG_IGNORE_SCRIPTS,
					  CFG_BIN_LINKS,
					  CFG_FUND,
					  CFG_DRY_RUN,
					  CFG_JSON,
					  CFG_INSTALL_LINKS,
					  CFG_WORKSPACE,
					  CFG_WORKSPACES,
					  CFG_INCLUDE_WORKSPACE_ROOT,
					  CFG_END };

#define TIDY_NEEDS \
	(CMD_NEEDS_FOLDER | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK | CMD_WORKSPACES)

const struct cmd cmd_prune = {
	.name = "prune",
	.summary = "Remove packages that nothing depends on",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = tidy_keys,
	.needs = TIDY_NEEDS,
	.doc = "dedupe",
	.run = prune_command,
};

const struct cmd cmd_dedupe = {
	.name = "dedupe",
	.summary = "Reduce duplication in the package tree",
	.synopsis = (const char *const[]){ "", NULL },
	.aliases = (const char *const[]){ "ddp", NULL },
	.keys = tidy_keys,
	.needs = TIDY_NEEDS,
	.doc = "dedupe",
	.run = dedupe_command,
};

const struct cmd cmd_find_dupes = {
	.name = "find-dupes",
	.summary = "Find duplication in the package tree",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = tidy_keys,
	.needs = TIDY_NEEDS,
	.doc = "dedupe",
	.run = find_dupes_command,
};
