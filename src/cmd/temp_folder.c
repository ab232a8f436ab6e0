/* SPDX-License-Identifier: MIT
 * Temporary folders, where the user wants them. */
#include "temp_folder.h"

#include "cpm/base/path.h"

#include <errno.h>
#include <stdlib.h>

struct err *temp_folder_make(struct cmd_ctx *ctx, str prefix, str *out)
{
	struct arena *a = ctx->arena;
	str base = cfg_getenv(ctx->cfg, "TMPDIR");
	char *path = str_cstr(a, str_printf(a, STR_FMT "/" STR_FMT "XXXXXX",
					    STR_ARG(base.len ? base : str_view(P_tmpdir)),
					    STR_ARG(prefix)));

	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, path_dirname(str_view(path)))));
	if (!mkdtemp(path))
		return err_sys(errno, "mkdtemp", str_view(path));
	*out = str_view(path);
	return NULL;
}

void temp_folder_remove(struct cmd_ctx *ctx, str path)
{
	if (path.len)
		err_ignore(fs_remove_tree(AT_FDCWD, str_cstr(ctx->arena, path)));
}
