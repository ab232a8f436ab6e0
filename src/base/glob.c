/* SPDX-License-Identifier: MIT
 * Pattern matching without recursion: braces are expanded first, then one pass with a single point
 * to go back to per level ("*" inside a component, "**" across components). Going back to the
 * newest star only is enough, because an earlier star could not match more than the newest one can.
 */
#include "glob_priv.h"

#include "cpm/base/vec.h"

#define MAX_ALTERNATIVES 1000

typedef VEC(str) str_vec;

bool glob_is_plain(str pattern)
{
	return str_find_any(pattern, "*?[{!") == STR_NPOS && !glob_has_groups(pattern);
}

/* ---- braces ---- */

/* The first "{...}" with a comma at its own level: [*open, *close]. */
static bool find_braces(str s, size_t *open, size_t *close)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\') {
			i++;
			continue;
		}
		if (s.p[i] != '{')
			continue;
		unsigned depth = 0;
		bool has_comma = false;
		for (size_t j = i; j < s.len; j++) {
			if (s.p[j] == '\\')
				j++;
			else if (s.p[j] == '{')
				depth++;
			else if (s.p[j] == ',' && depth == 1)
				has_comma = true;
			else if (s.p[j] == '}' && --depth == 0) {
				*open = i;
				*close = j;
				if (has_comma)
					return true;
				break;
			}
		}
	}
	return false;
}

/* Replaces one pattern by one per alternative of its first braces. */
static void expand_first(struct arena *a, str s, size_t open, size_t close, str_vec *out)
{
	unsigned depth = 0;
	size_t start = open + 1;

	for (size_t i = open + 1; i <= close; i++) {
		char c = s.p[i];
		if (c == '\\')
			i++;
		else if (c == '{')
			depth++;
		else if (depth > 0 && c == '}')
			depth--;
		else if (depth == 0 && (c == ',' || c == '}')) {
			str parts[] = { str_slice(s, 0, open), str_slice(s, start, i),
					str_from(s, close + 1) };
			VEC_PUSH(a, out, str_join(a, parts, ARRAY_LEN(parts), S("")));
			start = i + 1;
		}
	}
}

/* ---- one component ---- */

static unsigned char folded(char c, unsigned flags)
{
	return (unsigned char)(flags & GLOB_NOCASE && c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* "[...]" at the start of *p against @c; moves behind it. False and unmoved when it is not a class.
 */
static bool read_class(str *p, char byte, unsigned flags, bool *matches)
{
	unsigned char c = folded(byte, flags);
	size_t i = 1;
	bool negated = i < p->len && (p->p[i] == '!' || p->p[i] == '^');
	bool found = false;

	i += negated;
	for (size_t first = i; i < p->len && (p->p[i] != ']' || i == first); i++) {
		unsigned char low = folded(p->p[i], flags), high = low;
		if (i + 2 < p->len && p->p[i + 1] == '-' && p->p[i + 2] != ']') {
			high = folded(p->p[i + 2], flags);
			i += 2;
		}
		found = found || (c >= low && c <= high);
	}
	if (i >= p->len)
		return false;
	*matches = found != negated;
	*p = str_from(*p, i + 1);
	return true;
}

size_t glob_one_length(str p)
{
	str rest = p;
	bool ignored;

	if (p.p[0] == '[' && read_class(&rest, 0, 0, &ignored))
		return p.len - rest.len;
	return p.p[0] == '\\' && p.len > 1 ? 2 : 1;
}

bool glob_match_one(str *p, str *s, unsigned flags)
{
	str rest = *p;
	bool is_match = false;

	if (rest.len == 0 || s->len == 0)
		return false;
	if (rest.p[0] == '[' && read_class(&rest, s->p[0], flags, &is_match)) {
		/* read_class() moved on */
	} else if (rest.p[0] == '?') {
		is_match = true;
		rest = str_from(rest, 1);
	} else {
		if (rest.p[0] == '\\' && rest.len > 1)
			rest = str_from(rest, 1);
		is_match = folded(rest.p[0], flags) == folded(s->p[0], flags);
		rest = str_from(rest, 1);
	}
	if (is_match) {
		*p = rest;
		*s = str_from(*s, 1);
	}
	return is_match;
}

bool glob_match_part(str p, str s, unsigned flags)
{
	str star_p = STR_NULL, star_s = STR_NULL;

	if (!(flags & GLOB_DOT) && str_starts(s, S(".")) && !str_starts(p, S(".")))
		return false;
	if (flags & GLOB_GROUPS && glob_has_groups(p))
		return glob_match_groups(p, s, flags);
	while (s.len > 0 || p.len > 0) {
		if (str_starts(p, S("*"))) {
			star_p = p = str_from(p, 1);
			star_s = s;
		} else if (!glob_match_one(&p, &s, flags)) {
			if (str_is_null(star_p) || star_s.len == 0)
				return false;
			star_s = s = str_from(star_s, 1);
			p = star_p;
		}
	}
	return true;
}

/* ---- components ---- */

static void split(struct arena *a, str s, str_vec *out)
{
	for (str part; str_cut(&s, '/', &part);)
		VEC_PUSH(a, out, part);
}

static bool match_path(const str_vec *p, const str_vec *s, unsigned flags)
{
	size_t i = 0, j = 0, star_i = SIZE_MAX, star_j = 0;

	while (i < p->len || j < s->len) {
		if (i < p->len && str_eq(p->items[i], S("**"))) {
			star_i = ++i;
			star_j = j;
		} else if (i < p->len && j < s->len &&
			   glob_match_part(p->items[i], s->items[j], flags)) {
			i++;
			j++;
		} else {
			if (star_i == SIZE_MAX || star_j >= s->len ||
			    (!(flags & GLOB_DOT) && str_starts(s->items[star_j], S("."))))
				return false;
			j = ++star_j;
			i = star_i;
		}
	}
	return true;
}

str *glob_expand(struct arena *a, str pattern, size_t *count)
{
	str_vec agenda = { 0 }, done = { 0 };

	VEC_PUSH(a, &agenda, pattern);
	while (agenda.len > 0 && agenda.len + done.len <= MAX_ALTERNATIVES) {
		size_t open, close;
		str one = VEC_POP(&agenda);
		if (find_braces(one, &open, &close))
			expand_first(a, one, open, close, &agenda);
		else
			VEC_PUSH(a, &done, one);
	}
	*count = done.len;
	return done.items;
}

bool glob_match_with(struct arena *a, str pattern, str path, unsigned flags)
{
	str_vec parts = { 0 };
	size_t count;
	str *alternatives = glob_expand(a, pattern, &count);

	split(a, path, &parts);
	for (size_t i = 0; i < count; i++) {
		str_vec components = { 0 };
		split(a, alternatives[i], &components);
		if (match_path(&components, &parts, flags))
			return true;
	}
	return false;
}

bool glob_match(struct arena *a, str pattern, str path)
{
	return glob_match_with(a, pattern, path, 0);
}
