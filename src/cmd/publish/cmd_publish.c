/* SPDX-License-Identifier: MIT
 * publish: a package into a registry (npm-cli.md 8.4). The order is npm's: everything that can be refused is, before
 * the one request that cannot be taken back. Nothing is sent without a credential for the very registry it goes to. */
#include "publish_manifest.h"
#include "registry_write.h"
#include "tarball_report.h"

#include "cpm/base/range.h"
#include "cpm/registry/auth.h"
#include "cpm/registry/endpoints.h"
#include "cpm/registry/registry_url.h"
#include "project_members.h"

/* One package on its way. */
struct publication {
	struct cmd_ctx *ctx;
	struct cfg *cfg; /* with its publishConfig */
	const struct workspace_choice *members;
	bool is_member;
	struct package_tarball tarball;
	struct json *manifest;
	struct semver version;
	str tag, access, registry;
	bool is_default_tag;
};

/* ---- what is refused ---- */

static struct err *refuse_private(void)
{
	return err_show_as(err_new(E_GENERIC,
				   "This package has been marked as private\n"
				   "Remove the 'private' field from the package.json to publish it."),
			   S("EPRIVATE"));
}

static struct err *check_settings(struct cmd_ctx *ctx)
{
	str tag = cfg_text(ctx->cfg, CFG_TAG);
	bool is_provenance = cfg_bool(ctx->cfg, CFG_PROVENANCE) ||
			     cfg_text(ctx->cfg, CFG_PROVENANCE_FILE).len;

	if (is_provenance)
		return err_new(E_UNSUPPORTED,
			       "cpm makes no provenance statements: publish with npm where one is "
			       "wanted, or without --provenance");
	if (range_parse(ctx->arena, tag, 0))
		return err_new(E_GENERIC, "Tag name must not be a valid SemVer range: " STR_FMT,
			       STR_ARG(str_trim_js(tag)));
	return NULL;
}

/* What a project does to its tree is its own policy. */
static struct err *check_extensions(const struct publication *p)
{
	if (json_is_truthy(json_get(p->manifest, "private")) ||
	    !json_get(p->manifest, "packageExtensions"))
		return NULL;
	return err_show_as(err_new(E_GENERIC, "packageExtensions is only honored at the project "
					      "root and must not be published."),
			   S("EPACKAGEEXTENSIONS"));
}

static struct err *check_tag(const struct publication *p)
{
	struct arena *a = p->ctx->arena;
	struct spec *ignored;

	if (p->is_default_tag && p->version.pre.len && !cfg_bool(p->cfg, CFG_FORCE))
		return err_new(E_GENERIC, "You must specify a tag using --tag when publishing a "
					  "prerelease version.");
	return spec_resolve(a, p->tarball.name, p->tag, cfg_cwd(p->cfg), &ignored);
}

static struct err *check_credentials(const struct publication *p)
{
	struct arena *a = p->ctx->arena;
	struct auth auth = auth_for_url(a, p->cfg, p->registry, p->tarball.name);

	if (p->is_member && json_is_truthy(json_get(p->manifest, "private")))
		return refuse_private();
	if (auth.header.len || (auth.certfile.len && auth.keyfile.len))
		return NULL;
	if (!cfg_bool(p->cfg, CFG_DRY_RUN))
		return registry_need_auth(p->registry);
	log_warn("publish", "This command requires you to be logged in to " STR_FMT " (dry-run)",
		 STR_ARG(p->registry));
	return NULL;
}

/* Of the versions that are neither prereleases nor deprecated. */
static bool find_highest(struct arena *a, const struct json *versions, struct semver *highest,
			 str same, bool *is_there)
{
	bool has_any = false;

	*is_there = false;
	for (size_t i = 0; json_is(versions, JSON_OBJECT) && i < versions->count; i++) {
		struct semver v;

		if (!semver_parse(a, versions->members[i].key, 0, &v) || v.pre.len ||
		    json_is_truthy(json_get(versions->members[i].val, "deprecated")))
			continue;
		*is_there |= str_eq(v.text, same);
		if (!has_any || semver_compare(&v, highest) > 0)
			*highest = v;
		has_any = true;
	}
	return has_any;
}

/* A registry that does not know the package, or does not tell, has nothing against it. */
static struct err *check_versions(const struct publication *p)
{
	struct arena *a = p->ctx->arena;
	struct json *document = NULL;
	struct semver highest;
	struct http *http;
	bool is_there, has_any;

	if (cfg_bool(p->cfg, CFG_FORCE))
		return NULL;
	TRY(cmd_ctx_http(p->ctx, &http));
	err_ignore(registry_fetch_document(a, p->cfg, http, p->tarball.name, &document));
	has_any = find_highest(a, json_get(document, "versions"), &highest, p->version.text,
			       &is_there);
	if (is_there)
		return err_new(E_GENERIC,
			       "You cannot publish over the previously published versions: " STR_FMT
			       ".",
			       STR_ARG(p->version.text));
	if (has_any && p->is_default_tag && semver_compare(&highest, &p->version) >= 0)
		return err_new(E_GENERIC,
			       "Cannot implicitly apply the \"latest\" tag because previously "
			       "published version " STR_FMT
			       " is higher than the new version " STR_FMT
			       ". You must specify a tag using --tag.",
			       STR_ARG(highest.text), STR_ARG(p->version.text));
	return NULL;
}

/* ---- sending ---- */

static struct err *send(const struct publication *p)
{
	struct arena *a = p->ctx->arena;
	str scope = p->tarball.name;

	if (json_is_truthy(json_get(p->manifest, "private")))
		return refuse_private();
	if (!str_starts(scope, S("@")) && str_eq(p->access, S("restricted")))
		return err_show_as(err_new(E_GENERIC, "Can't restrict access to unscoped packages."),
				   S("EUNSCOPED"));
	return registry_write(p->ctx, p->cfg,
			      &(struct registry_call){
				      .method = "PUT",
				      .url = registry_packument_url(a, p->cfg, p->tarball.name),
				      .body = publish_document(p->ctx, p->manifest, &p->tarball,
							       p->registry, p->tag, p->access),
				      .subject = p->tarball.id },
			      NULL);
}

/* ---- one package ---- */

static void warn_of_repairs(void)
{
	log_warn("publish", "npm auto-corrected some errors in your package.json when publishing.  "
			    "Please run \"npm pkg fix\" to address these errors.");
}

/* The last word on what is published, and where to: scripts may have changed the file. */
static struct err *read_manifest(struct publication *p, bool is_final)
{
	struct package_tarball *t = &p->tarball;
	struct arena *a = p->ctx->arena;
	bool fixed;

	TRY(publish_manifest_read(p->ctx, t, str_of(t->bytes, t->len), &p->manifest, &fixed));
	TRY(check_extensions(p));
	if (!is_final)
		return NULL;
	if (fixed)
		warn_of_repairs();
	p->cfg = cfg_for_publishing(a, p->ctx->cfg, json_get(p->manifest, "publishConfig"));
	p->tag = cfg_text(p->cfg, CFG_TAG);
	p->is_default_tag = cfg_source(p->cfg, CFG_TAG) == CFG_LAYER_DEFAULT;
	p->access = cfg_text(p->cfg, CFG_ACCESS);
	t->name = json_get_text(p->manifest, "name");
	t->version = json_get_text(p->manifest, "version");
	t->id = str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(t->name), STR_ARG(t->version));
	if (!semver_parse(a, t->version, SEMVER_LOOSE, &p->version))
		return err_show_as(err_new(E_GENERIC, "invalid semver: " STR_FMT,
					   STR_ARG(t->version)),
				   S("EBADSEMVER"));
	p->registry = cfg_registry_for(p->cfg, t->name);
	return NULL;
}

static bool has_scripts(const struct publication *p)
{
	return p->tarball.spec->type == SPEC_DIRECTORY && !cfg_bool(p->ctx->cfg, CFG_IGNORE_SCRIPTS);
}

static struct err *pack(struct publication *p)
{
	struct package_tarball *t = &p->tarball;

	if (t->spec->type != SPEC_DIRECTORY)
		return package_tarball_make(p->ctx, t, p->members);
	TRY(read_manifest(p, false));
	if (has_scripts(p))
		TRY(script_run_event(p->ctx, &t->package, "prepublishOnly", true));
	TRY(package_tarball_make(p->ctx, t, p->members));
	return package_tarball_after(p->ctx, t);
}

static struct err *run_after(const struct publication *p)
{
	struct script_package package;

	if (!has_scripts(p))
		return NULL;
	TRY(script_package_read(p->ctx, p->tarball.package.dir, &package));
	TRY(script_run_event(p->ctx, &package, "publish", true));
	return script_run_event(p->ctx, &package, "postpublish", true);
}

static struct err *check(const struct publication *p)
{
	TRY(check_credentials(p));
	return check_versions(p);
}

static struct err *publish(struct publication *p)
{
	struct cmd_ctx *ctx = p->ctx;
	bool is_dry = cfg_bool(ctx->cfg, CFG_DRY_RUN), is_json = ctx->out->is_json;
	struct tarball_contents contents;

	TRY(pack(p));
	TRY(tarball_contents_read(ctx->arena, &p->tarball, &contents));
	TRY(read_manifest(p, true));
	TRY(check_tag(p));
	if (!is_json)
		tarball_tell(ctx, &p->tarball, &contents);
	TRY(check(p));
	log_notice("", "Publishing to " STR_FMT " with tag " STR_FMT " and " STR_FMT " access%s",
		   STR_ARG(p->registry), STR_ARG(p->tag),
		   STR_ARG(p->access.len ? p->access : S("default")), is_dry ? " (dry-run)" : "");
	if (!is_dry)
		TRY(send(p));
	if (is_json)
		tarball_tell_json(ctx, &p->tarball, &contents);
	TRY(run_after(p));
	if (!is_json)
		out_line(ctx->out, "+ " STR_FMT, STR_ARG(p->tarball.id));
	return NULL;
}

static struct err *publish_one(struct cmd_ctx *ctx, str arg, const struct workspace_choice *members,
			       bool is_member)
{
	struct publication p = { .ctx = ctx, .members = members, .is_member = is_member };
	struct err *e = package_tarball_look(ctx, arg, &p.tarball);

	if (!e)
		e = publish(&p);
	package_tarball_free(&p.tarball);
	return e;
}

/* ---- the command ---- */

static struct err *publish_members(struct cmd_ctx *ctx, const struct workspace_choice *members)
{
	for (size_t i = 0; i < members->count; i++) {
		struct err *e = publish_one(ctx, members->items[i].path, members, true);

		if (e && !str_eq(err_code_shown(e), S("EPRIVATE")))
			return e;
		if (e)
			log_warn("publish", "Skipping workspace " STR_FMT ", marked as private",
				 STR_ARG(members->items[i].name));
		err_free(e);
	}
	return NULL;
}

static struct err *publish_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct workspace_choice members;

	(void)exit_status;
	if (nargs > 1)
		return cmd_usage_error(ctx, "%s", "");
	TRY(check_settings(ctx));
	TRY(project_members_choose(ctx, &members));
	if (members.is_made && (nargs == 0 || str_eq(args[0], S("."))))
		return publish_members(ctx, &members);
	if (members.is_made)
		log_warn(NULL, "Ignoring workspaces for specified package(s)");
	members.is_made = false;
	return publish_one(ctx, nargs ? args[0] : S("."), &members, false);
}

const struct cmd cmd_publish = {
	.name = "publish",
	.summary = "Publish a package",
	.synopsis = (const char *const[]){ "<package-spec>", NULL },
	.keys = (const enum cfg_key[]){ CFG_TAG, CFG_ACCESS, CFG_DRY_RUN, CFG_OTP, CFG_WORKSPACE,
					CFG_WORKSPACES, CFG_INCLUDE_WORKSPACE_ROOT, CFG_PROVENANCE,
					CFG_END },
	.needs = CMD_WORKSPACES | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK,
	.doc = "publish",
	.run = publish_run,
};
