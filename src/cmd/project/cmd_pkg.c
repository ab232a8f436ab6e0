/* SPDX-License-Identifier: MIT
 * pkg: reads and edits package.json from scripts (npm-cli.md 2.3.12). */
#include "cmd_priv.h"

#include "cpm/base/json_path.h"
#include "cpm/tree/package_file.h"
#include "cpm/ui/ui_inspect.h"
#include "project_members.h"

/* Several values are shown deeper than a single one, and whole. */
static const struct inspect_opts one_value = { .depth = 2, .max_items = 100 };
static const struct inspect_opts some_values = { .depth = 5 };

/* The package an action is about. */
struct pkg {
	struct cmd_ctx *ctx;
	str workspace; /* the member's name, or null for the project itself */
	struct package_file file;
};

/* ---- get ---- */

static str inspected(const struct pkg *p, const struct json *v, struct inspect_opts opts)
{
	struct str_buf out = str_buf(p->ctx->arena, SIZE_MAX);

	opts.is_colored = p->ctx->screen->term.out_color;
	ui_inspect(&out, v, &opts);
	return buf_view(&out);
}

static void print(const struct pkg *p, str key, str text)
{
	const char *gap = p->workspace.len > 0 ? " " : "", *is = key.len > 0 ? " = " : "";

	out_line(p->ctx->out, STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(p->workspace), gap,
		 STR_ARG(key), is, STR_ARG(text));
}

/* One key that is there: its value alone, text without quotes. */
static void print_value(const struct pkg *p, const struct json *v)
{
	print(p, S(""), json_is(v, JSON_STRING) ? v->string : inspected(p, v, one_value));
}

static void print_json(const struct pkg *p, const json_found_vec *found)
{
	struct arena *a = p->ctx->arena;
	struct json *values = json_new(a, JSON_OBJECT), *all = json_new(a, JSON_OBJECT);

	VEC_EACH (struct json_found, f, found)
		if (f->val)
			json_set(a, values, f->label, f->val);
	json_set(a, all, p->workspace, values);
	out_json(p->ctx->out, p->workspace.len > 0 ? all : values);
}

static struct err *get(struct pkg *p, const str *keys, size_t count)
{
	struct arena *a = p->ctx->arena;
	json_found_vec found = { 0 };

	for (size_t i = 0; i < count; i++)
		TRY(json_path_get(a, p->file.content, keys[i], false, &found));
	for (size_t i = 0; count == 0 && i < p->file.content->count; i++)
		VEC_PUSH(a, &found,
			 (struct json_found){ p->file.content->members[i].key,
					      p->file.content->members[i].val });
	if (p->ctx->out->is_json) {
		print_json(p, &found);
		return NULL;
	}
	if (count == 1 && found.len == 1 && str_eq(found.items[0].label, keys[0])) {
		print_value(p, found.items[0].val);
		return NULL;
	}
	VEC_EACH (struct json_found, f, &found)
		print(p, f->label, inspected(p, f->val, some_values));
	return NULL;
}

/* ---- set, delete, fix ---- */

static struct err *value_of(struct pkg *p, str text, struct json **out)
{
	struct err *e;

	if (!p->ctx->out->is_json) {
		*out = json_new_string(p->ctx->arena, text);
		return NULL;
	}
	e = json_parse(p->ctx->arena, text, out);
	if (!e)
		return NULL;
	err_free(e);
	return err_new(E_GENERIC, "\"" STR_FMT "\" is not valid JSON", STR_ARG(text));
}

static struct err *set(struct pkg *p, const str *args, size_t count)
{
	bool force = cfg_bool(p->ctx->cfg, CFG_FORCE);
	struct json *value;

	for (size_t i = 0; i < count || count == 0; i++) {
		size_t eq = count ? str_find_char(args[i], '=') : STR_NPOS;
		if (eq == STR_NPOS || eq == 0 || eq + 1 == args[i].len)
			return cmd_usage_error(p->ctx,
					       "npm pkg set expects a key=value pair of args.");
		TRY(value_of(p, str_from(args[i], eq + 1), &value));
		TRY(json_path_set(p->ctx->arena, p->file.content, str_slice(args[i], 0, eq), value,
				  force));
	}
	TRY(package_file_tidy(p->ctx->arena, &p->file));
	return package_file_save(&p->file);
}

static struct err *del(struct pkg *p, const str *keys, size_t count)
{
	for (size_t i = 0; i < count || count == 0; i++) {
		if (count == 0 || keys[i].len == 0)
			return cmd_usage_error(p->ctx, "npm pkg delete expects key args.");
		TRY(json_path_del(p->ctx->arena, p->file.content, keys[i]));
	}
	TRY(package_file_tidy(p->ctx->arena, &p->file));
	return package_file_save(&p->file);
}

static struct err *fix(struct pkg *p, const str *args, size_t count)
{
	(void)args, (void)count;
	TRY(package_file_fix(p->ctx->arena, &p->file));
	return package_file_save(&p->file);
}

/* ---- the command ---- */

static const struct {
	str name;
	struct err *(*run)(struct pkg *p, const str *args, size_t count);
} actions[] = {
	{ S("get"), get },
	{ S("set"), set },
	{ S("delete"), del },
	{ S("fix"), fix },
};

static struct err *run_action(struct cmd_ctx *ctx, str dir, str workspace, const str *args,
			      size_t nargs)
{
	struct pkg p = { .ctx = ctx, .workspace = workspace };

	for (size_t i = 0; nargs > 0 && i < ARRAY_LEN(actions); i++) {
		if (!str_eq(args[0], actions[i].name))
			continue;
		TRY(package_file_read(ctx->arena, dir, &p.file));
		return actions[i].run(&p, args + 1, nargs - 1);
	}
	return cmd_usage_error(ctx, "%s", "");
}

static struct err *pkg_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct workspace_choice members;

	(void)exit_status;
	if (cfg_is_global(ctx->cfg))
		return err_show_as(
			err_new(E_GENERIC, "There's no package.json file to manage on global mode"),
			S("EPKGGLOBAL"));
	TRY(project_members_choose(ctx, &members));
	if (!members.is_made)
		return run_action(ctx, cfg_local_prefix(ctx->cfg), STR_NULL, args, nargs);
	for (size_t i = 0; i < members.count; i++)
		TRY(run_action(ctx, members.items[i].path, members.items[i].name, args, nargs));
	return NULL;
}

const struct cmd cmd_pkg = {
	.name = "pkg",
	.summary = "Manages your package.json",
	.synopsis = (const char *const[]){ "set <key>=<value> [<key>=<value> ...]",
					   "get [<key> [<key> ...]]", "delete <key> [<key> ...]",
					   "set [<array>[<index>].<key>=<value> ...]",
					   "set [<array>[].<key>=<value> ...]", "fix", NULL },
	.keys = (const enum cfg_key[]){ CFG_FORCE, CFG_JSON, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_END },
	.needs = CMD_WORKSPACES,
	.doc = "pkg",
	.run = pkg_run,
};
