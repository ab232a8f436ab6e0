/* SPDX-License-Identifier: MIT
 * Trace files: "<id>-timing.json" beside the debug logs, where npm puts its own (npm-cli.md 7.3). One document is all of
 * it: npm's metadata, timers and unfinishedTimers, our report, and traceEvents, which the usual trace viewers open. */
#pragma once
#include "timing_report.h"

#include "cpm/base/err.h"

/* The whole document on one line. */
str timing_file_format(struct arena *a, const struct trace_data *data, const struct timing_report *report);
/* traceEvents, with the brackets. */
void timing_events_format(struct str_buf *out, const struct trace_data *data, const struct timing_report *report);

/**
 * timing_file_write - @text as the trace of the run @id in the folder @dir, which is made when absent; mode 0600.
 * @keep: so many trace files stay, the oldest go
 * @path: of the file
 */
MUST_CHECK_ERR timing_file_write(struct arena *a, str dir, str id, str text, unsigned keep, str *path);

struct timing_file {
	str name, path;
	uint64_t bytes;
	struct timing_report report;
	struct json *report_json;
};
typedef VEC(struct timing_file) timing_files;

/* The readable traces of cpm in @dir, the newest first; npm's have no report and are left out. @project: of this folder
 * only, or null for all; @limit: at most so many. A folder that is not there has none. */
MUST_CHECK_ERR timing_files_read(struct arena *a, str dir, str project, size_t limit, timing_files *out);
