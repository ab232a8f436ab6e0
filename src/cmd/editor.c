/* SPDX-License-Identifier: MIT
 * The user's editor: a command line of their own, with the path behind it as one word. */
#include "editor.h"

#include "cpm/runtime/host.h"
#include "cpm/runtime/shell_quote.h"

struct err *editor_open(struct cmd_ctx *ctx, str path)
{
	const struct script editor = {
		.command = shell_command(ctx->arena, cfg_text(ctx->cfg, CFG_EDITOR), &path, 1),
		.dir = cfg_cwd(ctx->cfg),
		.environ = (char *const *)ctx->environ,
	};
	struct script_outcome outcome;

	screen_hide_line(ctx->screen);
	TRY(host_run(&editor, &outcome));
	if (!script_failed(&outcome))
		return NULL;
	return err_new(E_GENERIC, "editor process exited with code: %d", outcome.exit_status);
}
