/* SPDX-License-Identifier: MIT
 * Questions about parsed ranges. A version matches when all comparators of some alternative hold; a
 * prerelease only where a comparator of that alternative names a prerelease of the same three
 * numbers (unless the range was parsed with SEMVER_INCLUDE_PRE). Whether ranges meet or contain
 * each other is answered from their bounds alone, exactly as far as node-semver goes. */
#include "cpm/base/range.h"

static bool comparator_has(const struct comparator *c, const struct semver *v)
{
	int order;

	if (c->op == CMP_ANY)
		return true;
	order = semver_compare(v, &c->version);
	switch (c->op) {
	case CMP_LT:
		return order < 0;
	case CMP_LE:
		return order <= 0;
	case CMP_GT:
		return order > 0;
	case CMP_GE:
		return order >= 0;
	default:
		return order == 0;
	}
}

static bool is_same_release(const struct semver *a, const struct semver *b)
{
	return a->major == b->major && a->minor == b->minor && a->patch == b->patch;
}

/* Claims that a comparator names a prerelease of the release that @v leads to. */
static bool names_prerelease(const struct comparator *items, size_t count, const struct semver *v)
{
	for (size_t i = 0; i < count; i++)
		if (!str_is_null(items[i].version.pre) && is_same_release(&items[i].version, v))
			return true;
	return false;
}

static bool all_have(const struct comparator *items, size_t count, const struct semver *v,
		     unsigned flags)
{
	for (size_t i = 0; i < count; i++)
		if (!comparator_has(&items[i], v))
			return false;
	return str_is_null(v->pre) || flags & SEMVER_INCLUDE_PRE ||
	       names_prerelease(items, count, v);
}

bool range_has(const struct range *r, const struct semver *v)
{
	for (size_t i = 0; i < r->count; i++)
		if (all_have(r->sets[i].items, r->sets[i].count, v, r->flags))
			return true;
	return false;
}

bool range_satisfies(str version, str range, unsigned flags)
{
	ARENA_SCOPE(tmp);
	struct range *r = range_parse(tmp, range, flags);
	struct semver v;

	return r && semver_parse(tmp, version, flags, &v) && range_has(r, &v);
}

str range_format(struct arena *a, const struct range *r)
{
	static const char *const ops[] = { [CMP_ANY] = "", [CMP_LT] = "<",  [CMP_LE] = "<=",
					   [CMP_GT] = ">", [CMP_GE] = ">=", [CMP_EQ] = "" };
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; i < r->count; i++) {
		if (i)
			buf_add(&out, S("||"));
		for (size_t k = 0; k < r->sets[i].count; k++) {
			if (k)
				buf_add_char(&out, ' ');
			buf_add_cstr(&out, ops[r->sets[i].items[k].op]);
			buf_add(&out, r->sets[i].items[k].version.text);
		}
	}
	return buf_view(&out);
}

/* ---- intersection ---- */

static bool is_upper(const struct comparator *c)
{
	return c->op == CMP_LT || c->op == CMP_LE;
}

static bool is_lower(const struct comparator *c)
{
	return c->op == CMP_GT || c->op == CMP_GE;
}

/* Below the lowest version there is nothing: "<0.0.0-0", and "<0.0.0" or "<0.0.0-x" where
 * prereleases do not count. */
static bool has_nothing(const struct comparator *c, unsigned flags)
{
	const struct semver *v = &c->version;

	if (c->op != CMP_LT || v->major || v->minor || v->patch)
		return false;
	return !(flags & SEMVER_INCLUDE_PRE) || str_eq(v->pre, S("0"));
}

/* Not symmetrical in one case: any version meets an exact prerelease, which does not meet "any
 * version". */
static bool comparators_meet(const struct comparator *a, const struct comparator *b, unsigned flags)
{
	int order;

	if (a->op == CMP_ANY)
		return true;
	if (a->op == CMP_EQ)
		return all_have(b, 1, &a->version, flags);
	if (b->op == CMP_ANY)
		return true;
	if (b->op == CMP_EQ)
		return all_have(a, 1, &b->version, flags);
	if (has_nothing(a, flags) || has_nothing(b, flags))
		return false;
	if (is_lower(a) == is_lower(b))
		return true;
	order = semver_compare(&a->version, &b->version);
	if (order == 0)
		return (a->op == CMP_GE || a->op == CMP_LE) &&
		       (b->op == CMP_GE || b->op == CMP_LE) &&
		       str_eq(a->version.text, b->version.text);
	return order < 0 ? is_lower(a) : is_upper(a);
}

/* Each comparator of one against each of the other. With @a == @b: claims that the set contradicts
 * itself nowhere. */
static bool sets_meet(const struct comparator_set *a, const struct comparator_set *b,
		      unsigned flags)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = a == b ? i + 1 : 0; k < b->count; k++)
			if (!comparators_meet(&a->items[i], &b->items[k], flags))
				return false;
	return true;
}

bool range_intersects(const struct range *a, const struct range *b)
{
	for (size_t i = 0; i < a->count; i++) {
		if (!sets_meet(&a->sets[i], &a->sets[i], a->flags))
			continue;
		for (size_t k = 0; k < b->count; k++)
			if (sets_meet(&b->sets[k], &b->sets[k], a->flags) &&
			    sets_meet(&a->sets[i], &b->sets[k], a->flags))
				return true;
	}
	return false;
}

/* ---- containment ---- */

enum subset_answer {
	SUBSET_NO,
	SUBSET_YES,
	SUBSET_EMPTY
}; /* EMPTY: the smaller set matches nothing */

/* What remains of a set: its one exact version, its highest lower and its lowest upper bound. */
struct bounds {
	const struct comparator *exact, *low, *high;
	bool is_empty;
	bool is_point; /* low and high are the same version */
};

/* Of two lower bounds the one that admits less; the first when they are equal. */
static const struct comparator *higher_low(const struct comparator *a, const struct comparator *b)
{
	int order = a ? semver_compare(&a->version, &b->version) : -1;

	return order < 0 || (order == 0 && b->op == CMP_GT && a->op == CMP_GE) ? b : a;
}

static const struct comparator *lower_high(const struct comparator *a, const struct comparator *b)
{
	int order = a ? semver_compare(&a->version, &b->version) : 1;

	return order > 0 || (order == 0 && b->op == CMP_LT && a->op == CMP_LE) ? b : a;
}

static struct bounds find_bounds(const struct comparator_set *set, unsigned flags)
{
	struct bounds b = { 0 };
	int order;

	for (size_t i = 0; i < set->count; i++) {
		const struct comparator *c = &set->items[i];

		if (is_lower(c)) {
			b.low = higher_low(b.low, c);
		} else if (is_upper(c)) {
			b.high = lower_high(b.high, c);
		} else {
			b.is_empty |= b.exact != NULL;
			b.exact = c;
		}
	}
	if (b.low && b.high) {
		order = semver_compare(&b.low->version, &b.high->version);
		b.is_point = order == 0;
		b.is_empty |= order > 0 ||
			      (order == 0 && (b.low->op == CMP_GT || b.high->op == CMP_LT));
	}
	if (b.exact && !b.is_empty)
		b.is_empty = (b.low && !all_have(b.low, 1, &b.exact->version, flags)) ||
			     (b.high && !all_have(b.high, 1, &b.exact->version, flags));
	return b;
}

/* Claims that a bound admits prereleases that @dom must name too. "<1.2.3-0" admits none. */
static bool needs_prerelease(const struct comparator *bound, unsigned flags)
{
	if (!bound || flags & SEMVER_INCLUDE_PRE || str_is_null(bound->version.pre))
		return false;
	return !(bound->op == CMP_LT && str_eq(bound->version.pre, S("0")));
}

/* Claims that @c, from the larger set, lets everything within @b through. */
static bool admits(const struct comparator *c, const struct bounds *b)
{
	if (b->low) {
		if (is_lower(c) && higher_low(b->low, c) == c)
			return false;
		if (!is_lower(c) && b->low->op == CMP_GE && !comparator_has(c, &b->low->version))
			return false;
	}
	if (b->high) {
		if (is_upper(c) && lower_high(b->high, c) == c)
			return false;
		if (!is_upper(c) && b->high->op == CMP_LE && !comparator_has(c, &b->high->version))
			return false;
	}
	return c->op != CMP_EQ || b->is_point || (!b->low && !b->high);
}

static bool bounds_within(const struct bounds *b, const struct comparator_set *dom, unsigned flags)
{
	bool has_low = false, has_high = false;

	for (size_t i = 0; i < dom->count; i++) {
		has_low |= is_lower(&dom->items[i]);
		has_high |= is_upper(&dom->items[i]);
		if (!admits(&dom->items[i], b))
			return false;
	}
	if ((b->low && has_high && !b->high) || (b->high && has_low && !b->low))
		return false;
	return (!needs_prerelease(b->low, flags) ||
		names_prerelease(dom->items, dom->count, &b->low->version)) &&
	       (!needs_prerelease(b->high, flags) ||
		names_prerelease(dom->items, dom->count, &b->high->version));
}

static bool is_any(const struct comparator_set *set)
{
	return set->items[0].op == CMP_ANY;
}

static enum subset_answer set_is_subset(const struct comparator_set *sub,
					const struct comparator_set *dom, unsigned flags)
{
	struct comparator lowest = { .op = CMP_GE, .version = { .text = S("0.0.0") } };
	const struct comparator_set everything = { .items = &lowest, .count = 1 };
	struct bounds b;

	if (str_eq(sub->text, dom->text) || (is_any(sub) && is_any(dom)))
		return SUBSET_YES;
	if (flags & SEMVER_INCLUDE_PRE)
		lowest.version = (struct semver){ .pre = S("0"), .text = S("0.0.0-0") };
	if (is_any(sub))
		sub = &everything;
	if (is_any(dom)) {
		if (flags & SEMVER_INCLUDE_PRE)
			return SUBSET_YES;
		dom = &everything;
	}
	b = find_bounds(sub, flags);
	if (b.is_empty)
		return SUBSET_EMPTY;
	if (!b.exact)
		return bounds_within(&b, dom, flags) ? SUBSET_YES : SUBSET_NO;
	for (size_t i = 0; i < dom->count; i++)
		if (!all_have(&dom->items[i], 1, &b.exact->version, flags))
			return SUBSET_NO;
	return SUBSET_YES;
}

/* Empty alternatives of @sub are no obstacle as long as no other was compared before them. */
bool range_is_subset(const struct range *sub, const struct range *dom)
{
	bool saw_content = false;

	for (size_t i = 0; i < sub->count; i++) {
		enum subset_answer answer = SUBSET_NO;

		for (size_t k = 0; k < dom->count && answer != SUBSET_YES; k++) {
			answer = set_is_subset(&sub->sets[i], &dom->sets[k], sub->flags);
			saw_content |= answer != SUBSET_EMPTY;
		}
		if (answer != SUBSET_YES && saw_content)
			return false;
	}
	return true;
}

/* ---- lowest version ---- */

/* The lowest version above @v: the next patch, or one more identifier. */
static struct semver next_above(struct arena *a, const struct semver *v)
{
	struct semver next = *v;

	next.build = STR_NULL;
	if (str_is_null(v->pre))
		next.patch++;
	else
		next.pre = str_concat(a, v->pre, S(".0"));
	next.text = str_printf(a, "%ju.%ju.%ju%s" STR_FMT, (uintmax_t)next.major,
			       (uintmax_t)next.minor, (uintmax_t)next.patch,
			       str_is_null(next.pre) ? "" : "-", STR_ARG(next.pre));
	return next;
}

/* The highest lower bound of a set as the version it admits first; false when it has none. */
static bool set_min(struct arena *a, const struct comparator_set *set, struct semver *out)
{
	bool found = false;

	for (size_t i = 0; i < set->count; i++) {
		const struct comparator *c = &set->items[i];
		struct semver v;

		if (is_upper(c) || c->op == CMP_ANY)
			continue;
		v = c->op == CMP_GT ? next_above(a, &c->version) : c->version;
		if (!found || semver_compare(&v, out) > 0)
			*out = v;
		found = true;
	}
	return found;
}

/* Loose parsing lets a number through that has leading zeros and is too large to lose them.
 * node-semver fails over it when it looks for the lowest version; so it does over a patch that
 * became too large. */
static bool has_unwritable(const struct comparator_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (!semver_is_valid(set->items[i].version.text, SEMVER_STRICT))
			return true;
	return false;
}

bool range_min_version(struct arena *a, const struct range *r, struct semver *out)
{
	static const struct semver first[] = { { .text = S("0.0.0") },
					       { .pre = S("0"), .text = S("0.0.0-0") } };
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		*out = first[i];
		if (range_has(r, out))
			return true;
	}
	for (size_t i = 0; i < r->count; i++) {
		struct semver v;

		if (has_unwritable(&r->sets[i]))
			return false;
		if (set_min(a, &r->sets[i], &v) && (!found || semver_compare(out, &v) > 0)) {
			*out = v;
			found = true;
		}
	}
	return found && semver_is_valid(out->text, SEMVER_STRICT) && range_has(r, out);
}
