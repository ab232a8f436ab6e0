/* SPDX-License-Identifier: MIT
 * Arguments of commands that change what a registry says of a package. */
#include "published.h"

#include "cpm/tree/package_file.h"

struct err *published_own_name(struct cmd_ctx *ctx, str *out)
{
	struct package_file file;

	if (cfg_is_global(ctx->cfg))
		return cmd_usage_error(ctx, "%s", "");
	TRY(package_file_read(ctx->arena, cfg_local_prefix(ctx->cfg), &file));
	*out = json_get_text(file.content, "name");
	return out->len ? NULL : cmd_usage_error(ctx, "%s", "");
}

struct err *published_spec(struct cmd_ctx *ctx, str arg, struct spec **out)
{
	TRY(spec_parse_arg(ctx->arena, arg, cfg_cwd(ctx->cfg), out));
	if (!(*out)->name.len || !spec_is_registry(*out))
		return cmd_usage_error(ctx, "%s", "");
	return NULL;
}

bool published_is_bare(const struct spec *s)
{
	return !s->raw.len || str_eq(s->raw, S("*"));
}
