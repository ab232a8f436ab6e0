/* SPDX-License-Identifier: MIT
 * The project's own scripts around an install. */
#pragma once
#include "cmd_priv.h"

/* Claims that the project has scripts that run when its packages are in place, and may change their files (as patch-package
 * does). Such packages must not share files with the cache, and through it with every other project. */
bool root_scripts_may_write(const struct cmd_ctx *ctx);
/**
 * root_scripts_before - runs `preinstall`, which may still change what is about to be read.
 *
 * The project is not locked meanwhile, since scripts install things themselves; afterwards it is opened again.
 * Errors: E_SCRIPT.
 */
MUST_CHECK_ERR root_scripts_before(struct cmd_ctx *ctx);
/* Runs `dependencies` and what belongs around it: something in node_modules has changed. Nobody watches. */
MUST_CHECK_ERR root_scripts_dependencies(struct cmd_ctx *ctx);
/* Runs `install` and all that follows it, once everything is in place; unlocked as above. */
MUST_CHECK_ERR root_scripts_after(struct cmd_ctx *ctx);
