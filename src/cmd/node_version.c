/* SPDX-License-Identifier: MIT
 * Which Node.js the packages will run on, for `engines` checks and for whoever asks. */
#include "cmd_priv.h"

#include "cpm/runtime/node_find.h"

str node_program_find(const struct cmd_ctx *ctx)
{
	return runtime_find_node(ctx->arena, ctx->cfg);
}

void node_version_ask(struct cmd_ctx *ctx)
{
	if (!ctx->has_asked_node)
		runtime_ask_node_version(ctx->arena, ctx->cfg, &ctx->node);
	ctx->has_asked_node = true;
}

str node_version_find(struct cmd_ctx *ctx)
{
	node_version_ask(ctx);
	return runtime_hear_node_version(ctx->arena, ctx->cfg, &ctx->node);
}
