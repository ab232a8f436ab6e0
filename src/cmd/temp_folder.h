/* SPDX-License-Identifier: MIT
 * Folders that a command needs for a while. */
#pragma once
#include "cmd_priv.h"

/* A new folder "<TMPDIR>/<prefix>XXXXXX" that is ours alone; its path in ctx->arena. @prefix may name a folder before it,
 * which is made. */
MUST_CHECK_ERR temp_folder_make(struct cmd_ctx *ctx, str prefix, str *out);
/* With all that is in it; a failure is not worth a word. */
void temp_folder_remove(struct cmd_ctx *ctx, str path);
