/* SPDX-License-Identifier: MIT
 * ls and ll: what is installed, and what is wrong with it (npm-cli.md 2.3.6). */
#include "ls_walk.h"

#include <math.h>

static struct err *parse_specs(struct cmd_ctx *ctx, const struct tree *t, const str *args,
			       size_t nargs, struct ls_opts *opts)
{
	struct spec **specs = ARENA_ARRAY(ctx->arena, struct spec *, nargs);

	for (size_t i = 0; i < nargs; i++)
		TRY(spec_parse_arg(ctx->arena, args[i], t->path, &specs[i]));
	opts->specs = (const struct spec *const *)specs;
	opts->nspecs = nargs;
	return NULL;
}

/* Direct dependencies, unless all of them or certain ones are asked for. */
static double max_depth(const struct cfg *cfg, bool has_args)
{
	bool is_limited = !cfg_is_null(cfg, CFG_DEPTH);

	if (cfg_bool(cfg, CFG_ALL) || has_args)
		return is_limited ? cfg_number(cfg, CFG_DEPTH) : INFINITY;
	return is_limited ? cfg_number(cfg, CFG_DEPTH) : 0;
}

static void print(struct cmd_ctx *ctx, const struct project_tree *p, const struct ls_result *r,
		  bool has_args, bool is_long)
{
	struct package_docs docs;

	package_docs_init(&docs, ctx->arena, ctx->dirfd,
			  p->is_lock ? "package-lock.json" : "node_modules/.package-lock.json");
	if (ctx->out->is_json)
		out_json(ctx->out, ls_json(&docs, r, is_long));
	else if (cfg_bool(ctx->cfg, CFG_PARSEABLE))
		out_line(ctx->out, STR_FMT, STR_ARG(ls_parseable(ctx->arena, r, is_long)));
	else
		out_text(ctx->out, ls_human(ctx, &docs, r, has_args, is_long));
}

/* What lies around without being needed is shown, but is no error. */
static struct err *report_problems(struct arena *a, const struct ls_result *r)
{
	str all = str_join(a, r->problems.items, r->problems.len, S("\n"));

	VEC_EACH (str, problem, &r->problems)
		if (!str_starts(*problem, S("extraneous:")))
			return err_show_as(err_new(E_GENERIC, STR_FMT, STR_ARG(all)),
					   S("ELSPROBLEMS"));
	return NULL;
}

static struct err *list(struct cmd_ctx *ctx, const str *args, size_t nargs, bool is_long,
			int *exit_status)
{
	const struct cfg *cfg = ctx->cfg;
	struct project_tree p;
	struct ls_result result;
	node_vec members;

	TRY(project_tree_open(ctx, TREE_WITH_PEERS, &p));
	members = project_tree_members(ctx, &p);
	struct ls_opts opts = {
		.max_depth = max_depth(cfg, nargs > 0),
		.omit = cfg_omit(cfg),
		.only_links = cfg_bool(cfg, CFG_LINK),
		.is_linked = str_eq(cfg_text(cfg, CFG_INSTALL_STRATEGY), S("linked")),
		.without_members = !cfg_is_null(cfg, CFG_WORKSPACES) &&
				   !cfg_bool(cfg, CFG_WORKSPACES),
		.with_root = cfg_bool(cfg, CFG_INCLUDE_WORKSPACE_ROOT),
		.members = &members,
	};
	TRY(parse_specs(ctx, p.tree, args, nargs, &opts));
	ls_walk(ctx->arena, p.tree, &opts, &result);
	print(ctx, &p, &result, nargs > 0, is_long);
	if (nargs > 0 && !result.root->is_shown)
		*exit_status = 1;
	return report_problems(ctx->arena, &result);
}

static struct err *ls_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	return list(ctx, args, nargs, cfg_bool(ctx->cfg, CFG_LONG), exit_status);
}

static struct err *ll_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	return list(ctx, args, nargs, true, exit_status);
}

static const enum cfg_key ls_keys[] = { CFG_GLOBAL,
					CFG_ALL,
					CFG_JSON,
					CFG_LONG,
					CFG_PARSEABLE,
					CFG_DEPTH,
					CFG_OMIT,
					CFG_INCLUDE,
					CFG_LINK,
					CFG_PACKAGE_LOCK_ONLY,
					CFG_UNICODE,
					CFG_WORKSPACE,
					CFG_WORKSPACES,
					CFG_INCLUDE_WORKSPACE_ROOT,
					CFG_END };

const struct cmd cmd_ls = {
	.name = "ls",
	.summary = "List installed packages",
	.synopsis = (const char *const[]){ "<package-spec>", NULL },
	.aliases = (const char *const[]){ "list", NULL },
	.keys = ls_keys,
	.needs = CMD_WORKSPACES | CMD_CHECKS_ENGINES,
	.doc = "ls",
	.run = ls_run,
};

const struct cmd cmd_ll = {
	.name = "ll",
	.summary = "List installed packages with what they say about themselves",
	.synopsis = (const char *const[]){ "[[<@scope>/]<pkg> ...]", NULL },
	.aliases = (const char *const[]){ "la", NULL },
	.keys = ls_keys,
	.needs = CMD_WORKSPACES | CMD_CHECKS_ENGINES,
	.doc = "ls",
	.run = ll_run,
};
