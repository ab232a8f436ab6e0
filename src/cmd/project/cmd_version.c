/* SPDX-License-Identifier: MIT
 * version: a new version for the package, or without arguments the versions of everything that is
 * running here (npm-cli.md 2.3.10). */
#include "cmd_priv.h"

#include "cpm/base/proc.h"
#include "cpm/build_config.h"
#include "cpm/tree/package_file.h"
#include "cpm/ui/ui_inspect.h"
#include "project_members.h"
#include "version_bump.h"
#include "workspaces_update.h"

#define NODE_OUTPUT_MAX_BYTES (64u << 10)

/* ---- list ---- */

static void add_package(struct cmd_ctx *ctx, str dir, struct json *facts)
{
	struct package_file f;
	struct err *e = package_file_read(ctx->arena, dir, &f);
	str name, version;

	if (e) {
		err_ignore(e);
		return;
	}
	name = json_get_text(f.content, "name");
	version = json_get_text(f.content, "version");
	if (name.len > 0 && version.len > 0)
		json_set(ctx->arena, facts, name, json_new_string(ctx->arena, version));
}

/* Node.js and what it is made of. Only itself knows that. */
static void add_node(struct cmd_ctx *ctx, struct json *facts)
{
	const char *const argv[] = { "node", "-p", "JSON.stringify(process.versions)", NULL };
	struct proc_result result = { 0 };
	struct json *parts = NULL;
	struct err *e = proc_capture(ctx->arena, argv, NODE_OUTPUT_MAX_BYTES, &result);

	if (!e)
		e = json_parse(ctx->arena, result.out, &parts);
	err_ignore(e);
	for (size_t i = 0; json_is(parts, JSON_OBJECT) && i < parts->count; i++)
		json_set(ctx->arena, facts, parts->members[i].key, parts->members[i].val);
}

static struct err *list(struct cmd_ctx *ctx, const struct workspace_choice *members)
{
	struct json *facts = json_new(ctx->arena, JSON_OBJECT);
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);

	for (size_t i = 0; i < members->count; i++)
		add_package(ctx, members->items[i].path, facts);
	add_package(ctx, cfg_local_prefix(ctx->cfg), facts);
	json_set_text(ctx->arena, facts, "cpm", S(CPM_VERSION));
	json_set_text(ctx->arena, facts, "npm", S(CPM_NPM_VERSION));
	add_node(ctx, facts);
	if (ctx->out->is_json) {
		out_json(ctx->out, facts);
		return NULL;
	}
	ui_inspect(&text, facts,
		   &(struct inspect_opts){ .depth = 2, .is_colored = ctx->screen->term.out_color });
	out_line(ctx->out, STR_FMT, STR_ARG(buf_view(&text)));
	return NULL;
}

/* ---- change ---- */

static struct err *change_one(struct cmd_ctx *ctx, str dir, str wanted, bool uses_git)
{
	str version;

	TRY(version_bump(ctx, dir, wanted, uses_git, &version));
	out_line(ctx->out, STR_FMT STR_FMT, STR_ARG(cfg_text(ctx->cfg, CFG_TAG_VERSION_PREFIX)),
		 STR_ARG(version));
	return NULL;
}

/* A member is no checkout of its own, so nothing is committed for it. */
static struct err *change_members(struct cmd_ctx *ctx, const struct workspace_choice *members,
				  str wanted)
{
	str *names = ARENA_ARRAY(ctx->arena, str, members->count);

	for (size_t i = 0; i < members->count; i++) {
		names[i] = members->items[i].name;
		out_line(ctx->out, STR_FMT, STR_ARG(names[i]));
		TRY(change_one(ctx, members->items[i].path, wanted, false));
	}
	return workspaces_update(ctx, names, members->count);
}

static struct err *version_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct workspace_choice members;

	(void)exit_status;
	if (nargs > 1)
		return cmd_usage_error(ctx, "%s", "");
	TRY(project_members_choose(ctx, &members));
	if (nargs == 0)
		return list(ctx, &members);
	if (members.is_made)
		return change_members(ctx, &members, args[0]);
	return change_one(ctx, cfg_local_prefix(ctx->cfg), args[0], true);
}

const struct cmd cmd_version = {
	.name = "version",
	.summary = "Bump a package version",
	.synopsis =
		(const char *const[]){
			"[<newversion> | major | minor | patch | premajor | preminor | prepatch | "
			"prerelease | from-git]",
			NULL },
	.aliases = (const char *const[]){ "verison", NULL },
	.keys = (const enum cfg_key[]){ CFG_ALLOW_SAME_VERSION, CFG_COMMIT_HOOKS,
					CFG_GIT_TAG_VERSION, CFG_JSON, CFG_PREID, CFG_SIGN_GIT_TAG,
					CFG_SAVE, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_WORKSPACES_UPDATE, CFG_INCLUDE_WORKSPACE_ROOT,
					CFG_IGNORE_SCRIPTS, CFG_END },
	.needs = CMD_SKIPS_CONFIG_CHECK | CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "version",
	.run = version_run,
};
