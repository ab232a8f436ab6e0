/* SPDX-License-Identifier: MIT
 * `cpm unpublish`: takes a version, or all of a package, back from a registry. Others may depend on
 * it, so everything that would leave no version behind wants --force. Source: npm's unpublish.js,
 * libnpmpublish's unpublish.js. */
#include "project_members.h"
#include "published.h"
#include "registry_write.h"

#include "cpm/registry/registry_url.h"
#include "cpm/tree/package_file.h"

struct removal {
	struct cmd_ctx *ctx;
	const struct cfg *cfg; /* with the package's publishConfig */
	str name, version;     /* version: empty for the whole package */
	str subject;           /* "name@version" */
};

/* ---- requests ---- */

static str url_of(const struct removal *r, str behind)
{
	struct arena *a = r->ctx->arena;

	return registry_service_url(a, r->cfg, r->name, "", str_cstr(a, behind));
}

static struct err *fetch(const struct removal *r, str subject, struct json **document)
{
	struct http *http;

	TRY(cmd_ctx_http(r->ctx, &http));
	return registry_call(
		r->ctx->arena, r->cfg, http,
		&(struct registry_call){ .url = url_of(r, S("?write=true")), .subject = subject },
		document);
}

static str behind_revision(struct arena *a, const struct json *document)
{
	return str_concat(a, S("/-rev/"),
			  str_encode(a, json_get_text(document, "_rev"), URL_COMPONENT));
}

static struct err *delete_at(const struct removal *r, str url)
{
	return registry_write(
		r->ctx, r->cfg,
		&(struct registry_call){ .method = "DELETE", .url = url, .subject = r->subject },
		NULL);
}

/* ---- one version ---- */

static str highest_version(struct arena *a, const struct json *versions)
{
	struct semver highest, v;
	str out = STR_NULL;

	for (size_t i = 0; i < versions->count; i++) {
		if (!semver_parse(a, versions->members[i].key, SEMVER_LOOSE, &v))
			continue;
		if (out.p && semver_compare(&v, &highest) < 0)
			continue;
		highest = v;
		out = versions->members[i].key;
	}
	return out;
}

/* The document without the version: its tags go with it, and `latest` becomes the highest that is
 * left. */
static void forget_version(struct arena *a, struct json *document, struct json *versions,
			   str version)
{
	struct json *tags = json_get(document, "dist-tags");
	bool was_latest = str_eq(json_get_text(tags, "latest"), version);

	json_del(versions, version);
	for (size_t i = json_is(tags, JSON_OBJECT) ? tags->count : 0; i-- > 0;)
		if (str_eq(tags->members[i].val->string, version))
			json_del(tags, tags->members[i].key);
	if (was_latest)
		json_set_text(a, tags, "latest", highest_version(a, versions));
	json_del(document, S("_revisions"));
	json_del(document, S("_attachments"));
}

/* The path of the tarball at the registry; its host may be another one for downloads. */
static str tarball_path(const struct removal *r, str tarball)
{
	str registry = cfg_registry_for(r->cfg, r->name), root, path;

	root = str_from(registry, MIN(str_find(registry, S("//")) + 2, registry.len));
	root = str_from(root, MIN(str_find_char(root, '/'), root.len));
	path = str_from(tarball, MIN(str_find(tarball, S("//")) + 2, tarball.len));
	path = str_from(path, MIN(str_find_char(path, '/'), path.len));
	return str_starts(path, root) ? str_from(path, root.len) : str_from(path, 1);
}

static struct err *remove_version(const struct removal *r, struct json *document)
{
	struct arena *a = r->ctx->arena;
	struct json *versions = json_get(document, "versions"), *changed;
	str tarball = json_get_text(json_get(json_get_str(versions, r->version), "dist"),
				    "tarball");
	struct str_buf body = str_buf(a, SIZE_MAX);

	forget_version(a, document, versions, r->version);
	json_write(&body, document, (struct json_style){ S(""), S("") });
	TRY(registry_write(r->ctx, r->cfg,
			   &(struct registry_call){ .method = "PUT",
						    .url = url_of(r, behind_revision(a, document)),
						    .body = buf_view(&body),
						    .subject = r->subject },
			   NULL));
	TRY(fetch(r, r->subject, &changed));
	return delete_at(r, str_printf(a, STR_FMT STR_FMT STR_FMT,
				       STR_ARG(cfg_registry_for(r->cfg, r->name)),
				       STR_ARG(tarball_path(r, tarball)),
				       STR_ARG(behind_revision(a, changed))));
}

static struct err *remove_from_registry(const struct removal *r)
{
	const struct json *versions;
	struct json *document;
	bool is_object;

	TRY(fetch(r, r->subject, &document));
	versions = json_get(document, "versions");
	is_object = json_is(versions, JSON_OBJECT);
	if (!is_object || versions->count <= 1 || !r->version.len)
		return delete_at(r, url_of(r, behind_revision(r->ctx->arena, document)));
	return json_get_str(versions, r->version) ? remove_version(r, document) : NULL;
}

/* ---- what may be removed ---- */

static struct err *refuse_everything(struct cmd_ctx *ctx)
{
	return cmd_usage_error(ctx,
			       "Refusing to delete entire project.\nRun with --force to do this.");
}

/* What is named, or the package in @dir. That one's publishConfig counts when it is the same
 * package. */
static struct err *choose(struct removal *r, str dir, str arg)
{
	struct cmd_ctx *ctx = r->ctx;
	struct package_file file = { 0 };
	struct spec *spec = NULL;
	struct err *e;

	if (arg.len) {
		TRY(spec_parse_arg(ctx->arena, arg, cfg_cwd(ctx->cfg), &spec));
		if (spec->type != SPEC_VERSION &&
		    !(spec_is_registry(spec) && published_is_bare(spec)))
			return cmd_usage_error(ctx,
					       "Can only unpublish a single version, or the entire "
					       "project.\nTags and ranges are not supported.");
		r->name = spec->name;
		r->version = spec->type == SPEC_VERSION ? spec->raw : S("");
		if (!r->version.len && !cfg_bool(ctx->cfg, CFG_FORCE))
			return refuse_everything(ctx);
	}
	e = package_file_read(ctx->arena, dir, &file);
	if (e && !err_is(e, E_NO_ENTRY))
		return e;
	if (e && !spec) {
		err_free(e);
		return cmd_usage_error(ctx, "%s", "");
	}
	err_ignore(e);
	if (!spec) {
		r->name = json_get_text(file.content, "name");
		r->version = json_get_text(file.content, "version");
		if (!r->version.len && !cfg_bool(ctx->cfg, CFG_FORCE))
			return refuse_everything(ctx);
	}
	if (r->name.len && str_eq(json_get_text(file.content, "name"), r->name))
		r->cfg = cfg_for_publishing(ctx->arena, ctx->cfg,
					    json_get(file.content, "publishConfig"));
	return r->name.len ? NULL : cmd_usage_error(ctx, "%s", "");
}

/* *is_last: after this there is no version left. */
static struct err *check_what_is_left(const struct removal *r, bool *is_last)
{
	const struct json *versions;
	struct json *document;

	TRY(fetch(r, str_concat(r->ctx->arena, r->name, S("@*")), &document));
	versions = json_get(document, "versions");
	*is_last = json_is(versions, JSON_OBJECT) && versions->count == 1;
	if (!*is_last || !str_eq(versions->members[0].key, r->version) ||
	    cfg_bool(r->ctx->cfg, CFG_FORCE))
		return NULL;
	return cmd_usage_error(r->ctx,
			       "Refusing to delete the last version of the package. It will block "
			       "from republishing a new version for 24 hours.\n"
			       "Run with --force to do this.");
}

static struct err *unpublish(struct cmd_ctx *ctx, str dir, str arg)
{
	struct removal r = { .ctx = ctx, .cfg = ctx->cfg };
	bool is_last, has_version;
	struct err *e = NULL;

	TRY(choose(&r, dir, arg));
	has_version = r.version.len > 0;
	r.subject = str_printf(ctx->arena, STR_FMT "@" STR_FMT, STR_ARG(r.name),
			       STR_ARG(has_version ? r.version : S("*")));
	TRY(check_what_is_left(&r, &is_last));
	if (!cfg_bool(ctx->cfg, CFG_DRY_RUN))
		e = remove_from_registry(&r);
	if (e && !err_is(e, E_NOT_FOUND)) /* gone is gone */
		return e;
	err_ignore(e);
	if (!cmd_ctx_is_silent(ctx))
		out_line(ctx->out, "- " STR_FMT "%s" STR_FMT, STR_ARG(r.name),
			 has_version && !is_last ? "@" : "",
			 STR_ARG(has_version && !is_last ? r.version : S("")));
	return NULL;
}

/* ---- the command ---- */

static struct err *unpublish_run(struct cmd_ctx *ctx, const str *args, size_t nargs,
				 int *exit_status)
{
	str arg = nargs ? args[0] : S("");
	struct workspace_choice members;

	(void)exit_status;
	if (nargs > 1)
		return cmd_usage_error(ctx, "%s", "");
	TRY(project_members_choose(ctx, &members));
	if (!members.is_made)
		return unpublish(ctx, cfg_local_prefix(ctx->cfg), arg);
	for (size_t i = 0; i < members.count; i++)
		TRY(unpublish(ctx, members.items[i].path, arg));
	return NULL;
}

const struct cmd cmd_unpublish = {
	.name = "unpublish",
	.summary = "Remove a package from the registry",
	.synopsis = (const char *const[]){ "[<package-spec>]", NULL },
	.keys = (const enum cfg_key[]){ CFG_DRY_RUN, CFG_FORCE, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_END },
	.needs = CMD_WORKSPACES | CMD_NEEDS_NETWORK,
	.doc = "unpublish",
	.run = unpublish_run,
};
