/* SPDX-License-Identifier: MIT
 * Range text into comparators. node-semver rewrites the text step by step with regular expressions;
 *what a range means (above all a strange one, in loose mode) is what those steps do in that order,
 *so they are the same steps here:
 *
 *	text -> alternatives at || -> builds off, hyphen range, operators glued (range_text.c) ->
 *pieces at spaces piece -> caret | tilde | x-range | star | plain comparator
 *
 * Source: node-semver 7.8.5, classes/range.js. */
#include "range_priv.h"

#include "cpm/base/vec.h"

#define RANGE_MAX_ALTERNATIVES 10000
#define RANGE_MAX_COMPARATORS  1024 /* in one alternative */

/* One alternative under construction. */
struct builder {
	struct arena *arena;
	bool is_loose, has_pre; /* the flags */
	VEC(struct comparator) items;
	bool saw_any, saw_none; /* the comparators "" and "<0.0.0-0" */
	bool is_bad;            /* the whole text is no range */
};

/* ---- comparators ---- */

static bool is_same(const struct comparator *a, const struct comparator *b)
{
	return a->op == b->op && str_eq(a->version.text, b->version.text);
}

static void add(struct builder *b, enum comparator_op op, const struct semver *v)
{
	struct comparator c = { .op = op, .version = *v };

	VEC_EACH (struct comparator, have, &b->items)
		if (is_same(have, &c))
			return;
	if (op == CMP_LT && str_eq(v->text, S("0.0.0-0")))
		b->saw_none = true;
	if (b->items.len == RANGE_MAX_COMPARATORS)
		b->is_bad = true;
	else
		VEC_PUSH(b->arena, &b->items, c);
}

/* What is no comparator makes a strict range invalid and is left out of a loose one. */
static void add_invalid(struct builder *b)
{
	b->is_bad |= !b->is_loose;
}

static void add_parts(struct builder *b, enum comparator_op op, const struct semver_parts *p)
{
	struct semver v;

	if (semver_from_parts(b->arena, p, &v))
		add(b, op, &v);
	else
		b->is_bad = true;
}

static enum comparator_op op_of(str text)
{
	bool has_eq = str_ends(text, S("="));

	if (str_starts(text, S("<")))
		return has_eq ? CMP_LE : CMP_LT;
	if (str_starts(text, S(">")))
		return has_eq ? CMP_GE : CMP_GT;
	return CMP_EQ;
}

/* A full version with or without an operator. */
static void add_plain(struct builder *b, str s)
{
	size_t op = range_operator_len(s);
	str version = str_from(s, op);
	struct semver_parts p;

	if (str_eq(s, b->has_pre ? S(">=0.0.0-0") : S(">=0.0.0")))
		b->saw_any = true;
	else if (!semver_match(version, b->is_loose, &p) || !semver_is_full(&p) ||
		 (!b->is_loose && p.prefix.len && !str_eq(p.prefix, S("v"))))
		add_invalid(b);
	else if (version.len > SEMVER_MAX_LEN)
		b->is_bad = true;
	else
		add_parts(b, op_of(str_slice(s, 0, op)), &p);
}

static bool has_exponent(str number)
{
	return str_find_char(number, 'e') != STR_NPOS;
}

/* A comparator that a caret, tilde or x-range stands for. ">=0.0.0" says nothing (with prereleases:
 * ">=0.0.0-0"). */
static void add_bound(struct builder *b, enum comparator_op op, str major, str minor, str patch,
		      str pre)
{
	const struct semver_parts parts = {
		.major = major, .minor = minor, .patch = patch, .pre = pre
	};
	const str zero = S("0");

	if (has_exponent(major) || has_exponent(minor) || has_exponent(patch))
		add_plain(b, str_printf(b->arena, "%s" STR_FMT "." STR_FMT "." STR_FMT "%s" STR_FMT,
					op == CMP_LT ? "<" : ">=", STR_ARG(major), STR_ARG(minor),
					STR_ARG(patch), str_is_null(pre) ? "" : "-", STR_ARG(pre)));
	else if (major.len + minor.len + patch.len + pre.len + 3 > SEMVER_MAX_LEN)
		b->is_bad = true;
	else if (op == CMP_GE && str_eq(major, zero) && str_eq(minor, zero) &&
		 str_eq(patch, zero) && (b->has_pre ? str_eq(pre, zero) : str_is_null(pre)))
		b->saw_any = true;
	else
		add_parts(b, op, &parts);
}

static str lowest_pre(const struct builder *b)
{
	return b->has_pre ? S("0") : STR_NULL;
}

/* >=major.0.0, or >=major.minor.0: the lower bound of a partial version. */
static void add_low(struct builder *b, const struct semver_parts *p)
{
	add_bound(b, CMP_GE, p->major, range_is_x(p->minor) ? S("0") : p->minor, S("0"),
		  lowest_pre(b));
}

static void add_below_next_major(struct builder *b, const struct semver_parts *p)
{
	add_bound(b, CMP_LT, range_bump(b->arena, p->major), S("0"), S("0"), S("0"));
}

static void add_below_next_minor(struct builder *b, const struct semver_parts *p)
{
	add_bound(b, CMP_LT, p->major, range_bump(b->arena, p->minor), S("0"), S("0"));
}

static void add_below_next_patch(struct builder *b, const struct semver_parts *p)
{
	add_bound(b, CMP_LT, p->major, p->minor, range_bump(b->arena, p->patch), S("0"));
}

/* ---- pieces ---- */

/* Each of these returns false when the piece stands for "any version" and leaves no comparator. */

/* ^1.2.3: up to the next change of the leftmost number that is not 0. A loose "00" is not "0" here.
 */
static bool add_caret(struct builder *b, const struct semver_parts *p)
{
	if (range_is_x(p->major))
		return false;
	if (range_is_x(p->minor) || range_is_x(p->patch))
		add_low(b, p);
	else
		add_bound(b, CMP_GE, p->major, p->minor, p->patch, p->pre);
	if (range_is_x(p->minor) || !str_eq(p->major, S("0")))
		add_below_next_major(b, p);
	else if (range_is_x(p->patch) || !str_eq(p->minor, S("0")))
		add_below_next_minor(b, p);
	else
		add_below_next_patch(b, p);
	return true;
}

/* ~1.2.3: up to the next minor. */
static bool add_tilde(struct builder *b, const struct semver_parts *p)
{
	if (range_is_x(p->major))
		return false;
	if (range_is_x(p->minor) || range_is_x(p->patch))
		add_low(b, p);
	else
		add_bound(b, CMP_GE, p->major, p->minor, p->patch, p->pre);
	if (range_is_x(p->minor))
		add_below_next_major(b, p);
	else
		add_below_next_minor(b, p);
	return true;
}

/* 1.2.x, >1, <=1.2: a partial version, with or without an operator. */
static bool add_x_range(struct builder *b, str op, const struct semver_parts *p)
{
	bool is_minor_x = range_is_x(p->minor);
	str minor = is_minor_x ? S("0") : p->minor;

	if (range_is_x(p->major)) {
		if (!str_eq(op, S("<")) && !str_eq(op, S(">")))
			return false;
		add_bound(b, CMP_LT, S("0"), S("0"), S("0"), S("0"));
	} else if (str_eq(op, S(">")) && is_minor_x) {
		add_bound(b, CMP_GE, range_bump(b->arena, p->major), S("0"), S("0"), lowest_pre(b));
	} else if (str_eq(op, S(">"))) {
		add_bound(b, CMP_GE, p->major, range_bump(b->arena, minor), S("0"), lowest_pre(b));
	} else if (str_eq(op, S("<"))) {
		add_bound(b, CMP_LT, p->major, minor, S("0"), S("0"));
	} else {
		if (!str_eq(op, S("<=")))
			add_low(b, p);
		if (str_eq(op, S(">=")))
			return true;
		if (is_minor_x)
			add_below_next_major(b, p);
		else
			add_below_next_minor(b, p);
	}
	return true;
}

/* Takes the first star out, with an operator in front of it: "1.2.3*" is 1.2.3. */
static str strip_star(struct arena *a, str s)
{
	size_t star = str_find_char(s, '*'), start = star;

	if (star == STR_NPOS)
		return s;
	start -= start && s.p[start - 1] == '=';
	start -= start && (s.p[start - 1] == '<' || s.p[start - 1] == '>');
	return str_concat(a, str_slice(s, 0, start), str_from(s, star + 1));
}

/* Claims that an x is followed by nothing but x. */
static bool is_x_ordered(const struct semver_parts *p)
{
	return !(range_is_x(p->major) && !range_is_x(p->minor)) &&
	       !(range_is_x(p->minor) && !range_is_x(p->patch));
}

/* One piece between spaces. False: it stands for any version. */
static bool add_piece(struct builder *b, str s)
{
	struct semver_parts p;
	str op;

	if (str_starts(s, S("^")) && semver_match(str_from(s, 1), b->is_loose, &p))
		return add_caret(b, &p);
	if (str_starts(s, S("~")) &&
	    semver_match(str_from(s, str_starts(s, S("~>")) ? 2 : 1), b->is_loose, &p))
		return add_tilde(b, &p);
	op = str_slice(s, 0, range_operator_len(s));
	if (semver_match(str_from(s, op.len), b->is_loose, &p) && is_x_ordered(&p) &&
	    range_is_x(p.patch))
		return add_x_range(b, op, &p);
	s = strip_star(b->arena, s);
	if (!s.len)
		return false;
	add_plain(b, s);
	return true;
}

/* ---- alternatives ---- */

/* Pieces that stand for "any version" count only at the ends: between others they vanish with the
 * space around them. */
static void add_pieces(struct builder *b, str s)
{
	bool is_first = true, is_any = false;
	str piece;

	while (!b->is_bad && str_cut(&s, ' ', &piece)) {
		is_any = !add_piece(b, piece);
		b->saw_any |= is_any && is_first;
		is_first = false;
	}
	b->saw_any |= is_any;
}

/* False when nothing is left of the alternative. */
static bool finish_set(struct builder *b, struct comparator_set *out)
{
	static const struct semver any;

	if (b->saw_none) {
		VEC_EACH (struct comparator, c, &b->items)
			if (c->op == CMP_LT && str_eq(c->version.text, S("0.0.0-0"))) {
				b->items.items[0] = *c;
				break;
			}
		b->items.len = 1;
	} else if (!b->items.len && b->saw_any) {
		add(b, CMP_ANY, &any);
	}
	out->items = b->items.items;
	out->count = b->items.len;
	return out->count > 0;
}

/* Most alternatives are two comparators, hence the small start. */
static bool parse_set(struct builder *b, str s, unsigned flags, struct comparator_set *out)
{
	b->items.items = ARENA_ARRAY(b->arena, struct comparator, 2);
	b->items.room = 2;
	out->text = range_strip_builds(b->arena, str_trim(s));
	add_pieces(b, range_rewrite(b->arena, out->text, flags));
	return finish_set(b, out);
}

static bool is_null_set(const struct comparator_set *set)
{
	return set->items[0].op == CMP_LT && str_eq(set->items[0].version.text, S("0.0.0-0"));
}

/* Of several alternatives those that match nothing go (the first stays when all do), and one that
 * matches everything replaces the rest. */
static void simplify(struct range *r)
{
	size_t kept = 0;

	if (r->count == 1)
		return;
	for (size_t i = 0; i < r->count; i++)
		if (!is_null_set(&r->sets[i]))
			r->sets[kept++] = r->sets[i];
	r->count = MAX(kept, (size_t)1);
	for (size_t i = 0; r->count > 1 && i < r->count; i++)
		if (r->sets[i].items[0].op == CMP_ANY) {
			r->sets[0] = r->sets[i];
			r->count = 1;
		}
}

/* Cuts *rest at the first "||"; false when *rest was null. */
static bool cut_alternative(str *rest, str *alternative)
{
	size_t bar = str_is_null(*rest) ? 0 : str_find(*rest, S("||"));

	if (str_is_null(*rest))
		return false;
	*alternative = str_slice(*rest, 0, bar);
	*rest = bar == STR_NPOS ? STR_NULL : str_from(*rest, bar + 2);
	return true;
}

struct range *range_parse(struct arena *a, str text, unsigned flags)
{
	struct range *r;
	str rest, alternative;
	size_t room = 0;

	if (text.len > RANGE_MAX_TEXT)
		return NULL;
	text = range_collapse_space(a, text);
	for (rest = text; cut_alternative(&rest, &alternative);)
		room++;
	if (room > RANGE_MAX_ALTERNATIVES)
		return NULL;
	r = ARENA_NEW(a, struct range);
	*r = (struct range){ .sets = ARENA_ARRAY(a, struct comparator_set, room), .flags = flags };
	for (rest = text; cut_alternative(&rest, &alternative);) {
		struct builder b = { .arena = a,
				     .is_loose = flags & SEMVER_LOOSE,
				     .has_pre = flags & SEMVER_INCLUDE_PRE };

		r->count += parse_set(&b, alternative, flags, &r->sets[r->count]);
		if (b.is_bad)
			return NULL;
	}
	if (!r->count)
		return NULL;
	simplify(r);
	r->is_any = r->count == 1 && r->sets[0].items[0].op == CMP_ANY;
	return r;
}
