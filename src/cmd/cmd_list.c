/* SPDX-License-Identifier: MIT
 * The command table, and how a typed word becomes a command: exact name, alias, unique abbreviation
 * (npm-cli.md 1.3). */
#include "cmd_priv.h"

#include <ctype.h>

const struct cmd *const cmd_list[] = {
#define CMD(name) &cmd_##name,
#include "cmd_list.def"
	NULL,
};

/* Commands of npm that we do not have. They count when words are abbreviated, so that no
 * abbreviation means one thing to npm and another to us, and they are refused by name. */
static const struct {
	const char *name;
	const char *const *aliases;
} missing_commands[] = {
	{ "trust", NULL },
};

/* One word that a command answers to. */
struct word {
	str text;
	const struct cmd *cmd; /* NULL: a missing command */
	const char *missing;
};

typedef VEC(struct word) word_vec;

static void add_words(struct arena *a, word_vec *out, const char *name, const char *const *aliases,
		      const struct cmd *cmd)
{
	const char *missing = cmd ? NULL : name;

	VEC_PUSH(a, out, (struct word){ str_view(name), cmd, missing });
	for (; aliases && *aliases; aliases++)
		VEC_PUSH(a, out, (struct word){ str_view(*aliases), cmd, missing });
}

static void all_words(struct arena *a, word_vec *out)
{
	for (const struct cmd *const *c = cmd_list; *c; c++)
		add_words(a, out, (*c)->name, (*c)->aliases, *c);
	for (size_t i = 0; i < ARRAY_LEN(missing_commands); i++)
		add_words(a, out, missing_commands[i].name, missing_commands[i].aliases, NULL);
}

/* "installTest" is "install-test". */
static str kebab(struct arena *a, str typed)
{
	struct str_buf out = str_buf(a, 2 * typed.len + 1);

	for (size_t i = 0; i < typed.len; i++) {
		if (isupper((unsigned char)typed.p[i]))
			buf_add_char(&out, '-');
		buf_add_char(&out, (char)tolower((unsigned char)typed.p[i]));
	}
	return buf_view(&out);
}

/* Our own commands do not count, so that they change what no abbreviation means to npm. */
static bool is_abbreviation(const struct word *w, str typed)
{
	return str_starts(w->text, typed) && !(w->cmd && w->cmd->needs & CMD_OWN);
}

const struct cmd *cmd_find(struct arena *a, str typed, const char **missing)
{
	const struct word *found = NULL;
	word_vec words = { 0 };

	*missing = NULL;
	typed = kebab(a, typed);
	if (typed.len == 0)
		return NULL;
	all_words(a, &words);
	VEC_EACH (struct word, w, &words)
		if (str_eq(w->text, typed))
			found = w;
	for (size_t i = 0, matches = 0; !found && i < words.len; i++) {
		if (!is_abbreviation(&words.items[i], typed))
			continue;
		/* Unique among the words, not among the commands: npm counts aliases one by one. */
		for (size_t j = matches = 0; j < words.len; j++)
			matches += is_abbreviation(&words.items[j], typed);
		if (matches > 1)
			return NULL;
		found = &words.items[i];
	}
	if (!found)
		return NULL;
	*missing = found->missing;
	return found->cmd;
}

/* ---- suggestions ---- */

/* Levenshtein distance, one row at a time. */
static size_t distance(struct arena *a, str from, str to)
{
	size_t *row = ARENA_ARRAY(a, size_t, to.len + 1);

	for (size_t j = 0; j <= to.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= from.len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= to.len; j++) {
			size_t replaced = diagonal + (from.p[i - 1] != to.p[j - 1]);
			diagonal = row[j];
			size_t gap = MIN(row[j], row[j - 1]) + 1;
			row[j] = MIN(replaced, gap);
		}
	}
	return row[to.len];
}

static bool is_close(struct arena *a, str typed, str name)
{
	return !str_eq(typed, name) && (double)distance(a, typed, name) < (double)typed.len * 0.4;
}

typedef VEC(str) line_vec;

static void suggest_from_commands(struct arena *a, str typed, line_vec *lines)
{
	for (const struct cmd *const *c = cmd_list; *c; c++)
		if (!((*c)->needs & CMD_HIDDEN) && is_close(a, typed, str_view((*c)->name)))
			VEC_PUSH(a, lines, str_printf(a, "  npm %s # %s", (*c)->name, (*c)->summary));
}

/* Scripts that are commands as well were suggested as such. */
static void suggest_from_scripts(struct arena *a, str typed, const struct json *scripts, line_vec *lines)
{
	for (size_t i = 0; json_is(scripts, JSON_OBJECT) && i < scripts->count; i++) {
		str name = scripts->members[i].key;
		bool is_command = str_eq(name, S("stop")) || str_eq(name, S("start")) ||
				  str_eq(name, S("test")) || str_eq(name, S("restart"));

		if (!is_command && is_close(a, typed, name))
			VEC_PUSH(a, lines,
				 str_printf(a, "  npm run " STR_FMT " # run the \"" STR_FMT "\" package script",
					    STR_ARG(name), STR_ARG(name)));
	}
}

static void suggest_from_bins(struct arena *a, str typed, const struct manifest *m, line_vec *lines)
{
	for (size_t i = 0; i < m->nbins; i++) {
		str name = m->bins[i].name;

		if (is_close(a, typed, name) || str_eq(typed, name))
			VEC_PUSH(a, lines,
				 str_printf(a, "  npm exec " STR_FMT " # run the \"" STR_FMT
					       "\" command from either this or a remote npm package",
					    STR_ARG(name), STR_ARG(name)));
	}
}

str cmd_suggest(struct arena *a, str typed, const struct manifest *manifest)
{
	line_vec lines = { 0 };

	if (typed.len > 100)
		return STR_NULL;
	suggest_from_commands(a, typed, &lines);
	if (manifest) {
		suggest_from_scripts(a, typed, json_get(manifest->json, "scripts"), &lines);
		suggest_from_bins(a, typed, manifest, &lines);
	}
	if (lines.len == 0)
		return STR_NULL;
	return str_printf(a, "Did you mean %s?\n" STR_FMT, lines.len == 1 ? "this" : "one of these",
			  STR_ARG(str_join(a, lines.items, MIN(lines.len, (size_t)3), S("\n"))));
}
