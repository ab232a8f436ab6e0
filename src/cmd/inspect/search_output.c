/* SPDX-License-Identifier: MIT
 * npm's words for a package that was found. Source: npm's format-search-stream.js. */
#include "search_output.h"

#include "cpm/build_config.h"

#include <regex.h>

#define MATCHED	 "\x1b[36m"
#define LEADING	 "\x1b[34m"
#define UNKNOWN	 "\x1b[33m"
#define NO_COLOR "\x1b[39m"

/* ---- words ---- */

static int by_length(const void *a, const void *b)
{
	const str *x = a, *y = b;

	return x->len != y->len ? (x->len < y->len ? -1 : 1) : str_cmp(*x, *y);
}

struct search_words search_words_make(struct arena *a, const str *args, size_t nargs)
{
	struct search_words w = { .items = ARENA_ARRAY(a, str, nargs + 1),
				  .by_length = ARENA_ARRAY(a, str, nargs + 1) };

	for (size_t i = 0; i < nargs; i++)
		if (args[i].len)
			w.items[w.count++] = str_lower(a, args[i]);
	memcpy(w.by_length, w.items, w.count * sizeof(str));
	if (w.count)
		qsort(w.by_length, w.count, sizeof(str), by_length);
	return w;
}

/* ---- fields ---- */

static str field(struct arena *a, const struct json *package, const char *key)
{
	str text = json_get_text(package, key);

	return text.len ? log_escape(a, text) : S("");
}

/* A list, or one text in whose place commas may stand once. */
static str keywords_of(struct arena *a, const struct json *package, str separator)
{
	const struct json *k = json_get(package, "keywords");
	struct str_buf out = str_buf(a, SIZE_MAX);

	if (json_is(k, JSON_STRING)) {
		size_t from = str_find_any(k->string, ", \t\n"), to = from;

		if (from == STR_NPOS)
			return log_escape(a, k->string);
		while (to < k->string.len && strchr(", \t\n", k->string.p[to]))
			to++;
		str parts[] = { str_slice(k->string, 0, from), str_from(k->string, to) };
		str all = str_join(a, parts, ARRAY_LEN(parts), S(" "));
		return log_escape(a, str_replace_all(a, all, S(" "), separator));
	}
	for (size_t i = 0; json_is(k, JSON_ARRAY) && i < k->count; i++) {
		if (i)
			buf_add(&out, separator);
		if (json_is(k->items[i], JSON_STRING))
			buf_add(&out, log_escape(a, k->items[i]->string));
	}
	return buf_view(&out);
}

static str maintainers_of(struct arena *a, const struct json *package)
{
	const struct json *list = json_get(package, "maintainers");
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++) {
		if (i)
			buf_add_char(&out, ' ');
		buf_add(&out, field(a, list->items[i], "username"));
	}
	return buf_view(&out);
}

/* "2020-01-02" */
static str day_of(struct arena *a, const struct json *package)
{
	str date = field(a, package, "date");

	return date.len >= 10 ? str_slice(date, 0, 10) : S("prehistoric");
}

/* ---- what is left out ---- */

static bool matches_regex(struct arena *a, str words, str pattern)
{
	regex_t regex;
	bool found;

	pattern = str_from(pattern, 1);
	if (str_ends(pattern, S("/")))
		pattern.len--;
	if (regcomp(&regex, str_cstr(a, pattern), REG_EXTENDED | REG_NOSUB))
		return false;
	found = regexec(&regex, str_cstr(a, words), 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

bool search_is_excluded(const struct cmd_ctx *ctx, const struct json *package)
{
	ARENA_SCOPE(a);
	str rest = cfg_text(ctx->cfg, CFG_SEARCHEXCLUDE);
	str parts[] = { json_get_text(package, "name"), maintainers_of(a, package),
			keywords_of(a, package, S(" ")) };
	str words = str_lower(a, str_join(a, parts, ARRAY_LEN(parts), S(" ")));

	if (!json_is(package, JSON_OBJECT))
		return true;
	rest = str_lower(a, rest);
	for (str pattern; str_cut(&rest, ' ', &pattern);) {
		pattern = str_trim(pattern);
		if (!pattern.len)
			continue;
		if (pattern.p[0] == '/' ? matches_regex(a, words, pattern)
					: str_find(words, pattern) != STR_NPOS)
			return true;
	}
	return false;
}

/* ---- showing ---- */

str search_row(struct arena *a, const struct json *package)
{
	str columns[] = { field(a, package, "name"), field(a, package, "description"),
			  day_of(a, package), field(a, package, "version"),
			  keywords_of(a, package, S(",")) };
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (!columns[i].len && i + 1 < ARRAY_LEN(columns))
			continue;
		if (i)
			buf_add_char(&out, '\t');
		buf_add(&out, str_replace_all(a, columns[i], S("\t"), S(" ")));
	}
	return buf_view(&out);
}

/* Colours of the inside end with the outside's own beginning anew. */
static str painted(struct arena *a, bool is_colored, const char *color, str text)
{
	if (!is_colored)
		return text;
	text = str_replace_all(a, text, S(NO_COLOR),
			       str_concat(a, S(NO_COLOR), str_view(color)));
	return str_printf(a, "%s" STR_FMT NO_COLOR, color, STR_ARG(text));
}

static str marked(struct arena *a, bool is_colored, str text, const struct search_words *words)
{
	for (size_t i = 0; is_colored && i < words->count; i++) {
		str word = words->by_length[i];
		size_t from = 0, at;

		while ((at = str_find(str_lower(a, str_from(text, from)), word)) != STR_NPOS) {
			str parts[] = { str_slice(text, 0, from + at), S(MATCHED),
					str_slice(text, from + at, from + at + word.len),
					S(NO_COLOR), str_from(text, from + at + word.len) };

			text = str_join(a, parts, ARRAY_LEN(parts), S(""));
			from += at + strlen(MATCHED) + word.len + strlen(NO_COLOR);
		}
	}
	return text;
}

static bool is_word(const struct search_words *words, str text)
{
	for (size_t i = 0; i < words->count; i++)
		if (str_eq(words->items[i], text))
			return true;
	return false;
}

static str marked_keywords(struct arena *a, bool is_colored, str keywords,
			   const struct search_words *words)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	str rest = keywords.len ? keywords : STR_NULL;

	for (str one; str_cut(&rest, ' ', &one);)
		buf_printf(&out, "%s" STR_FMT, out.len ? " " : "",
			   STR_ARG(is_word(words, one) ? painted(a, is_colored, MATCHED, one)
						       : one));
	return buf_view(&out);
}

str search_card(const struct cmd_ctx *ctx, const struct json *package,
		const struct search_words *words)
{
	struct arena *a = ctx->arena;
	bool color = ctx->screen->term.out_color;
	struct str_buf out = str_buf(a, SIZE_MAX);
	str name = field(a, package, "name"), description = field(a, package, "description"),
	    keywords = marked_keywords(a, color, keywords_of(a, package, S(" ")), words),
	    publisher = field(a, json_get(package, "publisher"), "username");

	buf_printf(&out, STR_FMT "\n",
		   STR_ARG(is_word(words, name)
				   ? painted(a, color, MATCHED, name)
				   : painted(a, color, LEADING, marked(a, color, name, words))));
	if (description.len)
		buf_printf(&out, STR_FMT "\n", STR_ARG(marked(a, color, description, words)));
	buf_printf(&out, "Version " STR_FMT " published " STR_FMT " by " STR_FMT "\n",
		   STR_ARG(painted(a, color, LEADING, field(a, package, "version"))),
		   STR_ARG(painted(a, color, LEADING, day_of(a, package))),
		   STR_ARG(publisher.len ? painted(a, color, LEADING, publisher)
					 : painted(a, color, UNKNOWN, S("?\?\?"))));
	buf_printf(&out, "Maintainers: " STR_FMT "\n", STR_ARG(maintainers_of(a, package)));
	if (keywords.len)
		buf_printf(&out, "Keywords: " STR_FMT "\n", STR_ARG(keywords));
	buf_printf(&out, STR_FMT "\n",
		   STR_ARG(painted(a, color, LEADING, str_concat(a, S(CPM_SHORT_PAGES), name))));
	return buf_view(&out);
}
