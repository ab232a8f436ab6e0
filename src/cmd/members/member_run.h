/* SPDX-License-Identifier: MIT
 * One thing done in many members: in an order, several at once, with a summary. What npm has (one after the other, in
 * the order of `workspaces`) stays with the commands; this is for those who ask for more. */
#pragma once
#include "project_members.h"
#include "script_run.h"

enum member_state {
	MEMBER_WAITING,	/* at the end: not run, because the run was over */
	MEMBER_RUNNING,
	MEMBER_PASSED,
	MEMBER_NOTHING,	/* not chosen, or has nothing to do */
	MEMBER_FAILED,
	MEMBER_STOPPED,	/* by us, because another one failed or a signal came */
	MEMBER_BLOCKED,	/* needs one that did not pass */
};

/* What --script-cache did about a script. */
enum script_caching {
	SCRIPT_UNCACHED, /* nothing: it cannot be, or that is not wanted */
	SCRIPT_MISSED,
	SCRIPT_HIT,
};

/* What is to be done in one member, and what became of it. */
struct member_task {
	const struct member *member;
	bool is_chosen;
	enum member_state state;
	struct script_package package;
	struct script_call *steps; /* one after the other, until one fails */
	size_t nsteps, step;	/* step: the one that runs, or failed */
	str script;		/* the steps are this script of package.json; null: they are something else */
	enum script_caching cache;
	str why;		/* it was so, with --script-cache */
	int exit_status;	/* of what failed; -1 with a signal */
	int signal;
	size_t blocked_by;	/* index of the task that did not pass */
	int64_t began_ms, took_ms; /* began_ms: since the run began */
};

struct member_run {
	struct cmd_ctx *ctx;
	str title;		/* "build": a script, or a command */
	struct project_graph project;
	struct member_task *tasks; /* as the graph's items */
	size_t count;
	size_t *order;		/* in which tasks are begun, as far as they do not have to wait */
	bool is_topological, bails;
	size_t limit;		/* how many at once */
	int64_t started_ms, took_ms; /* started_ms: monotonic */
};

/**
 * member_steps_fn - fills in what is to be done in @task->member: .package and .steps, which live in ctx->arena.
 * @what: the caller's. No steps: there is nothing to do in it.
 */
typedef struct err *(*member_steps_fn)(struct cmd_ctx *ctx, struct member_task *task, const void *what);

/* One of the options that only this run knows was given, and it is clear for which members: they were chosen, or the
 * option stands on the command line, which without a choice means all. */
bool member_run_is_wanted(const struct cmd_ctx *ctx);

/**
 * member_run - does what @steps says in the chosen members; reports on stderr, with --json also on stdout.
 * @is_done: false when the project has no members: nothing was done
 *
 * Members that run at once have pipes instead of our terminal; one after the other they have it, unless their output is
 * to be kept together. *exit_status is that of the first member, in the order of the run, that failed.
 * Errors: what cannot be started; E_INTERRUPTED; E_GENERIC when no member has anything to do.
 */
MUST_CHECK_ERR member_run(struct cmd_ctx *ctx, str title, member_steps_fn steps, const void *what, bool *is_done,
			  int *exit_status);
