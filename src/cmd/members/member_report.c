/* SPDX-License-Identifier: MIT
 * The end of a run in many members. In a log of thousands of lines only the last screen is read, so
 * what went wrong stands at the bottom. */
#include "member_report.h"

#include "cpm/ui/ui_table.h"

#include <signal.h>
#include <unistd.h>

#define MAX_BYTES ((size_t)16 << 20)
#define NCOLUMNS  4

str member_duration(struct arena *a, int64_t ms)
{
	if (ms < 100)
		return str_printf(a, "%lld ms", (long long)ms);
	if (ms < 60000)
		return str_printf(a, "%lld.%lld s", (long long)(ms / 1000),
				  (long long)(ms % 1000 / 100));
	return str_printf(a, "%lld m %02lld s", (long long)(ms / 60000),
			  (long long)(ms % 60000 / 1000));
}

/* A member that the run was for, and that had something to do. */
static bool is_shown(const struct member_task *t)
{
	return t->is_chosen && t->nsteps > 0;
}

static bool has_run(const struct member_task *t)
{
	return t->state == MEMBER_PASSED || t->state == MEMBER_FAILED || t->state == MEMBER_STOPPED;
}

/* ---- the table ---- */

static str result_words(struct arena *a, const struct member_task *t)
{
	switch (t->state) {
	case MEMBER_PASSED:
		return t->cache == SCRIPT_HIT ? S("restored") : S("passed");
	case MEMBER_FAILED:
		return t->signal ? str_printf(a, "failed (SIG%s)", sigabbrev_np(t->signal))
				 : str_printf(a, "failed (%d)", t->exit_status);
	case MEMBER_STOPPED:
		return S("stopped");
	default:
		return S("not run");
	}
}

static str remark(struct arena *a, const struct member_run *r, const struct member_task *t)
{
	if (t->state == MEMBER_BLOCKED)
		return str_printf(a, "needs " STR_FMT,
				  STR_ARG(r->tasks[t->blocked_by].member->name));
	if (t->state == MEMBER_FAILED)
		return t->steps[t->step].text;
	return S("");
}

static enum paint color_of(const struct member_task *t)
{
	if (t->state == MEMBER_PASSED)
		return PAINT_GREEN;
	return t->state == MEMBER_FAILED ? PAINT_RED : PAINT_YELLOW;
}

static str cell(const struct member_run *r, enum paint p, str text)
{
	struct arena *a = r->ctx->arena;
	struct str_buf out = str_buf(a, MAX_BYTES);

	paint_text(&out, r->ctx->screen->term.err_color, p,
		   str_replace_all(a, text, S("\n"), S(" ")));
	return buf_view(&out);
}

static void add_row(const struct member_run *r, const struct member_task *t, str *row)
{
	struct arena *a = r->ctx->arena;

	row[0] = cell(r, PAINT_RESET, t->member->name);
	row[1] = cell(r, color_of(t), result_words(a, t));
	row[2] = has_run(t) ? member_duration(a, t->took_ms) : S("");
	row[3] = cell(r, PAINT_DIM, remark(a, r, t));
}

/* "7 passed, 1 failed, 2 not run" */
static str sums(struct arena *a, const struct member_run *r)
{
	static const char *const words[] = { "restored", "passed", "failed", "stopped", "not run" };
	size_t counts[ARRAY_LEN(words)] = { 0 };
	struct str_buf out = str_buf(a, MAX_BYTES);

	for (size_t i = 0; i < r->count; i++) {
		const struct member_task *t = &r->tasks[i];

		if (is_shown(t))
			counts[t->cache == SCRIPT_HIT       ? 0
			       : t->state == MEMBER_PASSED  ? 1
			       : t->state == MEMBER_FAILED  ? 2
			       : t->state == MEMBER_STOPPED ? 3
							    : 4]++;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (counts[i])
			buf_printf(&out, "%s%zu %s", out.len ? ", " : "", counts[i], words[i]);
	return buf_view(&out);
}

void member_report_text(const struct member_run *r)
{
	struct arena *a = r->ctx->arena;
	str *cells = ARENA_ARRAY(a, str, NCOLUMNS * (r->count + 1));
	struct str_buf out = str_buf(a, MAX_BYTES);
	enum log_level level;
	size_t nrows = 0;

	if (log_level_parse(cfg_text(r->ctx->cfg, CFG_LOGLEVEL), &level) && level < LOG_NOTICE)
		return;
	for (int with_failures = 0; with_failures < 2; with_failures++)
		for (size_t i = 0; i < r->count; i++) {
			const struct member_task *t = &r->tasks[r->order[i]];

			if (is_shown(t) && (t->state == MEMBER_FAILED) == with_failures)
				add_row(r, t, &cells[NCOLUMNS * nrows++]);
		}
	buf_add_char(&out, '\n');
	ui_table_format(&out, cells, nrows, NCOLUMNS, "llrl");
	buf_printf(&out, "\n\n" STR_FMT " in %zu workspaces: " STR_FMT " in " STR_FMT "\n",
		   STR_ARG(log_escape(a, r->title)), nrows, STR_ARG(sums(a, r)),
		   STR_ARG(member_duration(a, r->took_ms)));
	screen_write(r->ctx->screen, STDERR_FILENO, buf_view(&out));
}

/* ---- the document ---- */

static str status_of(const struct member_task *t)
{
	if (t->nsteps == 0)
		return S("no-script");
	switch (t->state) {
	case MEMBER_PASSED:
		return S("passed");
	case MEMBER_FAILED:
		return S("failed");
	case MEMBER_STOPPED:
		return S("stopped");
	case MEMBER_BLOCKED:
		return S("blocked");
	default:
		return S("not-run");
	}
}

static const str caching_words[] = {
	[SCRIPT_UNCACHED] = S("none"), [SCRIPT_MISSED] = S("miss"), [SCRIPT_HIT] = S("hit")
};

static struct json *task_json(struct arena *a, const struct member_run *r,
			      const struct member_task *t)
{
	struct json *one = json_new(a, JSON_OBJECT);
	const struct member *m = t->member;

	json_set_text(a, one, "name", m->name);
	json_set_text(a, one, "version", member_version(m));
	json_set_text(a, one, "path", m->location.len ? m->location : S("."));
	json_set_text(a, one, "status", status_of(t));
	if (t->state == MEMBER_BLOCKED)
		json_set_text(a, one, "blockedBy", r->tasks[t->blocked_by].member->name);
	if (!has_run(t))
		return one;
	if (t->signal)
		json_set_text(a, one, "signal", str_printf(a, "SIG%s", sigabbrev_np(t->signal)));
	else
		json_set(a, one, S("exitStatus"), json_new_number(a, t->exit_status));
	if (!str_is_null(t->why)) {
		json_set_text(a, one, "cache", caching_words[t->cache]);
		json_set_text(a, one, "why", t->why);
	}
	json_set(a, one, S("startMs"), json_new_number(a, (double)t->began_ms));
	json_set(a, one, S("durationMs"), json_new_number(a, (double)t->took_ms));
	return one;
}

struct json *member_report_json(struct arena *a, const struct member_run *r)
{
	struct json *doc = json_new(a, JSON_OBJECT), *members = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < r->count; i++)
		if (r->tasks[r->order[i]].is_chosen)
			json_append(a, members, task_json(a, r, &r->tasks[r->order[i]]));
	json_set_text(a, doc, "script", r->title);
	json_set(a, doc, S("durationMs"), json_new_number(a, (double)r->took_ms));
	json_set(a, doc, S("concurrency"), json_new_number(a, (double)r->limit));
	json_set(a, doc, S("topological"), json_new_bool(a, r->is_topological));
	json_set(a, doc, S("members"), members);
	json_set(a, doc, S("cycles"), member_cycles_json(a, &r->project.graph));
	return doc;
}
