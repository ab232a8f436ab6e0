/* SPDX-License-Identifier: MIT
 * run: scripts of package.json, and the list of them. Nothing is opened here but package.json: the
 * script should start as if it had been started directly. */
#include "run_script.h"

#include "member_run.h"
#include "project_members.h"
#include "script_run.h"

#include "cpm/base/proc.h"
#include "cpm/runtime/runtime_home.h"
#include "cpm/runtime/shell_quote.h"

#include <unistd.h>

/* ---- scripts everybody has ---- */

/* npm starts itself by name and gets whichever npm is first on PATH; we are certain who we are. */
static str restart_command(struct cmd_ctx *ctx)
{
	str self = shell_quote(ctx->arena, runtime_own_program(ctx->arena));

	return str_printf(ctx->arena, STR_FMT " stop --if-present && " STR_FMT " start",
			  STR_ARG(self), STR_ARG(self));
}

static void add_virtual_script(struct cmd_ctx *ctx, struct script_package *p,
			       struct script_call *call)
{
	struct json *scripts = json_get(p->doc, "scripts");

	if (!str_is_null(script_text(p, str_cstr(ctx->arena, call->event))))
		return;
	if (str_eq(call->event, S("restart"))) {
		json_set_text(ctx->arena, scripts, "restart",
			      S("npm stop --if-present && npm start"));
		call->command = restart_command(ctx);
	} else if (str_eq(call->event, S("env"))) {
		json_set_text(ctx->arena, scripts, "env", S("env"));
	}
}

/* ---- one package ---- */

static struct err *missing_script(struct cmd_ctx *ctx, const struct script_package *p, str event,
				  const struct workspace *member)
{
	struct arena *a = ctx->arena;
	str suggestions = cmd_suggest(a, event, p->manifest);
	str id = p->id.len > 0 ? p->id : json_get_text(p->doc, "name");
	str where = S("");

	if (member && !str_eq(member->path, cfg_local_prefix(ctx->cfg)))
		where = str_printf(a, " --workspace=" STR_FMT, STR_ARG(id));
	return err_new(E_GENERIC,
		       "Missing script: \"" STR_FMT "\"%s" STR_FMT
		       "\n\nTo see a list of scripts, run:\n  npm run" STR_FMT,
		       STR_ARG(event), suggestions.len > 0 ? "\n\n" : "", STR_ARG(suggestions),
		       STR_ARG(where));
}

/* What belongs around the script, if package.json has it. */
static struct err *run_around(struct cmd_ctx *ctx, const struct script_package *p,
			      const char *prefix, str event)
{
	str name = str_printf(ctx->arena, "%s" STR_FMT, prefix, STR_ARG(event));
	struct script_call call = { .event = name };

	call.text = script_text(p, str_cstr(ctx->arena, name));
	if (str_is_null(call.text) || cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS))
		return NULL;
	return script_run(ctx, p, &call);
}

static struct err *run_in(struct cmd_ctx *ctx, str dir, const struct workspace *member,
			  struct script_call call)
{
	struct script_package p;
	const struct json *script;

	TRY(script_package_read(ctx, dir, &p));
	add_virtual_script(ctx, &p, &call);
	script = json_get_str(json_get(p.doc, "scripts"), call.event);
	if (!script)
		return cfg_bool(ctx->cfg, CFG_IF_PRESENT)
			       ? NULL
			       : missing_script(ctx, &p, call.event, member);
	call.text = script->string;
	TRY(run_around(ctx, &p, "pre", call.event));
	if (call.text.len > 0)
		TRY(script_run(ctx, &p, &call));
	return run_around(ctx, &p, "post", call.event);
}

/* ---- members ---- */

static void report_member_failure(struct cmd_ctx *ctx, const struct workspace *w, str event,
				  struct err *e)
{
	struct script_package p;
	struct err *unread = script_package_read(ctx, w->path, &p);

	log_error(NULL, "Lifecycle script `" STR_FMT "` failed with error:", STR_ARG(event));
	cmd_error_report_facts(e);
	str name = unread ? w->name : p.id.len > 0 ? p.id : json_get_text(p.doc, "name");
	log_error("workspace", STR_FMT, STR_ARG(name));
	log_error("location", STR_FMT, STR_ARG(w->path));
	cmd_error_report_texts(ctx->arena, ctx->cmd, e);
	err_ignore(unread);
}

/* Each in turn, whatever became of the ones before. */
static struct err *run_in_members(struct cmd_ctx *ctx, const struct workspace_choice *members,
				  const struct script_call *call, int *exit_status)
{
	for (size_t i = 0; i < members->count; i++) {
		const struct workspace *w = &members->items[i];
		struct err *e = run_in(ctx, w->path, w, *call);

		if (!e)
			continue;
		if (proc_stop_signal())
			return e;
		report_member_failure(ctx, w, call->event, e);
		*exit_status = err_exit_status(e);
		err_free(e);
		if (i + 1 < members->count)
			screen_write(ctx->screen, STDERR_FILENO, S("\n"));
	}
	return NULL;
}

/* Whoever wrote the script sees from its own output what went wrong; a program reads the status. */
struct err *run_leave_quietly(struct cmd_ctx *ctx, struct err *e, int *exit_status)
{
	struct json *doc;

	if (!err_is(e, E_SCRIPT) || proc_stop_signal())
		return e;
	*exit_status = err_exit_status(e);
	if (ctx->out->is_json) {
		e->is_spoken = true;
		doc = json_new(ctx->arena, JSON_OBJECT);
		json_set(ctx->arena, doc, S("error"), cmd_error_json(ctx->arena, ctx->cmd, e));
		out_json(ctx->out, doc);
	}
	err_free(e);
	return NULL;
}

/* The project's demands on the machine hold for its scripts too. */
static struct err *check_engines(struct cmd_ctx *ctx)
{
	const char *dir = str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg));
	struct err *e = manifest_read(ctx->arena, AT_FDCWD, dir, &ctx->manifest, NULL);

	if (!e)
		return engine_gate_check(ctx);
	err_ignore(e);
	return NULL;
}

/* ---- members in another order than npm's, or at once ---- */

static void add_step(struct member_task *task, struct script_call call)
{
	if (call.text.len > 0)
		task->steps[task->nsteps++] = call;
}

static struct script_call around_call(struct cmd_ctx *ctx, const struct member_task *task,
				      const char *prefix, str event)
{
	str name = str_printf(ctx->arena, "%s" STR_FMT, prefix, STR_ARG(event));

	return (struct script_call){
		.event = name,
		.text = cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS)
				? STR_NULL
				: script_text(&task->package, str_cstr(ctx->arena, name)),
	};
}

static struct err *member_steps(struct cmd_ctx *ctx, struct member_task *task, const void *what)
{
	struct script_call call = *(const struct script_call *)what;
	const struct json *script;

	task->package = script_package_of(ctx, task->member->path, task->member->manifest);
	add_virtual_script(ctx, &task->package, &call);
	script = json_get_str(json_get(task->package.doc, "scripts"), call.event);
	if (!script)
		return NULL;
	call.text = script->string;
	task->script = call.event;
	task->steps = ARENA_ARRAY(ctx->arena, struct script_call, 3);
	add_step(task, around_call(ctx, task, "pre", call.event));
	add_step(task, call);
	add_step(task, around_call(ctx, task, "post", call.event));
	return NULL;
}

struct err *run_script(struct cmd_ctx *ctx, str event, const str *args, size_t nargs,
		       int *exit_status)
{
	const struct script_call call = { .event = event, .args = args, .nargs = nargs };
	struct workspace_choice members;
	bool is_done = false;

	TRY(check_engines(ctx));
	if (cfg_bool(ctx->cfg, CFG_WHY) && !cfg_bool(ctx->cfg, CFG_SCRIPT_CACHE))
		return err_new(E_GENERIC,
			       "--why explains what --script-cache does: add --script-cache");
	if (member_run_is_wanted(ctx))
		TRY(member_run(ctx, event, member_steps, &call, &is_done, exit_status));
	if (is_done)
		return NULL;
	TRY(project_members_choose(ctx, &members));
	if (members.is_made)
		return run_in_members(ctx, &members, &call, exit_status);
	return run_in(ctx, cfg_local_prefix(ctx->cfg), NULL, call);
}

/* ---- the list ---- */

static bool is_lifecycle(str event)
{
	static const char *const events[] = {
		"prepare",       "prepublishOnly", "prepack",     "postpack",     "dependencies",
		"preinstall",    "install",        "postinstall", "prepublish",   "publish",
		"postpublish",   "prerestart",     "restart",     "postrestart",  "prestart",
		"start",         "poststart",      "prestop",     "stop",         "poststop",
		"pretest",       "test",           "posttest",    "preuninstall", "uninstall",
		"postuninstall", "preversion",     "version",     "postversion",
	};

	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (str_eq(event, str_view(events[i])))
			return true;
	return false;
}

static void list_group(struct cmd_ctx *ctx, const struct json *scripts, bool are_lifecycle)
{
	bool color = ctx->screen->term.out_color;

	for (size_t i = 0; i < scripts->count; i++) {
		const struct json_member *m = &scripts->members[i];
		if (is_lifecycle(m->key) == are_lifecycle)
			out_line(ctx->out, "  " STR_FMT "\n    %s" STR_FMT "%s", STR_ARG(m->key),
				 paint(color, PAINT_DIM), STR_ARG(m->val->string),
				 paint(color, PAINT_RESET));
	}
}

static void list_text(struct cmd_ctx *ctx, const struct script_package *p)
{
	const struct json *scripts = json_get(p->doc, "scripts");
	bool color = ctx->screen->term.out_color;
	const char *bold = paint(color, PAINT_BOLD), *cyan = paint(color, PAINT_CYAN),
		   *blue = paint(color, PAINT_BLUE), *reset = paint(color, PAINT_RESET);
	str name = p->id.len > 0 ? p->id : json_get_text(p->doc, "name");
	size_t nlifecycle = 0;

	if (str_is_null(name))
		name = S("undefined");
	for (size_t i = 0; i < scripts->count; i++)
		nlifecycle += is_lifecycle(scripts->members[i].key);
	if (nlifecycle > 0)
		out_line(ctx->out, "%sLifecycle scripts%s included in %s" STR_FMT "%s:", bold,
			 reset, cyan, STR_ARG(name), reset);
	list_group(ctx, scripts, true);
	if (nlifecycle == scripts->count)
		return;
	if (nlifecycle > 0)
		out_line(ctx->out, "available via `%snpm run%s`:", blue, reset);
	else
		out_line(ctx->out,
			 "%sScripts%s available in %s" STR_FMT "%s via `%snpm run%s`:", bold, reset,
			 cyan, STR_ARG(name), reset, blue, reset);
	list_group(ctx, scripts, false);
}

static void list_parseable(struct cmd_ctx *ctx, const struct json *scripts,
			   const struct workspace *member)
{
	for (size_t i = 0; i < scripts->count; i++)
		out_line(ctx->out, STR_FMT "%s" STR_FMT ":" STR_FMT,
			 STR_ARG(member ? member->name : S("")), member ? ":" : "",
			 STR_ARG(scripts->members[i].key),
			 STR_ARG(scripts->members[i].val->string));
}

/* *has_text: something was listed that is to stand apart from the next package. */
static struct err *list_in(struct cmd_ctx *ctx, str dir, const struct workspace *member,
			   bool *has_text)
{
	struct script_package p;
	struct json *scripts;

	*has_text = false;
	TRY(script_package_read(ctx, dir, &p));
	scripts = json_get(p.doc, "scripts");
	if (cmd_ctx_is_silent(ctx))
		return NULL;
	if (ctx->out->is_json) {
		struct json *by_name = json_new(ctx->arena, JSON_OBJECT);
		if (member)
			json_set(ctx->arena, by_name, member->name, scripts);
		out_json(ctx->out, member ? by_name : scripts);
	} else if (cfg_bool(ctx->cfg, CFG_PARSEABLE)) {
		list_parseable(ctx, scripts, member);
	} else if (scripts->count > 0) {
		list_text(ctx, &p);
		*has_text = true;
	}
	return NULL;
}

static struct err *list_scripts(struct cmd_ctx *ctx)
{
	struct workspace_choice members;
	bool has_text;

	TRY(check_engines(ctx));
	TRY(project_members_choose(ctx, &members));
	if (!members.is_made)
		return list_in(ctx, cfg_local_prefix(ctx->cfg), NULL, &has_text);
	for (size_t i = 0; i < members.count; i++) {
		TRY(list_in(ctx, members.items[i].path, &members.items[i], &has_text));
		if (has_text && i + 1 < members.count)
			out_text(ctx->out, S(""));
	}
	return NULL;
}

/* ---- the commands ---- */

static struct err *run_command(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	if (nargs == 0)
		return list_scripts(ctx);
	return run_leave_quietly(ctx, run_script(ctx, args[0], args + 1, nargs - 1, exit_status),
				 exit_status);
}

/* How scripts of members are run, and whether they need to be. */
#define MEMBER_RUN_KEYS                                                                 \
	CFG_TOPOLOGICAL, CFG_PARALLEL, CFG_CONCURRENCY, CFG_BAIL, CFG_AGGREGATE_OUTPUT, \
		CFG_RESUME_FROM, CFG_SINCE, CFG_WITH_DEPENDENCIES, CFG_WITH_DEPENDENTS, \
		CFG_SCRIPT_CACHE, CFG_WHY

const struct cmd cmd_run = {
	.name = "run",
	.summary = "Run arbitrary package scripts",
	.synopsis = (const char *const[]){ "<command> [-- <args>]", NULL },
	.aliases = (const char *const[]){ "run-script", "rum", "urn", NULL },
	.keys = (const enum cfg_key[]){ CFG_WORKSPACE, CFG_WORKSPACES, CFG_INCLUDE_WORKSPACE_ROOT,
					CFG_IF_PRESENT, CFG_IGNORE_SCRIPTS, CFG_FOREGROUND_SCRIPTS,
					CFG_SCRIPT_SHELL, CFG_SCRIPT_TIMEOUT, CFG_JSON,
					CFG_PARSEABLE, MEMBER_RUN_KEYS, CFG_END },
	.needs = CMD_WORKSPACES,
	.doc = "run",
	.run = run_command,
};

/* The commands that are called like the script they run. */
static struct err *own_name_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				    int *exit_status)
{
	struct err *e = run_script(ctx, str_view(ctx->cmd->name), args, nargs, exit_status);

	return run_leave_quietly(ctx, e, exit_status);
}

static const char *const own_name_synopsis[] = { "[-- <args>]", NULL };
static const enum cfg_key own_name_keys[] = {
	CFG_WORKSPACE,      CFG_WORKSPACES,     CFG_INCLUDE_WORKSPACE_ROOT,
	CFG_IF_PRESENT,     CFG_IGNORE_SCRIPTS, CFG_SCRIPT_SHELL,
	CFG_SCRIPT_TIMEOUT, MEMBER_RUN_KEYS,    CFG_END
};

#define OWN_NAME_COMMAND(name_, summary_, aliases_) \
	const struct cmd cmd_##name_ = {            \
		.name = #name_,                     \
		.summary = summary_,                \
		.synopsis = own_name_synopsis,      \
		.aliases = aliases_,                \
		.keys = own_name_keys,              \
		.needs = CMD_WORKSPACES,            \
		.doc = "run",                       \
		.run = own_name_command,            \
	}

static const char *const test_aliases[] = { "tst", "t", NULL };
OWN_NAME_COMMAND(test, "Test a package", test_aliases);
OWN_NAME_COMMAND(start, "Start a package", NULL);
OWN_NAME_COMMAND(stop, "Stop a package", NULL);
OWN_NAME_COMMAND(restart, "Restart a package", NULL);
