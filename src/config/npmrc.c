/* SPDX-License-Identifier: MIT
 * The .npmrc grammar is the one of the `ini` package, with all its corners: quotes are JSON, `;`
 * and `#` start comments anywhere in a bare value, and `[section]` hides what follows. Files in the
 * wild depend on the corners. */
#include "cpm/config/npmrc.h"

#include "cpm/base/json.h"

#include <ctype.h>

static bool is_quoted(str s)
{
	return s.len > 0 && ((s.p[0] == '"' && s.p[s.len - 1] == '"') ||
			     (s.p[0] == '\'' && s.p[s.len - 1] == '\''));
}

/* Quoted text is JSON; single quotes are dropped first, so that '5' is a number and 'a b' is not
 * JSON but itself. */
static struct npmrc_value unquote(struct arena *a, str s)
{
	struct json *v;

	if (s.p[0] == '\'')
		s = str_slice(s, 1, s.len > 1 ? s.len - 1 : 1);
	struct err *bad = json_parse(a, s, &v);
	if (bad) {
		err_ignore(bad);
		return NPMRC_VALUE(s);
	}
	switch (v->type) {
	case JSON_STRING:
		return NPMRC_VALUE(v->string);
	case JSON_BOOL:
		return NPMRC_BOOL(v->boolean);
	case JSON_NULL:
		return (struct npmrc_value){ NPMRC_NULL, S("null") };
	default:
		return NPMRC_VALUE(s);
	}
}

/* Bare text: up to the first comment sign that is not escaped. */
static str unescape(struct arena *a, str s)
{
	if (str_find_any(s, ";#\\") == STR_NPOS)
		return s;

	struct str_buf out = str_buf(a, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		if (c == ';' || c == '#')
			break;
		if (c == '\\' && i + 1 < s.len) {
			char next = s.p[++i];
			if (next != '\\' && next != ';' && next != '#')
				buf_add_char(&out, '\\');
			c = next;
		}
		buf_add_char(&out, c);
	}
	return str_trim_js(buf_view(&out));
}

static struct npmrc_value read_value(struct arena *a, str raw)
{
	str s = str_trim_js(raw);

	if (is_quoted(s))
		return unquote(a, s);
	s = unescape(a, s);
	if (str_eq(s, S("true")) || str_eq(s, S("false")))
		return NPMRC_BOOL(s.len == 4);
	if (str_eq(s, S("null")))
		return (struct npmrc_value){ NPMRC_NULL, S("null") };
	return NPMRC_VALUE(s);
}

static struct npmrc_entry *find_entry(npmrc_entries *entries, str key)
{
	VEC_EACH (struct npmrc_entry, e, entries)
		if (str_eq(e->key, key))
			return e;
	return NULL;
}

static void add_value(struct arena *a, npmrc_entries *out, str key, bool is_list,
		      struct npmrc_value value)
{
	struct npmrc_entry *e = find_entry(out, key);

	if (!e) {
		VEC_PUSH(a, out, (struct npmrc_entry){ .key = key });
		e = &VEC_LAST(out);
	}
	e->is_list = e->is_list || is_list;
	if (!e->is_list)
		VEC_RESET(&e->values);
	VEC_PUSH(a, &e->values, value);
}

static bool is_section_line(str line)
{
	str s = str_trim_js(line);
	return line.p[0] == '[' && str_find_char(s, ']') == s.len - 1;
}

static void add_section(struct arena *a, npmrc_entries *out, str name)
{
	if (find_entry(out, name))
		return;
	VEC_PUSH(a, out, (struct npmrc_entry){ .key = name, .is_section = true });
	VEC_PUSH(a, &VEC_LAST(out).values, NPMRC_VALUE(S("")));
}

/* "key = value", "key[] = value" or "key". */
static void parse_assignment(struct arena *a, str line, npmrc_entries *out)
{
	size_t eq = str_find_char(line, '=');

	if (eq == 0)
		return;
	str key = read_value(a, str_slice(line, 0, MIN(eq, line.len))).text;
	bool is_list = key.len > 2 && str_ends(key, S("[]"));
	if (is_list)
		key = str_slice(key, 0, key.len - 2);
	if (str_eq(key, S("__proto__")))
		return;
	add_value(a, out, key, is_list,
		  eq == STR_NPOS ? NPMRC_BOOL(true) : read_value(a, str_from(line, eq + 1)));
}

static void parse_line(struct arena *a, str line, bool *in_section, npmrc_entries *out)
{
	str trimmed = str_trim_js(line);

	if (str_is_empty(trimmed) || trimmed.p[0] == ';' || trimmed.p[0] == '#')
		return;
	if (is_section_line(line)) {
		add_section(a, out, read_value(a, str_slice(trimmed, 1, trimmed.len - 1)).text);
		*in_section = true;
	} else if (!*in_section) {
		parse_assignment(a, line, out);
	}
}

void npmrc_parse(struct arena *a, str text, npmrc_entries *out)
{
	bool in_section = false;

	if (str_starts(text, S("\xef\xbb\xbf")))
		text = str_from(text, 3);
	for (str line; str_cut(&text, '\n', &line);)
		for (str part; str_cut(&line, '\r', &part);)
			parse_line(a, part, &in_section, out);
}

str npmrc_getenv(const char *const *environ, const char *name)
{
	size_t len = strlen(name);

	for (; environ && *environ; environ++)
		if (strncmp(*environ, name, len) == 0 && (*environ)[len] == '=')
			return str_view(*environ + len + 1);
	return STR_NULL;
}

/* Finds the next ${NAME} or ${NAME?} at or after @from: [*at, *end) with its leading backslashes.
 */
static bool find_variable(str s, size_t from, size_t *at, size_t *end, str *name,
			  bool *may_be_unset)
{
	for (size_t dollar = from; dollar + 3 < s.len; dollar++) {
		if (s.p[dollar] != '$' || s.p[dollar + 1] != '{')
			continue;
		size_t close = dollar + 2;
		while (close < s.len && !strchr("${}?", s.p[close]))
			close++;
		*name = str_slice(s, dollar + 2, close);
		*may_be_unset = close < s.len && s.p[close] == '?';
		close += *may_be_unset;
		if (str_is_empty(*name) || close >= s.len || s.p[close] != '}')
			continue;
		*at = dollar;
		while (*at > from && s.p[*at - 1] == '\\')
			--*at;
		*end = close + 1;
		return true;
	}
	return false;
}

bool npmrc_has_variable(str text)
{
	size_t at, end;
	str name;
	bool may_be_unset;
	return find_variable(text, 0, &at, &end, &name, &may_be_unset);
}

str npmrc_expand(struct arena *a, str text, const char *const *environ)
{
	size_t from = 0, at, end;
	str name;
	bool may_be_unset;

	if (!find_variable(text, 0, &at, &end, &name, &may_be_unset))
		return text;

	struct str_buf out = str_buf(a, 1 << 20);
	while (find_variable(text, from, &at, &end, &name, &may_be_unset)) {
		size_t dollar = at;
		while (text.p[dollar] == '\\')
			dollar++;
		size_t slashes = dollar - at;
		str value = npmrc_getenv(environ, str_cstr(a, name));

		buf_add(&out, str_slice(text, from, at));
		buf_add_repeat(&out, S("\\"), slashes / 2);
		if (slashes % 2 == 1)
			buf_add(&out, str_slice(text, dollar, end));
		else if (!str_is_null(value))
			buf_add(&out, value);
		else if (!may_be_unset)
			buf_printf(&out, "${" STR_FMT "}", STR_ARG(name));
		from = end;
	}
	buf_add(&out, str_from(text, from));
	return buf_view(&out);
}

/* Text as a value of the file: quoted only where it would be read back differently. */
static void write_text(struct str_buf *out, str s)
{
	if (str_find_any(s, "=\r\n") != STR_NPOS || str_starts(s, S("[")) ||
	    (s.len > 1 && is_quoted(s)) || !str_eq(s, str_trim_js(s))) {
		json_write_string(out, s);
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == ';' || s.p[i] == '#')
			buf_add_char(out, '\\');
		buf_add_char(out, s.p[i]);
	}
}

static void write_lines(struct str_buf *out, str key, const str *values, size_t count, bool is_list)
{
	for (size_t i = 0; i < count; i++) {
		write_text(out, key);
		buf_add_cstr(out, is_list ? "[]=" : "=");
		write_text(out, values[i]);
		buf_add_char(out, '\n');
	}
}

static str key_of_line(struct arena *a, str line)
{
	str s = str_trim_js(line);

	if (str_is_empty(s) || s.p[0] == ';' || s.p[0] == '#' || is_section_line(line))
		return STR_NULL;
	str key = read_value(a, str_slice(line, 0, MIN(str_find_char(line, '='), line.len))).text;
	return str_ends(key, S("[]")) ? str_slice(key, 0, key.len - 2) : key;
}

str npmrc_set(struct arena *a, str text, str key, const str *values, size_t count, bool is_list)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	bool is_written = count == 0, in_section = false;

	if (text.len > 0 && text.p[text.len - 1] == '\n')
		text.len--;
	for (str line; text.len > 0 && str_cut(&text, '\n', &line);) {
		if (!in_section && line.len > 0 && is_section_line(line)) {
			in_section = true;
			if (!is_written)
				write_lines(&out, key, values, count, is_list);
			is_written = true;
		}
		if (!in_section && str_eq(key_of_line(a, line), key)) {
			if (!is_written)
				write_lines(&out, key, values, count, is_list);
			is_written = true;
			continue;
		}
		buf_add(&out, line);
		buf_add_char(&out, '\n');
	}
	if (!is_written)
		write_lines(&out, key, values, count, is_list);
	return buf_view(&out);
}
