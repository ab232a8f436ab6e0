/* SPDX-License-Identifier: MIT
 * Trace files. traceEvents comes first in the document: a viewer stops at the first key it does not
 * know. Who reads the report skips over the events, which costs next to nothing. */
#include "timing_file.h"

#include "cpm/base/fs.h"
#include "cpm/base/json_scan.h"
#include "cpm/base/path.h"
#include "cpm/ui/reporter.h"

#include <math.h>

#define ENDING             "-timing.json"
#define DOCUMENT_MAX_BYTES ((size_t)512 << 20)

/* ---- writing ---- */

/* npm's timers have no counterpart for many of ours, which then keep their own names; what comes
 * more than once is summed up. */
static struct json *timers_json(struct arena *a, const struct trace_data *data,
				const struct timing_report *report)
{
	struct json *timers = json_new(a, JSON_OBJECT);
	int64_t sums[TRACE_KIND_COUNT] = { 0 };
	const struct trace_lane *main_lane = data->lanes.len ? &data->lanes.items[0] : NULL;

	for (size_t i = 0; main_lane && i < main_lane->events.len; i++) {
		const struct trace_event *e = &main_lane->events.items[i];

		sums[e->kind] += e->end_ns - e->start_ns;
	}
	for (size_t i = 0; i < TRACE_KIND_COUNT; i++) {
		const char *name = trace_kind_timer((enum trace_kind)i);

		if (name && sums[i])
			json_set(a, timers, str_view(name),
				 json_new_number(a, round((double)sums[i] / 1e6)));
	}
	if (report->ncommand)
		json_set(a, timers, str_concat(a, S("command:"), report->command[0]),
			 json_new_number(a, round((double)report->wall_us / 1e3)));
	json_set(a, timers, S("npm"), json_new_number(a, round((double)report->wall_us / 1e3)));
	return timers;
}

static struct json *metadata_json(struct arena *a, const struct timing_report *report)
{
	struct json *o = json_new(a, JSON_OBJECT), *command = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < report->ncommand; i++)
		json_append(a, command, json_new_string(a, report->command[i]));
	json_set_text(a, o, "id", report->id);
	json_set(a, o, S("command"), command);
	json_set(a, o, S("logfiles"), json_new(a, JSON_ARRAY));
	json_set_text(a, o, "version", report->version);
	return o;
}

str timing_file_format(struct arena *a, const struct trace_data *data,
		       const struct timing_report *report)
{
	const struct json_style style = { .indent = S(""), .newline = S("") };
	struct str_buf out = str_buf(a, SIZE_MAX);

	buf_add_cstr(&out, "{\"traceEvents\":");
	timing_events_format(&out, data, report);
	buf_add_cstr(&out, ",\n\"displayTimeUnit\":\"ms\",\n\"metadata\":");
	json_write(&out, metadata_json(a, report), style);
	buf_add_cstr(&out, ",\n\"timers\":");
	json_write(&out, timers_json(a, data, report), style);
	buf_add_cstr(&out, ",\n\"unfinishedTimers\":{},\n\"report\":");
	json_write(&out, timing_report_json(a, report), style);
	buf_add_cstr(&out, "}\n");
	return buf_view(&out);
}

struct err *timing_file_write(struct arena *a, str dir, str id, str text, unsigned keep, str *path)
{
	str name = str_concat(a, id, S(ENDING));
	AUTO_FD dirfd = -1;

	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, dir)));
	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, dir), &dirfd));
	TRY(fs_write_replace(dirfd, str_cstr(a, name), text, 0600));
	*path = path_join(a, dir, name);
	return reporter_prune(a, dirfd, S("Z-"), S(ENDING), keep);
}

/* ---- reading ---- */

static bool find_report(struct arena *a, str text, struct timing_file *out)
{
	struct jscan s = jscan_init(text);
	str span = STR_NULL;

	if (!jscan_enter(&s, '{'))
		return false;
	for (str key; jscan_key(&s, &key);)
		if (str_eq(key, S("report")))
			span = jscan_value(&s);
		else
			jscan_skip(&s);
	if (s.bad || str_is_null(span))
		return false;
	struct err *e = json_parse(a, span, &out->report_json);
	err_ignore(e);
	return !e && timing_report_parse(a, out->report_json, &out->report);
}

static bool read_one(struct arena *a, int dirfd, str project, struct timing_file *f)
{
	ARENA_SCOPE(tmp);
	struct err *e;
	str text;

	e = fs_read_all(tmp, dirfd, str_cstr(tmp, f->name), DOCUMENT_MAX_BYTES, &text);
	err_ignore(e);
	if (e || !find_report(a, text, f))
		return false;
	f->bytes = text.len;
	return str_is_null(project) || str_eq(project, f->report.project);
}

static int newest_first(const void *a, const void *b)
{
	return str_cmp(*(const str *)b, *(const str *)a);
}

struct err *timing_files_read(struct arena *a, str dir, str project, size_t limit,
			      timing_files *out)
{
	VEC(str) names = { 0 };
	AUTO_DIR it = { 0 };
	AUTO_FD dirfd = -1;

	*out = (timing_files){ 0 };
	if (!fs_is_dir(AT_FDCWD, str_cstr(a, dir)))
		return NULL;
	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, dir), &dirfd));
	TRY(dir_open(dirfd, ".", &it));
	while (dir_next(&it))
		if (str_ends(str_view(it.name), S(ENDING)))
			VEC_PUSH(a, &names, str_dup(a, str_view(it.name)));
	if (it.err)
		return it.err;
	VEC_SORT(&names, newest_first);
	for (size_t i = 0; i < names.len && out->len < limit; i++) {
		struct timing_file f = { .name = names.items[i],
					 .path = path_join(a, dir, names.items[i]) };

		if (read_one(a, dirfd, project, &f))
			VEC_PUSH(a, out, f);
	}
	return NULL;
}
