/* SPDX-License-Identifier: MIT
 * Becoming another program. */
#pragma once
#include "cmd_priv.h"

/**
 * program_start - replaces this process by @program, which then has our terminal, signals and exit status.
 * @first: an argument before @args, or null
 *
 * Its environment is ours, with cpm's tools first on PATH, and RUNTIME_VARIABLE and the headers of a pinned build.
 * Returns only on failure: err_sys().
 */
MUST_CHECK_ERR program_start(struct cmd_ctx *ctx, str program, str first, const str *args, size_t nargs);
