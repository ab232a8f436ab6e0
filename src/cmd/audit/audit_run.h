/* SPDX-License-Identifier: MIT
 * Auditing, as the audit command and everything that installs do it: ask, wait, report. */
#pragma once
#include "cmd_priv.h"
#include "cpm/registry/endpoints.h"
#include "cpm/tree/audit.h"

/* With --exit-codes=strict every outcome has a status of its own; npm has 0 and 1. Documented in docs/commands/audit.md. */
enum audit_exit {
	AUDIT_EXIT_CLEAN = 0,
	AUDIT_EXIT_ERROR = 1,		/* anything else */
	AUDIT_EXIT_FINDINGS = 2,	/* at or above audit-level */
	AUDIT_EXIT_NO_ANSWER = 3,	/* the registry could not be asked, or did not answer sensibly */
	AUDIT_EXIT_BAD_LOCK = 4,	/* there is no lockfile, or not one that can be used */
	AUDIT_EXIT_POLICY_EXPIRED = 5,	/* findings that an exception covered until it expired */
};

/* One audit. It is asked for as early as its tree is known, and looked at when everything else is done. */
struct audit_run {
	struct audit_opts opts;
	const struct tree *tree; /* NULL: nothing is audited */
	bool was_asked;
	bool is_answered;	/* by a file: no registry has to be heard */
	bool may_recall;	/* only the report is of interest: see audit_memo.h */
	str question;		/* audit_memo.c's own */
	struct advisory_answer answer;
	struct audit *found;	/* NULL: the endpoint failed, or the report was recalled */
	struct json *report;	/* the same for people and programs; it counts the tree as it was */
};

/* @only: see struct audit_opts; must live as long as the run. Offline nothing is asked, and nothing found. */
MUST_CHECK_ERR audit_begin(struct cmd_ctx *ctx, const struct tree *t, const struct map *only, struct audit_run *run);
/* For who asked for an audit in so many words: silence would read as "no problems". */
void audit_warn_if_offline(const struct cmd_ctx *ctx);
/**
 * audit_ask - what is known against @t, as the registry or --db answers; an empty object when there is nothing to ask.
 * @what: who wants to know, for the message
 *
 * Errors: the answer cannot be had, or nobody may be asked.
 */
MUST_CHECK_ERR audit_ask(struct cmd_ctx *ctx, const struct tree *t, const char *what, struct json **advisories);
/* Marks what the project's policy excepts. */
MUST_CHECK_ERR audit_except(struct cmd_ctx *ctx, struct json *report);
MUST_CHECK_ERR audit_finish(struct cmd_ctx *ctx, struct audit_run *run);

/* The exit status of a run that ends with @report; excepted vulnerabilities do not count. */
int audit_exit_status(const struct cmd_ctx *ctx, const struct json *report);
/* An error from here on means this, to those who want to tell outcomes apart. */
void audit_error_means(struct cmd_ctx *ctx, enum audit_exit status);

/* The endpoint failed: shows its answer, and returns the error that ends the run. */
MUST_CHECK_ERR audit_failed(struct cmd_ctx *ctx, const struct advisory_answer *answer);

/* audit fix; see install_fix.c. */
MUST_CHECK_ERR audit_fix(struct cmd_ctx *ctx, int *exit_status);

/* ---- audit_output.c: a report as people read it ---- */

/* How many, how bad, and what to do about them. */
str audit_summary_text(struct arena *a, const struct json *report, bool is_colored);
/* Each of them, then the summary. */
str audit_report_text(struct arena *a, const struct json *report, bool is_colored);
/* An advisory is about this one; it is not only there because of what it depends on. */
bool audit_has_own_advisory(const struct json *vuln);
/* How many packages were looked at, the project included. */
size_t audit_package_count(const struct json *report);
/* Something is at least as bad as @level; null: "low". */
bool audit_reaches(const struct json *report, str level);
