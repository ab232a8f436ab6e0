/* SPDX-License-Identifier: MIT
 * The beginning and the end of a recording. The end comes after the database is closed and the
 * workers are joined: that takes time too, and belongs to the run. */
#include "timing.h"

#include "timing_file.h"
#include "timing_text.h"

#include "cpm/build_config.h"
#include "cpm/ui/reporter.h"

void timing_begin(const struct cmd_ctx *ctx, int64_t started_ns)
{
	struct trace_span settings = { .kind = TRACE_SETTINGS, .start_ns = started_ns };

	if (!cfg_bool(ctx->cfg, CFG_TIMING))
		return;
	trace_start(started_ns);
	trace_record(&settings);
}

/* ---- who ran ---- */

/* The words of commands that take settings may hold secrets. */
static size_t safe_words(const struct cmd_ctx *ctx, size_t count)
{
	static const char *const telling[] = { "config", "set", "get", "token", "login" };

	for (size_t i = 0; ctx->cmd && i < ARRAY_LEN(telling); i++)
		if (strcmp(ctx->cmd->name, telling[i]) == 0)
			return MIN(count, (size_t)1);
	return count;
}

/* As it was typed, more or less: the words, then what the command line set. */
static void add_command(struct cmd_ctx *ctx, struct timing_report *r)
{
	struct arena *a = ctx->arena;
	VEC(str) words = { 0 };
	size_t count;
	const str *typed = cfg_positionals(ctx->cfg, &count);
	const struct cfg_entry *set;

	count = safe_words(ctx, count);
	for (size_t i = 0; i < count; i++)
		VEC_PUSH(a, &words, log_redact(a, typed[i]));
	set = cfg_layer_entries(a, ctx->cfg, CFG_LAYER_CLI, &count);
	for (size_t i = 0; i < count; i++) {
		bool is_secret = set[i].is_secret || str_eq(set[i].key, S("otp"));

		if (str_eq(set[i].json, S("true")) || str_eq(set[i].json, S("false")))
			VEC_PUSH(a, &words,
				 str_concat(a, set[i].json.p[0] == 't' ? S("--") : S("--no-"),
					    set[i].key));
		else
			VEC_PUSH(a, &words,
				 str_printf(a, "--" STR_FMT "=" STR_FMT, STR_ARG(set[i].key),
					    STR_ARG(is_secret ? S("***") : set[i].plain)));
	}
	r->command = words.items;
	r->ncommand = words.len;
}

/* ---- the end ---- */

static void tell(struct cmd_ctx *ctx, const struct timing_report *r, str path)
{
	const struct term *term = &ctx->screen->term;
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);
	unsigned prefix = (unsigned)cfg_text(ctx->cfg, CFG_HEADING).len + sizeof(" notice ") - 1;
	struct timing_style style = { .is_unicode = term->is_unicode };

	if (term->err_is_tty)
		style.columns = MAX(term->columns, prefix + 1) - prefix;
	timing_text(&text, r, style, path);
	log_notice(NULL, "\n" STR_FMT, STR_ARG(buf_view(&text)));
	if (!str_is_null(path))
		log_info("timing", "Timing info written to: " STR_FMT, STR_ARG(path));
}

void timing_end(struct cmd_ctx *ctx, int64_t started_ns, int exit_status)
{
	struct trace_span whole = { .kind = TRACE_COMMAND, .start_ns = started_ns };
	struct arena *a = ctx->arena;
	struct trace_data data;
	struct timing_report r;
	struct trace *t;
	str path = STR_NULL;

	if (!trace_current)
		return;
	trace_record(&whole);
	t = trace_stop();
	trace_read(a, t, &data);
	timing_report_make(a, &data, &r);
	r.id = reporter_run_id(a, ctx->started_ms);
	r.version = S(CPM_VERSION);
	r.project = cfg_local_prefix(ctx->cfg);
	r.exit_status = exit_status;
	r.cores = cpu_quota();
	add_command(ctx, &r);
	unsigned keep = (unsigned)MAX(cfg_number(ctx->cfg, CFG_LOGS_MAX), 1.0);
	struct err *e = timing_file_write(a, reporter_logs_dir(a, ctx->cfg), r.id,
					  timing_file_format(a, &data, &r), keep, &path);
	if (e)
		log_warn("timing", "could not write timing file: " STR_FMT,
			 STR_ARG(err_text(a, e)));
	err_free(e);
	tell(ctx, &r, path);
	trace_free(t);
}
