/* SPDX-License-Identifier: MIT
 * Which Node.js the packages will run on, for `engines` checks and for whoever asks. */
#include "cmd_priv.h"

#include "cpm/runtime/node_find.h"

str node_program_find(const struct cmd_ctx *ctx)
{
	return runtime_find_node(ctx->arena, ctx->cfg);
}

str node_version_find(struct cmd_ctx *ctx)
{
	return runtime_node_version(ctx->arena, ctx->cfg);
}
