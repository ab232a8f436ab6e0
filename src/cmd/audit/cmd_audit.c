/* SPDX-License-Identifier: MIT
 * audit: what is known against the packages of the lockfile (npm-cli.md 6). */
#include "audit_db.h"
#include "audit_run.h"
#include "audit_signatures.h"
#include "install_stages.h"
#include "project_tree.h"

#include "cpm/base/heap.h"

/* ---- arguments ---- */

static struct err *check_arguments(struct cmd_ctx *ctx)
{
	if (cfg_is_global(ctx->cfg))
		return err_show_as(
			err_new(E_GENERIC, "`npm audit` does not support testing globals"),
			S("EAUDITGLOBAL"));
	return NULL;
}

/* ---- the tree ---- */

/* What is in the lockfile counts, whatever is installed. Without one on purpose, what is
 * installed. */
static struct err *open_tree(struct cmd_ctx *ctx, struct project_tree *p, struct map *only)
{
	if (cfg_bool(ctx->cfg, CFG_PACKAGE_LOCK))
		cfg_force(ctx->cfg, CFG_PACKAGE_LOCK_ONLY, "true");
	audit_error_means(ctx, AUDIT_EXIT_BAD_LOCK);
	TRY(project_tree_open(ctx, 0, p));
	ctx->error_status = 0;
	project_tree_filter(ctx, p, true, only);
	return NULL;
}

/* ---- the command ---- */

static struct err *audit_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				 int *exit_status)
{
	struct project_tree project;
	struct audit_run run = { .may_recall = true };
	struct map only;

	if (nargs > 0 && str_eq(args[0], S("signatures")))
		return audit_signatures(ctx, exit_status);
	TRY(check_arguments(ctx));
	if (nargs > 0 && str_eq(args[0], S("fix")))
		return audit_fix(ctx, exit_status);
	if (nargs > 0 && str_eq(args[0], S("import")))
		return audit_import(ctx, args + 1, nargs - 1);
	heap_expect_much();
	node_version_ask(ctx);
	TRY(open_tree(ctx, &project, &only));
	audit_warn_if_offline(ctx);
	TRY(audit_begin(ctx, project.tree, &only, &run));
	TRY(audit_finish(ctx, &run));
	if (!run.report)
		return audit_failed(ctx, &run.answer);
	*exit_status = audit_exit_status(ctx, run.report);
	if (ctx->out->is_json)
		out_json(ctx->out, run.report);
	else
		out_text(ctx->out,
			 audit_report_text(ctx->arena, run.report, ctx->screen->term.out_color));
	return NULL;
}

const struct cmd cmd_audit = {
	.name = "audit",
	.summary = "Run a security audit",
	.synopsis = (const char *const[]){ "[fix|signatures]", "import <OSV export> --db=<file>",
					   NULL },
	.keys = (const enum cfg_key[]){ CFG_AUDIT_LEVEL,
					CFG_EXIT_CODES,
					CFG_DB,
					CFG_MAX_DB_AGE,
					CFG_DRY_RUN,
					CFG_FORCE,
					CFG_PLAN,
					CFG_JSON,
					CFG_PACKAGE_LOCK_ONLY,
					CFG_PACKAGE_LOCK,
					CFG_OMIT,
					CFG_INCLUDE,
					CFG_FOREGROUND_SCRIPTS,
					CFG_IGNORE_SCRIPTS,
					CFG_INCLUDE_ATTESTATIONS,
					CFG_TRUSTED_ROOT,
					CFG_TRUSTED_ROOT_PIN,
					CFG_WORKSPACE,
					CFG_WORKSPACES,
					CFG_INCLUDE_WORKSPACE_ROOT,
					CFG_END },
	.needs = CMD_CHECKS_ENGINES | CMD_WORKSPACES | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK,
	.doc = "audit",
	.run = audit_command,
};
