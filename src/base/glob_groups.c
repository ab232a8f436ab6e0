/* SPDX-License-Identifier: MIT
 * The groups of extended patterns: ?(a|b) *(a|b) +(a|b) @(a|b) !(a|b). What is matched is a file's name, so a set of
 * places in it is small: the pattern is read once from left to right, and each of its elements turns the set of places
 * where it may begin into that of places where it may end. Groups in groups are read so down to a fixed depth. Source:
 * the semantics are minimatch's, where "!" also looks at what follows its group. */
#include "glob_priv.h"

#define MAX_NAME_BYTES 255
#define MAX_DEPTH      8

struct places {
	bool at[MAX_NAME_BYTES + 1];
};

struct group {
	char kind;
	str inside, rest;
};

/* The parenthesis that ends the group at the start of @s; STR_NPOS when it has no end. */
static size_t find_end(str s)
{
	unsigned depth = 0;

	for (size_t i = 1; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i;
	}
	return STR_NPOS;
}

static bool read_group(str p, struct group *out)
{
	size_t end;

	if (p.len < 3 || p.p[1] != '(' || !strchr("?*+@!", p.p[0]))
		return false;
	end = find_end(p);
	if (end == STR_NPOS)
		return false;
	*out = (struct group){ p.p[0], str_slice(p, 2, end), str_from(p, end + 1) };
	return true;
}

bool glob_has_groups(str pattern)
{
	struct group ignored;

	for (size_t i = 0; i < pattern.len; i++) {
		if (pattern.p[i] == '\\')
			i++;
		else if (read_group(str_from(pattern, i), &ignored))
			return true;
	}
	return false;
}

/* Cuts the next alternative off @rest, which is null after the last. */
static bool cut_alternative(str *rest, str *out)
{
	unsigned depth = 0;

	if (str_is_null(*rest))
		return false;
	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->p[i];

		if (c == '\\')
			i++;
		else if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
		else if (c == '|' && !depth) {
			*out = str_slice(*rest, 0, i);
			*rest = str_from(*rest, i + 1);
			return true;
		}
	}
	*out = *rest;
	*rest = STR_NULL;
	return true;
}

static bool add_places(struct places *to, const struct places *from, size_t n)
{
	bool is_more = false;

	for (size_t i = 0; i <= n; i++) {
		is_more |= from->at[i] && !to->at[i];
		to->at[i] |= from->at[i];
	}
	return is_more;
}

static struct places walk(str p, str s, struct places from, unsigned flags, unsigned depth);

static struct places walk_alternatives(str inside, str s, const struct places *from, unsigned flags,
				       unsigned depth)
{
	struct places ends = { 0 };

	for (str one; cut_alternative(&inside, &one);) {
		struct places more = walk(one, s, *from, flags, depth + 1);

		add_places(&ends, &more, s.len);
	}
	return ends;
}

/* "!(a|b)": anything, but not from where one of them and all behind it would match to the end. */
static struct places walk_negated(const struct group *g, str s, const struct places *from,
				  unsigned flags, unsigned depth)
{
	struct places ends = { 0 };

	for (size_t i = 0; i <= s.len; i++) {
		struct places start = { 0 }, forbidden;

		if (!from->at[i])
			continue;
		start.at[i] = true;
		forbidden = walk_alternatives(g->inside, s, &start, flags, depth);
		forbidden = walk(g->rest, s, forbidden, flags, depth + 1);
		for (size_t j = i; !forbidden.at[s.len] && j <= s.len; j++)
			ends.at[j] = true;
	}
	return ends;
}

static struct places walk_group(const struct group *g, str s, const struct places *from,
				unsigned flags, unsigned depth)
{
	struct places ends, more;

	if (g->kind == '!')
		return walk_negated(g, s, from, flags, depth);
	ends = walk_alternatives(g->inside, s, from, flags, depth);
	while (g->kind == '*' || g->kind == '+') {
		more = walk_alternatives(g->inside, s, &ends, flags, depth);
		if (!add_places(&ends, &more, s.len))
			break;
	}
	if (g->kind == '*' || g->kind == '?')
		add_places(&ends, from, s.len);
	return ends;
}

static struct places walk_star(str s, const struct places *from)
{
	struct places ends = { 0 };
	bool has_begun = false;

	for (size_t i = 0; i <= s.len; i++)
		ends.at[i] = has_begun |= from->at[i];
	return ends;
}

static struct places walk_one(str p, str s, const struct places *from, unsigned flags)
{
	struct places ends = { 0 };

	for (size_t i = 0; i < s.len; i++) {
		str pattern = p, text = str_from(s, i);

		ends.at[i + 1] = from->at[i] && glob_match_one(&pattern, &text, flags);
	}
	return ends;
}

static struct places walk(str p, str s, struct places from, unsigned flags, unsigned depth)
{
	struct group g;

	while (p.len) {
		if (depth < MAX_DEPTH && read_group(p, &g)) {
			from = walk_group(&g, s, &from, flags, depth);
			p = g.rest;
		} else if (p.p[0] == '*') {
			from = walk_star(s, &from);
			p = str_from(p, 1);
		} else {
			from = walk_one(p, s, &from, flags);
			p = str_from(p, glob_one_length(p));
		}
	}
	return from;
}

bool glob_match_groups(str pattern, str part, unsigned flags)
{
	struct places start = { 0 };

	if (part.len > MAX_NAME_BYTES)
		return false;
	start.at[0] = true;
	return walk(pattern, part, start, flags, 0).at[part.len];
}
