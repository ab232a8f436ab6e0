/* SPDX-License-Identifier: MIT
 * link: the package here becomes a global one, by a link; or packages of the global folder come
 * into the project, again by a link, and are installed globally first when they are not there. Two
 * trees are changed in one run, so the global one gets a context of its own. */
#include "allow_scripts.h"
#include "install_stages.h"
#include "project_members.h"

#include "cpm/base/path.h"
#include "cpm/tree/load_actual.h"

/* ---- the package here ---- */

/* Members that were selected, else the project itself, as "file:" specs. */
static struct err *find_own_folders(struct cmd_ctx *ctx, str **add, size_t *count)
{
	struct workspace_choice members;

	TRY(project_members_choose(ctx, &members));
	*count = members.is_made ? members.count : 1;
	*add = ARENA_ARRAY(ctx->arena, str, *count);
	for (size_t i = 0; i < *count; i++)
		(*add)[i] = str_concat(ctx->arena, S("file:"),
				       members.is_made ? members.items[i].path
						       : cfg_local_prefix(ctx->cfg));
	return NULL;
}

static struct err *link_here(struct cmd_ctx *ctx)
{
	struct install_request req = { .saves = true };
	str *add;

	TRY(find_own_folders(ctx, &add, &req.nadd));
	req.add = add;
	TRY(cmd_ctx_open_global(ctx));
	return install_run(ctx, &req);
}

/* ---- packages of the global folder ---- */

struct wanted {
	str arg;
	struct spec *spec;
	bool is_missing; /* from the global folder */
};

/* What is there under the name will do, whatever its version: npm does not compare them. */
static struct err *find_missing(struct cmd_ctx *global, struct wanted *wanted, size_t count)
{
	struct tree *installed;
	struct map names;

	map_init(&names, global->arena);
	for (size_t i = 0; i < count; i++)
		if (!str_is_empty(wanted[i].spec->name))
			map_put(&names, wanted[i].spec->name, wanted);
	TRY(actual_load_global(global->arena, global->dirfd, cfg_local_prefix(global->cfg), &names,
			       false, &installed));
	for (size_t i = 0; i < count; i++) {
		str name = wanted[i].spec->name;

		wanted[i].is_missing = str_is_empty(name) || !node_child(installed->root, name);
	}
	return NULL;
}

static struct err *install_missing(struct cmd_ctx *global, const struct wanted *wanted,
				   size_t count, struct script_policy *policy)
{
	str *add = ARENA_ARRAY(global->arena, str, count);
	struct install_request req = { .saves = true,
				       .is_quiet = true,
				       .keeps_extraneous = true,
				       .policy = policy,
				       .add = add };

	for (size_t i = 0; i < count; i++)
		if (wanted[i].is_missing)
			add[req.nadd++] = wanted[i].arg;
	return req.nadd ? install_run(global, &req) : NULL;
}

static struct err *find_name(struct arena *a, const struct wanted *w, str *out)
{
	struct manifest *m;

	*out = w->spec->name;
	if (w->spec->type == SPEC_DIRECTORY) {
		TRY(manifest_read(a, AT_FDCWD, str_cstr(a, w->spec->fetch_spec), &m, NULL));
		*out = m->name;
	}
	if (!str_is_empty(*out))
		return NULL;
	return err_new(E_BAD_NAME,
		       "cannot tell which package '" STR_FMT "' is: write <name>@" STR_FMT,
		       STR_ARG(w->arg), STR_ARG(w->arg));
}

/* Everything the global folder has to do; what is to be added to the project comes back. */
static struct err *prepare_globally(struct cmd_ctx *global, struct wanted *wanted, size_t count,
				    struct script_policy *policy, str *add)
{
	struct arena *a = global->arena;
	str name, modules;

	TRY(cmd_ctx_open_global(global));
	TRY(find_missing(global, wanted, count));
	TRY(install_missing(global, wanted, count, policy));
	modules = path_join(a, cfg_local_prefix(global->cfg), S("node_modules"));
	for (size_t i = 0; i < count; i++) {
		TRY(find_name(a, &wanted[i], &name));
		add[i] = str_concat(a, S("file:"), path_join(a, modules, name));
	}
	return NULL;
}

static bool is_saved(const struct cfg *cfg)
{
	return (cfg_source(cfg, CFG_SAVE) != CFG_LAYER_DEFAULT && cfg_bool(cfg, CFG_SAVE)) ||
	       cfg_bool(cfg, CFG_SAVE_OPTIONAL) || cfg_bool(cfg, CFG_SAVE_PEER) ||
	       cfg_bool(cfg, CFG_SAVE_DEV) || cfg_bool(cfg, CFG_SAVE_PROD);
}

static struct err *link_others(struct cmd_ctx *ctx, const str *args, size_t count)
{
	struct arena *a = ctx->arena;
	struct wanted *wanted = ARENA_ARRAY(a, struct wanted, count);
	str *add = ARENA_ARRAY(a, str, count);
	struct script_policy *policy;

	for (size_t i = 0; i < count; i++) {
		wanted[i].arg = args[i];
		TRY(spec_parse_arg(a, args[i], cfg_cwd(ctx->cfg), &wanted[i].spec));
	}
	TRY(cmd_ctx_open_any_project(ctx));
	TRY(allow_scripts_resolve(ctx, &policy));
	struct cmd_ctx global = { .arena = a,
				  .cfg = ctx->cfg,
				  .out = ctx->out,
				  .screen = ctx->screen,
				  .cmd = ctx->cmd,
				  .started_ms = ctx->started_ms,
				  .environ = ctx->environ,
				  .store = ctx->store,
				  .dirfd = -1,
				  .lock_fd = -1 };
	struct err *e = prepare_globally(&global, wanted, count, policy, add);
	ctx->conflict = global.conflict;
	global.store = NULL; /* it is the run's */
	cmd_ctx_close(&global);
	if (e)
		return e;
	const struct install_request req = {
		.saves = true, .keeps_extraneous = true, .policy = policy, .add = add, .nadd = count
	};
	cfg_force(ctx->cfg, CFG_SAVE, is_saved(ctx->cfg) ? "true" : "false");
	return install_run(ctx, &req);
}

/* ---- the command ---- */

static struct err *link_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				int *exit_status)
{
	str *kept = ARENA_ARRAY(ctx->arena, str, nargs + 1);
	size_t count = install_drop_itself(ctx, args, nargs, kept);

	(void)exit_status;
	if (cfg_is_global(ctx->cfg))
		return err_show_as(err_new(E_GENERIC, "link should never be --global.\n"
						      "Please re-run this command with --local"),
				   S("ELINKGLOBAL"));
	cfg_force(ctx->cfg, CFG_INSTALL_LINKS, "false");
	return count ? link_others(ctx, kept, count) : link_here(ctx);
}

const struct cmd cmd_link = {
	.name = "link",
	.summary = "Symlink a package folder",
	.synopsis = (const char *const[]){ "[<package-spec>]", NULL },
	.aliases = (const char *const[]){ "ln", NULL },
	.keys = (const enum cfg_key[]){ CFG_SAVE, CFG_SAVE_EXACT, CFG_GLOBAL, CFG_INSTALL_STRATEGY, CFG_SHARED_STORE,
					CFG_STRICT_PEER_DEPS, CFG_PACKAGE_LOCK, CFG_OMIT,
					CFG_INCLUDE, CFG_IGNORE_SCRIPTS, CFG_ALLOW_DIRECTORY,
					CFG_ALLOW_FILE, CFG_ALLOW_GIT, CFG_ALLOW_REMOTE, CFG_AUDIT,
					CFG_BIN_LINKS, CFG_FUND, CFG_DRY_RUN, CFG_JSON, CFG_END },
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "link",
	.run = link_command,
};
