/* SPDX-License-Identifier: MIT
 * The one way through an installation that install, ci and everything that changes node_modules share:
 *
 *   open -> start tree -> ideal tree -> check -> actual tree -> diff -> apply -> lockfile -> report
 *
 * A command fills in a request and runs it; what differs between commands is in the request, not in the way. */
#pragma once
#include "audit_run.h"
#include "cmd_priv.h"
#include "noop.h"
#include "workspaces.h"
#include "cpm/reify/reify.h"
#include "cpm/tree/diff.h"
#include "cpm/tree/ideal.h"

struct install;

struct install_request {
	/* ci: what to say when there is no package-lock.json to install from; NULL: none is needed. */
	struct err *(*refuse_no_lock)(struct cmd_ctx *ctx);
	bool replaces_all;	/* ci: nothing in node_modules is kept */
	bool saves;		/* package.json and the lockfile may be written */
	bool runs_root_scripts;	/* the project's own scripts belong to it */
	bool is_quiet;		/* exec: nobody asked for the report */
	bool may_be_noop;	/* nothing is asked for but that the tree be right */
	/* Looks at the ideal tree before anything is touched; NULL: no check. */
	struct err *(*check)(struct install *in);

	/* What is asked for, as typed. */
	const str *add, *remove, *update;
	size_t nadd, nremove, nupdate;
	bool updates_all;
	bool keeps_extraneous;	/* link: what nothing needs stays */
	struct script_policy *policy; /* instead of what the settings say; or NULL */
	bool prunes;		/* removes what nothing needs, and for that alone looks into no tarball */
	bool fixes;		/* audit fix: what is known to be vulnerable is got rid of, as far as the ranges allow */
	int *exit_status;	/* ... and 1 goes here when something is left */
	/* In the place of building and applying, with everything up to the start tree and ideal_opts ready; NULL: no. */
	struct err *(*plan)(struct install *in);
	bool dedupes;		/* every name that is there more than once is looked at again */
};

struct install {
	struct cmd_ctx *ctx;
	const struct install_request *req;
	struct lockfile_opts lock_opts;
	bool uses_lock;		/* package-lock.json is read */
	bool saves_lock;	/* ... and written */
	bool is_lock_only, is_dry_run;
	bool is_global;		/* global packages: no project, no lockfile, nothing is saved */
	bool has_lock;		/* and there is one */
	bool is_from_scratch;	/* neither a lockfile nor anything installed */
	struct workspace_choice members; /* what --workspace and --workspaces select */
	VEC(str) update_names;	/* of the request, and what there is to dedupe */
	str yarn_text;		/* yarn.lock as it was read; null when there is none to keep up to date */
	struct map locked;	/* location -> struct locked_package *, as package-lock.json has it */
	struct script_policy *policy; /* whose install scripts may run */
	struct ideal_opts ideal_opts;
	struct tree *start;	/* consumed by the ideal tree */
	struct tree *ideal, *actual;
	struct tree *disk;	/* the ideal tree as it is laid out: itself, or a linked layout of it */
	struct diff *diff;
	bool is_partial;	/* the diff is restricted to what some members need */
	struct reify_result result;
	bool is_lock_kept;	/* package-lock.json was right and not written again */
	str lock_text;		/* what it says; null when none is saved */
	struct noop noop;
	struct audit_run before;	/* of the tree that audit fix starts from */
	struct audit_run audit;
	struct map audited;	/* what it is restricted to */
	size_t funding;		/* as install_funding() found it */
	bool knows_funding;
};

/* A package of the lockfile as it was read, before the tree became the ideal one. */
struct locked_package {
	str name, version;	/* version: null when the entry has none */
	const struct json *patched; /* as the entry has it, or NULL */
};

/* All of it. Errors come from the stages as they are. */
MUST_CHECK_ERR install_run(struct cmd_ctx *ctx, const struct install_request *req);

/* Copies to @kept, which has room, the arguments that do not name the project or prefix itself; returns how many. */
size_t install_drop_itself(struct cmd_ctx *ctx, const str *args, size_t nargs, str *kept);

/* What the ideal tree starts from: the lockfile, else what is installed, else nothing. */
MUST_CHECK_ERR install_load_start(struct install *in);

/* ---- install_global.c ---- */

/* For global packages, what install_load_start(), the actual tree and the restriction of the diff are for a project. */
MUST_CHECK_ERR global_load_start(struct install *in);
MUST_CHECK_ERR global_load_actual(struct install *in, struct tree **out);
void global_restrict_diff(struct install *in, node_vec *only);

/* ---- install_audit.c ---- */

/* The ideal tree is known: asks the registry about it, when audits are on. */
MUST_CHECK_ERR install_audit_begin(struct install *in);
/* Has the answer in in->audit.report; there is none when nothing was audited. */
MUST_CHECK_ERR install_audit_finish(struct install *in);

/* ---- install_fix.c ---- */

/* Audits the start tree: what is found is what the ideal tree is to be without. */
MUST_CHECK_ERR install_fix_begin(struct install *in);
/* After the report: the exit status, and what is still too new to be installed. */
void install_fix_finish(struct install *in);

/* ---- conflict_report.c ---- */

/* Resolving ended in a conflict: looks for ways out, and leaves all that is to be said in the context. */
void conflict_explain(struct install *in);

/* ---- install_report.c ---- */

/* Summary, funding, blocked scripts; or one JSON document (npm-cli.md 2.2). */
void install_report(struct install *in);
/* "578ms", "2s", "1m": how npm prints a time. */
str install_format_ms(struct arena *a, int64_t ms);
/* "added 1 package, and removed 2 packages", or "up to date". */
struct install_counts {
	size_t added, removed, changed, audited;
};
str install_changes_text(struct arena *a, const struct install_counts *c);
/* Packages that were added to a linked layout, as the report counts them. */
size_t install_added(const struct install *in);
/* What --fund counts in this run: looked for once, 0 when it is off. */
size_t install_funding(struct install *in);
/* Packages below the root that ask for funding. */
size_t install_count_funding(struct arena *a, const struct tree *t);
/* `npm warn install-scripts` block (npm-cli.md 4.6); the null string when nothing was blocked. */
str install_blocked_text(struct arena *a, const struct reify_result *result, bool is_global);
/* The same as `--json` has it. */
struct json *install_blocked_json(struct arena *a, const struct reify_result *result);
