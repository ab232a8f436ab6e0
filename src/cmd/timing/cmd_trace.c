/* SPDX-License-Identifier: MIT
 * `cpm trace`: what runs with --timing have left. */
#include "timing_file.h"
#include "timing_text.h"

#include "cmd_priv.h"

#include "cpm/ui/reporter.h"
#include "cpm/ui/ui_table.h"
#include "cpm/ui/ui_words.h"

#define ALL_FILES ((size_t)1000)

static str how_to(const struct cmd_ctx *ctx)
{
	return cfg_is_global(ctx->cfg)
		       ? S("no run has been recorded yet: --timing records one, as in `cpm ci "
			   "--timing`")
		       : S("no run has been recorded in this project yet: --timing records one, as "
			   "in `cpm ci --timing`; `cpm trace ls --global` lists those of all "
			   "projects");
}

static struct err *find(struct cmd_ctx *ctx, size_t limit, timing_files *out)
{
	str project = cfg_is_global(ctx->cfg) ? STR_NULL : cfg_local_prefix(ctx->cfg);

	return timing_files_read(ctx->arena, reporter_logs_dir(ctx->arena, ctx->cfg), project,
				 limit, out);
}

static struct json *with_file(struct arena *a, struct json *report, const struct timing_file *f)
{
	json_set_text(a, report, "file", f->path);
	return report;
}

/* The report without its details. */
static struct json *summary_json(struct arena *a, const struct timing_file *f)
{
	static const char *const keys[] = { "id", "command", "project", "exitStatus", "wallMs" };
	struct json *o = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_get(f->report_json, keys[i]))
			json_set(a, o, str_view(keys[i]), json_get(f->report_json, keys[i]));
	json_set(a, o, S("bytes"), json_new_number(a, (double)f->bytes));
	return with_file(a, o, f);
}

static struct err *show_last(struct cmd_ctx *ctx)
{
	const struct term *term = &ctx->screen->term;
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);
	timing_files files;

	TRY(find(ctx, 1, &files));
	if (!files.len)
		return err_new(E_GENERIC, STR_FMT, STR_ARG(how_to(ctx)));
	const struct timing_file *last = &files.items[0];
	out_json(ctx->out, with_file(ctx->arena, last->report_json, last));
	if (ctx->out->is_json)
		return NULL;
	timing_text(&text, &last->report,
		    (struct timing_style){ .is_unicode = term->is_unicode,
					   .is_colored = term->out_color,
					   .columns = term->out_is_tty ? term->columns : 0 },
		    last->path);
	out_text(ctx->out, log_redact(ctx->arena, buf_view(&text)));
	return NULL;
}

/* "2026-11-24T12_57_09_850Z" as people write it. */
static str time_of(struct arena *a, str id)
{
	str date = str_slice(id, 0, MIN(id.len, (size_t)10));
	char *time;

	if (id.len < 19)
		return id;
	time = arena_alloc(a, 9);
	memcpy(time, id.p + 11, 8);
	time[2] = time[5] = ':';
	return str_printf(a, STR_FMT " %.8s", STR_ARG(date), time);
}

static str joined(struct arena *a, const struct timing_report *r)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; i < r->ncommand; i++)
		buf_printf(&out, "%s" STR_FMT, i ? " " : "", STR_ARG(r->command[i]));
	return buf_view(&out);
}

static struct err *list(struct cmd_ctx *ctx)
{
	struct arena *a = ctx->arena;
	struct json *all = json_new(a, JSON_ARRAY);
	struct str_buf out = str_buf(a, SIZE_MAX);
	VEC(str) cells = { 0 };
	timing_files files;

	TRY(find(ctx, ALL_FILES, &files));
	VEC_EACH (struct timing_file, f, &files) {
		json_append(a, all, summary_json(a, f));
		VEC_PUSH(a, &cells, time_of(a, f->report.id));
		VEC_PUSH(a, &cells, str_printf(a, "%.3f s", (double)f->report.wall_us / 1e6));
		VEC_PUSH(a, &cells, ui_bytes(a, (double)f->bytes));
		VEC_PUSH(a, &cells, joined(a, &f->report));
		VEC_PUSH(a, &cells, f->path);
	}
	out_json(ctx->out, all);
	if (ctx->out->is_json)
		return NULL;
	if (!files.len) {
		log_notice(NULL, STR_FMT, STR_ARG(how_to(ctx)));
		return NULL;
	}
	ui_table_format(&out, cells.items, files.len, 5, "lrrll");
	out_line(ctx->out, STR_FMT, STR_ARG(buf_view(&out)));
	return NULL;
}

static struct err *trace_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str what = nargs ? args[0] : S("last");

	(void)exit_status;
	if (nargs > 1)
		return cmd_usage_error(ctx, "one subcommand at a time");
	if (str_eq(what, S("last")))
		return show_last(ctx);
	if (str_eq(what, S("ls")) || str_eq(what, S("list")))
		return list(ctx);
	return cmd_usage_error(ctx, "there is no `cpm trace " STR_FMT "`", STR_ARG(what));
}

const struct cmd cmd_trace = {
	.name = "trace",
	.summary = "Show where the time of recorded runs went",
	.synopsis = (const char *const[]){ "last", "ls", NULL },
	.keys = (const enum cfg_key[]){ CFG_GLOBAL, CFG_JSON, CFG_LOGS_DIR, CFG_TIMING, CFG_UNICODE,
					CFG_END },
	.needs = CMD_OWN,
	.doc = "trace",
	.run = trace_run,
};
