/* SPDX-License-Identifier: MIT
 * exec: a command of some package, whoever has it. What is installed already is found by a few
 * looks at the disk and started at once; the rest is in exec_packages.c. */
#include "exec_packages.h"
#include "exec_run.h"
#include "member_run.h"
#include "project_members.h"
#include "run_script.h"
#include "runtime_use.h"
#include "script_run.h"

#include "cpm/base/path.h"

#include <unistd.h>

#define EVENT "npx"

/* Where a command is looked for and run. */
struct place {
	str run_dir;    /* the caller's folder, or a member's */
	str first_dir;  /* whose package.json and node_modules come first */
	str shown_name; /* of a member, else null */
};

static str shell_of(const struct cmd_ctx *ctx)
{
	str shell = cfg_text(ctx->cfg, CFG_SCRIPT_SHELL);

	return shell.len > 0 ? shell : S("sh");
}

/* ---- what is installed ---- */

static bool has_own_command(struct arena *a, str dir, str name)
{
	struct manifest *m;
	struct err *e = manifest_read(a, AT_FDCWD, str_cstr(a, dir), &m, NULL);
	bool is_found = false;

	err_ignore(e);
	for (size_t i = 0; !e && i < m->nbins; i++)
		is_found = is_found || str_eq(m->bins[i].name, name);
	return is_found;
}

/* Null when neither the member nor the project has such a command of its own. */
static str find_own_package(struct cmd_ctx *ctx, const struct place *at, str name)
{
	str root = cfg_local_prefix(ctx->cfg);

	if (has_own_command(ctx->arena, at->first_dir, name))
		return at->first_dir;
	if (!str_eq(root, at->first_dir) && has_own_command(ctx->arena, root, name))
		return root;
	return STR_NULL;
}

static bool has_file(struct arena *a, str dir, str name)
{
	return fs_is_file(AT_FDCWD, str_cstr(a, path_resolve(a, dir, name)));
}

/* The folder of commands that has @name: of the packages here and above, then of global ones; null
 * when none does. */
static str find_bin_dir(struct cmd_ctx *ctx, const struct place *at, str name)
{
	struct arena *a = ctx->arena;
	str prefix = cfg_global_prefix(ctx->cfg);
	str global = path_join(a, prefix, S("bin"));

	for (str dir = at->first_dir, above;; dir = above) {
		str bins = path_join(a, dir, S("node_modules/.bin"));

		if (has_file(a, bins, name))
			return bins;
		above = path_dirname(dir);
		if (str_eq(above, dir))
			break;
	}
	if (!str_eq(prefix, cfg_local_prefix(ctx->cfg)) && has_file(a, global, name))
		return global;
	return STR_NULL;
}

/* A command without a package: installed already, a package's own, or the package is named like it.
 */
static struct err *find_command(struct exec_search *s, const struct place *at)
{
	str own = find_own_package(s->ctx, at, s->args[0]);

	if (str_is_null(own))
		s->bin_dir = find_bin_dir(s->ctx, at, s->args[0]);
	if (!str_is_null(s->bin_dir))
		return NULL;
	s->is_own = !str_is_null(own);
	s->names_package = !s->is_own;
	s->packages = s->is_own ? &own : &(str){ s->args[0].p, s->args[0].len };
	s->npackages = 1;
	return exec_find_packages(s);
}

/* ---- running ---- */

/* The shell is to take the name for a name, whatever is in it. */
static str quote_name(struct arena *a, str name)
{
	return str_printf(a, "'" STR_FMT "'",
			  STR_ARG(str_replace_all(a, name, S("'"), S("'\\''"))));
}

/* False: this is no place for talking to a shell. */
static bool greet(struct cmd_ctx *ctx, const struct place *at)
{
	bool color = ctx->screen->term.out_color;

	if (!isatty(STDIN_FILENO))
		return true;
	if (cfg_is_ci(ctx->cfg)) {
		log_warn("exec", "Interactive mode disabled in CI environment");
		return false;
	}
	out_line(ctx->out, "\nEntering npm script environment %s" STR_FMT "%sat location:",
		 str_is_null(at->shown_name) ? "" : "in workspace ", STR_ARG(at->shown_name),
		 str_is_null(at->shown_name) ? "" : " ");
	out_line(ctx->out, "%s" STR_FMT "%s", paint(color, PAINT_DIM), STR_ARG(at->run_dir),
		 paint(color, PAINT_RESET));
	out_line(ctx->out, "%s\nType 'exit' or ^D when finished\n%s", paint(color, PAINT_BOLD),
		 paint(color, PAINT_RESET));
	return true;
}

/* A script is told about the project, though it runs elsewhere. */
static void read_project(struct cmd_ctx *ctx, struct script_package *p)
{
	struct err *e = script_package_read(ctx, cfg_local_prefix(ctx->cfg), p);

	if (e)
		*p = (struct script_package){ .doc = json_new(ctx->arena, JSON_OBJECT) };
	err_ignore(e);
}

/* What is run: the line of --call, the command, or else a shell. */
static void make_call(struct exec_search *s, size_t nargs, struct script_call *call)
{
	struct cmd_ctx *ctx = s->ctx;

	*call = (struct script_call){ .event = S(EVENT), .bin_dir = s->bin_dir };
	call->text = cfg_text(ctx->cfg, CFG_CALL);
	if (call->text.len == 0 && nargs > 0) {
		call->text = quote_name(ctx->arena, s->args[0]);
		call->args = s->args + 1;
		call->nargs = nargs - 1;
	}
	if (call->text.len == 0)
		call->text = shell_of(ctx);
}

/* Finds what is meant, and has it installed where it is not. */
static struct err *prepare_at(struct cmd_ctx *ctx, const struct place *at, const str *args,
			      size_t nargs, struct script_package *project,
			      struct script_call *call)
{
	struct arena *a = ctx->arena;
	struct exec_search s = { .ctx = ctx, .args = ARENA_ARRAY(a, str, nargs + 1) };
	size_t npackages;
	const str *packages = cfg_list(ctx->cfg, CFG_PACKAGE, &npackages);

	for (size_t i = 0; i < nargs; i++)
		s.args[i] = args[i];
	if (npackages > 0) {
		s.packages = ARENA_ARRAY(a, str, npackages);
		for (size_t i = 0; i < npackages; i++)
			s.packages[i] = packages[i];
		s.npackages = npackages;
		TRY(exec_find_packages(&s));
	} else if (nargs > 0) {
		TRY(find_command(&s, at));
	}
	make_call(&s, nargs, call);
	read_project(ctx, project);
	project->dir = at->run_dir;
	return NULL;
}

static bool is_shell(const struct cmd_ctx *ctx, size_t nargs)
{
	return nargs == 0 && cfg_text(ctx->cfg, CFG_CALL).len == 0;
}

static struct err *exec_at(struct cmd_ctx *ctx, const struct place *at, const str *args,
			   size_t nargs)
{
	struct script_package project;
	struct script_call call;

	TRY(prepare_at(ctx, at, args, nargs, &project, &call));
	if (is_shell(ctx, nargs) && !greet(ctx, at))
		return NULL;
	return script_run(ctx, &project, &call);
}

struct err *exec_run_in(struct cmd_ctx *ctx, str dir, const str *args, size_t nargs)
{
	const struct place at = { dir, cfg_local_prefix(ctx->cfg), STR_NULL };

	TRY(runtime_check(ctx));
	return exec_at(ctx, &at, args, nargs);
}

/* ---- the command ---- */

static struct err *exec_in_members(struct cmd_ctx *ctx, const struct workspace_choice *members,
				   const str *args, size_t nargs)
{
	for (size_t i = 0; i < members->count; i++) {
		const struct workspace *w = &members->items[i];
		const struct place at = { w->path, w->path, w->name };

		TRY(exec_at(ctx, &at, args, nargs));
	}
	return NULL;
}

/* A command and its arguments, for all members. */
struct command_line {
	const str *args;
	size_t nargs;
};

static struct err *member_steps(struct cmd_ctx *ctx, struct member_task *task, const void *what)
{
	const struct command_line *line = what;
	const struct member *m = task->member;
	const struct place at = { m->path, m->path, m->name };

	task->steps = ARENA_NEW(ctx->arena, struct script_call);
	task->nsteps = 1;
	return prepare_at(ctx, &at, line->args, line->nargs, &task->package, task->steps);
}

static struct err *exec_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				int *exit_status)
{
	const struct place here = { cfg_cwd(ctx->cfg), cfg_local_prefix(ctx->cfg), STR_NULL };
	const struct command_line line = { args, nargs };
	struct workspace_choice members;
	bool is_done = false;

	if (cfg_text(ctx->cfg, CFG_CALL).len > 0 && nargs > 0)
		return cmd_usage_error(ctx, "%s", "");
	if (member_run_is_wanted(ctx) && !is_shell(ctx, nargs)) {
		str title = nargs ? args[0] : cfg_text(ctx->cfg, CFG_CALL);

		TRY(member_run(ctx, title, member_steps, &line, &is_done, exit_status));
	}
	if (is_done)
		return NULL;
	TRY(runtime_check(ctx));
	TRY(project_members_choose(ctx, &members));
	return run_leave_quietly(ctx,
				 members.is_made ? exec_in_members(ctx, &members, args, nargs)
						 : exec_at(ctx, &here, args, nargs),
				 exit_status);
}

const struct cmd cmd_exec = {
	.name = "exec",
	.summary = "Run a command from a local or remote npm package",
	.synopsis = (const char *const[]){ "-- <pkg>[@<version>] [args...]",
					   "--package=<pkg>[@<version>] -- <cmd> [args...]",
					   "-c '<cmd> [args...]'",
					   "--package=foo -c '<cmd> [args...]'", NULL },
	.aliases = (const char *const[]){ "x", NULL },
	.keys = (const enum cfg_key[]){ CFG_PACKAGE, CFG_CALL, CFG_YES, CFG_WORKSPACE,
					CFG_WORKSPACES, CFG_INCLUDE_WORKSPACE_ROOT,
					CFG_ALLOW_SCRIPTS, CFG_STRICT_ALLOW_SCRIPTS,
					CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS, CFG_SANDBOX_SCRIPTS,
					CFG_SCRIPT_SHELL, CFG_SCRIPT_TIMEOUT, CFG_END },
	.needs = CMD_WORKSPACES,
	.doc = "exec",
	.run = exec_command,
};
