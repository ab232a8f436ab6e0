/* SPDX-License-Identifier: MIT
 * Versions as values: numbers, normalised texts, order and increments. */
#include "cpm/base/semver.h"

#include "semver_priv.h"

#define NUMBER_MAX_LEN 20

bool semver_number(str digits, uint64_t *out)
{
	return str_to_u64(digits, out) && *out <= SEMVER_MAX_NUMBER;
}

static bool is_numeric(str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!semver_is_digit(id.p[i]))
			return false;
	return id.len > 0;
}

/* Claims that @id counts as a number; larger ones stay texts, leading zeros and all. */
static bool id_number(str id, uint64_t *out)
{
	return is_numeric(id) && semver_number(id, out) && *out < SEMVER_MAX_NUMBER;
}

static bool has_leading_zero(str digits)
{
	return digits.len > 1 && digits.p[0] == '0';
}

/* "beta.01" becomes "beta.1"; most prereleases are fine as they are and are borrowed. */
static str normalise_pre(struct arena *a, str pre)
{
	struct str_buf out = str_buf(a, SEMVER_MAX_LEN);
	bool is_changed = false;
	str rest = pre, id;
	uint64_t n;

	while (str_cut(&rest, '.', &id))
		is_changed |= has_leading_zero(id) && id_number(id, &n);
	if (!is_changed)
		return pre;
	rest = pre;
	while (str_cut(&rest, '.', &id)) {
		if (out.len)
			buf_add_char(&out, '.');
		if (id_number(id, &n))
			buf_printf(&out, "%ju", (uintmax_t)n);
		else
			buf_add(&out, id);
	}
	return buf_view(&out);
}

static char *put(char *to, str s)
{
	if (s.len)
		memcpy(to, s.p, s.len);
	return to + s.len;
}

static char *put_number(char *to, uint64_t n)
{
	char digits[NUMBER_MAX_LEN];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	return put(to, str_of(digits + at, sizeof(digits) - at));
}

/* By hand: every caret in every range comes by here. */
static str format(struct arena *a, const struct semver *v)
{
	char *text = arena_alloc_raw(a, 3 * (NUMBER_MAX_LEN + 1) + v->pre.len), *to;

	to = put(put_number(text, v->major), S("."));
	to = put(put_number(to, v->minor), S("."));
	to = put_number(to, v->patch);
	if (!str_is_null(v->pre))
		to = put(put(to, S("-")), v->pre);
	return str_of(text, (size_t)(to - text));
}

/* Claims that @second follows @first in one text, one byte between them. */
static bool is_next(str first, str second)
{
	return second.p == first.p + first.len + 1;
}

/* Claims that the parts lie in one text which, from major to prerelease, is the normalised one. */
static bool is_normal(const struct semver_parts *p, const struct semver *v)
{
	if (has_leading_zero(p->major) || has_leading_zero(p->minor) || has_leading_zero(p->patch))
		return false;
	if (!is_next(p->major, p->minor) || !is_next(p->minor, p->patch))
		return false;
	return str_is_null(p->pre) || (v->pre.p == p->pre.p && is_next(p->patch, p->pre));
}

bool semver_from_parts(struct arena *a, const struct semver_parts *p, struct semver *out)
{
	*out = (struct semver){ .build = p->build };
	if (!semver_number(p->major, &out->major) || !semver_number(p->minor, &out->minor) ||
	    !semver_number(p->patch, &out->patch))
		return false;
	if (!str_is_null(p->pre))
		out->pre = normalise_pre(a, p->pre);
	if (is_normal(p, out)) {
		str last = str_is_null(p->pre) ? p->patch : p->pre;

		out->text = str_of(p->major.p, (size_t)(last.p + last.len - p->major.p));
	} else {
		out->text = format(a, out);
	}
	return true;
}

/* JavaScript counts UTF-16 units; only white space around a version can be longer in bytes. */
static bool is_too_long(str text)
{
	size_t units = 0;

	if (text.len <= SEMVER_MAX_LEN)
		return false;
	for (size_t i = 0; i < text.len; i++)
		units += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return units > SEMVER_MAX_LEN;
}

bool semver_parse(struct arena *a, str text, unsigned flags, struct semver *out)
{
	bool loose = flags & SEMVER_LOOSE;
	struct semver_parts parts;

	if (is_too_long(text))
		return false;
	if (!semver_match(str_trim_js(text), loose, &parts) || !semver_is_full(&parts))
		return false;
	if (!loose && parts.prefix.len && !str_eq(parts.prefix, S("v")))
		return false;
	return semver_from_parts(a, &parts, out);
}

bool semver_is_valid(str text, unsigned flags)
{
	ARENA_SCOPE(tmp);
	struct semver v;

	return semver_parse(tmp, text, flags, &v);
}

static int order_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Numbers that JavaScript cannot count exactly are compared the way it does: as doubles. */
static int compare_numeric(str a, str b)
{
	ARENA_SCOPE(tmp);
	uint64_t x, y;
	double p, q;

	if (semver_number(a, &x) && semver_number(b, &y))
		return order_u64(x, y);
	p = strtod(str_cstr(tmp, a), NULL);
	q = strtod(str_cstr(tmp, b), NULL);
	return (p > q) - (p < q);
}

static int compare_id(str a, str b)
{
	bool a_is_numeric = is_numeric(a), b_is_numeric = is_numeric(b);
	int order;

	if (a_is_numeric && b_is_numeric)
		return compare_numeric(a, b);
	if (a_is_numeric != b_is_numeric)
		return a_is_numeric ? -1 : 1;
	order = str_cmp(a, b);
	return (order > 0) - (order < 0);
}

/* Identifier by identifier; the first two that are written differently decide, even when they weigh
 * the same. */
static int compare_ids(str a, str b)
{
	for (;;) {
		str x, y;
		bool has_x = str_cut(&a, '.', &x), has_y = str_cut(&b, '.', &y);

		if (!has_x || !has_y)
			return has_x - has_y;
		if (!str_eq(x, y))
			return compare_id(x, y);
	}
}

int semver_compare(const struct semver *a, const struct semver *b)
{
	int order = order_u64(a->major, b->major);

	if (!order)
		order = order_u64(a->minor, b->minor);
	if (!order)
		order = order_u64(a->patch, b->patch);
	if (order)
		return order;
	if (LIKELY(str_is_null(a->pre) || str_is_null(b->pre)))
		return str_is_null(a->pre) - str_is_null(b->pre);
	return compare_ids(a->pre, b->pre);
}

int semver_compare_build(const struct semver *a, const struct semver *b)
{
	int order = semver_compare(a, b);

	return order ? order : compare_ids(a->build, b->build);
}

int semver_compare_text(str a, str b)
{
	ARENA_SCOPE(tmp);
	struct semver x, y;
	bool has_x = semver_parse(tmp, a, SEMVER_LOOSE, &x),
	     has_y = semver_parse(tmp, b, SEMVER_LOOSE, &y);

	return has_x && has_y ? semver_compare(&x, &y) : has_x - has_y;
}

/* ---- increments ---- */

/* Adds one to the last numeric identifier, or appends ".0" when there is none. */
static str bump_pre(struct arena *a, str pre)
{
	for (size_t end = pre.len; !str_is_null(pre);) {
		size_t dot = str_rfind_char(str_slice(pre, 0, end), '.');
		size_t start = dot == STR_NPOS ? 0 : dot + 1;
		uint64_t n;

		if (id_number(str_slice(pre, start, end), &n))
			return str_printf(a, STR_FMT "%ju" STR_FMT,
					  STR_ARG(str_slice(pre, 0, start)), (uintmax_t)n + 1,
					  STR_ARG(str_from(pre, end)));
		if (!start)
			return str_concat(a, pre, S(".0"));
		end = start - 1;
	}
	return S("0");
}

static bool is_all(str s, const char *chars)
{
	return s.len && strspn(s.p, chars) >= s.len;
}

/* Claims that JavaScript's Number() takes this identifier for a number: "1", but also "-1", "1e5",
 * "0xff". */
static bool is_js_number(struct arena *a, str id)
{
	str s = str_lower(a, id), digits, exponent;

	if (str_starts(s, S("0x")))
		return is_all(str_from(s, 2), "0123456789abcdef");
	if (str_starts(s, S("0o")))
		return is_all(str_from(s, 2), "01234567");
	if (str_starts(s, S("0b")))
		return is_all(str_from(s, 2), "01");
	if (str_eq(id, S("Infinity")) || str_eq(id, S("-Infinity")))
		return true;
	exponent = str_from(s, str_starts(s, S("-")));
	str_cut(&exponent, 'e', &digits);
	if (str_starts(exponent, S("-")))
		exponent = str_from(exponent, 1);
	return is_numeric(digits) && (str_is_null(exponent) || is_numeric(exponent));
}

/* Claims that @pre is @preid and a number behind it, so that the number counts on. */
static bool continues(struct arena *a, str pre, str preid)
{
	str x, y = STR_NULL;

	while (str_cut(&preid, '.', &x))
		if (!str_cut(&pre, '.', &y) || (!str_eq(x, y) && compare_id(x, y) != 0))
			return false;
	return str_cut(&pre, '.', &y) && is_js_number(a, y);
}

static bool is_preid(str preid)
{
	struct semver_parts parts;
	ARENA_SCOPE(tmp);

	return semver_match(str_concat(tmp, S("0.0.0-"), preid), true, &parts) &&
	       str_eq(parts.pre, preid);
}

/* As JavaScript's falsy: an empty preid is none. */
static str next_pre(struct arena *a, str pre, str preid)
{
	str bumped = bump_pre(a, pre);

	if (!preid.len || continues(a, bumped, preid))
		return bumped;
	return str_concat(a, preid, S(".0"));
}

str semver_increment(struct arena *a, const struct semver *v, enum semver_release kind, str preid)
{
	struct semver next = { .major = v->major, .minor = v->minor, .patch = v->patch };
	bool is_release = str_is_null(v->pre);
	str pre = STR_NULL;

	if (kind >= SEMVER_PREMAJOR && preid.len && !is_preid(preid))
		return STR_NULL;
	switch (kind) {
	case SEMVER_MAJOR:
		next.major += v->minor || v->patch || is_release;
		next.minor = next.patch = 0;
		break;
	case SEMVER_MINOR:
		next.minor += v->patch || is_release;
		next.patch = 0;
		break;
	case SEMVER_PATCH:
		next.patch += is_release;
		break;
	case SEMVER_PREMAJOR:
		next.major++;
		next.minor = next.patch = 0;
		break;
	case SEMVER_PREMINOR:
		next.minor++;
		next.patch = 0;
		break;
	case SEMVER_PREPATCH:
		next.patch++;
		break;
	case SEMVER_PRERELEASE:
		next.patch += is_release;
		pre = v->pre;
		break;
	}
	if (kind >= SEMVER_PREMAJOR)
		next.pre = next_pre(a, pre, preid);
	return format(a, &next);
}
