/* SPDX-License-Identifier: MIT
 * `cpm whoami`: the name behind the credential for the registry. */
#include "identity.h"

static struct err *whoami_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str name;

	(void)args, (void)nargs, (void)exit_status;
	TRY(identity_find(ctx, &name));
	out_json(ctx->out, json_new_string(ctx->arena, name));
	if (!ctx->out->is_json)
		out_line(ctx->out, STR_FMT, STR_ARG(name));
	return NULL;
}

const struct cmd cmd_whoami = {
	.name = "whoami",
	.summary = "Display npm username",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_JSON, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "whoami",
	.run = whoami_run,
};
