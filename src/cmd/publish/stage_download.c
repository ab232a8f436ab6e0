/* SPDX-License-Identifier: MIT
 * A staged tarball. Whoever staged it chose its name and version, so both are checked before they
 * become a file's name. */
#include "stage_download.h"

#include "tarball_report.h"

#include "cpm/base/path.h"
#include "cpm/registry/http.h"
#include "cpm/store/archive.h"

#define STAGED_MAX_BYTES ((uint64_t)1 << 30)

static struct err *fetch(struct cmd_ctx *ctx, str id, struct http_response **out)
{
	const struct http_request req = {
		.url = str_printf(ctx->arena, STR_FMT "-/stage/" STR_FMT "/tarball",
				  STR_ARG(cfg_registry_for(ctx->cfg, S(""))), STR_ARG(id)),
		.priority = HTTP_TARBALL,
		.cap_bytes = STAGED_MAX_BYTES,
	};
	struct http *http;

	TRY(cmd_ctx_http(ctx, &http));
	return http_fetch(http, &req, out);
}

static struct err *read_manifest(struct cmd_ctx *ctx, str bytes, struct package_tarball *out)
{
	struct arena *a = ctx->arena;
	struct archive_content content;
	struct digest digest;
	struct semver ignored;

	TRY(archive_look(a, bytes, &content));
	if (!content.nmanifests || content.manifests[0].folder.len)
		return err_new(E_GENERIC, "Could not read package.json from tarball");
	TRY_AS(json_parse(a, content.manifests[0].text, &out->manifest),
	       "cannot read package.json of the tarball");
	out->name = json_get_text(out->manifest, "name");
	out->version = json_get_text(out->manifest, "version");
	if (!spec_is_valid_name(out->name) ||
	    !semver_parse(a, out->version, SEMVER_LOOSE, &ignored))
		return err_new(E_GENERIC,
			       "the package.json of the tarball has no valid name and version");
	out->id = str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(out->name), STR_ARG(out->version));
	digest_of(DIGEST_SHA512, bytes, &digest);
	out->integrity = integrity_format(a, &digest);
	return NULL;
}

static struct err *keep(struct cmd_ctx *ctx, str id, str bytes)
{
	struct arena *a = ctx->arena;
	struct package_tarball tarball = { .bytes = (char *)bytes.p, .len = bytes.len };
	struct tarball_contents contents;
	str name;

	TRY(read_manifest(ctx, bytes, &tarball));
	TRY(tarball_contents_read(a, &tarball, &contents));
	if (ctx->out->is_json)
		tarball_tell_json(ctx, &tarball, &contents);
	else
		tarball_tell(ctx, &tarball, &contents);
	name = package_tarball_file_name(a, tarball.name, tarball.version);
	name = str_printf(a, STR_FMT "-" STR_FMT ".tgz", STR_ARG(str_slice(name, 0, name.len - 4)),
			  STR_ARG(id));
	TRY(fs_write_atomic(AT_FDCWD, str_cstr(a, path_join(a, cfg_cwd(ctx->cfg), name)), bytes,
			    0666));
	if (!ctx->out->is_json)
		out_whole_line(ctx->out, STR_FMT, STR_ARG(name));
	return NULL;
}

struct err *stage_download(struct cmd_ctx *ctx, str id)
{
	struct http_response *resp;
	struct err *e;

	log_notice("", "Downloading staged package " STR_FMT, STR_ARG(id));
	TRY(fetch(ctx, id, &resp));
	e = keep(ctx, id, str_of(resp->body, resp->body_len));
	http_response_free(resp);
	return e;
}
