/* SPDX-License-Identifier: MIT
 * How npm matches an ignore line: each alternative of its braces, part by part, against the path
 * with and without a slash at either end. Backtracking over "**" is a table of (part of the path,
 * part of the pattern), so that no pattern costs more than the product of the two. Source:
 * ignore-walk, and minimatch with its options dot, nocase and matchBase. */
#include "ignore_rules.h"

#include "cpm/base/glob.h"
#include "cpm/base/vec.h"

#define MATCH_FLAGS (GLOB_DOT | GLOB_NOCASE | GLOB_GROUPS)

typedef VEC(str) str_vec;

static void split(struct arena *a, str s, str_vec *out)
{
	for (str part; str_cut(&s, '/', &part);)
		VEC_PUSH(a, out, part);
}

/* ---- reading ---- */

static struct ignore_pattern read_pattern(struct arena *a, str text)
{
	str_vec parts = { 0 }, kept = { 0 };

	split(a, text, &parts);
	for (size_t i = 0; i < parts.len; i++) {
		bool is_again = kept.len && str_eq(parts.items[i], S("**")) &&
				str_eq(VEC_LAST(&kept), S("**"));
		/* "a//b" is "a/b"; empty parts count at the ends only. */
		bool is_gap = str_is_empty(parts.items[i]) && i > 0 && i + 1 < parts.len;

		if (!is_again && !is_gap)
			VEC_PUSH(a, &kept, parts.items[i]);
	}
	return (struct ignore_pattern){ kept.items, kept.len };
}

static struct ignore_rule read_rule(struct arena *a, str line)
{
	struct ignore_rule rule = { 0 };
	str *alternatives;

	while (str_starts(line, S("!"))) {
		rule.negates = !rule.negates;
		line = str_from(line, 1);
	}
	alternatives = glob_expand(a, line, &rule.npatterns);
	rule.patterns = ARENA_ARRAY(a, struct ignore_pattern, rule.npatterns);
	for (size_t i = 0; i < rule.npatterns; i++)
		rule.patterns[i] = read_pattern(a, alternatives[i]);
	return rule;
}

struct ignore_rules ignore_rules_parse(struct arena *a, str text)
{
	VEC(struct ignore_rule) rules = { 0 };

	for (str line; str_cut(&text, '\n', &line);) {
		line = str_trim_js(line);
		if (line.len && line.p[0] != '#')
			VEC_PUSH(a, &rules, read_rule(a, line));
	}
	return (struct ignore_rules){ rules.items, rules.len };
}

/* ---- matching ---- */

static bool part_matches(str pattern, str part)
{
	if (str_is_empty(pattern) || str_is_empty(part))
		return str_is_empty(pattern) && str_is_empty(part);
	return glob_match_part(pattern, part, MATCH_FLAGS);
}

/* A row of the table holds, for one place in the pattern, whether its rest matches the path's rest
 * from each place on. */
static bool parts_match(struct arena *a, const struct ignore_pattern *p, const str *path, size_t n,
			bool partial)
{
	bool *next = ARENA_ARRAY(a, bool, n + 1), *row = ARENA_ARRAY(a, bool, n + 1);

	next[n] = true;
	if (n > 0)
		next[n - 1] = str_is_empty(path[n - 1]);
	for (size_t j = p->nparts; j-- > 0;) {
		bool is_any = str_eq(p->parts[j], S("**")), is_last = j + 1 == p->nparts,
		     *swap = next;

		row[n] = partial;
		for (size_t i = n; i-- > 0;) {
			if (is_any)
				row[i] = is_last || next[i] || row[i + 1];
			else
				row[i] = next[i + 1] && part_matches(p->parts[j], path[i]);
		}
		next = row;
		row = swap;
	}
	return next[0];
}

/* The last part that is not empty: what a pattern without a slash is compared with. */
static str last_name(const str_vec *parts)
{
	size_t i = parts->len;

	while (i > 1 && str_is_empty(parts->items[i - 1]))
		i--;
	return parts->items[i - 1];
}

static bool rule_matches(struct arena *scratch, const struct ignore_rule *rule, str path,
			 bool partial)
{
	str_vec parts = { 0 };

	split(scratch, path, &parts);
	for (size_t i = 0; i < rule->npatterns; i++) {
		const struct ignore_pattern *p = &rule->patterns[i];
		str name = last_name(&parts);
		bool is_name = p->nparts == 1;

		if (parts_match(scratch, p, is_name ? &name : parts.items, is_name ? 1 : parts.len,
				partial))
			return true;
	}
	return false;
}

/* "x" or "x/": says nothing about where. */
static bool is_relative(const struct ignore_rule *rule)
{
	for (size_t i = 0; i < rule->npatterns; i++) {
		const struct ignore_pattern *p = &rule->patterns[i];

		if (p->nparts == 0 || p->nparts <= (str_is_empty(p->parts[p->nparts - 1]) ? 2 : 1))
			return true;
	}
	return false;
}

static bool matches_dir(struct arena *a, const struct ignore_rule *rule, str path)
{
	str rooted = str_concat(a, S("/"), path);

	return rule_matches(a, rule, str_concat(a, rooted, S("/")), false) ||
	       rule_matches(a, rule, str_concat(a, path, S("/")), false) ||
	       (rule->negates &&
		(rule_matches(a, rule, rooted, true) || rule_matches(a, rule, path, true)));
}

static bool matches(struct arena *a, const struct ignore_rule *rule, str path, str basename,
		    bool as_dir)
{
	if (rule_matches(a, rule, str_concat(a, S("/"), path), false) ||
	    rule_matches(a, rule, path, false))
		return true;
	if (!as_dir)
		return false;
	return matches_dir(a, rule, path) ||
	       (!str_is_null(basename) && is_relative(rule) && matches_dir(a, rule, basename));
}

bool ignore_rules_apply(struct arena *scratch, const struct ignore_rules *rules, str path,
			str basename, bool as_dir, bool included)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct ignore_rule *rule = &rules->items[i];

		if (rule->negates != included && matches(scratch, rule, path, basename, as_dir))
			included = rule->negates;
	}
	return included;
}
