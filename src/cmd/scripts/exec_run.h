/* SPDX-License-Identifier: MIT
 * What exec does, for commands that are made of it. */
#pragma once
#include "cmd_priv.h"

/* Runs the command of the package args[0] in @dir, installing it into the cache where it is not there.
 * Errors: those of exec_find_packages() and script_run(). */
MUST_CHECK_ERR exec_run_in(struct cmd_ctx *ctx, str dir, const str *args, size_t nargs);
