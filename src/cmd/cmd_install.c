/* SPDX-License-Identifier: MIT
 * install without arguments: node_modules and the lockfile become what package.json asks for. */
#include "install_stages.h"

#include "cpm/base/path.h"

/* Arguments that name the project itself say nothing new. */
static size_t drop_project_itself(struct cmd_ctx *ctx, const str *args, size_t nargs,
				  const str **first)
{
	size_t kept = 0;

	for (size_t i = 0; i < nargs; i++) {
		str path = path_resolve(ctx->arena, cfg_cwd(ctx->cfg), args[i]);
		if (str_eq(path, cfg_local_prefix(ctx->cfg)))
			continue;
		if (kept++ == 0)
			*first = &args[i];
	}
	return kept;
}

static struct err *install_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				   int *exit_status)
{
	const struct install_request req = { .saves = true };
	const str *first = NULL;

	(void)exit_status;
	if (drop_project_itself(ctx, args, nargs, &first) > 0)
		return err_new(E_UNSUPPORTED,
			       "cpm cannot add packages by name yet ('install " STR_FMT
			       "'). Write the dependency into package.json "
			       "and run 'cpm install'.",
			       STR_ARG(*first));
	return install_run(ctx, &req);
}

const struct cmd cmd_install = {
	.name = "install",
	.summary = "Install a package",
	.synopsis = (const char *const[]){ "", NULL },
	.aliases = (const char *const[]){ "add", "i", "in", "ins", "inst", "insta", "instal",
					  "isnt", "isnta", "isntal", "isntall", NULL },
	.keys = (const enum cfg_key[]){ CFG_SAVE,
					CFG_INSTALL_STRATEGY,
					CFG_OMIT,
					CFG_INCLUDE,
					CFG_STRICT_PEER_DEPS,
					CFG_LEGACY_PEER_DEPS,
					CFG_PREFER_DEDUPE,
					CFG_PACKAGE_LOCK,
					CFG_PACKAGE_LOCK_ONLY,
					CFG_LOCKFILE_VERSION,
					CFG_IGNORE_SCRIPTS,
					CFG_ALLOW_DIRECTORY,
					CFG_ALLOW_FILE,
					CFG_ALLOW_GIT,
					CFG_ALLOW_REMOTE,
					CFG_BEFORE,
					CFG_MIN_RELEASE_AGE,
					CFG_BIN_LINKS,
					CFG_FUND,
					CFG_DRY_RUN,
					CFG_CPU,
					CFG_OS,
					CFG_LIBC,
					CFG_ENGINE_STRICT,
					CFG_FORCE,
					CFG_OFFLINE,
					CFG_PREFER_OFFLINE,
					CFG_PREFER_ONLINE,
					CFG_JSON,
					CFG_INSTALL_LINKS,
					CFG_END },
	.needs = CMD_NEEDS_PROJECT | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK |
		 CMD_WORKSPACES,
	.doc = "install",
	.run = install_command,
};
