/* SPDX-License-Identifier: MIT
 * Making a repository, or a folder of the user's, fit to be packed. */
#pragma once
#include "cmd_priv.h"

/**
 * repo_prepare - runs what its package.json asks for before the package in @folder is packed; @ctx: struct cmd_ctx.
 * @resolved: the commit that lies there: what it needs is installed first. Null: a folder of the user's own
 *
 * Whoever may have repositories as dependencies at all (allow-git) has their `prepare` run: no other policy is asked,
 * as with npm 12.
 * Errors: E_SCRIPT with what was printed.
 */
MUST_CHECK_ERR repo_prepare(void *ctx, str folder, str resolved);
