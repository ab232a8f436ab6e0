/* SPDX-License-Identifier: MIT
 * install: node_modules and the lockfile become what package.json asks for, after adding to it what
 * was typed. */
#include "install_stages.h"

#include "cpm/base/path.h"

/* Arguments that name the folder itself that is installed into say nothing new. */
size_t install_drop_itself(struct cmd_ctx *ctx, const str *args, size_t nargs, str *kept)
{
	const struct cfg *cfg = ctx->cfg;
	str itself = cfg_is_global(cfg) ? cfg_global_prefix(cfg) : cfg_local_prefix(cfg);
	size_t count = 0;

	for (size_t i = 0; i < nargs; i++)
		if (!str_eq(path_resolve(ctx->arena, cfg_cwd(cfg), args[i]), itself))
			kept[count++] = args[i];
	return count;
}

/* Without arguments it is the package here that becomes a global one. */
static struct err *install_globally(struct cmd_ctx *ctx, struct install_request *req, str *add)
{
	for (size_t i = 0; i < req->nadd; i++)
		if (str_is_empty(add[i]))
			return cmd_usage_error(ctx, "%s", "");
	if (req->nadd == 0)
		add[req->nadd++] = S(".");
	TRY(cmd_ctx_open_global(ctx));
	return install_run(ctx, req);
}

static struct err *install_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				   int *exit_status)
{
	struct install_request req = { .saves = true };
	str *add = ARENA_ARRAY(ctx->arena, str, nargs + 1);

	(void)exit_status;
	req.add = add;
	req.nadd = install_drop_itself(ctx, args, nargs, add);
	if (cfg_is_global(ctx->cfg))
		return install_globally(ctx, &req, add);
	req.runs_root_scripts = req.may_be_noop = req.nadd == 0;
	TRY(req.nadd > 0 ? cmd_ctx_open_any_project(ctx) : cmd_ctx_open_project(ctx));
	return install_run(ctx, &req);
}

const enum cfg_key install_keys[] = {
	CFG_SAVE, CFG_SAVE_EXACT, CFG_SAVE_PREFIX, CFG_SAVE_PROD, CFG_SAVE_DEV,
	CFG_SAVE_OPTIONAL, CFG_SAVE_PEER, CFG_SAVE_BUNDLE, CFG_GLOBAL, CFG_INSTALL_STRATEGY, CFG_SHARED_STORE, CFG_OMIT,
	CFG_INCLUDE, CFG_STRICT_PEER_DEPS, CFG_LEGACY_PEER_DEPS, CFG_PREFER_DEDUPE,
	CFG_PACKAGE_LOCK, CFG_PACKAGE_LOCK_ONLY, CFG_LOCKFILE_VERSION, CFG_FOREGROUND_SCRIPTS, CFG_SCRIPT_TIMEOUT, CFG_SANDBOX_SCRIPTS,
	CFG_IGNORE_SCRIPTS, CFG_ALLOW_DIRECTORY, CFG_ALLOW_FILE, CFG_ALLOW_GIT,
	CFG_ALLOW_REMOTE, CFG_ALLOW_SCRIPTS, CFG_STRICT_ALLOW_SCRIPTS,
	CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS, CFG_AUDIT, CFG_BEFORE, CFG_MIN_RELEASE_AGE,
	CFG_BIN_LINKS,
	CFG_FUND, CFG_DRY_RUN, CFG_CPU, CFG_OS, CFG_LIBC, CFG_ENGINE_STRICT, CFG_FORCE,
	CFG_OFFLINE, CFG_PREFER_OFFLINE, CFG_PREFER_ONLINE, CFG_JSON, CFG_INSTALL_LINKS,
	CFG_WORKSPACE, CFG_WORKSPACES, CFG_INCLUDE_WORKSPACE_ROOT, CFG_END,
};

const struct cmd cmd_install = {
	.name = "install",
	.summary = "Install a package",
	.synopsis = (const char *const[]){ "[<package-spec> ...]", NULL },
	.aliases = (const char *const[]){ "add", "i", "in", "ins", "inst", "insta", "instal",
					  "isnt", "isnta", "isntal", "isntall", NULL },
	.keys = install_keys,
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "install",
	.run = install_command,
};
