/* SPDX-License-Identifier: MIT
 * A folder is packed here, scripts and all; every other package is a tarball already, or its repository is made into
 * one by the package source. Source: libnpmpack, and pacote's fetchers. */
#include "package_tarball.h"

#include "pack_rules.h"

#include "cpm/base/gzip.h"
#include "cpm/base/path.h"
#include "cpm/registry/registry_url.h"
#include "cpm/store/pack.h"
#include "cpm/tree/pick.h"
#include "cpm/tree/spec_address.h"

/* ---- what is allowed ---- */

static struct err *check_allowed(struct cmd_ctx *ctx, const struct spec *s)
{
	const struct {
		enum spec_type type;
		enum cfg_key key;
		enum err_code code;
		const char *word;
	} rows[] = {
		{ SPEC_GIT, CFG_ALLOW_GIT, E_ALLOW_GIT, "git" },
		{ SPEC_REMOTE, CFG_ALLOW_REMOTE, E_ALLOW_REMOTE, "remote" },
		{ SPEC_FILE, CFG_ALLOW_FILE, E_ALLOW_FILE, "file" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (s->type == rows[i].type && str_eq(cfg_text(ctx->cfg, rows[i].key), S("none")))
			return err_detail(
				err_new(rows[i].code,
					"Fetching packages of type \"%s\" have been disabled",
					rows[i].word),
				"Refusing to fetch \"" STR_FMT "\"",
				STR_ARG(spec_format_full(ctx->arena, s)));
	return NULL;
}

/* ---- looking ---- */

static struct err *look_at_folder(struct cmd_ctx *ctx, struct package_tarball *t)
{
	str dir = t->spec->fetch_spec;

	TRY(script_package_read(ctx, dir, &t->package));
	t->manifest = t->package.doc;
	t->resolved = dir;
	t->from = str_concat(ctx->arena, S("file:"), dir);
	return NULL;
}

static struct err *look_at_registry(struct cmd_ctx *ctx, struct package_tarball *t)
{
	const struct spec *target = spec_target(t->spec);
	size_t nnew;
	const str *new_names = cfg_list(ctx->cfg, CFG_MIN_RELEASE_AGE_EXCLUDE, &nnew);
	const struct pick_opts all = { .default_tag = cfg_text(ctx->cfg, CFG_TAG),
				       .before = cfg_before(ctx->arena, ctx->cfg),
				       .new_names = new_names,
				       .nnew_names = nnew };
	const struct pick_opts opts = pick_opts_for(&all, target->name);
	const struct packument_version *version;
	const struct packument *packument;
	struct source *source;
	const struct json *dist;
	str text;

	if (cfg_source(ctx->cfg, CFG_PREFER_ONLINE) == CFG_LAYER_DEFAULT)
		cfg_force(ctx->cfg, CFG_PREFER_ONLINE, "true");
	TRY(cmd_ctx_source(ctx, &source));
	source_announce(source, target->name);
	TRY(source_get(source, target->name, &packument));
	TRY(pick_version(packument, target, &opts, &version));
	TRY(packument_manifest(packument, version, &text));
	TRY(json_parse(ctx->arena, text, &t->manifest));
	dist = json_get(t->manifest, "dist");
	t->url = json_get_text(dist, "tarball");
	t->promised = json_get_text(dist, "integrity");
	if (!t->promised.len)
		t->promised = integrity_from_shasum(ctx->arena, json_get_text(dist, "shasum"));
	t->resolved = t->url;
	t->from = spec_format(ctx->arena, t->spec);
	return NULL;
}

static struct err *look_inside(struct cmd_ctx *ctx, struct package_tarball *t)
{
	struct package_source *packages = cmd_ctx_packages(ctx);
	const struct pick_opts opts = { .default_tag = cfg_text(ctx->cfg, CFG_TAG) };
	struct package_content content;

	t->at = ARENA_NEW(ctx->arena, struct package_address);
	*t->at = spec_address(ctx->arena, t->spec, true);
	TRY(spec_address_find_commit(ctx->arena, packages, t->spec, cfg_cwd(ctx->cfg), &opts,
				     t->at));
	TRY(package_look(packages, ctx->arena, t->at, &content));
	if (!content.archive.nmanifests || content.archive.manifests[0].folder.len)
		return err_new(E_BAD_ARCHIVE, "there is no package.json in " STR_FMT,
			       STR_ARG(t->at->place));
	TRY_AS(json_parse(ctx->arena, content.archive.manifests[0].text, &t->manifest),
	       "cannot read the package.json of " STR_FMT, STR_ARG(t->at->place));
	t->resolved = spec_address_resolved(ctx->arena, t->spec, t->at);
	t->from = spec_format(ctx->arena, t->spec);
	return NULL;
}

struct err *package_tarball_look(struct cmd_ctx *ctx, str arg, struct package_tarball *out)
{
	*out = (struct package_tarball){ 0 };
	TRY(spec_parse_arg(ctx->arena, arg, cfg_cwd(ctx->cfg), &out->spec));
	TRY(check_allowed(ctx, out->spec));
	if (out->spec->type == SPEC_DIRECTORY)
		TRY(look_at_folder(ctx, out));
	else if (spec_is_registry(out->spec))
		TRY(look_at_registry(ctx, out));
	else
		TRY(look_inside(ctx, out));
	out->name = json_get_text(out->manifest, "name");
	out->version = json_get_text(out->manifest, "version");
	if (!out->name.len || !out->version.len)
		return err_new(E_GENERIC, "Invalid package, must have name and version");
	out->id = str_printf(ctx->arena, STR_FMT "@" STR_FMT, STR_ARG(out->name),
			     STR_ARG(out->version));
	return NULL;
}

/* ---- making ---- */

struct err *package_tarball_run(struct cmd_ctx *ctx, const struct script_package *p,
				const char *event, const struct script_var *extra, size_t nextra)
{
	bool is_watched = cfg_source(ctx->cfg, CFG_FOREGROUND_SCRIPTS) == CFG_LAYER_DEFAULT ||
			  cfg_bool(ctx->cfg, CFG_FOREGROUND_SCRIPTS);

	if (cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS))
		return NULL;
	return script_run_event_with(ctx, p, event, extra, nextra, is_watched);
}

/* Each script sees the package.json that the one before it left. */
static struct err *prepare_folder(struct cmd_ctx *ctx, const struct package_tarball *t)
{
	const struct script_var extra[] = { { S("npm_package_resolved"), t->resolved },
					    { S("npm_package_integrity"), S("null") } };
	struct script_package package;

	if (!t->is_compared)
		TRY(package_tarball_run(ctx, &t->package, "prepack", NULL, 0));
	TRY(script_package_read(ctx, t->package.dir, &package));
	if (t->is_compared && cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS))
		return NULL;
	if (t->is_compared)
		return script_run_event_with(ctx, &package, "prepare", extra, ARRAY_LEN(extra), false);
	return package_tarball_run(ctx, &package, "prepare", extra, ARRAY_LEN(extra));
}

static struct err *pack(struct cmd_ctx *ctx, struct package_tarball *t,
			const struct workspace_choice *members)
{
	struct pack_opts opts = { .drops_patches = true };
	char *plain;
	size_t plain_len;

	TRY(prepare_folder(ctx, t));
	TRY(pack_rules_read(ctx, t->package.dir, members, &opts));
	TRY(pack_folder(t->package.dir, &opts, &plain, &plain_len));
	struct err *e = gzip(str_of(plain, plain_len), GZIP_BEST, &t->bytes, &t->len);
	free(plain);
	return e;
}

static struct err *fetch(struct cmd_ctx *ctx, struct package_tarball *t)
{
	const struct package_address at = { .kind = PACKAGE_URL,
					    .name = t->id,
					    .place = t->url,
					    .integrity = t->promised };

	if (!t->url.len)
		return err_new(E_BAD_RESPONSE, "the registry gives no tarball for " STR_FMT,
			       STR_ARG(t->id));
	return package_fetch(cmd_ctx_packages(ctx), &at, &t->bytes, &t->len);
}

struct err *package_tarball_make(struct cmd_ctx *ctx, struct package_tarball *t,
				 const struct workspace_choice *members)
{
	struct digest digest;

	if (t->spec->type == SPEC_DIRECTORY)
		TRY(pack(ctx, t, members));
	else if (t->at)
		TRY(package_fetch(cmd_ctx_packages(ctx), t->at, &t->bytes, &t->len));
	else
		TRY(fetch(ctx, t));
	digest_of(DIGEST_SHA512, str_of(t->bytes, t->len), &digest);
	t->integrity = integrity_format(ctx->arena, &digest);
	return NULL;
}

struct err *package_tarball_after(struct cmd_ctx *ctx, const struct package_tarball *t)
{
	const struct script_var extra[] = { { S("npm_package_from"), t->from },
					    { S("npm_package_resolved"), t->resolved },
					    { S("npm_package_integrity"), t->integrity } };

	if (t->spec->type != SPEC_DIRECTORY)
		return NULL;
	return package_tarball_run(ctx, &t->package, "postpack", extra, ARRAY_LEN(extra));
}

void package_tarball_free(struct package_tarball *t)
{
	free(t->bytes);
	t->bytes = NULL;
}

str package_tarball_file_name(struct arena *a, str name, str version)
{
	if (str_starts(name, S("@")))
		name = str_replace_all(a, str_from(name, 1), S("/"), S("-"));
	return str_printf(a, STR_FMT "-" STR_FMT ".tgz", STR_ARG(name), STR_ARG(version));
}
