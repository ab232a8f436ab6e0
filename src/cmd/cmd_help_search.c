/* SPDX-License-Identifier: MIT
 * help-search: which command's help speaks of something. It looks into the same texts that `cpm
 * help` prints. */
#include "cmd_priv.h"

#define WIDTH_MAX 80
#define HITS_MAX  ((size_t)10)
#define LINES_MAX ((size_t)4)

struct hit {
	const struct cmd *cmd;
	size_t found, total; /* words that are there; how often all of them are */
	str counts;          /* "word:2 other:1" */
	str lines;           /* the first that have one of them */
	size_t at;
};

typedef VEC(struct hit) hit_vec;

/* ---- searching ---- */

/* Both in lower case. */
static size_t count_of(str text, str word)
{
	size_t count = 0;

	for (size_t at; word.len && (at = str_find(text, word)) != STR_NPOS; count++)
		text = str_from(text, at + word.len);
	return count;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static void count_words(struct arena *a, str text, const str *words, size_t nwords, struct hit *out)
{
	str *counts = ARENA_ARRAY(a, str, nwords);

	for (size_t i = 0; i < nwords; i++) {
		size_t n = count_of(text, str_lower(a, words[i]));

		if (n)
			counts[out->found++] = str_printf(a, STR_FMT ":%zu", STR_ARG(words[i]), n);
		out->total += n;
	}
	if (out->found)
		qsort(counts, out->found, sizeof(*counts), by_text);
	out->counts = str_join(a, counts, out->found, S(" "));
}

static str lines_with(struct arena *a, str text, const str *words, size_t nwords)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	size_t count = 0;

	for (str line; count < LINES_MAX && str_cut(&text, '\n', &line);) {
		bool has = false;

		for (size_t i = 0; i < nwords; i++)
			has |= count_of(str_lower(a, line), str_lower(a, words[i])) > 0;
		if (has && ++count)
			buf_printf(&out, STR_FMT "\n", STR_ARG(str_trim(line)));
	}
	return buf_view(&out);
}

static int best_first(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->found != y->found)
		return x->found < y->found ? 1 : -1;
	if (x->total != y->total)
		return x->total < y->total ? 1 : -1;
	return x->at < y->at ? -1 : 1;
}

static void search(struct arena *a, const str *words, size_t nwords, hit_vec *out)
{
	for (const struct cmd *const *c = cmd_list; *c; c++) {
		struct hit hit = { .cmd = *c, .at = out->len };
		str text = cmd_usage(a, *c);

		if ((*c)->needs & CMD_HIDDEN)
			continue;
		count_words(a, str_lower(a, text), words, nwords, &hit);
		if (!hit.found)
			continue;
		hit.lines = lines_with(a, text, words, nwords);
		VEC_PUSH(a, out, hit);
	}
	if (out->len)
		VEC_SORT(out, best_first);
	out->len = MIN(out->len, HITS_MAX);
}

/* ---- showing ---- */

static void add_hit(struct arena *a, struct str_buf *out, const struct hit *hit, size_t width,
		    bool is_long)
{
	str title = str_printf(a, "cpm help %s", hit->cmd->name);
	size_t used = title.len + hit->counts.len;

	buf_add(out, title);
	buf_add_repeat(out, S(" "), used < width ? width - used : 1);
	buf_printf(out, STR_FMT "\n", STR_ARG(hit->counts));
	if (!is_long)
		return;
	buf_add_repeat(out, S("-"), width);
	buf_printf(out, "\n" STR_FMT "\n\n", STR_ARG(hit->lines));
}

static struct err *help_search_run(struct cmd_ctx *ctx, const str *args, size_t nargs,
				   int *exit_status)
{
	struct arena *a = ctx->arena;
	struct str_buf out = str_buf(a, SIZE_MAX);
	bool is_long = cfg_bool(ctx->cfg, CFG_LONG);
	size_t width = MIN((size_t)ctx->screen->term.columns, (size_t)WIDTH_MAX);
	hit_vec hits = { 0 };

	(void)exit_status;
	if (!nargs)
		return cmd_usage_error(ctx, "%s", "");
	search(a, args, nargs, &hits);
	if (!hits.len) {
		out_line(ctx->out, "No matches in help for: " STR_FMT "\n",
			 STR_ARG(str_join(a, args, nargs, S(" "))));
		return NULL;
	}
	if (!is_long) {
		buf_add_cstr(&out, "Top hits for");
		for (size_t i = 0; i < nargs; i++) {
			buf_add_char(&out, ' ');
			json_write_string(&out, args[i]);
		}
		buf_add_char(&out, '\n');
		buf_add_repeat(&out, S("\u2014"), width);
		buf_add_char(&out, '\n');
	}
	VEC_EACH (struct hit, hit, &hits)
		add_hit(a, &out, hit, width, is_long);
	if (!is_long) {
		buf_add_repeat(&out, S("\u2014"), width);
		buf_add_cstr(&out, "\n(run with -l or --long to see more context)");
	}
	out_text(ctx->out, log_escape(a, str_trim(buf_view(&out))));
	return NULL;
}

const struct cmd cmd_help_search = {
	.name = "help-search",
	.summary = "Search the help of all commands",
	.synopsis = (const char *const[]){ "<text>", NULL },
	.keys = (const enum cfg_key[]){ CFG_LONG, CFG_END },
	.needs = CMD_SKIPS_CONFIG_CHECK,
	.doc = "help-search",
	.run = help_search_run,
};
