/* SPDX-License-Identifier: MIT
 * The recording in the Trace Event Format, which the usual trace viewers open: complete events
 * ("X") with times in microseconds. Threads are one process of it. Requests and scripts lie beside
 * the threads and over each other, so they are laid into as few rows as they need, each a process
 * of its own; a request's phases lie inside it:
 *
 *	├──────────────── GET https://.../a ────────────────┤
 *	├─ connect ─┤├──── wait ────┤├────── receive ───────┤ */
#include "timing_file.h"

#define ROWS_MAX 256

enum { PID_THREADS = 1, PID_NETWORK, PID_SCRIPTS };

struct writer {
	struct str_buf *out;
	const struct trace_data *data;
	bool has_any;
};

/* ---- one event ---- */

/* Without args and the closing brace. */
static void begin_event(struct writer *w, str name, const char *category, int pid, size_t tid,
			int64_t start_ns, int64_t end_ns)
{
	int64_t at_ns = start_ns - w->data->started_ns,
		took_ns = MAX(end_ns - start_ns, (int64_t)0);

	buf_add_cstr(w->out, w->has_any ? ",\n" : "\n");
	w->has_any = true;
	buf_add_cstr(w->out, "{\"name\":");
	json_write_string(w->out, name);
	buf_printf(w->out, ",\"cat\":\"%s\",\"ph\":\"X\",\"pid\":%d,\"tid\":%zu", category, pid,
		   tid);
	buf_printf(w->out, ",\"ts\":%lld.%03d,\"dur\":%lld.%03d", (long long)(at_ns / 1000),
		   (int)(at_ns % 1000), (long long)(took_ns / 1000), (int)(took_ns % 1000));
}

static void add_text_arg(struct writer *w, const char **separator, const char *key, str text)
{
	if (str_is_empty(text))
		return;
	buf_printf(w->out, "%s\"%s\":", *separator, key);
	json_write_string(w->out, text);
	*separator = ",";
}

static void add_number_arg(struct writer *w, const char **separator, const char *key, uint64_t n)
{
	buf_printf(w->out, "%s\"%s\":%llu", *separator, key, (unsigned long long)n);
	*separator = ",";
}

static void name_row(struct writer *w, const char *what, int pid, size_t tid, const char *fmt, ...)
	PRINTF_LIKE(5, 6);

static void name_row(struct writer *w, const char *what, int pid, size_t tid, const char *fmt, ...)
{
	ARENA_SCOPE(tmp);
	va_list ap;
	str name;

	va_start(ap, fmt);
	name = str_vprintf(tmp, fmt, ap);
	va_end(ap);
	buf_add_cstr(w->out, w->has_any ? ",\n" : "\n");
	w->has_any = true;
	buf_printf(w->out,
		   "{\"name\":\"%s\",\"ph\":\"M\",\"pid\":%d,\"tid\":%zu,\"args\":{\"name\":", what,
		   pid, tid);
	json_write_string(w->out, name);
	buf_add_cstr(w->out, "}}");
}

static void add_span(struct writer *w, const struct trace_event *e, str name, int pid, size_t tid)
{
	const char *separator = "";

	begin_event(w, name, trace_kind_name(e->kind), pid, tid, e->start_ns, e->end_ns);
	buf_add_cstr(w->out, ",\"args\":{");
	add_text_arg(w, &separator, "package", e->subject);
	if (e->bytes)
		add_number_arg(w, &separator, "bytes", e->bytes);
	buf_add_cstr(w->out, "}}");
}

/* ---- rows ---- */

struct rows {
	int64_t busy_until_ns[ROWS_MAX];
	size_t count;
};

/* The first row that is free by then; with too many at once, the last one. */
static size_t find_row(struct rows *r, int64_t start_ns, int64_t end_ns)
{
	size_t i = 0;

	while (i < r->count && r->busy_until_ns[i] > start_ns)
		i++;
	if (i == ROWS_MAX)
		i--;
	else if (i == r->count)
		r->count++;
	r->busy_until_ns[i] = end_ns;
	return i + 1;
}

/* ---- requests ---- */

static void add_phase(struct writer *w, const char *name, size_t tid, int64_t from, int64_t to)
{
	if (to <= from)
		return;
	begin_event(w, str_view(name), "network", PID_NETWORK, tid, from, to);
	buf_add_char(w->out, '}');
}

static void add_request(struct writer *w, const struct trace_request *r, struct rows *rows)
{
	ARENA_SCOPE(tmp);
	size_t tid = find_row(rows, r->started_ns, r->ended_ns);
	int64_t connected = r->started_ns + MAX(r->connected_us, (int64_t)0) * 1000;
	int64_t first = r->first_byte_us < 0 ? r->ended_ns
					     : r->started_ns + r->first_byte_us * 1000;
	const char *separator = "";
	str name = str_printf(tmp, STR_FMT " " STR_FMT, STR_ARG(r->method), STR_ARG(r->url));

	first = MIN(first, r->ended_ns);
	connected = MIN(connected, first);
	begin_event(w, name, "network", PID_NETWORK, tid, r->started_ns, r->ended_ns);
	buf_add_cstr(w->out, ",\"args\":{");
	add_text_arg(w, &separator, "package", r->subject);
	add_number_arg(w, &separator, "status", (uint64_t)r->status);
	add_number_arg(w, &separator, "bytes", r->bytes);
	add_number_arg(w, &separator, "queued_us",
		       (uint64_t)MAX(r->started_ns - r->queued_ns, (int64_t)0) / 1000);
	buf_printf(w->out, ",\"new_connection\":%s}}", r->is_reused ? "false" : "true");
	if (!r->is_reused)
		add_phase(w, "connect", tid, r->started_ns, connected);
	add_phase(w, "wait", tid, r->is_reused ? r->started_ns : connected, first);
	add_phase(w, "receive", tid, first, r->ended_ns);
}

static int by_start(const void *a, const void *b)
{
	const struct trace_request *const *x = a, *const *y = b;

	return (*x)->started_ns < (*y)->started_ns ? -1 : (*x)->started_ns > (*y)->started_ns;
}

/* Recorded as they end; rows are given to what begins first. */
static void add_requests(struct writer *w)
{
	ARENA_SCOPE(tmp);
	VEC(const struct trace_request *) sorted = { 0 };
	struct rows rows = { .count = 0 };

	for (size_t i = 0; i < w->data->requests.len; i++)
		VEC_PUSH(tmp, &sorted, &w->data->requests.items[i]);
	VEC_SORT(&sorted, by_start);
	VEC_EACH (const struct trace_request *, r, &sorted)
		add_request(w, *r, &rows);
	if (rows.count)
		name_row(w, "process_name", PID_NETWORK, 0, "network");
	for (size_t i = 1; i <= rows.count; i++)
		name_row(w, "thread_name", PID_NETWORK, i, "requests %zu", i);
}

/* ---- all of it ---- */

static void add_threads(struct writer *w, const struct timing_report *report)
{
	name_row(w, "process_name", PID_THREADS, 0, "cpm " STR_FMT,
		 STR_ARG(report->ncommand ? report->command[0] : S("")));
	for (size_t lane = 0; lane < w->data->lanes.len; lane++) {
		const struct trace_lane *l = &w->data->lanes.items[lane];

		if (lane)
			name_row(w, "thread_name", PID_THREADS, lane + 1, "worker %zu", lane);
		else
			name_row(w, "thread_name", PID_THREADS, 1, "main");
		for (size_t i = 0; i < l->events.len; i++)
			add_span(w, &l->events.items[i],
				 str_view(trace_kind_name(l->events.items[i].kind)), PID_THREADS,
				 lane + 1);
	}
}

static void add_scripts(struct writer *w)
{
	struct rows rows = { .count = 0 };

	for (size_t i = 0; i < w->data->beside.len; i++) {
		const struct trace_event *e = &w->data->beside.items[i];

		add_span(w, e, str_is_null(e->subject) ? S("script") : e->subject, PID_SCRIPTS,
			 find_row(&rows, e->start_ns, e->end_ns));
	}
	if (rows.count)
		name_row(w, "process_name", PID_SCRIPTS, 0, "scripts");
}

void timing_events_format(struct str_buf *out, const struct trace_data *data,
			  const struct timing_report *report)
{
	struct writer w = { .out = out, .data = data };

	buf_add_char(out, '[');
	add_threads(&w, report);
	add_requests(&w);
	add_scripts(&w);
	buf_add_cstr(out, "\n]");
}
