/* SPDX-License-Identifier: MIT
 * What a reader wants to know first stands first: was the machine used, what took the time, when.
 * All times of a report have one unit, so that columns of numbers compare at a glance; each part
 * and thread has a line of blocks that shows when in the run it was busy. */
#include "timing_text.h"

#include "cpm/base/log.h"
#include "cpm/ui/term.h"
#include "cpm/ui/ui_table.h"
#include "cpm/ui/ui_words.h"

/* Below this a report is in milliseconds with one decimal, above in seconds with two. */
#define SECONDS_FROM_US ((int64_t)10 * 1000 * 1000)
/* What is shorter would be shown as nothing. */
#define ROW_MIN_US         50
#define ROW_MIN_SECONDS_US 5000
/* Room that the widest table takes with its notes, and with the whole of its lines of blocks. */
#define COLUMNS_FOR_NOTES  112
#define COLUMNS_FOR_BLOCKS 80

#define COLUMN_COUNT 5

struct text {
	struct arena *arena;
	struct str_buf *out;
	const struct timing_report *report;
	bool is_unicode, is_colored, has_notes, has_seconds;
	int slices;     /* in a line of blocks */
	VEC(str) cells; /* rows of COLUMN_COUNT */
};

/* ---- words ---- */

/* "1234567" with a comma at each thousand. */
static str grouped(struct arena *a, uint64_t n)
{
	char digits[32];
	struct str_buf out = str_buf(a, 64);
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_add_char(&out, ',');
		buf_add_char(&out, digits[i]);
	}
	return buf_view(&out);
}

static str counted(struct arena *a, uint64_t n, const char *one)
{
	return str_printf(a, STR_FMT " %s%s", STR_ARG(grouped(a, n)), one, n == 1 ? "" : "s");
}

/* Without the unit, which stands in the heading; "-" for what is not there. */
static str time_number(struct text *t, int64_t us)
{
	int64_t tenths = (us + 50) / 100, hundredths = (us + 5000) / 10000;

	if (!us)
		return S("-");
	if (t->has_seconds)
		return str_printf(t->arena, STR_FMT ".%02d",
				  STR_ARG(grouped(t->arena, (uint64_t)hundredths / 100)),
				  (int)(hundredths % 100));
	return str_printf(t->arena, STR_FMT ".%d",
			  STR_ARG(grouped(t->arena, (uint64_t)tenths / 10)), (int)(tenths % 10));
}

static str time_text(struct text *t, int64_t us)
{
	return str_printf(t->arena, STR_FMT " %s", STR_ARG(us ? time_number(t, us) : S("0")),
			  t->has_seconds ? "s" : "ms");
}

static unsigned percent(double part, double whole)
{
	return whole > 0 ? (unsigned)(100 * part / whole + 0.5) : 0;
}

/* One block for each slice, the taller the busier. */
static str blocks(struct text *t, const double *activity)
{
	static const char *const tall[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const plain[] = { " ", ".", ".", ":", ":", "+", "+", "#", "#" };
	const char *const *levels = t->is_unicode ? tall : plain;
	struct str_buf out = str_buf(t->arena, 256);
	int each = TIMING_SLICES / t->slices;

	buf_add_cstr(&out, paint(t->is_colored, PAINT_CYAN));
	for (int i = 0; i < t->slices; i++) {
		double sum = 0;

		for (int k = 0; k < each; k++)
			sum += activity[i * each + k];
		int level = (int)(8 * sum / each + 0.5);
		buf_add_cstr(&out, levels[sum > 0 ? MAX(level, 1) : 0]);
	}
	buf_add_cstr(&out, paint(t->is_colored, PAINT_RESET));
	return buf_view(&out);
}

/* ---- tables ---- */

static void add_row(struct text *t, str label, str first, str second, str line, str note)
{
	const str cells[COLUMN_COUNT] = { label, first, second, line, t->has_notes ? note : S("") };

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		VEC_PUSH(t->arena, &t->cells, cells[i]);
}

static str heading(struct text *t, const char *words)
{
	return str_printf(t->arena, "%s%s%s", paint(t->is_colored, PAINT_BOLD), words,
			  paint(t->is_colored, PAINT_RESET));
}

static str faint(struct text *t, str words)
{
	return str_printf(t->arena, "%s" STR_FMT "%s", paint(t->is_colored, PAINT_DIM),
			  STR_ARG(words), paint(t->is_colored, PAINT_RESET));
}

static str heading_time(struct text *t, const char *word)
{
	return faint(t, str_printf(t->arena, "%s %s", word, t->has_seconds ? "s" : "ms"));
}

/* "start ────── end" over the blocks. */
static str heading_line(struct text *t)
{
	struct str_buf out = str_buf(t->arena, 256);

	buf_add_cstr(&out, "start ");
	buf_add_repeat(&out, t->is_unicode ? S("─") : S("-"), (size_t)t->slices - 10);
	buf_add_cstr(&out, " end");
	return faint(t, buf_view(&out));
}

static str part_note(struct text *t, enum timing_part part)
{
	const struct timing_sum *sum = &t->report->parts[part];
	str bytes = ui_bytes(t->arena, (double)sum->bytes);

	switch (part) {
	case TIMING_NETWORK:
		return str_printf(t->arena, STR_FMT ", " STR_FMT,
				  STR_ARG(counted(t->arena, sum->count, "request")),
				  STR_ARG(bytes));
	case TIMING_SCRIPTS:
		return counted(t->arena, sum->count, "script");
	case TIMING_HASH:
	case TIMING_GUNZIP:
	case TIMING_WRITE:
	case TIMING_CACHE:
		return sum->bytes ? bytes : S("");
	default:
		return S("");
	}
}

static void add_parts(struct text *t)
{
	add_row(t, heading(t, "Where the time went"), heading_time(t, "wall"),
		heading_time(t, "work"), heading_line(t), S(""));
	for (size_t i = 0; i < TIMING_PART_COUNT; i++) {
		enum timing_part part = (enum timing_part)i;
		const struct timing_sum *sum = &t->report->parts[i];
		bool is_beside = part == TIMING_NETWORK || part == TIMING_SCRIPTS;

		if (part == TIMING_WAIT ||
		    sum->wall_us < (t->has_seconds ? ROW_MIN_SECONDS_US : ROW_MIN_US))
			continue;
		add_row(t, str_printf(t->arena, "  %s", timing_part_label(part)),
			time_number(t, sum->wall_us),
			is_beside ? S("-") : time_number(t, sum->work_us), blocks(t, sum->activity),
			part_note(t, part));
	}
}

static void add_threads(struct text *t)
{
	const struct timing_report *r = t->report;

	add_row(t, heading(t, "Threads"), heading_time(t, "busy"), heading_time(t, "CPU"),
		heading_line(t), S(""));
	for (size_t i = 0; i < r->nthreads; i++) {
		const struct timing_thread *th = &r->threads[i];
		str name = i ? str_printf(t->arena, "  worker %zu", i) : S("  main");
		str note = str_printf(t->arena, "%u%% busy",
				      percent((double)th->busy_us, (double)r->wall_us));

		add_row(t, name, time_number(t, th->busy_us), time_number(t, th->cpu_us),
			blocks(t, th->activity), note);
	}
}

static void flush_table(struct text *t, size_t ncols, const char *align)
{
	buf_add_char(t->out, '\n');
	ui_table_format(t->out, t->cells.items, t->cells.len / ncols, ncols, align);
	buf_add_char(t->out, '\n');
	VEC_RESET(&t->cells);
}

/* Columns for what takes a package's time. */
static const struct {
	const char *name;
	enum timing_part part;
} package_columns[] = {
	{ "network", TIMING_NETWORK }, { "hash", TIMING_HASH }, { "gunzip", TIMING_GUNZIP },
	{ "write", TIMING_WRITE },     { "link", TIMING_LINK }, { "scripts", TIMING_SCRIPTS },
};

static void add_packages(struct text *t)
{
	const struct timing_report *r = t->report;
	size_t ncols = 2 + ARRAY_LEN(package_columns);

	if (!r->npackages)
		return;
	VEC_PUSH(t->arena, &t->cells, heading(t, "Slowest packages"));
	VEC_PUSH(t->arena, &t->cells, heading_time(t, "total"));
	for (size_t k = 0; k < ARRAY_LEN(package_columns); k++)
		VEC_PUSH(t->arena, &t->cells, faint(t, str_view(package_columns[k].name)));
	for (size_t i = 0; i < r->npackages; i++) {
		const struct timing_package *p = &r->packages[i];

		VEC_PUSH(
			t->arena, &t->cells,
			str_printf(t->arena, "  " STR_FMT, STR_ARG(log_escape(t->arena, p->name))));
		VEC_PUSH(t->arena, &t->cells, time_number(t, p->total_us));
		for (size_t k = 0; k < ARRAY_LEN(package_columns); k++)
			VEC_PUSH(t->arena, &t->cells,
				 time_number(t, p->part_us[package_columns[k].part]));
	}
	flush_table(t, ncols, "lrrrrrrr");
}

/* ---- lines ---- */

static void add_title(struct text *t)
{
	const struct timing_report *r = t->report;
	int64_t cpu_us = 0;

	for (size_t i = 0; i < r->nthreads; i++)
		cpu_us += r->threads[i].cpu_us;
	buf_add_cstr(t->out, paint(t->is_colored, PAINT_BOLD));
	buf_add_cstr(t->out, "cpm");
	for (size_t i = 0; i < r->ncommand && !str_starts(r->command[i], S("--")); i++)
		buf_printf(t->out, " " STR_FMT, STR_ARG(log_escape(t->arena, r->command[i])));
	buf_printf(t->out, "%s: " STR_FMT, paint(t->is_colored, PAINT_RESET),
		   STR_ARG(time_text(t, r->wall_us)));
	if (r->cores)
		buf_printf(t->out, ", %u%% of %u core%s used",
			   percent((double)cpu_us, (double)r->wall_us * r->cores), r->cores,
			   r->cores == 1 ? "" : "s");
	if (r->exit_status)
		buf_printf(t->out, ", failed with status %d", r->exit_status);
	buf_add_char(t->out, '\n');
}

static void add_share(struct text *t, uint64_t had, uint64_t all, const char *one)
{
	buf_printf(t->out, STR_FMT " of " STR_FMT " (%u%%)", STR_ARG(grouped(t->arena, had)),
		   STR_ARG(counted(t->arena, all, one)), percent((double)had, (double)all));
}

static void add_cache_line(struct text *t)
{
	const uint64_t *n = t->report->counts;
	uint64_t package_hits = n[TRACE_PACKAGE_LINKED] + n[TRACE_PACKAGE_CACHED];
	uint64_t packages = package_hits + n[TRACE_PACKAGE_FETCHED];
	uint64_t packument_hits = n[TRACE_PACKUMENT_CACHED] + n[TRACE_PACKUMENT_UNCHANGED];
	uint64_t packuments = packument_hits + n[TRACE_PACKUMENT_FETCHED];

	if (n[TRACE_PACKAGE_KEPT])
		buf_printf(t->out, "\nThere already     " STR_FMT,
			   STR_ARG(counted(t->arena, n[TRACE_PACKAGE_KEPT], "package")));
	if (!packages && !packuments)
		return;
	buf_add_cstr(t->out, "\nFrom the cache    ");
	if (packages)
		add_share(t, package_hits, packages, "package");
	if (packages && packuments)
		buf_add_cstr(t->out, ", ");
	if (packuments)
		add_share(t, packument_hits, packuments, "packument");
}

static void add_network_line(struct text *t)
{
	const struct timing_report *r = t->report;

	if (!r->requests)
		return;
	buf_printf(t->out, "\nOver the network  " STR_FMT ", " STR_FMT " on " STR_FMT,
		   STR_ARG(counted(t->arena, r->requests, "request")),
		   STR_ARG(ui_bytes(t->arena, (double)r->parts[TIMING_NETWORK].bytes)),
		   STR_ARG(counted(t->arena, r->connections, "connection")));
	if (r->failed)
		buf_printf(t->out, ", " STR_FMT " failed", STR_ARG(grouped(t->arena, r->failed)));
	buf_printf(t->out,
		   "; half of them had their turn within " STR_FMT " and an answer " STR_FMT
		   " later",
		   STR_ARG(time_text(t, r->queued_us)), STR_ARG(time_text(t, r->first_byte_us)));
}

/* ---- all of it ---- */

void timing_text(struct str_buf *out, const struct timing_report *r, struct timing_style style,
		 str path)
{
	ARENA_SCOPE(tmp);
	struct text t = { .arena = tmp,
			  .out = out,
			  .report = r,
			  .is_unicode = style.is_unicode,
			  .is_colored = style.is_colored,
			  .has_notes = !style.columns || style.columns >= COLUMNS_FOR_NOTES,
			  .has_seconds = r->wall_us >= SECONDS_FROM_US,
			  .slices = !style.columns || style.columns >= COLUMNS_FOR_BLOCKS
					    ? TIMING_SLICES
					    : TIMING_SLICES / 2 };

	add_title(&t);
	add_parts(&t);
	add_row(&t, S(""), S(""), S(""), S(""), S(""));
	add_threads(&t);
	flush_table(&t, COLUMN_COUNT, "lrrll");
	add_packages(&t);
	add_cache_line(&t);
	add_network_line(&t);
	if (r->dropped)
		buf_printf(out, "\nNot recorded      " STR_FMT ": there were too many",
			   STR_ARG(counted(tmp, r->dropped, "span")));
	if (!str_is_null(path))
		buf_printf(out, "\nTrace file        " STR_FMT, STR_ARG(log_escape(tmp, path)));
}
