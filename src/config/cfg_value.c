/* SPDX-License-Identifier: MIT
 * Text into typed values. npm types a value twice, once when it reads a layer and once when it
 * validates it; this is the sum of both, so that a value is either right or gone when the layers
 * are merged. */
#include "cfg_priv.h"

#include "cpm/config/cfg_date.h"
#include "cpm/base/json.h"
#include "cpm/base/path.h"
#include "cpm/base/semver.h"

#include <ctype.h>
#include <math.h>

bool cfg_next_word(str *rest, str *word)
{
	while (str_cut(rest, ' ', word))
		if (word->len > 0)
			return true;
	return false;
}

static bool is_word_of(const struct cfg_row *row, str text)
{
	if (!row->values)
		return false;
	str rest = str_view(row->values);
	if (rest.len == 0)
		return text.len == 0;
	for (str word; cfg_next_word(&rest, &word);)
		if (str_eq(word, text))
			return true;
	return false;
}

static struct cfg_value text_value(str s)
{
	return (struct cfg_value){ .kind = VALUE_TEXT, .text = s };
}

static struct cfg_value bool_value(bool b)
{
	return (struct cfg_value){ .kind = VALUE_BOOL, .boolean = b };
}

/* What JavaScript's Number() takes; the empty text is 0. */
static bool parse_number(struct arena *a, str text, double *out)
{
	const char *p = str_cstr(a, str_trim_js(text));
	char *end;

	if (*p == 0) {
		*out = 0;
		return true;
	}
	if (!isdigit((unsigned char)p[strspn(p, "+-.")]) && strcmp(p, "Infinity") != 0)
		return false;
	*out = strtod(p, &end);
	return *end == 0;
}

static bool parse_octal(struct arena *a, str text, double *out)
{
	str digits = str_starts(text, S("0o")) ? str_from(text, 2) : text;
	bool is_octal = text.len > 1 && text.p[0] == '0';
	char *end;

	if (text.len == 0)
		return false;
	unsigned long n = strtoul(str_cstr(a, digits), &end, is_octal ? 8 : 10);
	*out = (double)n;
	return *end == 0 && isdigit((unsigned char)text.p[0]) && n <= 0777;
}

/* A URL needs a scheme and a host; both become lower case, and an empty path becomes "/". */
static bool parse_url(struct arena *a, str text, str *out)
{
	size_t colon = str_find(text, S("://"));

	if (colon == STR_NPOS || colon == 0)
		return false;
	str authority = str_from(text, colon + 3);
	size_t slash = str_find_any(authority, "/?#");
	str rest = slash == STR_NPOS ? STR_NULL : str_from(authority, slash);
	if (slash != STR_NPOS)
		authority.len = slash;
	size_t at = str_rfind_char(authority, '@');
	str user = at == STR_NPOS ? STR_NULL : str_slice(authority, 0, at + 1);
	str host = at == STR_NPOS ? authority : str_from(authority, at + 1);
	if (host.len == 0 || host.p[0] == ':' || str_find_any(host, " \t${}") != STR_NPOS)
		return false;

	struct str_buf b = str_buf(a, text.len + 2);
	buf_add(&b, str_lower(a, str_slice(text, 0, colon + 3)));
	buf_add(&b, user);
	buf_add(&b, str_lower(a, host));
	if (rest.len == 0 || rest.p[0] != '/')
		buf_add_char(&b, '/');
	buf_add(&b, rest);
	*out = buf_view(&b);
	return true;
}

static str parse_path(const struct cfg *c, str text)
{
	if (str_starts(text, S("~/")) && c->home.len > 0)
		return path_resolve(c->arena, c->home, str_from(text, 2));
	return path_resolve(c->arena, c->cwd, text);
}

/* The boolean rule of npm: numbers by value, "false" and "null" no, any other word yes. */
static bool parse_bool(struct arena *a, str text)
{
	double n;

	if (text.len == 0)
		return true;
	if (parse_number(a, text, &n))
		return n != 0;
	return !str_eq(text, S("false")) && !str_eq(text, S("null")) &&
	       !str_eq(text, S("undefined"));
}

/* null, false and the like, where a row takes them beside its type. */
static bool parse_literal(const struct cfg_row *row, struct npmrc_value raw, str text,
			  struct cfg_value *out)
{
	bool is_nullable = row->flags & CFG_NULLABLE;

	if (is_nullable && (raw.kind == NPMRC_NULL || str_eq(text, S("null")))) {
		*out = (struct cfg_value){ .kind = VALUE_NULL };
		return true;
	}
	if (row->type == CFG_TYPE_BOOL)
		return false;
	if (str_eq(text, S("false")) && is_word_of(row, text)) {
		*out = bool_value(false);
		return true;
	}
	if (is_nullable && raw.kind == NPMRC_FALSE) {
		*out = (struct cfg_value){ .kind = VALUE_NULL };
		return true;
	}
	return false;
}

/* Types whose value must be written out: a bare flag or a literal is none. */
static bool parse_text(const struct cfg *c, const struct cfg_row *row, str text,
		       struct cfg_value *out)
{
	switch (row->type) {
	case CFG_TYPE_PATH:
		out->text = parse_path(c, text);
		return true;
	case CFG_TYPE_URL:
		return is_word_of(row, text) || parse_url(c->arena, text, &out->text);
	case CFG_TYPE_DATE:
		return cfg_date_parse(c->arena, text, &out->text);
	case CFG_TYPE_SEMVER:
		return semver_is_valid(text, SEMVER_STRICT);
	case CFG_TYPE_OCTAL:
		out->kind = VALUE_NUMBER;
		return parse_octal(c->arena, text, &out->number);
	default:
		return true;
	}
}

bool cfg_value_parse(const struct cfg *c, const struct cfg_row *row, struct npmrc_value raw,
		     struct cfg_value *out)
{
	str text = str_trim_js(raw.text);
	struct cfg_value v = text_value(text);
	bool is_plain = raw.kind == NPMRC_TEXT;
	bool is_valid = true;

	if (parse_literal(row, raw, text, out))
		return true;
	switch (row->type) {
	case CFG_TYPE_BOOL:
		if (!is_plain || !is_word_of(row, text))
			v = bool_value(parse_bool(c->arena, text));
		break;
	case CFG_TYPE_NUMBER:
		v = (struct cfg_value){ .kind = VALUE_NUMBER, .number = raw.kind == NPMRC_TRUE };
		is_valid = !is_plain || parse_number(c->arena, text, &v.number);
		break;
	case CFG_TYPE_ENUM:
	case CFG_TYPE_ENUMS:
		is_valid = is_word_of(row, text);
		break;
	case CFG_TYPE_STRING:
	case CFG_TYPE_LIST:
		break;
	default:
		is_valid = is_plain && parse_text(c, row, text, &v);
	}
	if (is_valid)
		*out = v;
	return is_valid;
}

/* The second line of npm's complaint: "Must be one of: null, web, legacy". */
static str describe_type(struct arena *a, const struct cfg_row *row)
{
	static const char *const names[] = {
		[CFG_TYPE_BOOL] = "boolean value (true or false)",
		[CFG_TYPE_NUMBER] = "numeric value",
		[CFG_TYPE_PATH] = "valid filesystem path",
		[CFG_TYPE_URL] = "full url with \"http://\"",
		[CFG_TYPE_DATE] = "valid Date string",
		[CFG_TYPE_SEMVER] = "full valid SemVer string",
		[CFG_TYPE_OCTAL] = "octal number in range 0o000..0o777 (0..511)",
	};
	struct str_buf words = str_buf(a, 4096);
	size_t count = 0;

	if ((row->flags & CFG_NULLABLE) && row->type != CFG_TYPE_URL) {
		buf_add(&words, S("null"));
		count++;
	}
	str rest = row->type == CFG_TYPE_URL || !row->values ? STR_NULL : str_view(row->values);
	for (str word; cfg_next_word(&rest, &word); count++)
		buf_printf(&words, "%s" STR_FMT, count ? ", " : "", STR_ARG(word));
	const char *name = row->type < ARRAY_LEN(names) ? names[row->type] : NULL;
	if (name)
		buf_printf(&words, "%s%s", count++ ? ", " : "", name);

	bool is_list = row->type == CFG_TYPE_LIST || row->type == CFG_TYPE_ENUMS;
	const char *how = is_list     ? (count > 1 ? " one or more of:" : " one or more")
			  : count > 1 ? " one of:"
				      : "";
	return str_printf(a, "Must be%s " STR_FMT, how, STR_ARG(buf_view(&words)));
}

static void warn_invalid(struct arena *a, const struct cfg_row *row, struct npmrc_value raw,
			 str source)
{
	struct str_buf shown = str_buf(a, 1 << 16);

	if (raw.kind == NPMRC_TEXT)
		json_write_string(&shown, raw.text);
	else
		buf_add(&shown, raw.text);
	str must_be = describe_type(a, row);
	log_warn("invalid config", "%s=" STR_FMT " set in " STR_FMT, row->key,
		 STR_ARG(buf_view(&shown)), STR_ARG(source));
	log_warn("invalid config", STR_FMT, STR_ARG(must_be));
}

/* Where an environment variable holds a list, blank lines separate the items. */
static void split_list(struct arena *a, str text, npmrc_values *out)
{
	for (size_t gap; (gap = str_find(text, S("\n\n"))) != STR_NPOS;
	     text = str_from(text, gap + 2))
		VEC_PUSH(a, out, NPMRC_VALUE(str_slice(text, 0, gap)));
	VEC_PUSH(a, out, NPMRC_VALUE(text));
}

bool cfg_value_parse_all(const struct cfg *c, const struct cfg_row *row, const npmrc_values *raw,
			 bool is_list, str source, struct cfg_value *out)
{
	struct arena *a = c->arena;
	const struct npmrc_value *last = &VEC_LAST(raw);

	if (row->type != CFG_TYPE_LIST && row->type != CFG_TYPE_ENUMS) {
		if (cfg_value_parse(c, row, *last, out))
			return true;
		warn_invalid(a, row, *last, source);
		return false;
	}

	npmrc_values items = { 0 };
	if (is_list)
		items = *raw;
	else if (last->kind == NPMRC_TEXT)
		split_list(a, last->text, &items);
	else if ((row->flags & CFG_NULLABLE) && last->kind != NPMRC_TRUE) {
		*out = (struct cfg_value){ .kind = VALUE_NULL };
		return true;
	} else {
		VEC_PUSH(a, &items, *last);
	}

	VEC(str) valid = { 0 };
	VEC_EACH (struct npmrc_value, item, &items) {
		struct cfg_value v;
		if (!cfg_value_parse(c, row, *item, &v))
			warn_invalid(a, row, *item, source);
		else if (v.kind == VALUE_TEXT && (v.text.len > 0 || items.len > 1))
			VEC_PUSH(a, &valid, v.text);
	}
	*out = (struct cfg_value){ .kind = VALUE_LIST, .items = valid.items, .count = valid.len };
	return true;
}

bool cfg_value_is_truthy(const struct cfg_value *v)
{
	switch (v->kind) {
	case VALUE_BOOL:
		return v->boolean;
	case VALUE_NUMBER:
		return v->number != 0;
	case VALUE_TEXT:
		return v->text.len > 0;
	case VALUE_LIST:
		return true;
	default:
		return false;
	}
}

static void write_json(struct str_buf *out, const struct cfg_value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
		buf_add_cstr(out, "null");
		break;
	case VALUE_BOOL:
		buf_add_cstr(out, v->boolean ? "true" : "false");
		break;
	case VALUE_NUMBER:
		if (isinf(v->number))
			buf_add_cstr(out, "null");
		else
			json_write_number(out, v->number);
		break;
	case VALUE_TEXT:
		json_write_string(out, v->text);
		break;
	case VALUE_LIST:
		buf_add_char(out, '[');
		for (size_t i = 0; i < v->count; i++) {
			if (i)
				buf_add_char(out, ',');
			json_write_string(out, v->items[i]);
		}
		buf_add_char(out, ']');
		break;
	}
}

str cfg_value_json(struct arena *a, const struct cfg_value *v)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	write_json(&out, v);
	return buf_view(&out);
}

str cfg_value_plain(struct arena *a, const struct cfg_value *v)
{
	if (v->kind == VALUE_TEXT)
		return v->text;
	if (v->kind == VALUE_LIST)
		return str_join(a, v->items, v->count, S(","));
	return cfg_value_json(a, v);
}
