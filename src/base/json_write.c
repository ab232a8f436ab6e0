/* SPDX-License-Identifier: MIT
 * Values as JSON.stringify prints them, to the byte: escapes, numbers, indentation; and the memory
 * of how a file was laid out, so that an edit changes what it means to change and nothing else
 * (npm-tree.md 1.2, 1.3). */
#include "cpm/base/json.h"

#include <math.h>

#define MAX_INDENT    10 /* JSON.stringify cuts longer ones */
#define MAX_DIGITS    17 /* enough for any double */
#define LARGEST_EXACT 9007199254740992.0

/* ---- numbers ---- */

/* Decimal digits d1 d2 ... dn and exponent e for d1.d2...dn * 10^e. */
struct decimal {
	char digits[MAX_DIGITS + 1];
	int count, exponent;
};

static double decimal_value(const struct decimal *d)
{
	char text[MAX_DIGITS + 16];

	snprintf(text, sizeof(text), "%c.%se%d", d->digits[0], d->digits + 1, d->exponent);
	return strtod(text, NULL);
}

/* Adds one to the last digit. */
static void decimal_step_up(struct decimal *d)
{
	int i = d->count - 1;

	while (i >= 0 && d->digits[i] == '9')
		d->digits[i--] = '0';
	if (i >= 0) {
		d->digits[i]++;
	} else {
		d->digits[0] = '1';
		d->exponent++;
	}
}

static void decimal_round(double n, int count, struct decimal *d)
{
	char text[MAX_DIGITS + 16];

	snprintf(text, sizeof(text), "%.*e", count - 1, n);
	d->count = count;
	d->digits[0] = text[0];
	memcpy(d->digits + 1, text + 2, (size_t)(count - 1));
	d->digits[count] = '\0';
	d->exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
}

/* The fewest digits that read back as @n > 0, and of those the nearest. Just above a power of two
 * the spacing of doubles doubles, so the nearest decimal of a length may read back wrong while the
 * next one up does not: 2^-44. */
static void decimal_shortest(double n, struct decimal *d)
{
	for (int count = 1; count <= MAX_DIGITS; count++) {
		decimal_round(n, count, d);
		if (decimal_value(d) == n)
			return;
		decimal_step_up(d);
		if (decimal_value(d) == n)
			return;
	}
	decimal_round(n, MAX_DIGITS, d);
}

/* Number.prototype.toString's four shapes; @point is where the decimal point falls among the
 * digits. */
static void write_decimal(struct str_buf *out, const struct decimal *d)
{
	str digits = str_of(d->digits, (size_t)d->count);
	int point = d->exponent + 1;

	if (point > 21 || point <= -6) {
		buf_add(out, str_slice(digits, 0, 1));
		if (digits.len > 1)
			buf_add_char(out, '.');
		buf_add(out, str_from(digits, 1));
		buf_printf(out, "e%+d", d->exponent);
	} else if (point <= 0) {
		buf_add(out, S("0."));
		buf_add_repeat(out, S("0"), (size_t)-point);
		buf_add(out, digits);
	} else {
		buf_add(out, str_slice(digits, 0, (size_t)point));
		if (d->count > point)
			buf_add_char(out, '.');
		buf_add(out, str_from(digits, (size_t)point));
		buf_add_repeat(out, S("0"), (size_t)MAX(point - d->count, 0));
	}
}

void json_write_number(struct str_buf *out, double n)
{
	struct decimal d;

	if (!isfinite(n)) {
		buf_add(out, S("null"));
		return;
	}
	if (fabs(n) < LARGEST_EXACT && n == (double)(long long)n) {
		buf_printf(out, "%lld", (long long)n);
		return;
	}
	if (n < 0)
		buf_add_char(out, '-');
	decimal_shortest(fabs(n), &d);
	write_decimal(out, &d);
}

/* ---- strings ---- */

/* Length of what must be written as an escape at @p: a C0 control, a quote, a backslash, or a
 * surrogate's three bytes (they stand alone: a pair was decoded into one character of four bytes).
 */
static size_t special_len(const char *p, size_t len)
{
	const unsigned char *u = (const unsigned char *)p;

	if (u[0] < 0x20 || u[0] == '"' || u[0] == '\\')
		return 1;
	return u[0] == 0xed && len >= 3 && u[1] >= 0xa0 && u[1] <= 0xbf && (u[2] & 0xc0) == 0x80
		       ? 3
		       : 0;
}

static void write_special(struct str_buf *out, const char *p, size_t len)
{
	static const char from[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const unsigned char *u = (const unsigned char *)p;
	const char *hit = len == 1 && *p ? strchr(from, *p) : NULL;

	if (hit)
		buf_printf(out, "\\%c", letters[hit - from]);
	else if (len == 1)
		buf_printf(out, "\\u%04x", u[0]);
	else
		buf_printf(out, "\\u%04x",
			   (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu));
}

/* Has the top bit of each byte that is zero in @word, and perhaps of some above the lowest such. */
static uint64_t zero_bytes(uint64_t word)
{
	return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

/* How many bytes at the front surely need no escape: eight at a time, since nearly none do. */
static size_t plain_len(const char *p, size_t len)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	size_t at = 0;

	for (uint64_t word; at + sizeof(word) <= len; at += sizeof(word)) {
		memcpy(&word, p + at, sizeof(word));
		if (zero_bytes(word & each * 0xe0) | zero_bytes(word ^ each * '"') |
		    zero_bytes(word ^ each * '\\') | zero_bytes(word ^ each * 0xed))
			break;
	}
	return at;
}

void json_write_string(struct str_buf *out, str s)
{
	size_t from = 0;

	buf_add_char(out, '"');
	for (size_t i = plain_len(s.p, s.len); i < s.len;) {
		size_t n = special_len(s.p + i, s.len - i);

		if (!n) {
			i++;
			continue;
		}
		buf_add(out, str_slice(s, from, i));
		write_special(out, s.p + i, n);
		i += n;
		from = i;
	}
	buf_add(out, str_slice(s, from, s.len));
	buf_add_char(out, '"');
}

/* ---- documents ---- */

static void write_break(struct str_buf *out, struct json_style style, size_t depth)
{
	if (!style.indent.len)
		return;
	buf_add(out, style.newline);
	buf_add_repeat(out, style.indent, depth);
}

static void write_value(struct str_buf *out, const struct json *v, struct json_style style,
			size_t depth)
{
	bool is_object = v->type == JSON_OBJECT;

	switch (v->type) {
	case JSON_NULL:
		buf_add(out, S("null"));
		return;
	case JSON_BOOL:
		buf_add(out, v->boolean ? S("true") : S("false"));
		return;
	case JSON_NUMBER:
		json_write_number(out, v->number);
		return;
	case JSON_STRING:
		json_write_string(out, v->string);
		return;
	default:
		break;
	}
	buf_add_char(out, is_object ? '{' : '[');
	for (size_t i = 0; i < v->count; i++) {
		if (i)
			buf_add_char(out, ',');
		write_break(out, style, depth + 1);
		if (is_object) {
			json_write_string(out, v->members[i].key);
			buf_add(out, style.indent.len ? S(": ") : S(":"));
		}
		write_value(out, is_object ? v->members[i].val : v->items[i], style, depth + 1);
	}
	if (v->count)
		write_break(out, style, depth);
	buf_add_char(out, is_object ? '}' : ']');
}

/* npm replaces every newline of the finished text, those that a strange indentation holds among
 * them. */
void json_write(struct str_buf *out, const struct json *v, struct json_style style)
{
	style.indent = str_replace_all(out->arena, str_slice(style.indent, 0, MAX_INDENT), S("\n"),
				       style.newline);
	write_value(out, v, style, 0);
}

/* ---- layout ---- */

static size_t span_of(str s, const char *chars)
{
	size_t n = 0;

	while (n < s.len && strchr(chars, s.p[n]) && s.p[n])
		n++;
	return n;
}

/* Length of the run of "\n" and "\r\n" at the start of @s. */
static size_t newlines_len(str s)
{
	size_t n = 0;

	for (;;) {
		str rest = str_from(s, n);

		if (str_starts(rest, S("\n")))
			n += 1;
		else if (str_starts(rest, S("\r\n")))
			n += 2;
		else
			return n;
	}
}

/* What stands between the first bracket and the first item is how the file is laid out. */
struct json_style json_style_of(str text)
{
	struct json_style one_line = { S(""), S("") };
	str rest, newline;

	if (str_starts(text, S("\xef\xbb\xbf")))
		text = str_from(text, 3);
	if (str_starts(text, S("{}")) || str_starts(text, S("[]"))) {
		rest = str_from(text, 2);
		if (newlines_len(rest) == rest.len)
			return (struct json_style){ S("  "), rest.len ? rest : S("\n") };
	}
	rest = str_from(text, span_of(text, " \t\r\n"));
	if (!str_starts(rest, S("{")) && !str_starts(rest, S("[")))
		return one_line;
	rest = str_from(rest, 1);
	newline = str_slice(rest, 0, newlines_len(rest));
	if (!newline.len)
		return one_line;
	rest = str_from(rest, newline.len);
	return (struct json_style){ str_slice(rest, 0, span_of(rest, " \t\r\n")), newline };
}
