/* SPDX-License-Identifier: MIT
 * `--timing`: records the run, and says at its end where the time went. */
#pragma once
#include "cmd_priv.h"

/* Begins to record when the settings ask for it. @started_ns: when the run began, by trace_now(). */
void timing_begin(const struct cmd_ctx *ctx, int64_t started_ns);
/* After everything is closed: the report as notices, and the trace file. Nothing when nothing was recorded. */
void timing_end(struct cmd_ctx *ctx, int64_t started_ns, int exit_status);
