/* SPDX-License-Identifier: MIT
 * Auditing, as the audit command and everything that installs do it: ask, wait, report. */
#pragma once
#include "cmd_priv.h"
#include "cpm/registry/endpoints.h"
#include "cpm/tree/audit.h"

/* One audit. It is asked for as early as its tree is known, and looked at when everything else is done. */
struct audit_run {
	struct audit_opts opts;
	const struct tree *tree; /* NULL: nothing is audited */
	bool was_asked;
	struct advisory_answer answer;
	struct audit *found;	/* NULL: the endpoint failed */
	struct json *report;	/* the same for people and programs; it counts the tree as it was */
};

/* @only: see struct audit_opts; must live as long as the run. Offline nothing is asked, and nothing found. */
MUST_CHECK_ERR audit_begin(struct cmd_ctx *ctx, const struct tree *t, const struct map *only, struct audit_run *run);
MUST_CHECK_ERR audit_finish(struct cmd_ctx *ctx, struct audit_run *run);

/* The endpoint failed: shows its answer, and returns the error that ends the run. */
MUST_CHECK_ERR audit_failed(struct cmd_ctx *ctx, const struct advisory_answer *answer);

/* audit fix; see install_fix.c. */
MUST_CHECK_ERR audit_fix(struct cmd_ctx *ctx, int *exit_status);

/* ---- audit_output.c: a report as people read it ---- */

/* How many, how bad, and what to do about them. */
str audit_summary_text(struct arena *a, const struct json *report, bool is_colored);
/* Each of them, then the summary. */
str audit_report_text(struct arena *a, const struct json *report, bool is_colored);
/* How many packages were looked at, the project included. */
size_t audit_package_count(const struct json *report);
/* Something is at least as bad as @level; null: "low". */
bool audit_reaches(const struct json *report, str level);
