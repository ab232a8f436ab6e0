/* SPDX-License-Identifier: MIT
 * npm's form of a difference between packages: git's, with versions in the place of digests. A file that is no text has
 * its names alone; npm goes by the end of its name for that, and so shows what is text by chance of it. */
#include "diff_text.h"

#include "cpm/base/glob.h"
#include "cpm/base/map.h"
#include "cpm/base/path.h"
#include "cpm/base/unified_diff.h"

#define HEADER	"\x1b[34m"
#define REMOVED "\x1b[31m"
#define ADDED	"\x1b[32m"
#define SECTION "\x1b[36m"
#define PLAIN	"\x1b[39m"

/* ---- which files ---- */

/* "./lib" and ".lib" are "lib" to npm. */
static str bare(struct arena *a, str path)
{
	path = str_replace_all(a, path, S("\\"), S("/"));
	if (str_starts(path, S("./")))
		return str_from(path, 2);
	return str_starts(path, S(".")) ? str_from(path, 1) : path;
}

static bool is_wanted(struct arena *tmp, str path, const str *wanted, size_t nwanted)
{
	str inside = str_concat(tmp, S("package/"), path);

	for (size_t i = 0; i < nwanted; i++) {
		str pattern = bare(tmp, wanted[i]);

		if (str_starts(path, pattern) || str_starts(inside, pattern) ||
		    glob_match_with(tmp, pattern, path, GLOB_GROUPS) ||
		    (str_starts(pattern, S("*")) &&
		     glob_match_with(tmp, pattern, path_basename(path), GLOB_GROUPS)))
			return true;
	}
	return nwanted == 0;
}

/* ---- one file ---- */

struct diff_pair {
	str path;
	const struct diff_file *a, *b; /* NULL: not in that package */
};

static bool is_same(const struct diff_pair *p)
{
	return p->a && p->b && p->a->mode == p->b->mode && str_eq(p->a->text, p->b->text);
}

static bool is_text(const struct diff_file *f)
{
	return !f || (str_is_utf8(f->text) && str_find_char(f->text, '\0') == STR_NPOS);
}

static void add_line(struct str_buf *out, bool is_colored, const char *color, str line)
{
	if (is_colored && line.len)
		buf_printf(out, "%s" STR_FMT PLAIN "\n", color, STR_ARG(line));
	else
		buf_printf(out, STR_FMT "\n", STR_ARG(line));
}

/* A header of a hunk may have text behind it, which stays as it is. */
static void add_hunk_line(struct str_buf *out, bool is_colored, str line)
{
	if (is_colored && str_starts(line, S("-")))
		add_line(out, true, REMOVED, line);
	else if (is_colored && str_starts(line, S("+")))
		add_line(out, true, ADDED, line);
	else
		add_line(out, is_colored && str_starts(line, S("@@")), SECTION, line);
}

struct diff_names {
	str a, b;	      /* "a/lib/x.js" */
	str a_version, b_version; /* "v1.0.0" */
	bool is_colored;
};

static void add_header(struct arena *tmp, struct str_buf *out, const struct diff_pair *p,
		       const struct diff_names *n)
{
	bool c = n->is_colored, is_kept = p->a && p->b && p->a->mode == p->b->mode;
	str mode = is_kept ? str_printf(tmp, "100%o", p->a->mode) : S("");

	add_line(out, c, HEADER,
		 str_printf(tmp, "diff --git " STR_FMT " " STR_FMT, STR_ARG(n->a), STR_ARG(n->b)));
	if (!p->b)
		add_line(out, c, HEADER, str_printf(tmp, "deleted file mode 100%o", p->a->mode));
	if (!p->a)
		add_line(out, c, HEADER, str_printf(tmp, "new file mode 100%o", p->b->mode));
	if (p->a && p->b && !is_kept) {
		add_line(out, c, HEADER, str_printf(tmp, "old mode 100%o", p->a->mode));
		add_line(out, c, HEADER, str_printf(tmp, "new mode 100%o", p->b->mode));
	}
	add_line(out, c, HEADER,
		 str_printf(tmp, "index " STR_FMT ".." STR_FMT " " STR_FMT, STR_ARG(n->a_version),
			    STR_ARG(n->b_version), STR_ARG(mode)));
	add_line(out, c, HEADER, str_concat(tmp, S("--- "), n->a));
	add_line(out, c, HEADER, str_concat(tmp, S("+++ "), n->b));
}

static void add_hunks(const struct cmd_ctx *ctx, struct arena *tmp, struct str_buf *out,
		      const struct diff_pair *p, const struct diff_names *n)
{
	double context = cfg_number(ctx->cfg, CFG_DIFF_UNIFIED);
	const struct diff_style style = {
		.context = context > 0 ? (size_t)MIN(context, 1e6) : 0,
		.ignores_space = cfg_bool(ctx->cfg, CFG_DIFF_IGNORE_ALL_SPACE),
	};
	struct str_buf hunks = str_buf(tmp, SIZE_MAX);
	str rest;

	if (!cfg_bool(ctx->cfg, CFG_DIFF_TEXT) && (!is_text(p->a) || !is_text(p->b)))
		return;
	unified_diff_make(tmp, p->a ? str_to_utf8(tmp, p->a->text) : S(""),
			  p->b ? str_to_utf8(tmp, p->b->text) : S(""), &style, &hunks);
	rest = buf_view(&hunks);
	if (str_ends(rest, S("\n")))
		rest.len--;
	else
		return;
	for (str line; str_cut(&rest, '\n', &line);)
		add_hunk_line(out, n->is_colored, log_escape(tmp, line));
}

static void add_pair(const struct cmd_ctx *ctx, struct str_buf *out, const struct diff_pair *p,
		     struct diff_names *n)
{
	ARENA_SCOPE(tmp);
	bool has_prefix = !cfg_bool(ctx->cfg, CFG_DIFF_NO_PREFIX);
	str path = log_escape(tmp, p->path);

	if (is_same(p))
		return;
	if (cfg_bool(ctx->cfg, CFG_DIFF_NAME_ONLY)) {
		buf_printf(out, STR_FMT "\n", STR_ARG(path));
		return;
	}
	n->a = has_prefix ? str_concat(tmp, cfg_text(ctx->cfg, CFG_DIFF_SRC_PREFIX), path) : path;
	n->b = has_prefix ? str_concat(tmp, cfg_text(ctx->cfg, CFG_DIFF_DST_PREFIX), path) : path;
	add_header(tmp, out, p, n);
	add_hunks(ctx, tmp, out, p, n);
}

/* ---- all files ---- */

typedef VEC(struct diff_pair) pair_vec;

/* A path that came twice in an archive is what it was the last time. */
static void add_side(struct arena *a, const struct diff_side *side, bool is_first, struct map *known,
		     pair_vec *out)
{
	VEC_EACH (const struct diff_file, f, &side->files) {
		size_t at = (size_t)map_get(known, f->path);

		if (!at) {
			VEC_PUSH(a, out, (struct diff_pair){ .path = f->path });
			at = out->len;
			map_put(known, f->path, (void *)at);
		}
		if (is_first)
			out->items[at - 1].a = f;
		else
			out->items[at - 1].b = f;
	}
}

str diff_text_make(const struct cmd_ctx *ctx, const struct diff_side *a, const struct diff_side *b,
		   const str *wanted, size_t nwanted)
{
	struct str_buf out = str_buf(ctx->arena, SIZE_MAX);
	str prefix = cfg_text(ctx->cfg, CFG_TAG_VERSION_PREFIX);
	struct diff_names names = { .is_colored = ctx->screen->term.out_color };
	pair_vec pairs = { 0 };
	struct map known;

	if (!prefix.len)
		prefix = S("v");
	names.a_version = str_concat(ctx->arena, prefix, a->version);
	names.b_version = str_concat(ctx->arena, prefix, b->version);
	map_init(&known, ctx->arena);
	add_side(ctx->arena, a, true, &known, &pairs);
	add_side(ctx->arena, b, false, &known, &pairs);
	VEC_EACH (const struct diff_pair, p, &pairs) {
		ARENA_SCOPE(tmp);

		if (is_wanted(tmp, p->path, wanted, nwanted))
			add_pair(ctx, &out, p, &names);
	}
	return str_trim_js(buf_view(&out));
}
