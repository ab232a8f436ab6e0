/* SPDX-License-Identifier: MIT
 * npm sorts everything it writes with an ICU collator for English, so the order of a lockfile is a
 * locale's, not a byte's (npm-tree.md 1.1). For ASCII that order fits in one table of weights,
 * compared in three rounds:
 *
 *   first   the characters, letters without their case and marks; a prefix is smaller
 *   second  only if all of them tie: at the first place where the marks differ
 *   third   if they tie too: at the first place where the case differs, lower case is smaller
 *
 * Control characters that ICU ignores have weight 0 and are stepped over. Names of packages are
 * ASCII; folders of members need not be, so Latin letters are sorted by what they are made of.
 * Letters of other scripts follow by code point, which is nearly ICU's order. */
#include "cpm/base/str.h"

/* Ascending: TAB LF VT FF CR SPACE _ - , ; : ! ? . ' " ( ) [ ] { } @ * / \ & # % ` ^ + < = > | ~ $
 * 0-9 aA-zZ. */
/* clang-format off */
static const unsigned char weights[128] = {
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  1,  2,  3,  4,  5,  0,  0,
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
	 6, 12, 16, 28, 38, 29, 27, 15, 17, 18, 24, 32,  9,  8, 14, 25,
	39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 11, 10, 33, 34, 35, 13,
	23, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
	64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 19, 26, 20, 31,  7,
	30, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
	64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 21, 36, 22, 37,  0,
};
/* clang-format on */

/* U+00C0 to U+017F, two letters for each: what it is sorted as, and its mark in the order of marks
 * ('a' is the acute); '+' is a letter of its own, behind that one. */
#define LATIN_FIRST 0xc0
#define LATIN_END   0x180
static const char latin[] = "AbAaAdAiAgAfA+ClEbEaEdEgIbIaIdIgDnNiObOaOdOiOg+-OkUbUaUdUgYaZ+s+"
			    "abaaadaiagafa+clebeaedegibiaidigdnnioboaodoiog+-okubuaudugyaz+yg"
			    "AnanAcacAmamCacaCdcdCjcjCeceDedeDndnEnenEcecEjejEmemEeeeGdgdGcgc"
			    "GjgjGlglHdhdHnhnIiiiIninIcicImimIji+I+i+JdjdKlklq+LalaLlllLeleLn"
			    "lnLnlnNanaNlnlNenez+N+n+OnonOcocOhohO+o+RaraRlrlRereSasaSdsdSlsl"
			    "SeseTltlTeteT+t+UiuiUnunUcucUfufUhuhUmumWdwdYdydYgZazaZjzjZezesn";

/* Marks that follow their letter, in the same order: U+0301 is the first. */
#define MARKS_FIRST 0x300
#define MARKS_END   0x370
static const unsigned char marks[] = {
	[0x01] = 1, [0x00] = 2, [0x06] = 3,  [0x02] = 4,  [0x0c] = 5,  [0x0a] = 6,  [0x08] = 7,
	[0x0b] = 8, [0x03] = 9, [0x07] = 10, [0x38] = 11, [0x27] = 12, [0x28] = 13, [0x04] = 14
};

/* Letters of other scripts come behind all of ASCII, as their code points do. */
#define BEYOND 256u

static bool is_upper(unsigned char c)
{
	return c >= 'A' && c <= 'Z';
}

struct letter {
	unsigned weight; /* 0: the end */
	unsigned accent;
	bool is_upper;
};

/* Of the UTF-8 at *at; what is none counts byte by byte. */
static unsigned decode(str s, size_t *at)
{
	unsigned char c = (unsigned char)s.p[(*at)++];
	unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	unsigned point = more ? c & (0x3fu >> more) : c;

	for (; more && *at < s.len && ((unsigned char)s.p[*at] & 0xc0) == 0x80; more--)
		point = point << 6 | ((unsigned char)s.p[(*at)++] & 0x3f);
	return point;
}

static bool is_mark(unsigned point)
{
	return point >= MARKS_FIRST && point < MARKS_END;
}

static struct letter letter_beyond_ascii(unsigned point)
{
	const char *as;
	bool is_greek = point >= 0x391 && point <= 0x3a9,
	     is_cyrillic = point >= 0x410 && point <= 0x42f;

	if (point < LATIN_FIRST || point >= LATIN_END)
		return (struct letter){ BEYOND + point + (is_greek || is_cyrillic ? 0x20 : 0), 0,
					is_greek || is_cyrillic };
	as = &latin[2 * (point - LATIN_FIRST)];
	return (struct letter){ 2u * weights[(unsigned char)as[0]] + (as[1] == '+'),
				as[1] >= 'a' ? (unsigned)(as[1] - 'a' + 1) : 0,
				is_upper((unsigned char)as[0]) };
}

/* Steps to the next character that counts, and over the marks that belong to it. */
static struct letter next_letter(str s, size_t *at)
{
	struct letter l = { 0 };

	while (*at < s.len && !l.weight) {
		unsigned char c = (unsigned char)s.p[*at];

		if (c < ARRAY_LEN(weights)) {
			l = (struct letter){ 2u * weights[c], 0, is_upper(c) };
			++*at;
			continue;
		}
		unsigned point = decode(s, at);
		if (!is_mark(point))
			l = letter_beyond_ascii(point);
	}
	while (*at < s.len && ((unsigned char)s.p[*at] & 0xfe) == 0xcc) {
		size_t after = *at;
		unsigned point = decode(s, &after);

		if (!is_mark(point))
			break;
		if (point - MARKS_FIRST < ARRAY_LEN(marks))
			l.accent = l.accent * 16 + marks[point - MARKS_FIRST];
		*at = after;
	}
	return l;
}

/* A character of ASCII that counts, without a mark behind it: nearly all of them. */
static bool is_plain(str s, size_t at)
{
	return at < s.len && (unsigned char)s.p[at] < ARRAY_LEN(weights) &&
	       weights[(unsigned char)s.p[at]] &&
	       (at + 1 == s.len || (unsigned char)s.p[at + 1] < ARRAY_LEN(weights));
}

static bool is_digit(str s, size_t at)
{
	return at < s.len && s.p[at] >= '0' && s.p[at] <= '9';
}

/* The digits at *at without leading zeros, one at least; *at moves behind them. */
static str cut_number(str s, size_t *at)
{
	size_t from = *at, to = from;

	while (is_digit(s, to))
		to++;
	while (from + 1 < to && s.p[from] == '0')
		from++;
	*at = to;
	return str_slice(s, from, to);
}

static int compare_numbers(str a, size_t *i, str b, size_t *j)
{
	str x = cut_number(a, i), y = cut_number(b, j);

	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	return str_cmp(x, y);
}

static int collate(str a, str b, bool is_numeric)
{
	size_t i = 0, j = 0;
	int by_accent = 0, by_case = 0;

	for (;;) {
		if (is_numeric && is_digit(a, i) && is_digit(b, j)) {
			int by_number = compare_numbers(a, &i, b, &j);

			if (by_number)
				return by_number;
			continue;
		}
		if (is_plain(a, i) && is_plain(b, j)) {
			unsigned char c = (unsigned char)a.p[i++], d = (unsigned char)b.p[j++];

			if (c == d)
				continue;
			if (weights[c] != weights[d])
				return weights[c] < weights[d] ? -1 : 1;
			if (!by_case)
				by_case = is_upper(c) - is_upper(d);
			continue;
		}
		struct letter x = next_letter(a, &i), y = next_letter(b, &j);

		if (x.weight != y.weight)
			return x.weight < y.weight ? -1 : 1;
		if (!x.weight)
			return by_accent ? by_accent : by_case;
		if (!by_accent)
			by_accent = (x.accent > y.accent) - (x.accent < y.accent);
		if (!by_case)
			by_case = x.is_upper - y.is_upper;
	}
}

int str_collate(str a, str b)
{
	return collate(a, b, false);
}

int str_collate_numeric(str a, str b)
{
	return collate(a, b, true);
}

int str_collate_qsort(const void *a, const void *b)
{
	return str_collate(*(const str *)a, *(const str *)b);
}
