/* SPDX-License-Identifier: MIT
 * node: the Node.js that the project's scripts run on, as if it were installed. node-gyp: the same
 * for the tool that compiles native add-ons. */
#include "node_gyp.h"
#include "program_start.h"
#include "runtime_use.h"

static struct err *node_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str node;

	(void)exit_status;
	TRY(runtime_need_node(ctx, &node));
	return program_start(ctx, node, STR_NULL, args, nargs);
}

static struct err *node_gyp_run(struct cmd_ctx *ctx, const str *args, size_t nargs,
				int *exit_status)
{
	str node, program;

	(void)exit_status;
	TRY(node_gyp_check_tools(ctx, args, nargs));
	TRY(runtime_need_node(ctx, &node));
	TRY(node_gyp_need(ctx, &program));
	node_gyp_find_headers(ctx, node);
	return program_start(ctx, node, program, args, nargs);
}

const struct cmd cmd_node = {
	.name = "node",
	.summary = "Run Node.js, fetching it when the machine has none",
	.synopsis = (const char *const[]){ "[<args>...]", NULL },
	.keys = (const enum cfg_key[]){ CFG_SCRIPT_RUNTIME, CFG_RUNTIME_VERSION, CFG_END },
	.needs = CMD_SKIPS_CONFIG_CHECK,
	.doc = "node",
	.run = node_run,
};

const struct cmd cmd_node_gyp = {
	.name = "node-gyp",
	.summary = "Compile native add-ons, with a node-gyp that cpm fetches",
	.synopsis = (const char *const[]){ "[<args>...]", NULL },
	.keys = (const enum cfg_key[]){ CFG_SCRIPT_RUNTIME, CFG_RUNTIME_VERSION, CFG_END },
	.needs = CMD_SKIPS_CONFIG_CHECK | CMD_HIDDEN,
	.doc = "node",
	.run = node_gyp_run,
};
