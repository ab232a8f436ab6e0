/* SPDX-License-Identifier: MIT
 * explore: a shell, or one command, in the folder of an installed package, with the environment
 * that its scripts have. */
#include "cmd_priv.h"

#include "cpm/base/path.h"
#include "cpm/base/proc.h"
#include "script_run.h"

#define EVENT "_explore"

/* Null for what is no package: "..", a path that leads nowhere. */
static str package_dir(struct cmd_ctx *ctx, str name)
{
	str inside = path_clean(ctx->arena, path_join(ctx->arena, S("/"), name));

	return str_eq(inside, S("/")) ? STR_NULL : str_concat(ctx->arena, cmd_ctx_modules_dir(ctx), inside);
}

/* Words are joined, not quoted: they are a command line, as behind `sh -c`. */
static str command_line(struct cmd_ctx *ctx, const str *words, size_t count)
{
	str line = str_trim(str_join(ctx->arena, words, count, S(" ")));

	return line.len > 0 ? line : cfg_text(ctx->cfg, CFG_SHELL);
}

static struct err *explore_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct script_call call = { .event = S(EVENT) };
	struct script_package package;

	if (nargs == 0 || args[0].len == 0)
		return cmd_usage_error(ctx, "%s", "");
	str dir = package_dir(ctx, args[0]);
	if (str_is_null(dir))
		return cmd_usage_error(ctx, "%s", "");
	struct err *e = script_package_read(ctx, dir, &package);
	if (e) {
		log_error("explore", "It doesn't look like " STR_FMT " is installed.",
			  STR_ARG(args[0]));
		return e;
	}
	call.text = command_line(ctx, args + 1, nargs - 1);
	if (nargs == 1)
		out_line(ctx->out, "\nExploring " STR_FMT "\nType 'exit' or ^D when finished\n",
			 STR_ARG(dir));
	e = script_run(ctx, &package, &call);
	/* Whoever leaves a shell with a status knows it. */
	if (nargs > 1 || !err_is(e, E_SCRIPT) || proc_stop_signal())
		return e;
	*exit_status = err_exit_status(e);
	err_free(e);
	return NULL;
}

const struct cmd cmd_explore = {
	.name = "explore",
	.summary = "Browse an installed package",
	.synopsis = (const char *const[]){ "<pkg> [ -- <command>]", NULL },
	.keys = (const enum cfg_key[]){ CFG_SHELL, CFG_GLOBAL, CFG_END },
	.needs = CMD_REFUSES_WORKSPACE_DIR,
	.doc = "explore",
	.run = explore_run,
};
