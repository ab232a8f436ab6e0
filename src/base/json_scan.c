/* SPDX-License-Identifier: MIT
 * The pull scanner and the check. Both stand on the same tokens; finding the ends of strings and
 * containers, where the time goes, is in json_skip.c. */
#include "cpm/base/json_scan.h"

#include "cpm/base/json.h"
#include "json_scan_priv.h"

/* ---- tokens ---- */

static bool fail_at(struct jscan *s, const char *at, const char *why)
{
	if (!s->bad) {
		s->bad = true;
		s->at = at;
		s->why = why;
	}
	return false;
}

static bool fail(struct jscan *s, const char *why)
{
	return fail_at(s, s->at, s->at < s->end ? why : "the text ends too early");
}

static void skip_space(struct jscan *s)
{
	while (s->at < s->end &&
	       (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

/* Next byte behind white space, or 0 at the end and once bad. */
static char next_byte(struct jscan *s)
{
	if (s->bad)
		return 0;
	skip_space(s);
	return s->at < s->end ? *s->at : 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code unit of "\uXXXX" at @p, or -1. */
static int unicode_escape(const char *p, const char *end)
{
	int unit = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* @p stands on a backslash: length of the escape, or 0 when it is none. */
static size_t escape_len(const char *p, const char *end)
{
	if (end - p < 2)
		return 0;
	if (p[1] == 'u')
		return unicode_escape(p, end) >= 0 ? 6 : 0;
	return p[1] && strchr("\"\\/bfnrt", p[1]) ? 2 : 0;
}

/* Stands on the opening quote: consumes the literal and gives the text between the quotes. */
static bool take_string(struct jscan *s, str *raw)
{
	const char *p = s->at + 1;

	for (;;) {
		size_t n;

		p = jscan_string_stop(p, s->end);
		if (p == s->end)
			return fail_at(s, p, "a string does not end");
		if (*p == '"')
			break;
		if (*p != '\\')
			return fail_at(s, p, "a control character in a string");
		n = escape_len(p, s->end);
		if (!n)
			return fail_at(s, p, "not an escape sequence");
		p += n;
	}
	*raw = str_of(s->at + 1, (size_t)(p - s->at - 1));
	s->at = p + 1;
	return true;
}

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static bool take_number(struct jscan *s)
{
	const char *p = s->at + (*s->at == '-'), *digits = p;

	p = skip_digits(p, s->end);
	if (p == digits || (*digits == '0' && p - digits > 1))
		return fail_at(s, digits, "not a number");
	if (p < s->end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, s->end);
		if (p == digits)
			return fail_at(s, p, "a digit is missing behind the decimal point");
	}
	if (p < s->end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < s->end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, s->end);
		if (p == digits)
			return fail_at(s, p, "a digit is missing in the exponent");
	}
	s->at = p;
	return true;
}

static bool take_literal(struct jscan *s)
{
	const str word = *s->at == 't' ? S("true") : *s->at == 'f' ? S("false") : S("null");

	if (!str_starts(str_of(s->at, (size_t)(s->end - s->at)), word))
		return fail(s, "expected a value");
	s->at += word.len;
	return true;
}

/* A string, number or literal. */
static bool take_scalar(struct jscan *s)
{
	str raw;

	switch (next_byte(s)) {
	case '"':
		return take_string(s, &raw);
	case 't':
	case 'f':
	case 'n':
		return take_literal(s);
	case '-':
	case '0' ... '9':
		return take_number(s);
	default:
		return fail(s, "expected a value");
	}
}

/* ---- the pull interface ---- */

struct jscan jscan_init(str text)
{
	struct jscan s;

	if (str_starts(text, S("\xef\xbb\xbf")))
		text = str_from(text, 3);
	if (str_is_null(text))
		text = S("");
	s = (struct jscan){ .at = text.p, .start = text.p, .end = text.p + text.len };
	skip_space(&s);
	return s;
}

char jscan_peek(struct jscan *s)
{
	char c = next_byte(s);

	switch (c) {
	case '{':
	case '[':
	case '"':
	case 't':
	case 'f':
	case 'n':
	case '-':
	case '0' ... '9':
		return c;
	default:
		return 0;
	}
}

bool jscan_enter(struct jscan *s, char open)
{
	if (next_byte(s) != open)
		return fail(s, open == '{' ? "expected an object" : "expected an array");
	if (s->depth == JSON_MAX_DEPTH)
		return fail(s, "nested too deeply");
	s->at++;
	s->depth++;
	s->is_fresh = true;
	return true;
}

/* Stands before the next member or element; false at @close, which is consumed. */
static bool next_member(struct jscan *s, char close, const char *expected)
{
	char c = next_byte(s);

	if (s->bad)
		return false;
	if (c == close) {
		s->at++;
		s->depth--;
		s->is_fresh = false;
		return false;
	}
	if (!s->is_fresh) {
		if (c != ',')
			return fail(s, expected);
		s->at++;
		skip_space(s);
	}
	s->is_fresh = false;
	return true;
}

bool jscan_key(struct jscan *s, str *key)
{
	if (!next_member(s, '}', "expected ',' or '}'"))
		return false;
	if (next_byte(s) != '"')
		return fail(s, "expected a key in double quotes");
	if (!take_string(s, key))
		return false;
	if (next_byte(s) != ':')
		return fail(s, "expected ':'");
	s->at++;
	skip_space(s);
	return true;
}

bool jscan_item(struct jscan *s)
{
	if (!next_member(s, ']', "expected ',' or ']'"))
		return false;
	return jscan_peek(s) ? true : fail(s, "expected a value");
}

str jscan_value(struct jscan *s)
{
	char c = next_byte(s);
	const char *from = s->at;

	if (c == '{' || c == '[') {
		const char *behind = jscan_container_end(s->at, s->end);

		if (behind)
			s->at = behind;
		else
			fail_at(s, s->end,
				c == '{' ? "an object does not end" : "an array does not end");
	} else {
		take_scalar(s);
	}
	return s->bad ? STR_NULL : str_of(from, (size_t)(s->at - from));
}

void jscan_skip(struct jscan *s)
{
	jscan_value(s);
}

void jscan_members(struct arena *a, str text, const str *keys, size_t nkeys, str *spans)
{
	struct jscan s = jscan_init(text);
	str key, span;

	for (size_t i = 0; i < nkeys; i++)
		spans[i] = STR_NULL;
	if (!jscan_enter(&s, '{'))
		return;
	while (jscan_key(&s, &key)) {
		key = jscan_unescape(a, key);
		span = jscan_value(&s);
		for (size_t i = 0; i < nkeys; i++)
			if (str_eq(key, keys[i]))
				spans[i] = span;
	}
}

str jscan_member(struct arena *a, str text, str key)
{
	str span;

	jscan_members(a, text, &key, 1, &span);
	return span;
}

/* ---- text ---- */

static bool is_high_surrogate(int unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

size_t jscan_code_point(const char *p, const char *end, uint32_t *code)
{
	int unit = unicode_escape(p, end), low;

	if (unit < 0)
		return 0;
	*code = (uint32_t)unit;
	if (!is_high_surrogate(unit))
		return 6;
	low = unicode_escape(p + 6, end);
	if (!is_low_surrogate(low))
		return 6;
	*code = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
	return 12;
}

size_t jscan_put_code_point(char *to, uint32_t code)
{
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (char)(0xe0 | code >> 12);
		to[1] = (char)(0x80 | (code >> 6 & 0x3f));
		to[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | code >> 18);
	to[1] = (char)(0x80 | (code >> 12 & 0x3f));
	to[2] = (char)(0x80 | (code >> 6 & 0x3f));
	to[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* Decodes the escape at *p into @to and moves *p behind it; 0 bytes when it is none, or a NUL. */
static size_t decode_escape(const char **p, const char *end, char *to)
{
	static const char from[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
	uint32_t code;
	size_t n;

	n = jscan_code_point(*p, end, &code);
	if (n) {
		*p += n;
		if (is_high_surrogate((int)code) || is_low_surrogate((int)code))
			code = 0xfffd;
		return code ? jscan_put_code_point(to, code) : 0;
	}
	if (escape_len(*p, end) != 2)
		return 0;
	*to = plain[strchr(from, (*p)[1]) - from];
	*p += 2;
	return 1;
}

str jscan_unescape(struct arena *a, str raw)
{
	const char *p = raw.p, *end = raw.p + raw.len;
	char *to;
	size_t len = 0;

	if (str_find_char(raw, '\\') == STR_NPOS)
		return raw;
	to = arena_alloc_raw(a,
			     raw.len + 1); /* an escape is never shorter than what it stands for */
	while (p < end) {
		const char *stop = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((stop ? stop : end) - p), n;

		memcpy(to + len, p, plain);
		len += plain;
		p += plain;
		if (p == end)
			break;
		n = decode_escape(&p, end, to + len);
		if (!n)
			return STR_NULL;
		len += n;
	}
	to[len] = '\0';
	return str_of(to, len);
}

str jscan_text(struct arena *a, str span)
{
	if (span.len < 2 || span.p[0] != '"' || span.p[span.len - 1] != '"')
		return STR_NULL;
	return jscan_unescape(a, str_slice(span, 1, span.len - 1));
}

/* ---- whole documents ---- */

struct err *jscan_error(const struct jscan *s)
{
	size_t line = 1, column = 1;

	for (const char *p = s->start; p < s->at; p++) {
		if (*p == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)*p & 0xc0) != 0x80) {
			column++;
		}
	}
	return err_new(E_JSON_PARSE, "invalid JSON at line %zu, column %zu: %s", line, column,
		       s->why ? s->why : "the value is not what it should be");
}

struct err *jscan_finish(struct jscan *s)
{
	if (!s->bad) {
		skip_space(s);
		if (s->at < s->end)
			fail(s, "the document has ended");
	}
	return s->bad ? jscan_error(s) : NULL;
}

/* Of a literal just taken: no escaped NUL; notes lone surrogates. */
static bool check_escapes(struct jscan *s, str raw, struct jscan_facts *facts)
{
	const char *p = raw.p, *end = raw.p + raw.len;

	while (p < end && (p = memchr(p, '\\', (size_t)(end - p)))) {
		uint32_t code = 1;
		size_t n = jscan_code_point(p, end, &code);

		if (!code)
			return fail_at(s, p, "an escaped NUL in a string");
		facts->has_lone_surrogate |= code >= 0xd800 && code <= 0xdfff;
		p += n ? n : 2;
	}
	return true;
}

static bool check_string(struct jscan *s, struct jscan_facts *facts)
{
	str raw;

	return take_string(s, &raw) && check_escapes(s, raw, facts);
}

static bool check_key(struct jscan *s, struct jscan_facts *facts)
{
	str key;

	return jscan_key(s, &key) && check_escapes(s, key, facts);
}

static bool check_scalar(struct jscan *s, struct jscan_facts *facts)
{
	const char *from = s->at;

	if (jscan_peek(s) == '"')
		return check_string(s, facts);
	if (!take_scalar(s))
		return false;
	facts->has_long_number |= (size_t)(s->at - from) > JSCAN_LONG_NUMBER;
	return true;
}

/* Walks every value without recursion: is_object[] is the stack of open containers. */
static void check_values(struct jscan *s, struct jscan_facts *facts)
{
	bool is_object[JSON_MAX_DEPTH + 1];
	bool has_value = true;

	while (!s->bad) {
		if (has_value) {
			char c = jscan_peek(s);

			if (c == '{' || c == '[') {
				jscan_enter(s, c);
				is_object[s->depth] = c == '{';
			} else {
				check_scalar(s, facts);
			}
		}
		if (!s->depth || s->bad)
			return;
		has_value = is_object[s->depth] ? check_key(s, facts) : jscan_item(s);
	}
}

struct err *jscan_check_facts(str text, struct jscan_facts *facts)
{
	struct jscan s = jscan_init(text);

	*facts = (struct jscan_facts){ 0 };
	check_values(&s, facts);
	TRY(jscan_finish(&s));
	if (str_is_utf8(text))
		return NULL;
	return err_new(E_JSON_PARSE, "invalid JSON: not UTF-8");
}

struct err *jscan_check(str text)
{
	struct jscan_facts facts;

	return jscan_check_facts(text, &facts);
}
