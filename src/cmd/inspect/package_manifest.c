/* SPDX-License-Identifier: MIT
 * Folders are read as they are, the registry is asked for all it knows, and everything else has to be opened. */
#include "package_manifest.h"

#include "package_tarball.h"
#include "view_query.h"

#include "cpm/tree/package_file.h"

static struct err *ask_registry(struct cmd_ctx *ctx, str arg, struct json **out)
{
	struct view_result r;

	TRY(view_query(ctx, arg, NULL, 0, &r));
	*out = VEC_LAST(&r.matches).merged;
	return NULL;
}

struct err *package_manifest_find(struct cmd_ctx *ctx, str arg, struct json **out)
{
	struct arena *a = ctx->arena;
	struct package_tarball t;
	struct package_file file;
	struct spec *spec;

	TRY(spec_parse_arg(a, arg, cfg_local_prefix(ctx->cfg), &spec));
	if (spec->type == SPEC_DIRECTORY) {
		TRY(package_file_read(a, spec->fetch_spec, &file));
		*out = file.content;
		return NULL;
	}
	if (spec_is_registry(spec))
		return ask_registry(ctx, arg, out);
	TRY(package_tarball_look(ctx, arg, &t));
	*out = t.manifest;
	return NULL;
}
