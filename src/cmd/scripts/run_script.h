/* SPDX-License-Identifier: MIT
 * `run` and the commands that are short for it. */
#pragma once
#include "cmd_priv.h"

/* Runs the script @event with what belongs before and after it, in the project or in the members that the settings
 * select. Errors: E_SCRIPT. In members a failed script is no error: it is reported, and its status becomes
 * *exit_status. */
MUST_CHECK_ERR run_script(struct cmd_ctx *ctx, str event, const str *args, size_t nargs, int *exit_status);
/* A script that failed has said why itself: its status becomes *exit_status, with --json also the document, and there
 * is no error. All others stay. */
MUST_CHECK_ERR run_leave_quietly(struct cmd_ctx *ctx, struct err *e, int *exit_status);
