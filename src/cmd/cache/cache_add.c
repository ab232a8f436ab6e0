/* SPDX-License-Identifier: MIT
 * One package into the cache: its packument through the source, which keeps it, and its tarball,
 * which is verified before it is kept. Only what a registry offers can be had from the cache later,
 * so nothing else is added. */
#include "cache_add.h"

#include "cpm/registry/registry_url.h"
#include "cpm/tree/pick.h"

#define TARBALL_MAX_BYTES ((uint64_t)2 << 30)

static struct err *pick(struct cmd_ctx *ctx, const struct spec *spec,
			const struct packument_version **out, struct json **manifest)
{
	const struct pick_opts opts = { .default_tag = cfg_text(ctx->cfg, CFG_TAG),
					.before = cfg_before(ctx->arena, ctx->cfg) };
	const struct packument *packument;
	struct source *source;
	str text;

	TRY(cmd_ctx_source(ctx, &source));
	source_announce(source, spec->name);
	TRY(source_get(source, spec->name, &packument));
	TRY(pick_version(packument, spec, &opts, out));
	TRY(packument_manifest(packument, *out, &text));
	return json_parse(ctx->arena, text, manifest);
}

/* What the registry promises of the tarball: dist.integrity, else dist.shasum. */
static str promised(struct arena *a, const struct json *dist)
{
	str integrity = json_get_text(dist, "integrity");

	return integrity.len ? integrity : integrity_from_shasum(a, json_get_text(dist, "shasum"));
}

static struct err *keep(struct cmd_ctx *ctx, const struct integrity *integrity, str integrity_text,
			const struct http_response *resp)
{
	str body = str_of(resp->body, resp->body_len);
	struct digest got;

	digest_of(integrity->strongest, body, &got);
	if (!integrity_has(integrity, &got))
		return err_new(E_INTEGRITY,
			       STR_FMT " integrity checksum failed: wanted " STR_FMT
				       " but got " STR_FMT ". (%zu bytes)",
			       STR_ARG(resp->url), STR_ARG(integrity_text),
			       STR_ARG(integrity_format(ctx->arena, &got)), body.len);
	store_put_blob(ctx->store, &got, body);
	return NULL;
}

static struct err *fetch(struct cmd_ctx *ctx, str url, str subject, str integrity_text)
{
	const struct http_request request = { .url = url,
					      .priority = HTTP_TARBALL,
					      .cap_bytes = TARBALL_MAX_BYTES,
					      .subject = subject };
	struct integrity integrity;
	struct http_response *resp;
	struct http *http;
	struct err *e;

	integrity_parse(ctx->arena, integrity_text, &integrity);
	if (integrity.strongest < DIGEST_SHA1)
		return err_new(E_INTEGRITY, "the registry gives no usable integrity for " STR_FMT,
			       STR_ARG(subject));
	for (size_t i = 0; i < integrity.count; i++)
		if (integrity.items[i].algo == integrity.strongest &&
		    store_has_blob(ctx->store, &integrity.items[i]))
			return NULL;
	TRY(cmd_ctx_http(ctx, &http));
	TRY(http_fetch(http, &request, &resp));
	e = keep(ctx, &integrity, integrity_text, resp);
	http_response_free(resp);
	return e;
}

struct err *cache_add(struct cmd_ctx *ctx, str arg)
{
	const struct packument_version *version;
	const struct spec *target;
	struct spec *spec;
	struct json *manifest, *dist;
	str url;

	TRY(spec_parse_arg(ctx->arena, arg, cfg_cwd(ctx->cfg), &spec));
	if (!spec_is_registry(spec))
		return err_new(
			E_UNSUPPORTED,
			"only packages of a registry can be added to the cache, not '" STR_FMT "'",
			STR_ARG(arg));
	target = spec_target(spec);
	TRY(pick(ctx, target, &version, &manifest));
	dist = json_get(manifest, "dist");
	url = registry_fetch_url(ctx->arena, ctx->cfg, json_get_text(dist, "tarball"));
	if (str_is_null(url))
		return err_new(E_BAD_RESPONSE,
			       "the registry gives no tarball for " STR_FMT "@" STR_FMT,
			       STR_ARG(target->name), STR_ARG(version->version));
	return fetch(ctx, url,
		     str_printf(ctx->arena, STR_FMT "@" STR_FMT, STR_ARG(target->name),
				STR_ARG(version->version)),
		     promised(ctx->arena, dist));
}
