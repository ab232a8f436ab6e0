/* SPDX-License-Identifier: MIT
 * The steps of reading a range that work on its text, each one linear pass: white space collapsed,
 * builds taken off, a hyphen range spelled out, operators glued to their operands. */
#include "range_priv.h"

static const char *pre_of(unsigned flags)
{
	return flags & SEMVER_INCLUDE_PRE ? "-0" : "";
}

/* Claims that there is no white space but single spaces. */
static bool is_collapsed(str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] < ' ' || (unsigned char)text.p[i] >= 0x80 ||
		    (text.p[i] == ' ' && i && text.p[i - 1] == ' '))
			return false;
	return true;
}

str range_collapse_space(struct arena *a, str text)
{
	struct str_buf out = str_buf(a, RANGE_MAX_TEXT);
	str rest = str_trim_js(text);

	if (is_collapsed(rest))
		return str_dup(a, rest);
	while (rest.len) {
		size_t space = str_js_space(rest);

		if (!space) {
			buf_add_char(&out, rest.p[0]);
			rest = str_from(rest, 1);
			continue;
		}
		buf_add_char(&out, ' ');
		while ((space = str_js_space(rest)))
			rest = str_from(rest, space);
	}
	return buf_view(&out);
}

/* Length of the "+build" that @s starts with, or 0. */
static size_t build_len(str s)
{
	size_t at = 0, word;

	do {
		for (word = at + 1; word < s.len && semver_is_word(s.p[word]); word++)
			;
		if (word == at + 1)
			break;
		at = word;
	} while (at < s.len && s.p[at] == '.');
	return at;
}

str range_strip_builds(struct arena *a, str s)
{
	struct str_buf out = str_buf(a, RANGE_MAX_TEXT);

	if (str_find_char(s, '+') == STR_NPOS)
		return s;
	while (s.len) {
		size_t len = s.p[0] == '+' ? build_len(s) : 0;

		if (!len)
			buf_add_char(&out, s.p[0]);
		s = str_from(s, len ? len : 1);
	}
	return buf_view(&out);
}

bool range_is_x(str part)
{
	return !part.len || part.p[0] == 'x' || part.p[0] == 'X' || part.p[0] == '*';
}

/* The number after @digits as JavaScript prints it: beyond 2^53 not exact, from 1e21 on with an
 * exponent ("1e+21"). Later steps read that text, and some such texts are even versions to them. */
str range_bump(struct arena *a, str digits)
{
	uint64_t n;
	double next;
	str text;

	if (semver_number(digits, &n))
		return str_printf(a, "%ju", (uintmax_t)n + 1);
	next = strtod(str_cstr(a, digits), NULL) + 1;
	text = str_printf(a, "%.0f", next);
	for (int precision = 0; next >= 1e21 && precision < 17; precision++) {
		text = str_printf(a, "%.*e", precision, next);
		if (strtod(text.p, NULL) == next)
			break;
	}
	return text;
}

/* The lower bound of "from - to"; @text is how from was written. */
static str hyphen_low(struct arena *a, unsigned flags, str text, const struct semver_parts *from)
{
	if (range_is_x(from->major))
		return S("");
	if (range_is_x(from->minor))
		return str_printf(a, ">=" STR_FMT ".0.0%s", STR_ARG(from->major), pre_of(flags));
	if (range_is_x(from->patch))
		return str_printf(a, ">=" STR_FMT "." STR_FMT ".0%s", STR_ARG(from->major),
				  STR_ARG(from->minor), pre_of(flags));
	return str_printf(a, ">=" STR_FMT "%s", STR_ARG(text),
			  str_is_null(from->pre) ? pre_of(flags) : "");
}

static str hyphen_high(struct arena *a, unsigned flags, str text, const struct semver_parts *to)
{
	if (range_is_x(to->major))
		return S("");
	if (range_is_x(to->minor))
		return str_printf(a, "<" STR_FMT ".0.0-0", STR_ARG(range_bump(a, to->major)));
	if (range_is_x(to->patch))
		return str_printf(a, "<" STR_FMT "." STR_FMT ".0-0", STR_ARG(to->major),
				  STR_ARG(range_bump(a, to->minor)));
	if (!str_is_null(to->pre))
		return str_printf(a, "<=" STR_FMT "." STR_FMT "." STR_FMT "-" STR_FMT,
				  STR_ARG(to->major), STR_ARG(to->minor), STR_ARG(to->patch),
				  STR_ARG(to->pre));
	if (flags & SEMVER_INCLUDE_PRE)
		return str_printf(a, "<" STR_FMT "." STR_FMT "." STR_FMT "-0", STR_ARG(to->major),
				  STR_ARG(to->minor), STR_ARG(range_bump(a, to->patch)));
	return str_concat(a, S("<="), text);
}

/* "1.2 - 3.4" becomes ">=1.2.0 <3.5.0-0". Only a whole alternative can be a hyphen range. */
static str rewrite_hyphen(struct arena *a, unsigned flags, str s)
{
	size_t at = str_find(s, S(" - "));
	struct semver_parts from, to;
	str low, high;

	if (at == STR_NPOS)
		return s;
	low = str_slice(s, s.p[0] == ' ', at);
	high = str_from(s, at + 3);
	high.len -= str_ends(high, S(" "));
	if (!semver_match(low, flags & SEMVER_LOOSE, &from) ||
	    !semver_match(high, flags & SEMVER_LOOSE, &to))
		return s;
	low = hyphen_low(a, flags, low, &from);
	high = hyphen_high(a, flags, high, &to);
	return range_strip_builds(
		a, str_trim(str_printf(a, STR_FMT " " STR_FMT, STR_ARG(low), STR_ARG(high))));
}

/* Length of the operator < > <= >= = that @s starts with, or 0. */
size_t range_operator_len(str s)
{
	size_t n = s.len && (s.p[0] == '<' || s.p[0] == '>');

	return n + (n < s.len && s.p[n] == '=');
}

/* The longest operand at the start of @s: a loose version, else the strict beginning of one. */
static size_t operand_len(str s)
{
	struct semver_parts parts;
	size_t len = semver_scan(s, true, &parts);

	return len && semver_is_full(&parts) ? len : semver_scan(s, false, &parts);
}

/* "> 1" becomes ">1". An operand may have a run of v, = and spaces in front, which stays as it is:
 * "= = 1" becomes
 * "== 1" and falls apart later. Where no operand follows such a run, none can begin inside it, so
 * it is skipped whole. */
static str glue_operators(struct arena *a, str s)
{
	struct str_buf out = str_buf(a, RANGE_MAX_TEXT);

	while (s.len) {
		size_t head = s.p[0] == ' ', len, space;

		head += range_operator_len(str_from(s, head));
		space = head < s.len && s.p[head] == ' ';
		len = operand_len(str_from(s, head + space));
		if (len) {
			buf_add(&out, str_slice(s, 0, head));
			buf_add(&out, str_slice(s, head + space, head + space + len));
			s = str_from(s, head + space + len);
			continue;
		}
		for (len = head + space;
		     len < s.len && (s.p[len] == 'v' || s.p[len] == '=' || s.p[len] == ' '); len++)
			;
		len = MAX(len, (size_t)1);
		buf_add(&out, str_slice(s, 0, len));
		s = str_from(s, len);
	}
	return buf_view(&out);
}

/* "~ 1" and "~> 1" become "~1"; the same for "^ 1" with @sign '^'. */
static str glue_sign(struct arena *a, str s, char sign)
{
	struct str_buf out = str_buf(a, RANGE_MAX_TEXT);

	if (str_find_char(s, sign) == STR_NPOS)
		return s;
	while (s.len) {
		size_t end = 1;

		buf_add_char(&out, s.p[0]);
		if (s.p[0] == sign) {
			end += sign == '~' && end < s.len && s.p[end] == '>';
			end = end < s.len && s.p[end] == ' ' ? end + 1 : 1;
		}
		s = str_from(s, end);
	}
	return buf_view(&out);
}

str range_rewrite(struct arena *a, str alternative, unsigned flags)
{
	str s = rewrite_hyphen(a, flags, alternative);

	if (str_find_char(s, ' ') == STR_NPOS)
		return s;
	s = glue_operators(a, s);
	s = glue_sign(a, s, '~');
	return glue_sign(a, s, '^');
}
