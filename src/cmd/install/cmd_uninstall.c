/* SPDX-License-Identifier: MIT
 * uninstall: takes names out of package.json and whatever only they needed out of the tree. */
#include "install_stages.h"

/* Without a name it is the package here that was made a global one. */
static struct err *find_own_name(struct cmd_ctx *ctx, str *name)
{
	struct manifest *m;
	struct err *e = manifest_read(ctx->arena, AT_FDCWD,
				      str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg)), &m, NULL);

	if (err_is(e, E_NO_ENTRY) || err_is(e, E_NOT_DIRECTORY)) {
		err_ignore(e);
		return cmd_usage_error(ctx, "%s", "");
	}
	if (!e)
		*name = m->name;
	return e;
}

static struct err *uninstall_globally(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	struct install_request req = { .saves = true, .remove = args, .nremove = nargs };
	str own;

	if (nargs == 0) {
		TRY(find_own_name(ctx, &own));
		req.remove = &own;
		req.nremove = 1;
	}
	TRY(cmd_ctx_open_global(ctx));
	return install_run(ctx, &req);
}

static struct err *uninstall_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				     int *exit_status)
{
	const struct install_request req = { .saves = true, .remove = args, .nremove = nargs };

	(void)exit_status;
	if (cfg_is_global(ctx->cfg))
		return uninstall_globally(ctx, args, nargs);
	if (nargs == 0)
		return err_new(E_GENERIC, "Must provide a package name to remove");
	TRY(cmd_ctx_open_any_project(ctx));
	return install_run(ctx, &req);
}

const struct cmd cmd_uninstall = {
	.name = "uninstall",
	.summary = "Remove a package",
	.synopsis = (const char *const[]){ "<name> ...", NULL },
	.aliases = (const char *const[]){ "unlink", "remove", "rm", "r", "un", NULL },
	.keys = (const enum cfg_key[]){ CFG_SAVE, CFG_GLOBAL, CFG_INSTALL_STRATEGY, CFG_SHARED_STORE, CFG_OMIT,
					CFG_INCLUDE, CFG_STRICT_PEER_DEPS, CFG_LEGACY_PEER_DEPS,
					CFG_PACKAGE_LOCK, CFG_IGNORE_SCRIPTS, CFG_BIN_LINKS,
					CFG_FUND, CFG_DRY_RUN, CFG_JSON, CFG_INSTALL_LINKS,
					CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_INCLUDE_WORKSPACE_ROOT, CFG_END },
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "uninstall",
	.run = uninstall_command,
};
