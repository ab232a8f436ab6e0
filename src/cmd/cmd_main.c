/* SPDX-License-Identifier: MIT
 * One run from argv to exit status, in npm's order (npm-cli.md 1.1): settings, version, command,
 * checks, work, report. */
#include "cmd_priv.h"

#include "npx_argv.h"
#include "policy_run.h"
#include "program_argv.h"
#include "timing.h"
#include "workspaces.h"

#include "cpm/base/path.h"
#include "cpm/base/proc.h"
#include "cpm/base/trace.h"
#include "cpm/build_config.h"
#include "cpm/ui/progress.h"
#include "cpm/ui/reporter.h"

#include <time.h>
#include <unistd.h>

struct run {
	const char *program; /* as it was called */
	struct arena arena;
	struct screen screen;
	struct reporter reporter;
	struct progress progress;
	struct out out;
	struct cmd_ctx ctx;
};

static int64_t wall_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- settings ---- */

/* Two levels above the program: /usr/bin/cpm gives /usr. */
static str exec_prefix(struct arena *a, const char *exec_path)
{
	str real;
	struct err *e = fs_real_path(a, "/proc/self/exe", &real);

	if (e) {
		err_ignore(e);
		real = path_resolve(a, S("/"), str_view(exec_path));
	}
	return path_dirname(path_dirname(real));
}

static struct err *load_settings(struct run *r, const char *const *argv, const char *const *environ,
				 const char *exec_path)
{
	struct cfg_input in = { .environ = environ };
	struct str_buf complaints = str_buf(&r->arena, SIZE_MAX);

	in.argv = program_argv(&r->arena, exec_path,
			       npx_argv(&r->arena, exec_path, argv, &complaints));
	if (complaints.len > 0)
		screen_write(&r->screen, STDERR_FILENO,
			     log_escape(&r->arena, buf_view(&complaints)));
	TRY_AS(fs_cwd(&r->arena, &in.cwd), "the current folder does not exist any more");
	in.exec_prefix = exec_prefix(&r->arena, exec_path);
	in.is_terminal = r->screen.term.out_is_tty && r->screen.term.err_is_tty;
	return cfg_load(&r->arena, &in, &r->ctx.cfg);
}

/* Before the settings are known nothing can be formatted; npm prints these three lines. */
static int fail_before_settings(struct run *r, struct err *e)
{
	str text = err_text(&r->arena, e);
	text = log_escape(&r->arena, log_redact(&r->arena, text));
	int status = err_exit_status(e);

	screen_write(&r->screen, STDERR_FILENO,
		     str_printf(&r->arena,
				"Exit prior to config file resolving\ncause\n" STR_FMT "\n",
				STR_ARG(text)));
	err_free(e);
	return status;
}

/* ---- the command ---- */

static struct err *check_workspaces(const struct cmd_ctx *ctx)
{
	const struct cfg *cfg = ctx->cfg;
	unsigned needs = ctx->cmd->needs;
	size_t nfilters;
	bool is_implicit = cfg_implicit_workspace(cfg).len > 0;

	(void)cfg_list(cfg, CFG_WORKSPACE, &nfilters);
	bool is_off = !cfg_is_null(cfg, CFG_WORKSPACES) && !cfg_bool(cfg, CFG_WORKSPACES);
	if (is_off && nfilters > 0)
		return err_new(E_GENERIC,
			       "Cannot use --no-workspaces and --workspace at the same time");
	if (is_off && workspaces_are_since(cfg))
		return err_new(E_GENERIC,
			       "Cannot use --no-workspaces and --since at the same time");
	if (workspaces_are_since(cfg))
		cfg_force(ctx->cfg, CFG_WORKSPACES, "true");
	if (!cfg_bool(cfg, CFG_WORKSPACES) && nfilters == 0)
		return NULL;
	if (is_implicit && !(needs & (CMD_WORKSPACES | CMD_REFUSES_WORKSPACE_DIR)))
		return NULL;
	if (cfg_is_global(cfg))
		return err_new(E_GENERIC, "Workspaces not supported for global packages");
	if (!(needs & CMD_WORKSPACES))
		return err_new(E_NO_WORKSPACES, "This command does not support workspaces.");
	return NULL;
}

static struct err *run_command(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	if (!(ctx->cmd->needs & CMD_SKIPS_CONFIG_CHECK))
		TRY(cfg_check_auth(ctx->cfg));
	if (cfg_bool(ctx->cfg, CFG_USAGE)) {
		out_text(ctx->out, cmd_usage(ctx->arena, ctx->cmd));
		return NULL;
	}
	TRY(check_workspaces(ctx));
	if (!(ctx->cmd->needs & CMD_SKIPS_CONFIG_CHECK))
		TRY(cfg_check_unknown(ctx->cfg));
	TRY(cmd_ctx_open(ctx));
	if ((ctx->cmd->needs & CMD_CHECKS_ENGINES) && !cfg_is_global(ctx->cfg))
		TRY(engine_gate_check_folder(ctx));
	return ctx->cmd->run(ctx, args, nargs, exit_status);
}

/* Not an error report but a text on stdout, as npm has it; --json adds the error. */
static int fail_unknown_command(struct cmd_ctx *ctx, str typed)
{
	struct manifest *m = NULL;
	struct json *error = json_new(ctx->arena, JSON_OBJECT);

	err_ignore(manifest_read(ctx->arena, AT_FDCWD,
				 str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg)), &m, NULL));
	str suggestions = cmd_suggest(ctx->arena, typed, m);
	out_line(ctx->out, "Unknown command: \"" STR_FMT "\"\n", STR_ARG(typed));
	if (suggestions.len > 0)
		out_line(ctx->out, "\n" STR_FMT, STR_ARG(suggestions));
	out_line(ctx->out, "To see a list of supported npm commands, run:\n  npm help");
	json_set_text(ctx->arena, error, "code", S("EUNKNOWNCOMMAND"));
	json_set_text(ctx->arena, error, "summary", S(""));
	json_set_text(ctx->arena, error, "detail", S(""));
	out_finish(ctx->out, error);
	return 1;
}

/* ---- the end ---- */

static void report_log_file(struct run *r)
{
	const struct cfg *cfg = r->ctx.cfg;
	double keep = cfg_number(cfg, CFG_LOGS_MAX);
	str dir = reporter_logs_dir(&r->arena, cfg), path;

	if (keep <= 0) {
		log_error(NULL, "Log files were not written due to the config logs-max=%g", keep);
		return;
	}
	struct err *e = reporter_write_log(&r->reporter, &r->arena, dir, (unsigned)keep,
					   r->ctx.started_ms, &path);
	if (!e) {
		log_error(NULL, "A complete log of this run can be found in: " STR_FMT,
			  STR_ARG(path));
		return;
	}
	err_ignore(e);
	log_error(NULL,
		  "Log files were not written due to an error writing to the directory: " STR_FMT
		  "\n"
		  "You can rerun the command with `--loglevel=verbose` to see the logs in your "
		  "terminal",
		  STR_ARG(dir));
}

static int finish(struct run *r, struct err *e, int status)
{
	struct json *error = NULL;

	/* A script that was stopped by a signal, and us with it: everybody knows. */
	if (err_is(e, E_SCRIPT) && proc_stop_signal()) {
		err_free(e);
		return 1;
	}
	if (err_is(e, E_UNCHANGED)) {
		log_notice(NULL, STR_FMT, STR_ARG(e->message));
		if (!r->out.document)
			out_json(&r->out, json_new(&r->arena, JSON_OBJECT));
		err_free(e);
		e = NULL;
		status = 0;
	}
	policy_tell(&r->ctx);
	if (e) {
		conflict_finish(&r->ctx, e);
		if (r->out.is_json)
			error = cmd_error_json(&r->arena, r->ctx.cmd, e);
		if (error && r->ctx.conflict)
			json_set(&r->arena, error, S("ways_out"),
				 conflict_ways_json(&r->arena, r->ctx.conflict));
		cmd_error_report(&r->arena, r->ctx.cmd, e);
		status = r->ctx.error_status ? r->ctx.error_status : err_exit_status(e);
	}
	out_finish(&r->out, error);
	if (e) {
		log_verbose("exit", "%d", status);
		report_log_file(r);
	} else if (status == 0) {
		log_info("ok", "%s", "");
	}
	err_free(e);
	return status;
}

static int run_to_end(struct run *r, const str *args, size_t nargs)
{
	int status = 0;
	struct err *e = run_command(&r->ctx, args, nargs, &status);

	return finish(r, e, status);
}

/* Who asks an npm for its version wants to know how it behaves. */
static bool is_called_npm(const char *program)
{
	str name = path_basename(str_view(program));

	return str_eq(name, S("npm")) || str_eq(name, S("npx"));
}

static int dispatch(struct run *r)
{
	struct cmd_ctx *ctx = &r->ctx;
	const char *missing = NULL;
	size_t count;
	const str *words = cfg_positionals(ctx->cfg, &count);

	if (cfg_bool(ctx->cfg, CFG_VERSION) && cfg_source(ctx->cfg, CFG_VERSION) == CFG_LAYER_CLI) {
		out_line(ctx->out, "%s", is_called_npm(r->program) ? CPM_NPM_VERSION : CPM_VERSION);
		return 0;
	}
	if (cfg_bool(ctx->cfg, CFG_FORCE))
		log_warn("using --force", "Recommended protections disabled.");
	if (cfg_bool(ctx->cfg, CFG_VERSIONS) &&
	    cfg_source(ctx->cfg, CFG_VERSIONS) == CFG_LAYER_CLI) {
		ctx->cmd = &cmd_version;
		return run_to_end(r, NULL, 0);
	}
	if (count == 0) {
		out_text(ctx->out, cmd_general_usage(ctx->arena, ctx->cfg, r->screen.term.columns));
		return 1;
	}
	ctx->cmd = cmd_find(ctx->arena, words[0], &missing);
	if (missing)
		return finish(r,
			      err_new(E_UNSUPPORTED,
				      "cpm has no '%s' command yet. It works with npm in the same "
				      "project: both keep the same "
				      "package.json, package-lock.json and node_modules.",
				      missing),
			      1);
	if (!ctx->cmd)
		return fail_unknown_command(ctx, words[0]);
	return run_to_end(r, words + 1, count - 1);
}

int cmd_main(const char *const *argv, const char *const *environ, const char *exec_path)
{
	int64_t started_ns = trace_now();
	struct run r = {
		.program = exec_path,
		.ctx = { .dirfd = -1, .lock_fd = -1, .environ = environ, .started_ms = wall_ms() }
	};
	int status;

	proc_open_std_fds();
	proc_install_signals();
	r.screen.term = term_detect();
	reporter_init(&r.reporter, &r.screen);
	r.ctx.arena = &r.arena;
	r.ctx.screen = &r.screen;
	r.ctx.out = &r.out;

	struct err *e = load_settings(&r, argv, environ, exec_path);
	if (e) {
		status = fail_before_settings(&r, e);
	} else {
		term_apply(&r.screen.term, r.ctx.cfg);
		reporter_start(&r.reporter, r.ctx.cfg);
		out_init(&r.out, &r.arena, &r.screen, cfg_bool(r.ctx.cfg, CFG_JSON));
		progress_init(&r.progress, &r.screen);
		timing_begin(&r.ctx, started_ns);
		status = dispatch(&r);
		progress_fini(&r.progress);
	}
	cmd_ctx_close(&r.ctx);
	timing_end(&r.ctx, started_ns, status);
	reporter_fini(&r.reporter);
	arena_fini(&r.arena);
	if (proc_stop_signal())
		proc_die_by_signal(proc_stop_signal());
	return status;
}
