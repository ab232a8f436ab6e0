/* SPDX-License-Identifier: MIT
 * dist-tag: the names that stand for a package's versions (npm-cli.md 8.5). */
#include "project_members.h"
#include "published.h"
#include "registry_write.h"

#include "cpm/base/range.h"
#include "cpm/registry/registry_url.h"

static str tags_url(const struct cmd_ctx *ctx, str name)
{
	return registry_service_url(ctx->arena, ctx->cfg, name, "-/package/", "/dist-tags");
}

static str tag_url(const struct cmd_ctx *ctx, str name, str tag)
{
	return str_printf(ctx->arena, STR_FMT "/" STR_FMT, STR_ARG(tags_url(ctx, name)),
			  STR_ARG(str_encode(ctx->arena, tag, URL_COMPONENT)));
}

static struct err *fetch_tags(struct cmd_ctx *ctx, str name, struct json **tags)
{
	struct http *http;

	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_call(ctx->arena, ctx->cfg, http,
			  &(struct registry_call){ .url = tags_url(ctx, name), .subject = name },
			  tags));
	if (json_is(*tags, JSON_OBJECT))
		json_del(*tags, S("_etag"));
	if (!json_is(*tags, JSON_OBJECT) || !(*tags)->count)
		return err_new(E_GENERIC, "No dist-tags found for " STR_FMT, STR_ARG(name));
	return NULL;
}

/* ---- ls ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static struct err *list(struct cmd_ctx *ctx, str name)
{
	struct arena *a = ctx->arena;
	VEC(str) lines = { 0 };
	struct json *tags;
	struct err *e = fetch_tags(ctx, name, &tags);

	if (e) {
		log_error("dist-tag ls", "Couldn't get dist-tag data for " STR_FMT, STR_ARG(name));
		return e;
	}
	for (size_t i = 0; i < tags->count; i++)
		VEC_PUSH(a, &lines,
			 str_printf(a, STR_FMT ": " STR_FMT, STR_ARG(tags->members[i].key),
				    STR_ARG(tags->members[i].val->string)));
	VEC_SORT(&lines, by_text);
	out_line(ctx->out, STR_FMT, STR_ARG(str_join(a, lines.items, lines.len, S("\n"))));
	return NULL;
}

static struct err *list_arg(struct cmd_ctx *ctx, str arg)
{
	struct spec *spec;
	str name;

	if (arg.len) {
		TRY(published_spec(ctx, arg, &spec));
		return list(ctx, spec->name);
	}
	TRY(published_own_name(ctx, &name));
	return list(ctx, name);
}

/* One member that the registry does not know is no reason to leave the others out. */
static void list_members(struct cmd_ctx *ctx, const struct workspace_choice *members,
			 int *exit_status)
{
	for (size_t i = 0; i < members->count; i++) {
		out_line(ctx->out, STR_FMT ":", STR_ARG(members->items[i].name));
		struct err *e = list(ctx, members->items[i].name);

		if (e)
			*exit_status = 1;
		err_free(e);
	}
}

/* ---- add, rm ---- */

static struct err *check_tag(struct cmd_ctx *ctx, str name, str tag)
{
	struct spec *ignored;

	TRY(spec_resolve(ctx->arena, name, tag, cfg_cwd(ctx->cfg), &ignored));
	if (range_parse(ctx->arena, tag, 0))
		return err_new(E_GENERIC, "Tag name must not be a valid SemVer range: " STR_FMT,
			       STR_ARG(tag));
	return NULL;
}

static struct err *add(struct cmd_ctx *ctx, str arg, str tag)
{
	struct str_buf body = str_buf(ctx->arena, 1 << 16);
	struct json *tags;
	struct spec *spec;

	if (!arg.len)
		return cmd_usage_error(ctx, "must provide a spec with a name and version, and a tag to add");
	TRY(published_spec(ctx, arg, &spec));
	tag = str_trim_js(tag.len ? tag : cfg_text(ctx->cfg, CFG_TAG));
	if (published_is_bare(spec) || !tag.len)
		return cmd_usage_error(ctx, "must provide a spec with a name and version, and a tag to add");
	TRY(check_tag(ctx, spec->name, tag));
	TRY(fetch_tags(ctx, spec->name, &tags));
	if (str_eq(json_get_text(tags, str_cstr(ctx->arena, tag)), spec->raw)) {
		log_warn("dist-tag add", STR_FMT " is already set to version " STR_FMT,
			 STR_ARG(tag), STR_ARG(spec->raw));
		return NULL;
	}
	json_write_string(&body, spec->raw);
	TRY(registry_write(ctx, ctx->cfg,
			   &(struct registry_call){ .method = "PUT",
						    .url = tag_url(ctx, spec->name, tag),
						    .body = buf_view(&body),
						    .subject = spec->name },
			   NULL));
	out_line(ctx->out, "+" STR_FMT ": " STR_FMT "@" STR_FMT, STR_ARG(tag), STR_ARG(spec->name),
		 STR_ARG(spec->raw));
	return NULL;
}

static struct err *take_away(struct cmd_ctx *ctx, str arg, str tag)
{
	struct json *tags;
	struct spec *spec;
	str version;

	if (!arg.len)
		return cmd_usage_error(ctx, "%s", "");
	TRY(published_spec(ctx, arg, &spec));
	TRY(fetch_tags(ctx, spec->name, &tags));
	version = json_get_text(tags, str_cstr(ctx->arena, tag));
	if (!version.len)
		return err_new(E_GENERIC, STR_FMT " is not a dist-tag on " STR_FMT, STR_ARG(tag),
			       STR_ARG(spec->name));
	TRY(registry_write(ctx, ctx->cfg,
			   &(struct registry_call){ .method = "DELETE",
						    .url = tag_url(ctx, spec->name, tag),
						    .subject = spec->name },
			   NULL));
	out_line(ctx->out, "-" STR_FMT ": " STR_FMT "@" STR_FMT, STR_ARG(tag), STR_ARG(spec->name),
		 STR_ARG(version));
	return NULL;
}

/* ---- the command ---- */

static bool means_members(str arg)
{
	return !arg.len || str_eq(arg, S(".")) || str_starts(arg, S(".@"));
}

static struct err *dist_tag_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	static const char *const add_words[] = { "add", "a", "set", "s", NULL };
	static const char *const rm_words[] = { "rm", "r", "del", "d", "remove", NULL };
	static const char *const ls_words[] = { "ls", "l", "sl", "list", NULL };
	str word = nargs > 0 ? args[0] : S(""), arg = nargs > 1 ? args[1] : S(""),
	    tag = nargs > 2 ? args[2] : S("");
	bool is_ls = str_is_one_of(word, ls_words);
	struct workspace_choice members;

	TRY(project_members_choose(ctx, &members));
	if (members.is_made && (is_ls ? means_members(arg) : !arg.len && means_members(word))) {
		list_members(ctx, &members, exit_status);
		return NULL;
	}
	if (members.is_made)
		log_warn("dist-tag", "Ignoring workspaces for specified package");
	if (str_is_one_of(word, add_words))
		return add(ctx, arg, tag);
	if (str_is_one_of(word, rm_words))
		return take_away(ctx, arg, tag);
	if (is_ls)
		return list_arg(ctx, arg);
	return arg.len ? cmd_usage_error(ctx, "%s", "") : list_arg(ctx, word);
}

const struct cmd cmd_dist_tag = {
	.name = "dist-tag",
	.summary = "Modify package distribution tags",
	.synopsis = (const char *const[]){ "add <package-spec (with version)> [<tag>]",
					   "rm <package-spec> <tag>", "ls [<package-spec>]", NULL },
	.aliases = (const char *const[]){ "dist-tags", NULL },
	.keys = (const enum cfg_key[]){ CFG_WORKSPACE, CFG_WORKSPACES, CFG_INCLUDE_WORKSPACE_ROOT,
					CFG_END },
	.needs = CMD_WORKSPACES | CMD_NEEDS_NETWORK,
	.doc = "dist-tag",
	.run = dist_tag_run,
};
