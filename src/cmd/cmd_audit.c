/* SPDX-License-Identifier: MIT
 * audit: what is known against the packages of the lockfile (npm-cli.md 6). */
#include "audit_run.h"
#include "install_stages.h"
#include "project_tree.h"

#include "cpm/ui/ui_inspect.h"

#define INSPECT_DEPTH 5

/* ---- arguments ---- */

static struct err *check_arguments(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	if (nargs > 0 && (str_eq(args[0], S("fix")) || str_eq(args[0], S("signatures"))))
		return err_new(E_UNSUPPORTED,
			       "cpm has no 'audit " STR_FMT
			       "' yet. It works with npm in the same project: both keep the same "
			       "package.json, package-lock.json and node_modules.",
			       STR_ARG(args[0]));
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
	TRY(project_tree_open(ctx, 0, p));
	project_tree_filter(ctx, p, true, only);
	return NULL;
}

/* ---- a failed endpoint ---- */

static struct json *list_of_one(struct arena *a, str text)
{
	struct json *list = json_new(a, JSON_ARRAY);

	json_append(a, list, json_new_string(a, text));
	return list;
}

/* A body that is no JSON is text; none at all is undefined. */
static struct json *body_json(struct arena *a, str body)
{
	struct json *parsed = NULL;
	struct err *e = str_is_null(body) ? NULL : json_parse(a, body, &parsed);

	if (!e)
		return parsed;
	err_ignore(e);
	return json_new_string(a, body);
}

static void print_failure(struct cmd_ctx *ctx, const struct advisory_answer *answer)
{
	struct arena *a = ctx->arena;
	const struct json *body = body_json(a, answer->body);
	struct str_buf text = str_buf(a, SIZE_MAX);

	if (json_is(body, JSON_STRING))
		buf_add(&text, body->string);
	else
		ui_inspect(&text, body, &(struct inspect_opts){ .depth = INSPECT_DEPTH });
	out_line(ctx->out, STR_FMT, STR_ARG(buf_view(&text)));
}

static struct json *failure_json(struct arena *a, const struct advisory_answer *answer)
{
	struct json *out = json_new(a, JSON_OBJECT), *headers = json_new(a, JSON_OBJECT),
		    *body = body_json(a, answer->body);

	json_set_text(a, out, "message", answer->failure);
	if (answer->status < 400)
		return out;
	if (!str_is_null(answer->content_type))
		json_set(a, headers, S("content-type"), list_of_one(a, answer->content_type));
	json_set(a, headers, S("x-fetch-attempts"),
		 list_of_one(a, str_printf(a, "%u", answer->attempts)));
	json_set_text(a, out, "method", S("POST"));
	json_set_text(a, out, "uri", log_redact(a, answer->url));
	json_set(a, out, S("headers"), headers);
	json_set(a, out, S("statusCode"), json_new_number(a, answer->status));
	if (body)
		json_set(a, out, S("body"), body);
	return out;
}

static struct err *report_failure(struct cmd_ctx *ctx, const struct advisory_answer *answer)
{
	log_warn("audit", STR_FMT, STR_ARG(answer->failure));
	if (ctx->out->is_json)
		out_json(ctx->out, failure_json(ctx->arena, answer));
	else
		print_failure(ctx, answer);
	return err_new(E_GENERIC, "audit endpoint returned an error");
}

/* ---- the command ---- */

static struct err *audit_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				 int *exit_status)
{
	struct project_tree project;
	struct audit_run run = { 0 };
	struct map only;

	TRY(check_arguments(ctx, args, nargs));
	TRY(open_tree(ctx, &project, &only));
	if (cfg_bool(ctx->cfg, CFG_OFFLINE))
		log_warn("audit", "The registry was not asked, because of --offline: nothing is "
				  "known about these packages.");
	TRY(audit_begin(ctx, project.tree, &only, &run));
	TRY(audit_finish(ctx, &run));
	if (!run.report)
		return report_failure(ctx, &run.answer);
	*exit_status = audit_reaches(run.report, cfg_text(ctx->cfg, CFG_AUDIT_LEVEL));
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
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_AUDIT_LEVEL, CFG_JSON, CFG_PACKAGE_LOCK_ONLY,
					CFG_PACKAGE_LOCK, CFG_OMIT, CFG_INCLUDE, CFG_WORKSPACE,
					CFG_WORKSPACES, CFG_INCLUDE_WORKSPACE_ROOT, CFG_END },
	.needs = CMD_WORKSPACES | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK,
	.doc = "audit",
	.run = audit_command,
};
