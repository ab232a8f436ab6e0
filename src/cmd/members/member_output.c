/* SPDX-License-Identifier: MIT
 * Pieces of output into lines, and lines onto the screen or into a member's heap until it has
 * ended. Lines are never cut by those of another member.
 *
 *	live      @acme/ui   │ built in 2 s
 *	GitHub    ::group::@acme/ui build (2.0 s) ... ::endgroup::
 *	GitLab    section_start:<time>:<id> ... section_end:<time>:<id>
 */
#include "member_output.h"

#include "member_report.h"

#include <ctype.h>
#include <time.h>
#include <unistd.h>

#define MAX_LINE_BYTES ((size_t)64 * 1024)
#define MAX_KEPT_BYTES ((size_t)32 << 20) /* of one member: beyond, it is shown in several pieces \
					   */
#define MAX_NAME_WIDTH 32
#define ANY            SIZE_MAX

enum groups { GROUPS_NONE, GROUPS_GITHUB, GROUPS_GITLAB };

struct kept {
	bool is_err;
	str text;
};

struct lines {
	str prefix;
	struct str_buf partial[2]; /* the line that has no end yet: of stdout, of stderr */
	struct arena arena;        /* of what is kept */
	VEC(struct kept) kept;
	size_t kept_bytes;
};

struct member_output {
	struct member_run *run;
	bool is_shared, is_kept;
	enum groups groups;
	struct lines *lines;
};

static enum groups groups_of(const struct cmd_ctx *ctx)
{
	if (ctx->out->is_json)
		return GROUPS_NONE;
	if (str_eq(cfg_getenv(ctx->cfg, "GITHUB_ACTIONS"), S("true")))
		return GROUPS_GITHUB;
	return str_eq(cfg_getenv(ctx->cfg, "GITLAB_CI"), S("true")) ? GROUPS_GITLAB : GROUPS_NONE;
}

bool member_output_is_kept(const struct cmd_ctx *ctx)
{
	if (!cfg_is_null(ctx->cfg, CFG_AGGREGATE_OUTPUT))
		return cfg_bool(ctx->cfg, CFG_AGGREGATE_OUTPUT);
	return groups_of(ctx) != GROUPS_NONE;
}

/* ---- names in front ---- */

static unsigned widest_name(const struct member_run *r)
{
	unsigned widest = 0;

	for (size_t i = 0; i < r->count; i++) {
		unsigned width = term_width(r->tasks[i].member->name);

		if (r->tasks[i].nsteps > 0 && width <= MAX_NAME_WIDTH)
			widest = MAX(widest, width);
	}
	return widest;
}

static str prefix_of(const struct member_run *r, size_t task, unsigned width)
{
	static const enum paint colors[] = { PAINT_CYAN,        PAINT_GREEN,       PAINT_YELLOW,
					     PAINT_BRIGHT_BLUE, PAINT_BRIGHT_CYAN, PAINT_BLUE };
	const struct term *term = &r->ctx->screen->term;
	struct str_buf out = str_buf(r->ctx->arena, MAX_LINE_BYTES);
	str name = r->tasks[task].member->name;
	unsigned own = term_width(name);

	paint_text(&out, term->out_color, colors[task % ARRAY_LEN(colors)], name);
	buf_add_repeat(&out, S(" "), own < width ? width - own : 0);
	buf_printf(&out, " %s%s%s ", paint(term->out_color, PAINT_DIM),
		   term->is_unicode ? "│" : "|", paint(term->out_color, PAINT_RESET));
	return buf_view(&out);
}

struct member_output *member_output_new(struct member_run *run, bool is_shared)
{
	struct arena *a = run->ctx->arena;
	struct member_output *o = ARENA_NEW(a, struct member_output);
	unsigned width = widest_name(run);

	*o = (struct member_output){ .run = run, .is_shared = is_shared };
	o->groups = groups_of(run->ctx);
	o->is_kept = member_output_is_kept(run->ctx);
	o->lines = ARENA_ARRAY(a, struct lines, run->count + 1);
	for (size_t i = 0; i < run->count; i++) {
		struct lines *l = &o->lines[i];

		if (run->tasks[i].nsteps == 0)
			continue;
		l->prefix = o->is_kept && o->groups ? S("") : prefix_of(run, i, width);
		l->partial[0] = str_buf(a, 2 * MAX_LINE_BYTES);
		l->partial[1] = str_buf(a, 2 * MAX_LINE_BYTES);
	}
	return o;
}

/* ---- groups ---- */

/* The name of a section: letters, digits and what GitLab allows besides. */
static str section_name(struct arena *a, const struct member_run *r, size_t task)
{
	struct str_buf out = str_buf(a, MAX_LINE_BYTES);
	str name = r->tasks[task].member->name;

	for (size_t i = 0; i < name.len; i++)
		buf_add_char(&out, isalnum((unsigned char)name.p[i]) ? name.p[i] : '_');
	buf_printf(&out, "_%zu", task);
	return buf_view(&out);
}

static void open_group(struct member_output *o, size_t task, str title)
{
	ARENA_SCOPE(tmp);
	str line = STR_NULL;

	title = str_replace_all(tmp, log_escape(tmp, title), S("\n"), S(" "));
	if (o->groups == GROUPS_GITHUB)
		line = str_printf(tmp, "::group::" STR_FMT "\n", STR_ARG(title));
	if (o->groups == GROUPS_GITLAB)
		line = str_printf(tmp,
				  "\033[0Ksection_start:%lld:" STR_FMT
				  "[collapsed=true]\r\033[0K" STR_FMT "\n",
				  (long long)time(NULL), STR_ARG(section_name(tmp, o->run, task)),
				  STR_ARG(title));
	if (line.len)
		screen_write(o->run->ctx->screen, STDOUT_FILENO, line);
}

static void close_group(struct member_output *o, size_t task)
{
	ARENA_SCOPE(tmp);
	const struct member_task *t = &o->run->tasks[task];
	struct str_buf out = str_buf(tmp, MAX_LINE_BYTES);

	if (o->groups == GROUPS_GITHUB)
		buf_add_cstr(&out, "::endgroup::\n");
	if (o->groups == GROUPS_GITHUB && t->state == MEMBER_FAILED)
		buf_printf(&out, "::error title=Workspace failed::" STR_FMT " in " STR_FMT "\n",
			   STR_ARG(o->run->title), STR_ARG(t->member->name));
	if (o->groups == GROUPS_GITLAB)
		buf_printf(&out, "\033[0Ksection_end:%lld:" STR_FMT "\r\033[0K\n",
			   (long long)time(NULL), STR_ARG(section_name(tmp, o->run, task)));
	screen_write(o->run->ctx->screen, STDOUT_FILENO, buf_view(&out));
}

/* ---- lines ---- */

/* With a document on stdout nothing else may be there. */
static void show(struct member_output *o, bool is_err, str text)
{
	bool is_elsewhere = is_err || o->run->ctx->out->is_json;

	if (text.len)
		screen_write(o->run->ctx->screen, is_elsewhere ? STDERR_FILENO : STDOUT_FILENO,
			     text);
}

static void show_kept(struct member_output *o, struct lines *l)
{
	VEC_EACH (struct kept, k, &l->kept)
		show(o, k->is_err, k->text);
	arena_fini(&l->arena);
	memset(&l->kept, 0, sizeof(l->kept));
	l->kept_bytes = 0;
}

static void put(struct member_output *o, size_t task, bool is_err, str text)
{
	struct lines *l = &o->lines[task];

	if (!o->is_kept) {
		show(o, is_err, text);
		return;
	}
	if (!text.len)
		return;
	VEC_PUSH(&l->arena, &l->kept, (struct kept){ is_err, str_dup(&l->arena, text) });
	l->kept_bytes += text.len;
	if (l->kept_bytes > MAX_KEPT_BYTES)
		show_kept(o, l);
}

/* A colour that a line leaves on must not run into the next one. */
static void add_line(struct str_buf *out, str prefix, str start, str rest)
{
	bool has_color = str_find_char(start, '\033') != STR_NPOS ||
			 str_find_char(rest, '\033') != STR_NPOS;

	buf_add(out, prefix);
	buf_add(out, start);
	buf_add(out, rest);
	if (out->len > 0 && out->p[out->len - 1] == '\r')
		out->len--;
	buf_add_cstr(out, has_color ? "\033[0m\n" : "\n");
}

void member_output_add(struct member_output *o, size_t task, bool is_err, str bytes)
{
	ARENA_SCOPE(tmp);
	struct lines *l = &o->lines[task];
	struct str_buf *partial = &l->partial[is_err], out = str_buf(tmp, SIZE_MAX);
	size_t end;

	while ((end = str_find_char(bytes, '\n')) != STR_NPOS) {
		add_line(&out, l->prefix, buf_view(partial), str_slice(bytes, 0, end));
		buf_reset(partial);
		bytes = str_from(bytes, end + 1);
	}
	if (partial->len + bytes.len > MAX_LINE_BYTES) {
		add_line(&out, l->prefix, buf_view(partial), bytes);
		buf_reset(partial);
	} else {
		buf_add(partial, bytes);
	}
	put(o, task, is_err, buf_view(&out));
}

/* ---- a member ---- */

static bool wants_notices(const struct cmd_ctx *ctx)
{
	enum log_level level;

	return !log_level_parse(cfg_text(ctx->cfg, CFG_LOGLEVEL), &level) || level >= LOG_NOTICE;
}

void member_output_begin(struct member_output *o, size_t task, str line)
{
	ARENA_SCOPE(tmp);
	const struct member_run *r = o->run;
	struct str_buf out = str_buf(tmp, SIZE_MAX);
	bool color = r->ctx->screen->term.err_color;

	if (o->is_shared)
		open_group(o, task,
			   str_printf(tmp, STR_FMT " " STR_FMT,
				      STR_ARG(r->tasks[task].member->name), STR_ARG(r->title)));
	if (str_is_null(line) || !wants_notices(r->ctx))
		return;
	buf_add(&out, o->lines[task].prefix);
	paint_text(&out, color, PAINT_DIM, str_printf(tmp, "$ " STR_FMT, STR_ARG(line)));
	buf_add_char(&out, '\n');
	put(o, task, true, buf_view(&out));
}

void member_output_end(struct member_output *o, size_t task)
{
	ARENA_SCOPE(tmp);
	const struct member_task *t = &o->run->tasks[task];
	struct lines *l = &o->lines[task];

	if (o->is_shared) {
		close_group(o, task);
		return;
	}
	for (int i = 0; i < 2; i++)
		if (l->partial[i].len > 0)
			member_output_add(o, task, i == 1, S("\n"));
	if (!o->is_kept)
		return;
	open_group(o, task,
		   str_printf(tmp, STR_FMT " " STR_FMT " (" STR_FMT ")", STR_ARG(t->member->name),
			      STR_ARG(o->run->title), STR_ARG(member_duration(tmp, t->took_ms))));
	show_kept(o, l);
	close_group(o, task);
}
