/* SPDX-License-Identifier: MIT
 * edit: an installed package in the user's editor, then its scripts once more. The package gets
 * files of its own first: they may be shared with other projects. */
#include "editor.h"

#include "cpm/base/path.h"
#include "cpm/reify/reify.h"

#include <errno.h>

/* "a/b" is package b inside package a, "@s/a" is one name. Null for what leads out of node_modules.
 */
static str package_dir(struct cmd_ctx *ctx, str words)
{
	struct arena *a = ctx->arena;
	str inside = S(""), clean = path_clean(a, path_join(a, S("/"), words)), part, rest;
	bool is_scope = false;

	rest = str_from(clean, 1);
	while (str_cut(&rest, '/', &part)) {
		bool is_folder = str_eq(part, S("node_modules"));

		if (inside.len && !is_scope && !is_folder && !str_ends(inside, S("/node_modules")))
			inside = str_concat(a, inside, S("/node_modules"));
		inside = str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(inside), STR_ARG(part));
		is_scope = str_starts(part, S("@"));
	}
	return inside.len > 1 ? str_concat(a, cmd_ctx_modules_dir(ctx), inside) : STR_NULL;
}

static struct err *edit_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct stat st;
	str dir;

	if (nargs != 1)
		return cmd_usage_error(ctx, "%s", "");
	dir = package_dir(ctx, args[0]);
	if (str_is_null(dir))
		return cmd_usage_error(ctx, "%s", "");
	if (!fs_lstat(AT_FDCWD, str_cstr(ctx->arena, dir), &st))
		return err_sys(ENOENT, "lstat", dir);
	if (S_ISDIR(st.st_mode))
		TRY(reify_own_files(ctx->arena, AT_FDCWD, dir));
	TRY(editor_open(ctx, dir));
	return cmd_rebuild.run(ctx, &dir, 1, exit_status);
}

const struct cmd cmd_edit = {
	.name = "edit",
	.summary = "Edit an installed package",
	.synopsis = (const char *const[]){ "<pkg>[/<subpkg>...]", NULL },
	.keys = (const enum cfg_key[]){ CFG_EDITOR, CFG_END },
	.needs = CMD_NEEDS_LOCK | CMD_REFUSES_WORKSPACE_DIR,
	.doc = "edit",
	.run = edit_run,
};
