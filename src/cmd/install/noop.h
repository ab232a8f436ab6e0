/* SPDX-License-Identifier: MIT
 * An install that has nothing to do, and can tell so from the state file that the last run left: no tree is built, no
 * lockfile parsed, no cache opened. What it says is what the long way would say. */
#pragma once
#include "cmd_priv.h"
#include "cpm/reify/state.h"
#include "cpm/tree/node.h"

struct install;

struct noop_warning {
	enum log_level level;
	str title, message;
};

/* What the report of an install with nothing to do holds, beside its counts, which are zero. */
struct noop_report {
	size_t funding;
	size_t added;		/* packages; only a recipe adds any (install_recipe.h) */
	str blocked;		/* text about blocked scripts, or the null string */
	struct json *inert;	/* locations of what is not for this machine, or NULL */
	struct json *blocked_json; /* the same for --json, or NULL */
};

/* A run's side of it, part of struct install. */
struct noop {
	bool is_looked_up;	/* noop_look() was called: the fields below are valid */
	struct fingerprint key;
	struct state_fact manifest, lockfile; /* as they were before they were read */
	struct state last;	/* what the last run left; without packages when there was none */
	VEC(struct noop_warning) warnings; /* said by this run */
	bool is_proven;		/* there is nothing to do, and the report is known: */
	struct noop_report report;
};

/* Before anything is read but package.json: what the last run left. */
void noop_look(struct install *in);
/* True when there is nothing to do: what the long way would have warned about has been said, and the report is known.
 * Else the lockfile has been looked at, and warnings are noted from now on. */
bool noop_is_proven(struct install *in);
/* No more warnings are noted. */
void noop_stop_listening(void);
/* What the state file keeps of the project's members. */
struct fingerprint noop_members(const struct tree *t);
/* The project has scripts that run at every install. */
bool noop_has_own_scripts(const struct manifest *m);
/* The report of a run that went the long way, counts apart, as text; and back: says its warnings, and fills in->noop.report.
 * False when it is no such text. */
str noop_report_text(struct install *in);
bool noop_tell_report(struct install *in, str text);
/* At the end of a run: leaves a state file for the next. Failures only cost the next run its shortcut. */
void noop_remember(struct install *in);
