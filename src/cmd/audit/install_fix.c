/* SPDX-License-Identifier: MIT
 * audit fix: an installation that starts with an audit of the lockfile and is to end without what
 * that found (npm-cli.md 6.6). Unlike npm it stops before it touches anything when the registry
 * cannot be asked. */
#include "audit_plan.h"
#include "project_tree.h"

/* A project without a name gets its folder's when its tree is read from a lockfile, and so does the
 * lockfile that comes of that (npm-cli.md 6.6). */
static void name_root(struct node *root)
{
	if (str_is_empty(root->manifest->name))
		root->manifest->name = root->name;
}

struct err *install_fix_begin(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	const struct project_tree project = { .tree = in->start, .choice = in->members };
	struct map *only = ARENA_NEW(ctx->arena, struct map);

	name_root(in->start->root);
	project_tree_filter(ctx, &project, true, only);
	in->before.opts.is_install = in->is_dry_run;
	audit_warn_if_offline(ctx);
	TRY(audit_begin(ctx, in->start, only, &in->before));
	TRY(audit_finish(ctx, &in->before));
	return in->before.found ? NULL : audit_failed(ctx, &in->before.answer);
}

/* Fixes that min-release-age or before keeps out must not be missed. */
static bool warn_of_release_age(struct install *in)
{
	const struct json *list = json_get(in->audit.report, "vulnerabilities");
	struct str_buf names = str_buf(in->ctx->arena, SIZE_MAX);
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		if (json_get(list->members[i].val, "fixBlockedByReleaseAge"))
			buf_printf(&names, "%s" STR_FMT, count++ ? ", " : "",
				   STR_ARG(list->members[i].key));
	if (count)
		log_warn("audit",
			 "%zu package(s) left at a vulnerable version because a fix is newer than "
			 "the release-age cutoff: " STR_FMT
			 ".\nAdd the package to min-release-age-exclude, or relax min-release-age "
			 "or before, to install the fix.",
			 count, STR_ARG(buf_view(&names)));
	return count > 0;
}

void install_fix_finish(struct install *in)
{
	bool is_blocked = warn_of_release_age(in);

	*in->req->exit_status = audit_exit_status(in->ctx, in->audit.report);
	if (is_blocked && *in->req->exit_status == AUDIT_EXIT_CLEAN)
		*in->req->exit_status = AUDIT_EXIT_ERROR;
}

/* ---- the command ---- */

struct err *audit_fix(struct cmd_ctx *ctx, int *exit_status)
{
	const struct install_request req = {
		.saves = true,
		.fixes = true,
		.exit_status = exit_status,
		.refuse_no_lock = project_tree_no_lock,
		.plan = cfg_bool(ctx->cfg, CFG_PLAN) ? audit_plan : NULL,
	};

	if (!cfg_bool(ctx->cfg, CFG_PACKAGE_LOCK))
		return cmd_usage_error(ctx, "fix cannot be used without a package-lock");
	ctx->needs_lock = !req.plan;
	TRY(cmd_ctx_open_any_project(ctx));
	return install_run(ctx, &req);
}
