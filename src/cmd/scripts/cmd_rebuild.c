/* SPDX-License-Identifier: MIT
 * rebuild: the scripts of installed packages once more, after they were allowed or Node.js changed.
 */
#include "allow_scripts.h"
#include "project_tree.h"
#include "runtime_use.h"

#include "cpm/base/path.h"
#include "cpm/reify/reify.h"

/* ---- which packages ---- */

typedef VEC(const struct spec *) spec_vec;

static struct err *parse_names(struct cmd_ctx *ctx, const str *args, size_t nargs, spec_vec *out)
{
	for (size_t i = 0; i < nargs; i++) {
		struct spec *s;

		TRY(spec_parse_arg(ctx->arena, args[i], cfg_cwd(ctx->cfg), &s));
		if (!script_key_is_name_only(s) && s->type != SPEC_RANGE &&
		    s->type != SPEC_VERSION && s->type != SPEC_DIRECTORY)
			return err_new(
				E_GENERIC,
				"`npm rebuild` only supports SemVer version/range specifiers");
		VEC_PUSH(ctx->arena, out, s);
	}
	return NULL;
}

static bool is_meant_by(const struct spec *s, const struct node *n)
{
	if (s->type == SPEC_DIRECTORY)
		return str_eq(n->path, s->fetch_spec);
	if (!str_eq(s->name, n->name))
		return false;
	return script_key_is_name_only(s) || (!str_is_empty(node_version(n)) &&
					      range_satisfies(node_version(n), s->fetch_spec, 0));
}

/* What came inside a package is called what the package likes: never taken for what a name means.
 */
static bool is_meant(const spec_vec *specs, struct node *n)
{
	if (node_in_bundle(n))
		return false;
	VEC_EACH (const struct spec *, s, specs)
		if (is_meant_by(*s, n))
			return true;
	return false;
}

static struct err *choose(struct cmd_ctx *ctx, const struct project_tree *p, const str *args,
			  size_t nargs, node_vec *out)
{
	spec_vec specs = { 0 };
	struct map filter;

	TRY(parse_names(ctx, args, nargs, &specs));
	project_tree_filter(ctx, p, true, &filter);
	for (struct map_iter it = map_iter(&p->tree->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (nargs > 0 ? is_meant(&specs, n) : project_tree_has(&filter, n))
			VEC_PUSH(ctx->arena, out, n);
	}
	return NULL;
}

/* ---- the command ---- */

static void warn_blocked(struct cmd_ctx *ctx, struct tree *t, const struct script_policy *policy)
{
	if (cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS) ||
	    cfg_bool(ctx->cfg, CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS))
		return;
	unreviewed_vec open = allow_scripts_unreviewed(ctx->arena, ctx->dirfd, t, policy);
	str *names = ARENA_ARRAY(ctx->arena, str, open.len + 1);
	VEC_EACH (struct unreviewed, u, &open)
		names[u - open.items] = script_identity_shown(u->node).name;
	str command = cfg_is_global(ctx->cfg)
			      ? allow_scripts_setting_command(ctx->arena, names, open.len)
			      : S("`npm install-scripts ls`");
	if (open.len > 0)
		log_warn("rebuild",
			 "%zu %s install scripts blocked because they are not covered by "
			 "allowScripts. Run " STR_FMT " to %s.",
			 open.len, open.len == 1 ? "package had" : "packages had", STR_ARG(command),
			 cfg_is_global(ctx->cfg) ? "allow their scripts" : "review");
}

static struct err *rebuild_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				   int *exit_status)
{
	struct script_policy *policy;
	struct project_tree p;
	node_vec nodes = { 0 };

	(void)exit_status;
	TRY(project_tree_open(ctx, 0, &p));
	TRY(allow_scripts_resolve(ctx, &policy));
	TRY(choose(ctx, &p, args, nargs, &nodes));
	TRY(allow_scripts_check_strict(ctx, p.tree, policy));
	const struct reify_opts opts = {
		.cfg = ctx->cfg,
		.dirfd = ctx->dirfd,
		.bin_links = cfg_bool(ctx->cfg, CFG_BIN_LINKS),
		.policy = policy,
		.script_env = cmd_ctx_script_env(ctx),
		.script_logs = cmd_ctx_script_logs(ctx),
		.fetch_tools = runtime_fetch_tools,
		.tools_ctx = ctx,
	};
	TRY(reify_rebuild(ctx->arena, p.tree, &nodes, &opts));
	warn_blocked(ctx, p.tree, policy);
	out_line(ctx->out, "rebuilt dependencies successfully");
	return NULL;
}

const struct cmd cmd_rebuild = {
	.name = "rebuild",
	.summary = "Rebuild a package",
	.synopsis = (const char *const[]){ "[<package-spec>] ...]", NULL },
	.aliases = (const char *const[]){ "rb", NULL },
	.keys = (const enum cfg_key[]){ CFG_GLOBAL, CFG_BIN_LINKS, CFG_FOREGROUND_SCRIPTS, CFG_SCRIPT_TIMEOUT,
					CFG_SANDBOX_SCRIPTS, CFG_IGNORE_SCRIPTS, CFG_ALLOW_SCRIPTS,
					CFG_STRICT_ALLOW_SCRIPTS, CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS,
					CFG_WORKSPACE, CFG_WORKSPACES, CFG_INCLUDE_WORKSPACE_ROOT,
					CFG_INSTALL_LINKS, CFG_END },
	.needs = CMD_CHECKS_ENGINES | CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "rebuild",
	.run = rebuild_command,
};
