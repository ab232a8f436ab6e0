/* SPDX-License-Identifier: MIT
 * Ignore rules from outside of the folder that is packed. */
#include "pack_rules.h"

#include "cpm/base/path.h"

#define RULES_MAX_BYTES ((size_t)1 << 20)

/* *out is null when there is no such file. */
static struct err *read_rules(struct cmd_ctx *ctx, str path, str *out)
{
	struct err *e = fs_read_all(ctx->arena, AT_FDCWD, str_cstr(ctx->arena, path),
				    RULES_MAX_BYTES, out);

	if (!e)
		return NULL;
	*out = STR_NULL;
	if (!err_is(e, E_NO_ENTRY))
		return e;
	err_ignore(e);
	return NULL;
}

static struct err *add_folder(struct cmd_ctx *ctx, str folder, struct str_buf *rules)
{
	static const char *const names[] = { ".npmignore", ".gitignore" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		str text;

		TRY(read_rules(ctx, path_join(ctx->arena, folder, str_view(names[i])), &text));
		if (str_is_null(text))
			continue;
		buf_add(rules, text);
		buf_add_char(rules, '\n');
		return NULL;
	}
	return NULL;
}

/* The project's folder, and those on the way down to the member's own, which is not among them. */
static struct err *add_folders_above(struct cmd_ctx *ctx, str root, str folder,
				     struct str_buf *rules)
{
	str way = path_relative(ctx->arena, root, path_dirname(folder)), part;

	TRY(add_folder(ctx, root, rules));
	if (!way.len)
		return NULL;
	while (str_cut(&way, '/', &part)) {
		root = path_join(ctx->arena, root, part);
		TRY(add_folder(ctx, root, rules));
	}
	return NULL;
}

static bool is_among(const struct workspace_choice *members, str folder)
{
	for (size_t i = 0; i < members->count; i++)
		if (str_eq(members->items[i].path, folder))
			return true;
	return false;
}

struct err *pack_rules_read(struct cmd_ctx *ctx, str folder, const struct workspace_choice *members,
			    struct pack_opts *out)
{
	struct str_buf rules = str_buf(ctx->arena, (size_t)16 << 20);
	str root;

	TRY(read_rules(ctx, cfg_text(ctx->cfg, CFG_GLOBAL_IGNORE_FILE), &out->global_rules));
	if (!members->is_made)
		return NULL;
	TRY(fs_real_path(ctx->arena, str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg)), &root));
	if (str_eq(folder, root)) {
		for (size_t i = 0; i < members->count; i++)
			buf_printf(&rules, STR_FMT "\n",
				   STR_ARG(path_relative(ctx->arena, root,
							 members->items[i].path)));
	} else if (is_among(members, folder)) {
		TRY(add_folders_above(ctx, root, folder, &rules));
	}
	out->more_rules = buf_view(&rules);
	return NULL;
}
