/* SPDX-License-Identifier: MIT
 * One audit from the question to the report. What is asked leaves this machine, so it is as little
 * as will do: names and versions of what came from the registry that is asked (T43). */
#include "audit_run.h"

#include "audit_db.h"
#include "audit_memo.h"
#include "policy_run.h"

#include "cpm/build_config.h"

/* An installation goes on without an audit, and says so. */
static struct err *look_up(struct cmd_ctx *ctx, struct audit_run *run)
{
	const struct json *question = audit_question(ctx->arena, run->tree, &run->opts);
	struct err *e = audit_db_answer(ctx, question, &run->answer.advisories);

	run->was_asked = run->is_answered = true;
	if (!e || str_eq(str_view(ctx->cmd->name), S("audit")))
		return e;
	run->answer.advisories = NULL;
	run->answer.failure = err_text(ctx->arena, e);
	ctx->error_status = 0;
	err_free(e);
	return NULL;
}

struct err *audit_begin(struct cmd_ctx *ctx, const struct tree *t, const struct map *only,
			struct audit_run *run)
{
	const struct cfg *cfg = ctx->cfg;
	const struct json *question;
	struct http *http;
	struct policy *policy;

	TRY(cmd_ctx_policy(ctx, &policy));
	run->tree = t;
	run->opts = (struct audit_opts){
		.cfg = cfg,
		.omit = cfg_omit(cfg),
		.only = only,
		.is_install = run->opts.is_install,
		.is_on_disk = run->opts.is_on_disk,
		.pick = { .default_tag = cfg_text(cfg, CFG_TAG),
			  .before = cfg_before(ctx->arena, cfg),
			  .npm_version = S(CPM_NPM_VERSION) },
	};
	run->opts.pick.new_names = cfg_list(cfg, CFG_MIN_RELEASE_AGE_EXCLUDE,
					    &run->opts.pick.nnew_names);
	run->opts.pick.exceptions = policy;
	if (audit_db_is_set(ctx))
		return look_up(ctx, run);
	if (cfg_bool(cfg, CFG_OFFLINE))
		return NULL;
	question = audit_question(ctx->arena, t, &run->opts);
	if (question->count == 0)
		return NULL;
	TRY(cmd_ctx_http(ctx, &http));
	run->was_asked = true;
	return registry_ask_advisories(cfg, http, question, run);
}

void audit_warn_if_offline(const struct cmd_ctx *ctx)
{
	if (cfg_bool(ctx->cfg, CFG_OFFLINE) && !audit_db_is_set(ctx))
		log_warn("audit", "The registry was not asked, because of --offline: nothing is "
				  "known about these packages.");
}

struct err *audit_except(struct cmd_ctx *ctx, struct json *report)
{
	struct policy *policy;

	TRY(cmd_ctx_policy(ctx, &policy));
	policy_mark_report(ctx->arena, policy, report);
	return NULL;
}

struct err *audit_ask(struct cmd_ctx *ctx, const struct tree *t, const char *what,
		      struct json **advisories)
{
	struct audit_run run = { 0 };
	struct http *http;

	*advisories = json_new(ctx->arena, JSON_OBJECT);
	if (cfg_bool(ctx->cfg, CFG_OFFLINE) && !audit_db_is_set(ctx))
		return err_new(E_GENERIC,
			       "%s needs to know what is known against the packages, and with "
			       "--offline no registry is asked: name a file with --db (see 'cpm "
			       "help audit')",
			       what);
	TRY(audit_begin(ctx, t, NULL, &run));
	if (!run.was_asked)
		return NULL;
	if (!run.is_answered) {
		TRY(cmd_ctx_http(ctx, &http));
		TRY(registry_hear_advisories(ctx->arena, http, &run, &run.answer));
	}
	if (!run.answer.advisories)
		return err_new(E_GENERIC,
			       "%s needs to know what is known against the packages: " STR_FMT,
			       what, STR_ARG(run.answer.failure));
	*advisories = run.answer.advisories;
	return NULL;
}

int audit_exit_status(const struct cmd_ctx *ctx, const struct json *report)
{
	const struct json *list = json_get(report, "vulnerabilities");

	if (!audit_reaches(report, cfg_text(ctx->cfg, CFG_AUDIT_LEVEL)))
		return AUDIT_EXIT_CLEAN;
	if (!str_eq(cfg_text(ctx->cfg, CFG_EXIT_CODES), S("strict")))
		return AUDIT_EXIT_ERROR;
	for (size_t i = 0; i < list->count; i++)
		if (json_get(list->members[i].val, "expiredException"))
			return AUDIT_EXIT_POLICY_EXPIRED;
	return AUDIT_EXIT_FINDINGS;
}

static struct err *examine(struct cmd_ctx *ctx, struct audit_run *run)
{
	struct err *e;

	if (run->was_asked)
		TRY(cmd_ctx_source(ctx, &run->opts.source));
	store_begin_reading(ctx->store);
	e = audit_examine(ctx->arena, run->tree, run->answer.advisories, &run->opts, &run->found);
	store_end_reading(ctx->store);
	return e;
}

struct err *audit_finish(struct cmd_ctx *ctx, struct audit_run *run)
{
	struct http *http;

	if (!run->tree)
		return NULL;
	if (run->was_asked) {
		if (!run->is_answered) {
			TRY(cmd_ctx_http(ctx, &http));
			TRY(registry_hear_advisories(ctx->arena, http, run, &run->answer));
		}
		if (!run->answer.advisories) {
			log_verbose("audit error", STR_FMT, STR_ARG(run->answer.failure));
			return NULL;
		}
	}
	run->opts.pick.node_version = node_version_find(ctx);
	run->report = audit_recall(ctx, run);
	if (!run->report) {
		TRY(examine(ctx, run));
		run->report = audit_report_json(ctx->arena, run->found);
		audit_remember(ctx, run);
	}
	return audit_except(ctx, run->report);
}
