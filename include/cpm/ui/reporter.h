/* SPDX-License-Identifier: MIT
 * Log lines for people: `npm warn title message` on stderr, and the debug log file of a run that failed
 * (npm-cli.md 7.1 to 7.4). */
#pragma once
#include "cpm/base/err.h"
#include "cpm/base/log.h"
#include "cpm/base/vec.h"
#include "cpm/ui/screen.h"

struct reporter_line {
	enum log_level level;
	str title, message;
};

struct reporter {
	struct screen *screen;
	struct arena arena;	/* every line of the run, for the debug log */
	VEC(struct reporter_line) lines;
	size_t dropped;		/* lines beyond the ceiling */
	bool is_started;
	enum log_level level;
	str heading;
	struct map notices;	/* shown already: notices are not repeated below verbose */
};

/* Becomes the log's sink. Lines are kept back until reporter_start(), because how to show them is not known yet. */
void reporter_init(struct reporter *r, struct screen *screen);
/* `loglevel` and `heading` are known: shows what was kept back. An unknown level counts as "notice". */
void reporter_start(struct reporter *r, const struct cfg *cfg);
void reporter_fini(struct reporter *r);

/**
 * reporter_write_log - the debug log: every line of the run, all levels, in npm's layout.
 * @dir: made when absent; at most @keep log files stay in it, the oldest go
 * @path: the file that was written
 *
 * npm writes this file on every run. We keep the lines in memory and write them only when somebody will look, that is after a
 * failure: on a run that has nothing to do the file would cost more than the work. Mode 0600.
 */
MUST_CHECK_ERR reporter_write_log(struct reporter *r, struct arena *a, str dir, unsigned keep, int64_t started_ms, str *path);

/* Where debug logs and reports go, how the names of a run's files there begin, and what its debug log is called. */
str reporter_logs_dir(struct arena *a, const struct cfg *cfg);
str reporter_run_id(struct arena *a, int64_t started_ms);
str reporter_log_name(struct arena *a, int64_t started_ms);

/* Of the files in the folder whose names contain @mark and end so, the @keep youngest stay: names begin with the time of the
 * run. What cannot be removed stays as well. */
MUST_CHECK_ERR reporter_prune(struct arena *a, int dirfd, str mark, str ending, unsigned keep);

/* One log line as it is printed: every physical line has the prefix. For tests and for errors before reporter_start(). */
void reporter_format(struct str_buf *out, bool color, str heading, enum log_level level, str title, str message);
