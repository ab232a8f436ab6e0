/* SPDX-License-Identifier: MIT
 * diff: what is different between two packages (npm-cli.md 2.4). */
#include "diff_specs.h"
#include "diff_text.h"
#include "package_tarball.h"
#include "project_members.h"

#include "cpm/base/path.h"
#include "cpm/store/archive.h"
#include "cpm/store/file_list.h"

#define FILE_MAX_BYTES ((size_t)256 << 20)

/* ---- files ---- */

static struct err *read_archive(struct cmd_ctx *ctx, const struct package_tarball *t,
				struct diff_side *out)
{
	struct archive_file *files;
	size_t count;

	TRY(archive_list(ctx->arena, str_of(t->bytes, t->len), true, &files, &count));
	for (size_t i = 0; i < count; i++) {
		size_t slash = str_find_char(files[i].path, '/');

		if (files[i].type != '0' && files[i].type != '7')
			continue;
		VEC_PUSH(ctx->arena, &out->files,
			 (struct diff_file){ slash == STR_NPOS ? files[i].path
							       : str_from(files[i].path, slash + 1),
					     files[i].mode, files[i].body });
	}
	return NULL;
}

/* What is installed is taken as it lies there: its own lists of files were for its publisher. */
static struct err *read_installed(struct cmd_ctx *ctx, str dir, struct diff_side *out)
{
	struct arena *a = ctx->arena;
	struct listed_file *files;
	AUTO_FD fd = -1;
	size_t count;

	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, dir), &fd));
	TRY(file_list_read(a, dir, S(""), FILE_LIST_IGNORED, &files, &count));
	for (size_t i = 0; i < count; i++) {
		const char *path = str_cstr(a, files[i].path);
		struct stat st;
		str text;

		if (files[i].is_link || !fs_lstat(fd, path, &st))
			continue;
		TRY(fs_read_all(a, fd, path, FILE_MAX_BYTES, &text));
		VEC_PUSH(a, &out->files,
			 (struct diff_file){ files[i].path, ((st.st_mode & 0777) | 0600) & ~022u, text });
	}
	return NULL;
}

static bool is_installed(str dir)
{
	str parent = path_dirname(dir);

	if (str_starts(path_basename(parent), S("@")))
		parent = path_dirname(parent);
	return str_eq(path_basename(parent), S("node_modules"));
}

static struct err *read_side(struct cmd_ctx *ctx, str spec, struct diff_side *out)
{
	const struct workspace_choice nobody = { 0 };
	struct package_tarball t;
	struct err *e;

	*out = (struct diff_side){ 0 };
	TRY(package_tarball_look(ctx, spec, &t));
	out->version = t.version;
	if (t.spec->type == SPEC_DIRECTORY && is_installed(t.package.dir))
		return read_installed(ctx, t.package.dir, out);
	t.is_compared = true;
	e = package_tarball_make(ctx, &t, &nobody);
	if (!e)
		e = read_archive(ctx, &t, out);
	package_tarball_free(&t);
	return e;
}

/* ---- the command ---- */

static struct err *diff_in(struct cmd_ctx *ctx, str dir, const str *args, size_t nargs)
{
	struct diff_side a, b;
	str first, second;

	TRY(diff_specs_choose(ctx, dir, &first, &second));
	TRY(read_side(ctx, first, &a));
	TRY(read_side(ctx, second, &b));
	out_text(ctx->out, diff_text_make(ctx, &a, &b, args, nargs));
	return NULL;
}

static struct err *diff_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct workspace_choice members;

	(void)exit_status;
	TRY(project_members_choose(ctx, &members));
	if (!members.is_made)
		return diff_in(ctx, cfg_local_prefix(ctx->cfg), args, nargs);
	for (size_t i = 0; i < members.count; i++)
		TRY(diff_in(ctx, members.items[i].path, args, nargs));
	return NULL;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.summary = "The registry diff command",
	.synopsis = (const char *const[]){ "[...<paths>]", NULL },
	.keys = (const enum cfg_key[]){ CFG_DIFF, CFG_DIFF_NAME_ONLY, CFG_DIFF_UNIFIED,
					CFG_DIFF_IGNORE_ALL_SPACE, CFG_DIFF_NO_PREFIX,
					CFG_DIFF_SRC_PREFIX, CFG_DIFF_DST_PREFIX, CFG_DIFF_TEXT,
					CFG_GLOBAL, CFG_TAG, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_INCLUDE_WORKSPACE_ROOT, CFG_END },
	.needs = CMD_WORKSPACES | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK,
	.doc = "diff",
	.run = diff_run,
};
