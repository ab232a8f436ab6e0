/* SPDX-License-Identifier: MIT
 * The log's sink. Tools match on these lines, so their shape is npm's: heading, level, title, then
 * the message, the prefix repeated on every physical line and no blank behind it on an empty one.
 */
#include "cpm/ui/reporter.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

#include <time.h>

#define MAX_KEPT_LINES 50000

static enum paint level_paint(enum log_level level)
{
	static const enum paint paints[] = {
		[LOG_SILENT] = PAINT_RESET, [LOG_ERROR] = PAINT_RED,
		[LOG_WARN] = PAINT_YELLOW,  [LOG_NOTICE] = PAINT_BRIGHT_CYAN,
		[LOG_HTTP] = PAINT_GREEN,   [LOG_INFO] = PAINT_CYAN,
		[LOG_VERBOSE] = PAINT_BLUE, [LOG_SILLY] = PAINT_BLUE,
	};
	return paints[level];
}

static void add_painted(struct str_buf *out, bool color, enum paint p, str text)
{
	buf_add_cstr(out, paint(color, p));
	buf_add(out, text);
	buf_add_cstr(out, paint(color, PAINT_RESET));
}

void reporter_format(struct str_buf *out, bool color, str heading, enum log_level level, str title,
		     str message)
{
	for (str line; str_cut(&message, '\n', &line);) {
		if (heading.len > 0) {
			add_painted(out, color, PAINT_BOLD, heading);
			buf_add_char(out, ' ');
		}
		add_painted(out, color, level_paint(level), log_level_name(level));
		if (title.len > 0) {
			buf_add_char(out, ' ');
			add_painted(out, color, PAINT_BRIGHT_BLUE, title);
		}
		if (line.len > 0) {
			buf_add_char(out, ' ');
			buf_add(out, line);
		}
		buf_add_char(out, '\n');
	}
}

/* Below verbose a notice is shown once: scripts of many workspaces would repeat it. */
static bool is_repeated_notice(struct reporter *r, const struct reporter_line *l)
{
	if (l->level != LOG_NOTICE || r->level >= LOG_VERBOSE)
		return false;
	str key = str_printf(&r->arena, "%s" STR_FMT "\n" STR_FMT,
			     str_is_null(l->title) ? "" : "titled ", STR_ARG(l->title),
			     STR_ARG(l->message));
	if (map_has(&r->notices, key))
		return true;
	map_put(&r->notices, key, r);
	return false;
}

static void show(struct reporter *r, const struct reporter_line *l)
{
	if (l->level > r->level || is_repeated_notice(r, l))
		return;
	ARENA_SCOPE(tmp);
	struct str_buf out = str_buf(tmp, SIZE_MAX);
	reporter_format(&out, r->screen->term.err_color, r->heading, l->level,
			log_escape(tmp, l->title), log_escape(tmp, l->message));
	screen_write(r->screen, STDERR_FILENO, buf_view(&out));
}

static void take_line(void *ctx, enum log_level level, str title, str message)
{
	struct reporter *r = ctx;

	if (r->lines.len == MAX_KEPT_LINES) {
		r->dropped++;
		if (r->is_started)
			show(r, &(struct reporter_line){ level, title, message });
		return;
	}
	VEC_PUSH(&r->arena, &r->lines,
		 (struct reporter_line){ level, str_dup(&r->arena, title),
					 str_dup(&r->arena, message) });
	if (r->is_started)
		show(r, &VEC_LAST(&r->lines));
}

void reporter_init(struct reporter *r, struct screen *screen)
{
	*r = (struct reporter){ .screen = screen, .level = LOG_NOTICE, .heading = S("npm") };
	map_init(&r->notices, &r->arena);
	log_set_sink(take_line, r);
}

void reporter_start(struct reporter *r, const struct cfg *cfg)
{
	if (!log_level_parse(cfg_text(cfg, CFG_LOGLEVEL), &r->level))
		r->level = LOG_NOTICE;
	r->heading = cfg_text(cfg, CFG_HEADING);
	r->is_started = true;
	for (size_t i = 0; i < r->lines.len; i++)
		show(r, &r->lines.items[i]);
}

void reporter_fini(struct reporter *r)
{
	log_set_sink(NULL, NULL);
	arena_fini(&r->arena);
}

/* ---- the debug log ---- */

str reporter_run_id(struct arena *a, int64_t started_ms)
{
	time_t sec = (time_t)(started_ms / 1000);
	struct tm tm;

	gmtime_r(&sec, &tm);
	return str_printf(a, "%04d-%02d-%02dT%02d_%02d_%02d_%03dZ", tm.tm_year + 1900,
			  tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			  (int)(started_ms % 1000));
}

str reporter_log_name(struct arena *a, int64_t started_ms)
{
	return str_concat(a, reporter_run_id(a, started_ms), S("-debug-0.log"));
}

str reporter_logs_dir(struct arena *a, const struct cfg *cfg)
{
	str dir = cfg_text(cfg, CFG_LOGS_DIR);

	return dir.len ? dir : path_join(a, cfg_text(cfg, CFG_CACHE), S("_logs"));
}

static void format_log(struct reporter *r, struct str_buf *out)
{
	for (size_t i = 0; i < r->lines.len; i++) {
		const struct reporter_line *l = &r->lines.items[i];
		str prefix = str_printf(&r->arena, "%zu", i);
		str message = l->message;
		for (str line; str_cut(&message, '\n', &line);) {
			str level = log_level_name(l->level);
			buf_printf(out, STR_FMT " " STR_FMT, STR_ARG(prefix), STR_ARG(level));
			if (l->title.len > 0)
				buf_printf(out, " " STR_FMT, STR_ARG(l->title));
			if (line.len > 0)
				buf_printf(out, " " STR_FMT, STR_ARG(line));
			buf_add_char(out, '\n');
		}
	}
	if (r->dropped > 0)
		buf_printf(out, "%zu further lines were not kept\n", r->dropped);
}

static int compare_names(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

struct err *reporter_prune(struct arena *a, int dirfd, str mark, str ending, unsigned keep)
{
	VEC(str) names = { 0 };
	AUTO_DIR it = { 0 };

	TRY(dir_open(dirfd, ".", &it));
	while (dir_next(&it))
		if (str_ends(str_view(it.name), ending) &&
		    str_find(str_view(it.name), mark) != STR_NPOS)
			VEC_PUSH(a, &names, str_dup(a, str_view(it.name)));
	if (it.err)
		return it.err;
	VEC_SORT(&names, compare_names);
	for (size_t i = 0; i + keep < names.len; i++)
		err_ignore(fs_unlink(dirfd, str_cstr(a, names.items[i])));
	return NULL;
}

struct err *reporter_write_log(struct reporter *r, struct arena *a, str dir, unsigned keep,
			       int64_t started_ms, str *path)
{
	str name = reporter_log_name(a, started_ms);
	struct str_buf text = str_buf(a, SIZE_MAX);
	AUTO_FD
	dirfd = -1;

	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, dir)));
	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, dir), &dirfd));
	format_log(r, &text);
	TRY(fs_write_replace(dirfd, str_cstr(a, name), buf_view(&text), 0600));
	*path = path_join(a, dir, name);
	return reporter_prune(a, dirfd, S("-debug-"), S(".log"), keep);
}
