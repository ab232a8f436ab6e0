/* SPDX-License-Identifier: MIT
 * A package's own scripts, run in the foreground as `run` and the root scripts of an install have them. */
#pragma once
#include "cmd_priv.h"
#include "cpm/runtime/host.h"
#include "cpm/runtime/script_env.h"

struct script_package {
	str dir;		/* absolute */
	struct json *doc;	/* normalised; its scripts are texts, and there always is a "scripts" */
	struct manifest *manifest;
	str id;			/* "name@version", or null when either is missing */
};

/* Errors: those of manifest_read(). */
MUST_CHECK_ERR script_package_read(struct cmd_ctx *ctx, str dir, struct script_package *out);
/* The same for a manifest that has been read. */
struct script_package script_package_of(struct cmd_ctx *ctx, str dir, struct manifest *manifest);
/* The text of a script; null when there is none, or an empty one. */
str script_text(const struct script_package *p, const char *event);

/* What is run for an event. */
struct script_call {
	str event;
	str text;		/* as shown to the script and the user */
	str command;		/* what is really run; null: the text */
	const str *args;	/* quoted and put behind it */
	size_t nargs;
	const struct script_var *extra; /* further variables */
	size_t nextra;
	str bin_dir;		/* searched for commands before everything else; null: none */
};

/* The script as the host takes it. Lives in ctx->arena. */
struct script script_make(struct cmd_ctx *ctx, const struct script_package *p, const struct script_call *call);

/**
 * script_run - runs one script with our terminal, after npm's two notices.
 *
 * Errors: E_SCRIPT when it failed. When a signal ended it, that signal is noted as ours: the program ends by it.
 */
MUST_CHECK_ERR script_run(struct cmd_ctx *ctx, const struct script_package *p, const struct script_call *call);
/* Runs the script called @event, if there is one. @is_watched: with our terminal, as above; else unseen, and what it
 * printed is part of the error. */
MUST_CHECK_ERR script_run_event(struct cmd_ctx *ctx, const struct script_package *p, const char *event,
				bool is_watched);
/* The same with further variables in its environment. */
MUST_CHECK_ERR script_run_event_with(struct cmd_ctx *ctx, const struct script_package *p, const char *event,
				     const struct script_var *extra, size_t nextra, bool is_watched);
