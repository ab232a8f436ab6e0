/* SPDX-License-Identifier: MIT
 * Finds the texts of a version by hand, in one pass. node-semver does it with regular expressions;
 * where their backtracking or their bounds on repetition can be seen from outside, it is repeated
 * here and said so. */
#include "semver_priv.h"

#define MAX_DIGITS 256
#define MAX_WORD   250 /* after the first byte that is not a digit */

static size_t scan_digits(str s, size_t max)
{
	size_t n = 0;

	while (n < s.len && n < max && semver_is_digit(s.p[n]))
		n++;
	return n;
}

/* Strict numbers have no leading zero: of "01" only the "0" is one. */
static size_t scan_number(str s, bool loose)
{
	if (loose)
		return scan_digits(s, MAX_DIGITS);
	if (s.len && s.p[0] == '0')
		return 1;
	return scan_digits(s, MAX_DIGITS + 1);
}

static size_t scan_number_or_x(str s, bool loose)
{
	if (s.len && (s.p[0] == 'x' || s.p[0] == 'X' || s.p[0] == '*'))
		return 1;
	return scan_number(s, loose);
}

static size_t scan_prefix(str s)
{
	size_t n = 0, space;

	for (; n < s.len; n += space) {
		space = s.p[n] == 'v' || s.p[n] == '=' ? 1 : str_js_space(str_from(s, n));
		if (!space)
			break;
	}
	return n;
}

static size_t scan_word(str s, size_t max)
{
	size_t n = 0;

	while (n < s.len && n < max && semver_is_word(s.p[n]))
		n++;
	return n;
}

/* One identifier of a prerelease: a word that is no number, or a number. */
static size_t scan_identifier(str s, bool loose)
{
	size_t digits = scan_digits(s, MAX_DIGITS);

	if (digits < s.len && semver_is_word(s.p[digits]) && !semver_is_digit(s.p[digits]))
		return digits + 1 + scan_word(str_from(s, digits + 1), MAX_WORD);
	return scan_number(s, loose);
}

static size_t scan_identifiers(str s, bool loose)
{
	size_t at = scan_identifier(s, loose), more;

	while (at && at < s.len && s.p[at] == '.' &&
	       (more = scan_identifier(str_from(s, at + 1), loose)))
		at += 1 + more;
	return at;
}

/* The loose form may lack the hyphen; a hyphen with no identifier behind it is then itself one. */
static size_t scan_pre(str s, bool loose, str *pre)
{
	size_t hyphen = s.len && s.p[0] == '-', len = 0;

	if (hyphen)
		len = scan_identifiers(str_from(s, 1), loose);
	if (!len && loose) {
		hyphen = 0;
		len = scan_identifiers(s, loose);
	}
	if (!len)
		return 0;
	*pre = str_slice(s, hyphen, hyphen + len);
	return hyphen + len;
}

static size_t scan_build(str s, str *build)
{
	size_t at = 0, word;

	if (!s.len || s.p[0] != '+')
		return 0;
	do {
		word = scan_word(str_from(s, at + 1), MAX_WORD);
		if (!word)
			break;
		at += 1 + word;
	} while (at < s.len && s.p[at] == '.');
	if (at)
		*build = str_slice(s, 1, at);
	return at;
}

size_t semver_scan(str s, bool loose, struct semver_parts *out)
{
	str *numbers[] = { &out->major, &out->minor, &out->patch };
	size_t at = scan_prefix(s);

	*out = (struct semver_parts){ .prefix = str_slice(s, 0, at) };
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		size_t dot = i > 0, len;

		if (dot && (at >= s.len || s.p[at] != '.'))
			return at;
		len = scan_number_or_x(str_from(s, at + dot), loose);
		if (!len)
			return i ? at : 0;
		*numbers[i] = str_slice(s, at + dot, at + dot + len);
		at += dot + len;
	}
	at += scan_pre(str_from(s, at), loose, &out->pre);
	return at + scan_build(str_from(s, at), &out->build);
}

/* Loose "1.2.34.5" is 1.2.3-4.5: the last digit of the patch may open a prerelease that has no
 * hyphen. */
static bool match_borrowed_digit(str s, size_t end, struct semver_parts *out)
{
	if (!str_is_null(out->pre) || out->patch.len < 2 || s.p[end] != '.')
		return false;
	out->patch.len--;
	end--;
	end += scan_pre(str_from(s, end), true, &out->pre);
	end += scan_build(str_from(s, end), &out->build);
	return end == s.len;
}

bool semver_match(str s, bool loose, struct semver_parts *out)
{
	size_t end = semver_scan(s, loose, out);

	if (!end)
		return false;
	return end == s.len || (loose && match_borrowed_digit(s, end, out));
}

bool semver_is_full(const struct semver_parts *p)
{
	return p->major.len && semver_is_digit(p->major.p[0]) && p->minor.len &&
	       semver_is_digit(p->minor.p[0]) && p->patch.len && semver_is_digit(p->patch.p[0]);
}
