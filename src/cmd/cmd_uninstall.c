/* SPDX-License-Identifier: MIT
 * uninstall: takes names out of package.json and whatever only they needed out of the tree. */
#include "install_stages.h"

static struct err *uninstall_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				     int *exit_status)
{
	const struct install_request req = { .saves = true, .remove = args, .nremove = nargs };

	(void)exit_status;
	if (nargs == 0)
		return err_new(E_GENERIC, "Must provide a package name to remove");
	return install_run(ctx, &req);
}

const struct cmd cmd_uninstall = {
	.name = "uninstall",
	.summary = "Remove a package",
	.synopsis = (const char *const[]){ "<name> ...", NULL },
	.aliases = (const char *const[]){ "unlink", "remove", "rm", "r", "un", NULL },
	.keys = (const enum cfg_key[]){ CFG_SAVE, CFG_INSTALL_STRATEGY, CFG_OMIT, CFG_INCLUDE,
					CFG_STRICT_PEER_DEPS, CFG_LEGACY_PEER_DEPS,
					CFG_PACKAGE_LOCK, CFG_IGNORE_SCRIPTS, CFG_BIN_LINKS,
					CFG_FUND, CFG_DRY_RUN, CFG_JSON, CFG_INSTALL_LINKS,
					CFG_END },
	.needs = CMD_NEEDS_FOLDER | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK |
		 CMD_WORKSPACES,
	.doc = "uninstall",
	.run = uninstall_command,
};
