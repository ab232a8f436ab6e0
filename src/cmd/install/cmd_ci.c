/* SPDX-License-Identifier: MIT
 * ci: node_modules becomes exactly what the lockfile says, or nothing happens. The lockfile is
 * checked against package.json by building the tree that package.json needs from it: what had to be
 * added or changed is what is wrong. */
#include "install_stages.h"

#include "cpm/base/path.h"

#define NO_LOCK_TEXT                                                               \
	"The `npm ci` command can only install with an existing\n"                 \
	"package-lock.json with lockfileVersion >= 1. Run an install with npm@5\n" \
	"or later to generate a package-lock.json file, then try again."

#define OUT_OF_SYNC_TEXT                                                                          \
	"`npm ci` can only install packages when your package.json and package-lock.json are in " \
	"sync. "                                                                                  \
	"Please update your lock file with `npm install` before continuing."

static str or_undefined(str version)
{
	return str_is_null(version) ? S("undefined") : version;
}

/* npm's words on the patch of one package, when the lockfile has another. */
static void check_patch(struct str_buf *out, const struct node *n, const struct locked_package *locked)
{
	str version = or_undefined(node_version(n)), was = or_undefined(locked->version);

	if (str_eq(json_get_text(locked->patched, "integrity"), json_get_text(n->patched, "integrity")) &&
	    str_eq(json_get_text(locked->patched, "path"), json_get_text(n->patched, "path")))
		return;
	if (!locked->patched)
		buf_printf(out,
			   "Invalid: package.json declares a patch for " STR_FMT "@" STR_FMT
			   " that the lock file does not record (it may have been skipped with "
			   "--ignore-patch-failures). Fix the patch and reinstall, or remove its "
			   "patchedDependencies entry\n",
			   STR_ARG(n->name), STR_ARG(version));
	else if (!n->patched)
		buf_printf(out,
			   "Invalid: lock file records a patch for " STR_FMT "@" STR_FMT
			   " that package.json no longer declares\n",
			   STR_ARG(locked->name), STR_ARG(was));
	else
		buf_printf(out,
			   "Invalid: patch for " STR_FMT "@" STR_FMT
			   " does not match the patch recorded in the lock file\n",
			   STR_ARG(n->name), STR_ARG(version));
}

static const char *extensions_problem(const struct tree *ideal)
{
	str was = ideal->lockfile ? ideal->lockfile->extensions_hash : STR_NULL;

	if (str_eq(was, ideal->extensions_hash))
		return "";
	if (str_is_empty(was))
		return "Missing: packageExtensions state from lock file\n";
	if (str_is_empty(ideal->extensions_hash))
		return "Invalid: lock file records packageExtensions state but package.json has none\n";
	return "Invalid: packageExtensions in package.json do not match the lock file\n";
}

static struct err *check_in_sync(struct install *in)
{
	struct str_buf problems = str_buf(in->ctx->arena, 1 << 22);

	for (struct map_iter it = map_iter(&in->ideal->inventory); map_next(&it);) {
		const struct node *n = it.val;
		const struct locked_package *locked = map_get(&in->locked, it.key);
		str version = or_undefined(node_version(n));
		if (!locked) {
			buf_printf(&problems, "Missing: " STR_FMT "@" STR_FMT " from lock file\n",
				   STR_ARG(n->name), STR_ARG(version));
			continue;
		}
		str was = or_undefined(locked->version);
		if (!str_eq(version, was))
			buf_printf(&problems,
				   "Invalid: lock file's " STR_FMT "@" STR_FMT
				   " does not satisfy " STR_FMT "@" STR_FMT "\n",
				   STR_ARG(locked->name), STR_ARG(was), STR_ARG(n->name),
				   STR_ARG(version));
		check_patch(&problems, n, locked);
	}
	buf_add_cstr(&problems, extensions_problem(in->ideal));
	if (problems.len == 0)
		return NULL;
	str list = str_trim(buf_view(&problems));
	return cmd_usage_error(in->ctx, OUT_OF_SYNC_TEXT "\n\n" STR_FMT, STR_ARG(list));
}

static struct err *refuse_no_lock(struct cmd_ctx *ctx)
{
	return cmd_usage_error(ctx, "%s", NO_LOCK_TEXT);
}

static struct err *refuse_patch_flags(const struct cfg *cfg)
{
	static const enum cfg_key keys[] = { CFG_ALLOW_UNUSED_PATCHES, CFG_IGNORE_PATCH_FAILURES };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (cfg_bool(cfg, keys[i]) && cfg_source(cfg, keys[i]) == CFG_LAYER_CLI)
			return err_show_as(
				err_new(E_GENERIC, "The --%s flag is not allowed with `npm ci`.",
					cfg_row(keys[i])->key),
				S("ECIPATCHFLAG"));
	return NULL;
}

/* The lockfile is looked for before package.json, as npm does: who runs ci in the wrong folder
 * hears about the lockfile. */
static struct err *ci_command(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	const struct install_request req = {
		.refuse_no_lock = refuse_no_lock,
		.replaces_all = true,
		.runs_root_scripts = true,
		.check = check_in_sync,
	};
	str lock = path_join(ctx->arena, cfg_local_prefix(ctx->cfg), S("package-lock.json"));

	(void)args;
	(void)nargs;
	(void)exit_status;
	if (cfg_is_global(ctx->cfg))
		return err_show_as(err_new(E_GENERIC, "`npm ci` does not work for global packages"),
				   S("ECIGLOBAL"));
	TRY(refuse_patch_flags(ctx->cfg));
	if (!fs_is_file(AT_FDCWD, str_cstr(ctx->arena, lock)))
		return refuse_no_lock(ctx);
	cfg_force(ctx->cfg, CFG_SAVE, "false");
	TRY(cmd_ctx_open_project(ctx));
	struct err *e = install_run(ctx, &req);
	if (err_is(e, E_LOCKFILE_VERSION) || err_is(e, E_MISSING_TARGET)) {
		err_ignore(e);
		return refuse_no_lock(ctx);
	}
	return e;
}

const enum cfg_key ci_keys[] = {
	CFG_INSTALL_STRATEGY, CFG_SHARED_STORE, CFG_OMIT, CFG_INCLUDE, CFG_STRICT_PEER_DEPS, CFG_LEGACY_PEER_DEPS,
	CFG_FOREGROUND_SCRIPTS, CFG_SCRIPT_TIMEOUT, CFG_SANDBOX_SCRIPTS, CFG_IGNORE_SCRIPTS, CFG_ALLOW_DIRECTORY, CFG_ALLOW_FILE,
	CFG_ALLOW_GIT, CFG_ALLOW_REMOTE, CFG_ALLOW_SCRIPTS, CFG_STRICT_ALLOW_SCRIPTS,
	CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS, CFG_AUDIT, CFG_BIN_LINKS, CFG_FUND, CFG_DRY_RUN,
	CFG_OFFLINE, CFG_PREFER_OFFLINE, CFG_JSON, CFG_INSTALL_LINKS, CFG_WORKSPACE, CFG_WORKSPACES, CFG_INCLUDE_WORKSPACE_ROOT, CFG_END,
};

const struct cmd cmd_ci = {
	.name = "ci",
	.summary = "Clean install a project",
	.synopsis = (const char *const[]){ "", NULL },
	.aliases = (const char *const[]){ "clean-install", "ic", "install-clean", "isntall-clean",
					  NULL },
	.keys = ci_keys,
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "ci",
	.run = ci_command,
};
