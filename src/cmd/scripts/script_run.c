/* SPDX-License-Identifier: MIT
 * From package.json to a running script. */
#include "script_run.h"

#include "cpm/base/proc.h"
#include "cpm/runtime/node_find.h"
#include "cpm/runtime/script_env.h"
#include "cpm/runtime/shell_quote.h"
#include "cpm/tree/package_doc.h"
#include "cpm/ui/screen.h"

#define IMPLICIT_BUILD "node-gyp rebuild"

/* ---- packages ---- */

struct script_package script_package_of(struct cmd_ctx *ctx, str dir, struct manifest *manifest)
{
	struct arena *a = ctx->arena;
	struct script_package p = { .dir = dir, .manifest = manifest };

	p.doc = package_doc_normalize(a, manifest->json, manifest);
	p.id = json_get_text(p.doc, "_id");
	if (!json_is(json_get(p.doc, "scripts"), JSON_OBJECT))
		json_set(a, p.doc, S("scripts"), json_new(a, JSON_OBJECT));
	return p;
}

struct err *script_package_read(struct cmd_ctx *ctx, str dir, struct script_package *out)
{
	struct manifest *manifest;

	*out = (struct script_package){ .dir = dir };
	TRY(manifest_read(ctx->arena, AT_FDCWD, str_cstr(ctx->arena, dir), &manifest, NULL));
	*out = script_package_of(ctx, dir, manifest);
	return NULL;
}

str script_text(const struct script_package *p, const char *event)
{
	str text = json_get_text(json_get(p->doc, "scripts"), event);

	return text.len > 0 ? text : STR_NULL;
}

/* ---- running ---- */

static void announce(struct arena *a, const struct script_package *p,
		     const struct script_call *call)
{
	str args = str_join(a, call->args, call->nargs, S(" "));
	str line = str_printf(a, STR_FMT " " STR_FMT, STR_ARG(str_trim_js(call->text)),
			      STR_ARG(args));

	if (p->id.len > 0)
		log_notice("run", STR_FMT " " STR_FMT, STR_ARG(p->id), STR_ARG(call->event));
	else
		log_notice("run", STR_FMT, STR_ARG(call->event));
	log_notice("run", STR_FMT, STR_ARG(str_trim_js(line)));
}

struct script script_make(struct cmd_ctx *ctx, const struct script_package *p,
			  const struct script_call *call)
{
	struct arena *a = ctx->arena;
	const struct script_event event = {
		.event = call->event,
		.command = call->text,
		.dir = p->dir,
		.package = p->doc,
		.extra = call->extra,
		.nextra = call->nextra,
		.bin_dirs = &call->bin_dir,
		.nbin_dirs = !str_is_null(call->bin_dir),
	};
	str shell = cfg_text(ctx->cfg, CFG_SCRIPT_SHELL);
	str text = str_is_null(call->command) ? call->text : call->command;

	return (struct script){
		.shell = shell.len > 0 ? shell : STR_NULL,
		.command = shell_command(a, text, call->args, call->nargs),
		.dir = p->dir,
		.environ = script_env_for(a, cmd_ctx_script_env(ctx), &event),
		.package = p->id,
		.event = call->event,
		.limit_ms = (int64_t)cfg_number(ctx->cfg, CFG_SCRIPT_TIMEOUT),
	};
}

static struct err *failure_of(struct cmd_ctx *ctx, const struct script *s,
			      const struct script_outcome *o)
{
	runtime_explain_failure(ctx->cfg, o->exit_status);
	return host_failure(s, o);
}

struct err *script_run(struct cmd_ctx *ctx, const struct script_package *p,
		       const struct script_call *call)
{
	struct script script = script_make(ctx, p, call);
	struct script_outcome outcome;

	screen_hide_line(ctx->screen);
	announce(ctx->arena, p, call);
	TRY(host_run(&script, &outcome));
	if (outcome.signal && !outcome.took_too_long)
		proc_stop_as(outcome.signal);
	return script_failed(&outcome) ? failure_of(ctx, &script, &outcome) : NULL;
}

static struct err *run_unwatched(struct cmd_ctx *ctx, const struct script_package *p,
				 const struct script_call *call)
{
	struct script script = script_make(ctx, p, call);
	struct script_outcome outcome;

	const struct script_logs logs = cmd_ctx_script_logs(ctx);

	TRY(host_run_many(ctx->arena, &script, 1, 1, &outcome));
	script_log_write(&logs, &script, &outcome);
	return script_failed(&outcome) ? failure_of(ctx, &script, &outcome) : NULL;
}

/* A package with native code and nothing that says how to build it. */
static bool builds_implicitly(struct arena *a, const struct script_package *p)
{
	const struct json *gypfile = json_get(p->doc, "gypfile");
	str file = str_concat(a, p->dir, S("/binding.gyp"));

	return str_is_null(script_text(p, "preinstall")) &&
	       !(json_is(gypfile, JSON_BOOL) && !gypfile->boolean) &&
	       fs_is_file(AT_FDCWD, str_cstr(a, file));
}

struct err *script_run_event_with(struct cmd_ctx *ctx, const struct script_package *p,
				  const char *event, const struct script_var *extra, size_t nextra,
				  bool is_watched)
{
	struct script_call call = { .event = str_view(event),
				    .text = script_text(p, event),
				    .extra = extra,
				    .nextra = nextra };

	if (str_is_null(call.text) && strcmp(event, "install") == 0 &&
	    builds_implicitly(ctx->arena, p))
		call.text = S(IMPLICIT_BUILD);
	if (str_is_null(call.text))
		return NULL;
	return is_watched ? script_run(ctx, p, &call) : run_unwatched(ctx, p, &call);
}

struct err *script_run_event(struct cmd_ctx *ctx, const struct script_package *p, const char *event,
			     bool is_watched)
{
	return script_run_event_with(ctx, p, event, NULL, 0, is_watched);
}
