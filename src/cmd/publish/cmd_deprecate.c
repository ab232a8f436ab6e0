/* SPDX-License-Identifier: MIT
 * deprecate, undeprecate: a warning to all who install certain versions of a package. The registry takes it as part of
 * the whole document, which is fetched for that and sent back. */
#include "published.h"
#include "registry_write.h"

#include "cpm/base/range.h"
#include "cpm/registry/registry_url.h"

static struct err *fetch_for_writing(struct cmd_ctx *ctx, str name, struct json **document)
{
	struct http *http;

	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_call(ctx->arena, ctx->cfg, http,
			  &(struct registry_call){
				  .url = registry_service_url(ctx->arena, ctx->cfg, name, "",
							      "?write=true"),
				  .subject = str_concat(ctx->arena, name, S("@*")) },
			  document));
	if (json_is(json_get(*document, "versions"), JSON_OBJECT))
		return NULL;
	return err_new(E_BAD_RESPONSE, "the registry's answer about '" STR_FMT "' has no versions",
		       STR_ARG(name));
}

/* How many versions there are in @range; each has its message from now on. */
static size_t mark(struct cmd_ctx *ctx, struct json *document, const struct range *range, str message)
{
	struct json *versions = json_get(document, "versions");
	str name = json_get_text(document, "name");
	size_t count = 0;

	for (size_t i = 0; i < versions->count; i++) {
		str text = versions->members[i].key;
		struct semver v;

		if (!semver_parse(ctx->arena, text, SEMVER_LOOSE, &v) || !range_has(range, &v))
			continue;
		json_set_text(ctx->arena, versions->members[i].val, "deprecated", message);
		if (message.len)
			log_notice(NULL, "deprecating " STR_FMT "@" STR_FMT " with message \"" STR_FMT
					 "\"",
				   STR_ARG(name), STR_ARG(text), STR_ARG(message));
		else
			log_notice(NULL, "undeprecating " STR_FMT "@" STR_FMT, STR_ARG(name),
				   STR_ARG(text));
		count++;
	}
	return count;
}

static struct err *deprecate(struct cmd_ctx *ctx, str arg, str message)
{
	struct str_buf body = str_buf(ctx->arena, SIZE_MAX);
	struct json *document;
	struct range *range;
	struct spec *spec;
	str wanted;

	TRY(published_spec(ctx, arg, &spec));
	wanted = published_is_bare(spec) ? S("*") : spec->raw;
	range = range_parse(ctx->arena, wanted, SEMVER_LOOSE | SEMVER_INCLUDE_PRE);
	if (!range)
		return err_new(E_GENERIC, "invalid version range: " STR_FMT, STR_ARG(wanted));
	TRY(fetch_for_writing(ctx, spec->name, &document));
	if (!mark(ctx, document, range, message)) {
		log_warn("deprecate", "No version found for " STR_FMT, STR_ARG(wanted));
		return NULL;
	}
	if (cfg_bool(ctx->cfg, CFG_DRY_RUN))
		return NULL;
	json_write(&body, document, (struct json_style){ S(""), S("") });
	return registry_write(ctx, ctx->cfg,
			      &(struct registry_call){
				      .method = "PUT",
				      .url = registry_packument_url(ctx->arena, ctx->cfg, spec->name),
				      .body = buf_view(&body),
				      .subject = spec->name },
			      NULL);
}

static struct err *deprecate_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)exit_status;
	if (nargs < 2 || !args[0].len)
		return cmd_usage_error(ctx, "%s", "");
	return deprecate(ctx, args[0], args[1]);
}

static struct err *undeprecate_run(struct cmd_ctx *ctx, const str *args, size_t nargs,
				   int *exit_status)
{
	(void)exit_status;
	if (nargs < 1 || !args[0].len)
		return cmd_usage_error(ctx, "%s", "");
	return deprecate(ctx, args[0], S(""));
}

static const enum cfg_key deprecate_keys[] = { CFG_REGISTRY, CFG_OTP, CFG_DRY_RUN, CFG_END };

const struct cmd cmd_deprecate = {
	.name = "deprecate",
	.summary = "Deprecate a version of a package",
	.synopsis = (const char *const[]){ "<package-spec> <message>", NULL },
	.keys = deprecate_keys,
	.needs = CMD_NEEDS_NETWORK,
	.doc = "deprecate",
	.run = deprecate_run,
};

const struct cmd cmd_undeprecate = {
	.name = "undeprecate",
	.summary = "Undeprecate a version of a package",
	.synopsis = (const char *const[]){ "<package-spec>", NULL },
	.keys = deprecate_keys,
	.needs = CMD_NEEDS_NETWORK,
	.doc = "deprecate",
	.run = undeprecate_run,
};
