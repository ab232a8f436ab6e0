/* SPDX-License-Identifier: MIT
 * prefix and root: the folder that commands work in, and its node_modules. */
#include "cmd_priv.h"

static str prefix_of(const struct cfg *cfg)
{
	return cfg_is_global(cfg) ? cfg_global_prefix(cfg) : cfg_local_prefix(cfg);
}

static struct err *prefix_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)args, (void)nargs, (void)exit_status;
	out_line(ctx->out, STR_FMT, STR_ARG(prefix_of(ctx->cfg)));
	return NULL;
}

static struct err *root_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)args, (void)nargs, (void)exit_status;
	out_line(ctx->out, STR_FMT, STR_ARG(cmd_ctx_modules_dir(ctx)));
	return NULL;
}

const struct cmd cmd_prefix = {
	.name = "prefix",
	.summary = "Display prefix",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_GLOBAL, CFG_END },
	.doc = "prefix",
	.run = prefix_run,
};

const struct cmd cmd_root = {
	.name = "root",
	.summary = "Display npm root",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_GLOBAL, CFG_END },
	.doc = "prefix",
	.run = root_run,
};
