/* SPDX-License-Identifier: MIT
 * The command line layer. The grammar is nopt's, with its corners (npm-cli.md 1.2): "--key value"
 * and "--key=value" are the same, a boolean eats a following "true" or "false" and nothing else,
 * single letters may be joined, and abbreviations are an error rather than a guess. */
#include "cfg_priv.h"

#include <ctype.h>

struct flag_value {
	npmrc_values values;
	bool is_list;
};

struct argv_parser {
	struct cfg *c;
	VEC(str) args; /* still to read from .at on; shorthands are spliced in */
	size_t at;
	struct map flags; /* key -> struct flag_value *, in order of appearance */
};

static bool is_list_row(const struct cfg_row *row)
{
	return row && (row->type == CFG_TYPE_LIST || row->type == CFG_TYPE_ENUMS);
}

/* The row is written as a list of types in npm: such keys take more than one kind of value. */
static bool has_several_types(const struct cfg_row *row)
{
	return row->flags & (CFG_NULLABLE | CFG_REPEAT) || row->values;
}

static bool takes_text(const struct cfg_row *row)
{
	return row->type == CFG_TYPE_STRING || row->type == CFG_TYPE_LIST;
}

static bool takes_bool(const struct cfg_row *row)
{
	return row->type == CFG_TYPE_BOOL ||
	       (row->type == CFG_TYPE_STRING && row->values && strstr(row->values, "true false"));
}

static str strip_dashes(str arg)
{
	while (str_starts(arg, S("-")))
		arg = str_from(arg, 1);
	return arg;
}

static bool is_only_dashes(str arg)
{
	return arg.len >= 2 && strip_dashes(arg).len == 0;
}

/* ---- shorthands ---- */

static const struct cfg_shorthand *find_shorthand(str name)
{
	for (const struct cfg_shorthand *s = cfg_shorthands; s->name; s++)
		if (str_eq(str_view(s->name), name))
			return s;
	return NULL;
}

static const struct cfg_row *find_letter(char letter)
{
	for (enum cfg_key k = 0; k < CFG_KEY_COUNT; k++)
		if (cfg_row(k)->short_letters && strchr(cfg_row(k)->short_letters, letter))
			return cfg_row(k);
	return NULL;
}

/* Appends what one shorthand (a word, or one letter) stands for. */
static bool expand_one(struct arena *a, str name, npmrc_values *out)
{
	const struct cfg_shorthand *s = find_shorthand(name);
	const struct cfg_row *row = name.len == 1 ? find_letter(name.p[0]) : NULL;

	if (s) {
		VEC_PUSH(a, out, NPMRC_VALUE(str_view(s->first)));
		if (s->second)
			VEC_PUSH(a, out, NPMRC_VALUE(str_view(s->second)));
	} else if (row) {
		VEC_PUSH(a, out, NPMRC_VALUE(str_printf(a, "--%s", row->key)));
	}
	return s || row;
}

/* Shorthands whose name begins with @prefix: the only one, or NULL. */
static const char *unique_shorthand(str prefix)
{
	const char *found = NULL;

	for (const struct cfg_shorthand *s = cfg_shorthands; s->name; s++)
		if (str_starts(str_view(s->name), prefix)) {
			if (found)
				return NULL;
			found = s->name;
		}
	return found;
}

static const char *unique_key(str prefix)
{
	const char *found = NULL;

	for (enum cfg_key k = 0; k < CFG_KEY_COUNT; k++)
		if (str_starts(str_view(cfg_row(k)->key), prefix)) {
			if (found)
				return NULL;
			found = cfg_row(k)->key;
		}
	return found;
}

static struct err *abbreviation(str given, const char *meant)
{
	return err_new(E_UNKNOWN_CONFIG,
		       "Invalid abbreviated flag \"--" STR_FMT "\". Did you mean \"--%s\"?",
		       STR_ARG(given), meant);
}

/* What @arg (without dashes) stands for, or nothing when it is no shorthand. */
static struct err *resolve_shorthand(struct arena *a, str arg, npmrc_values *out)
{
	if (arg.len == 0 || cfg_row_by_name(arg) || expand_one(a, arg, out))
		return NULL;

	bool all_letters = true;
	for (size_t i = 0; i < arg.len && all_letters; i++)
		all_letters = expand_one(a, str_slice(arg, i, i + 1), out);
	if (all_letters)
		return NULL;
	VEC_RESET(out);
	if (unique_key(arg))
		return NULL;
	const char *meant = unique_shorthand(arg);
	return meant ? abbreviation(arg, meant) : NULL;
}

/* ---- values ---- */

static void splice(struct argv_parser *p, const npmrc_values *words)
{
	VEC(str) tail = { 0 };
	struct arena *a = p->c->arena;

	for (size_t i = p->at + 1; i < p->args.len; i++)
		VEC_PUSH(a, &tail, p->args.items[i]);
	p->args.len = p->at;
	VEC_EACH (struct npmrc_value, w, words)
		VEC_PUSH(a, &p->args, w->text);
	VEC_EACH (str, s, &tail)
		VEC_PUSH(a, &p->args, *s);
}

static void put_flag(struct argv_parser *p, const struct cfg_row *row, str key,
		     struct npmrc_value value)
{
	struct arena *a = p->c->arena;
	struct flag_value *f = map_get(&p->flags, key);
	bool is_known = f != NULL;

	if (!is_known) {
		f = ARENA_NEW(a, struct flag_value);
		map_put(&p->flags, key, f);
	}
	f->is_list = is_list_row(row) || (!row && is_known);
	if (!f->is_list)
		VEC_RESET(&f->values);
	VEC_PUSH(a, &f->values, value);
}

static bool is_numeric(str s)
{
	size_t i = s.len > 0 && (s.p[0] == '-' || s.p[0] == '+');
	for (; i < s.len; i++)
		if (!isdigit((unsigned char)s.p[i]) && s.p[i] != '.')
			return false;
	return s.len > 0;
}

static bool is_word(const struct cfg_row *row, str text)
{
	str rest = row->values ? str_view(row->values) : STR_NULL;
	for (str word; cfg_next_word(&rest, &word);)
		if (str_eq(word, text))
			return true;
	return false;
}

/* A boolean, or a key made one by "no-": @no tells which way. May eat the next word. */
static void read_bool(struct argv_parser *p, const struct cfg_row *row, str key, bool no)
{
	str next = p->at + 1 < p->args.len ? p->args.items[p->at + 1] : STR_NULL;
	struct npmrc_value value = NPMRC_BOOL(!no);

	if (str_eq(next, S("true")) || str_eq(next, S("false"))) {
		value = NPMRC_BOOL((next.len == 4) != no);
		p->at++;
	} else if (row && has_several_types(row) && next.len > 0) {
		bool is_flag = str_starts(next, S("-")) && next.len > 1 && next.p[1] != '-';
		bool is_long_flag = str_starts(next, S("--")) && strip_dashes(next).len > 0;
		if (is_word(row, next) ||
		    (row->type == CFG_TYPE_NUMBER && !is_long_flag && is_numeric(next)) ||
		    (takes_text(row) && !is_flag)) {
			value = NPMRC_VALUE(next);
			p->at++;
		} else if (str_eq(next, S("null")) && row->flags & CFG_NULLABLE) {
			value = (struct npmrc_value){ NPMRC_NULL, next };
			p->at++;
		}
	}
	put_flag(p, row, key, value);
}

/* Any other key: the next word is its value, unless a plain text key is followed by another flag.
 */
static void read_value(struct argv_parser *p, const struct cfg_row *row, str key)
{
	str next = p->at + 1 < p->args.len ? p->args.items[p->at + 1] : STR_NULL;
	bool is_eaten = !str_is_null(next);

	if (row && row->type == CFG_TYPE_STRING && !has_several_types(row)) {
		bool is_flag = str_starts(next, S("-")) && strip_dashes(next).len > 0;
		if (str_is_null(next) || is_flag) {
			next = S("");
			is_eaten = false;
		}
	}
	if (is_only_dashes(next)) {
		next = STR_NULL;
		is_eaten = false;
	}
	put_flag(p, row, key, str_is_null(next) ? NPMRC_BOOL(true) : NPMRC_VALUE(next));
	p->at += is_eaten;
}

static struct err *read_flag(struct argv_parser *p)
{
	struct arena *a = p->c->arena;
	str arg = p->args.items[p->at];
	size_t eq = str_find_char(arg, '=');
	npmrc_values words = { 0 };

	if (eq != STR_NPOS) {
		VEC_PUSH(a, &words, NPMRC_VALUE(str_slice(arg, 0, eq)));
		VEC_PUSH(a, &words, NPMRC_VALUE(str_from(arg, eq + 1)));
		splice(p, &words);
		arg = words.items[0].text;
		VEC_RESET(&words);
	}
	TRY(resolve_shorthand(a, strip_dashes(arg), &words));
	if (words.len > 0) {
		splice(p, &words);
		return NULL;
	}

	bool has_no = false, no = false;
	str key = strip_dashes(arg);
	while (str_starts_nocase(key, S("no-"))) {
		has_no = true;
		no = !no;
		key = str_from(key, 3);
	}
	const struct cfg_row *row = cfg_row_by_name(key);
	if (!row && key.len > 0 && unique_key(key))
		return abbreviation(key, unique_key(key));

	str next = p->at + 1 < p->args.len ? p->args.items[p->at + 1] : STR_NULL;
	if (!row && eq == STR_NPOS && next.len > 0 && next.p[0] != '-' &&
	    !str_eq(next, S("true")) && !str_eq(next, S("false")))
		VEC_PUSH(a, &p->c->stray, next);
	bool is_bool = has_no || (row ? takes_bool(row) : eq == STR_NPOS) ||
		       (row && row->flags & CFG_NULLABLE && str_eq(next, S("false")));
	if (is_bool)
		read_bool(p, row, key, no);
	else
		read_value(p, row, key);
	p->at++;
	return NULL;
}

/* "-ws" would be read as -w -s; npm refuses the multi-letter shorthands with one dash altogether.
 */
static struct err *refuse_single_dash(const char *const *argv)
{
	for (const struct cfg_shorthand *s = cfg_shorthands; s->name; s++) {
		if (strlen(s->name) < 2)
			continue;
		for (const char *const *arg = argv; *arg && strcmp(*arg, "--") != 0; arg++)
			if ((*arg)[0] == '-' && strcmp(*arg + 1, s->name) == 0)
				return err_new(E_UNKNOWN_CONFIG,
					       "-%s is not a valid single-hyphen cli flag. Did you "
					       "mean --%s?",
					       s->name, s->name);
	}
	return NULL;
}

struct err *cfg_load_argv(struct cfg *c, const char *const *argv)
{
	struct argv_parser p = { .c = c };

	c->places[CFG_LAYER_CLI].source = S("command line options");
	TRY(refuse_single_dash(argv));
	map_init(&p.flags, c->arena);
	for (; *argv; argv++)
		VEC_PUSH(c->arena, &p.args, str_view(*argv));

	while (p.at < p.args.len) {
		str arg = p.args.items[p.at];
		if (is_only_dashes(arg)) {
			for (p.at++; p.at < p.args.len; p.at++)
				VEC_PUSH(c->arena, &c->positionals, p.args.items[p.at]);
		} else if (str_starts(arg, S("-")) && arg.len > 1) {
			TRY(read_flag(&p));
		} else {
			VEC_PUSH(c->arena, &c->positionals, arg);
			p.at++;
		}
	}
	for (struct map_iter it = map_iter(&p.flags); map_next(&it);) {
		struct flag_value *f = it.val;
		TRY(cfg_put(c, CFG_LAYER_CLI, it.key, &f->values, f->is_list));
	}
	return NULL;
}
