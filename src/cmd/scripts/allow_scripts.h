/* SPDX-License-Identifier: MIT
 * Which install scripts may run in this project: allowScripts of package.json, else allow-scripts of an .npmrc. */
#pragma once
#include "cmd_priv.h"
#include "cpm/tree/script_policy.h"

/**
 * allow_scripts_resolve - the policy of the project in ctx->manifest; empty when nothing is said.
 *
 * Whoever says something first is the only one who counts; the others are warned about.
 * Errors: E_ALLOW_SCRIPTS when it was said on the command line: what may run in a project is the project's business.
 */
MUST_CHECK_ERR allow_scripts_resolve(struct cmd_ctx *ctx, struct script_policy **out);
/* allowScripts in the manifest of a member does nothing: says so. */
void allow_scripts_warn_members(const struct tree *t);

/* A package whose scripts nobody has reviewed. */
struct unreviewed {
	struct node *node;
	struct install_scripts scripts;
};
typedef VEC(struct unreviewed) unreviewed_vec;

/* What of @t waits for review. */
unreviewed_vec allow_scripts_unreviewed(struct arena *a, int dirfd, struct tree *t, const struct script_policy *p);
/* The command that allows @names for all global packages, in backquotes. */
str allow_scripts_setting_command(struct arena *a, const str *names, size_t count);
/* E_STRICT_ALLOW_SCRIPTS when --strict-allow-scripts is set and anything of @t waits for review. */
MUST_CHECK_ERR allow_scripts_check_strict(struct cmd_ctx *ctx, struct tree *t, const struct script_policy *p);
