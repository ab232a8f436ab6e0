/* SPDX-License-Identifier: MIT
 * npm sorts everything it writes with an ICU collator for English, so the order of a lockfile is a
 * locale's, not a byte's (npm-tree.md 1.1). For ASCII that order fits in one table of weights,
 * compared in two rounds:
 *
 *   first   the characters, letters without their case; a prefix is smaller
 *   second  only if all of them tie: at the first place where the case differs, lower case is
 * smaller
 *
 * Control characters that ICU ignores have weight 0 and are stepped over. */
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

/* Steps to the next character that counts and gives its weight; 0 at the end. Bytes beyond ASCII
 * weigh more than all of it, and in UTF-8 they order as their code points do. */
static unsigned next_weight(str s, size_t *at)
{
	while (*at < s.len) {
		unsigned char c = (unsigned char)s.p[(*at)++];
		unsigned weight = c < ARRAY_LEN(weights) ? weights[c] : c;

		if (weight)
			return weight;
	}
	return 0;
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
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
	int by_case = 0;

	for (;;) {
		if (is_numeric && is_digit(a, i) && is_digit(b, j)) {
			int by_number = compare_numbers(a, &i, b, &j);

			if (by_number)
				return by_number;
			continue;
		}
		unsigned x = next_weight(a, &i), y = next_weight(b, &j);

		if (x != y)
			return x < y ? -1 : 1;
		if (!x)
			return by_case;
		if (!by_case)
			by_case = is_upper(a.p[i - 1]) - is_upper(b.p[j - 1]);
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
