/* SPDX-License-Identifier: MIT
 * Which words of npx's command line are options, and which have a value behind them. Known options
 * are read from the table of settings; unknown ones are taken to have a value, as npx does. */
#include "npx_argv.h"

#include "cpm/base/path.h"
#include "cpm/base/vec.h"
#include "cpm/config/cfg.h"

typedef VEC(const char *) arg_vec;

static bool is_one_of(str word, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(word, str_view(*words)))
			return true;
	return false;
}

static bool is_called_npx(const char *program)
{
	static const char *const names[] = { "npx", "cpx", NULL };

	return is_one_of(path_basename(str_view(program)), names);
}

/* What npx knew up to version 6. */
static bool is_removed_switch(str key)
{
	static const char *const keys[] = { "always-spawn", "ignore-existing",
					    "shell-auto-fallback", NULL };

	return is_one_of(key, keys);
}

static bool is_removed(str key)
{
	static const char *const keys[] = { "npm", "node-arg", "n", NULL };

	return is_removed_switch(key) || is_one_of(key, keys);
}

static str without_dashes(str word)
{
	while (str_starts(word, S("-")))
		word = str_from(word, 1);
	return word;
}

/* ---- what a key stands for ---- */

static const struct cfg_shorthand *shorthand_of(str key)
{
	for (const struct cfg_shorthand *s = cfg_shorthands; s->name; s++)
		if (str_eq(key, str_view(s->name)))
			return s;
	return NULL;
}

static const struct cfg_row *row_of_letter(str key)
{
	for (enum cfg_key k = 0; key.len == 1 && k < CFG_KEY_COUNT; k++) {
		const char *letters = cfg_row(k)->short_letters;

		if (letters && strchr(letters, key.p[0]))
			return cfg_row(k);
	}
	return NULL;
}

static bool is_switch(const struct cfg_row *row)
{
	return row->type == CFG_TYPE_BOOL ||
	       (row->values && str_find(str_view(row->values), S("true")) != STR_NPOS);
}

/* The word behind --@key, which has no "=", is its value. @next: that word, or NULL. */
static bool takes_value(str key, const char *next)
{
	static const char *const switches[] = { "no-install", "quiet", "q", "version",
						"v",          "help",  "h", NULL };
	static const char *const valued[] = { "package",  "p", "cache", "userconfig",
					      "call",     "c", "shell", "npm",
					      "node-arg", "n", NULL };
	const struct cfg_shorthand *s = is_removed(key) ? NULL : shorthand_of(key);
	const struct cfg_row *row;

	if (is_removed_switch(key) || (!s && is_one_of(key, switches)))
		return false;
	if (is_one_of(key, valued))
		return true;
	if (s && s->second)
		return false;
	if (s)
		key = without_dashes(str_view(s->first));
	row = cfg_row_by_name(key);
	if (!row)
		row = row_of_letter(key);
	return !(row && is_switch(row)) && (!next || next[0] != '-');
}

/* ---- the words ---- */

/* The word as exec has it. */
static const char *translate(struct arena *a, str key, const char *word)
{
	size_t eq = str_find_char(str_view(word), '=');
	str tail = eq == STR_NPOS ? S("") : str_from(str_view(word), eq);

	if (str_eq(key, S("p")))
		return str_cstr(a, str_concat(a, S("--package"), tail));
	if (str_eq(key, S("shell")))
		return str_cstr(a, str_concat(a, S("--script-shell"), tail));
	return str_eq(key, S("no-install")) ? "--yes=false" : word;
}

/* One option and its value; returns how many words that was. */
static size_t add_option(struct arena *a, arg_vec *out, const char *const *word,
			 struct str_buf *complaints)
{
	str whole = without_dashes(str_view(word[0]));
	size_t eq = str_find_char(whole, '=');
	str key = str_slice(whole, 0, MIN(eq, whole.len));
	bool has_value = eq == STR_NPOS && takes_value(key, word[1]) && word[1];

	if (is_removed(key)) {
		buf_printf(complaints, "npx: the --" STR_FMT " argument has been removed.\n",
			   STR_ARG(key));
	} else {
		VEC_PUSH(a, out, translate(a, key, word[0]));
		if (has_value)
			VEC_PUSH(a, out, word[1]);
	}
	return has_value ? 2 : 1;
}

const char *const *npx_argv(struct arena *a, const char *program, const char *const *argv,
			    struct str_buf *complaints)
{
	arg_vec out = { 0 };

	if (!is_called_npx(program))
		return argv;
	VEC_PUSH(a, &out, "exec");
	while (*argv && (*argv)[0] == '-' && strcmp(*argv, "--") != 0)
		argv += add_option(a, &out, argv, complaints);
	if (*argv && strcmp(*argv, "--") != 0)
		VEC_PUSH(a, &out, "--");
	while (*argv)
		VEC_PUSH(a, &out, *argv++);
	VEC_PUSH(a, &out, NULL);
	if (complaints->len > 0)
		buf_add_cstr(complaints, "See `npm help exec` for more information\n");
	return out.items;
}
