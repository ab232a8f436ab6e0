/* SPDX-License-Identifier: MIT
 * `overrides` of the root manifest as a tree of rules (npm-tree.md 6.5). A set sees its children,
 * itself and what its ancestors see; the first rule of a full key wins. Twin of arborist's
 * override-set.js. Sets are few and small, rules are looked up for every edge: names are compared
 * before anything is parsed. */
#include "node_priv.h"

/* ---- building ---- */

/* "name@what" of a key: name, and the spec as npm prints it back. */
static struct err *read_key(struct arena *a, struct override_set *set, str key)
{
	struct spec *spec;

	TRY(spec_parse_arg(a, key, S("/"), &spec));
	if (str_is_empty(spec->name))
		return err_new(E_GENERIC, "Override without name: " STR_FMT, STR_ARG(key));
	set->name = spec->name;
	set->key = key;
	set->key_spec = str_is_empty(spec->raw) ? S("*") : spec->raw;
	set->key_range = range_parse(a, set->key_spec, SEMVER_STRICT);
	return NULL;
}

static struct err *build(struct arena *a, struct override_set *parent, str key,
			 const struct json *json, struct override_set **out)
{
	struct override_set *set = ARENA_NEW(a, struct override_set);
	str value = json_is(json, JSON_STRING) ? json->string : json_get_text(json, ".");

	set->parent = parent;
	map_init(&set->children, a);
	if (json_is(json, JSON_STRING) || json_is(json_get(json, "."), JSON_STRING))
		if (str_is_empty(value))
			value = S("*");
	if (parent) {
		TRY(read_key(a, set, key));
		set->value = str_is_empty(value) ? set->key_spec : value;
		set->value_range = range_parse(a, set->value, SEMVER_STRICT);
	}
	for (size_t i = 0; json_is(json, JSON_OBJECT) && i < json->count; i++) {
		struct override_set *child;

		if (str_eq(json->members[i].key, S(".")))
			continue;
		TRY(build(a, set, json->members[i].key, json->members[i].val, &child));
		map_put(&set->children, child->key, child);
	}
	*out = set;
	return NULL;
}

struct err *override_set_new(struct arena *a, const struct json *json, struct override_set **out)
{
	*out = NULL;
	if (!json_is(json, JSON_OBJECT) || !json->count)
		return NULL;
	return build(a, NULL, STR_NULL, json, out);
}

/* ---- comparing ---- */

static bool children_equal(const struct override_set *a, const struct override_set *b)
{
	if (a->children.count != b->children.count)
		return false;
	for (struct map_iter it = map_iter(&a->children); map_next(&it);) {
		const struct override_set *mine = it.val, *other = map_get(&b->children, it.key);

		if (!other || !str_eq(mine->value, other->value) || !children_equal(mine, other))
			return false;
	}
	return true;
}

bool override_sets_equal(const struct override_set *a, const struct override_set *b)
{
	for (; a != b; a = a->parent, b = b->parent)
		if (!a || !b || !str_eq(a->key, b->key) || !str_eq(a->value, b->value) ||
		    !children_equal(a, b) || !a->parent != !b->parent)
			return false;
	return true;
}

/* ---- rules ---- */

typedef VEC(struct override_set *) rule_vec;

static void add_rule(struct arena *a, rule_vec *rules, struct override_set *rule)
{
	VEC_EACH (struct override_set *, old, rules)
		if (str_eq((*old)->key, rule->key))
			return;
	VEC_PUSH(a, rules, rule);
}

static rule_vec rules_of(struct arena *a, struct override_set *set)
{
	rule_vec rules = { 0 };

	for (struct override_set *s = set; s; s = s->parent) {
		for (struct map_iter it = map_iter(&s->children); map_next(&it);)
			add_rule(a, &rules, it.val);
		if (s->parent)
			add_rule(a, &rules, s);
	}
	return rules;
}

static bool text_intersects(struct arena *a, str range, const struct override_set *rule)
{
	struct range *r = range_parse(a, str_is_empty(range) ? S("*") : range, SEMVER_STRICT);

	return r && rule->key_range && range_intersects(r, rule->key_range);
}

/* A rule with a versioned key counts when some version could be meant by both; for tags, folders
 * and URLs nobody can tell, so it counts. */
static bool rule_applies(struct arena *a, const struct override_set *rule, const struct edge *e)
{
	struct spec *spec;
	struct err *failure;

	if (str_eq(rule->key_spec, S("*")))
		return true;
	failure = spec_resolve(a, e->name, e->raw_spec, S("/"), &spec);
	if (failure) {
		err_ignore(failure);
		return false;
	}
	if (spec->type == SPEC_ALIAS)
		spec = spec->sub;
	switch (spec->type) {
	case SPEC_GIT:
		return !str_is_empty(spec->git_range) && text_intersects(a, spec->git_range, rule);
	case SPEC_RANGE:
	case SPEC_VERSION:
		return text_intersects(a, spec->fetch_spec, rule);
	default:
		return true;
	}
}

struct override_set *override_edge_rule(struct override_set *set, const struct edge *e)
{
	ARENA_SCOPE(tmp);
	rule_vec rules = rules_of(tmp, set);

	VEC_EACH (struct override_set *, rule, &rules)
		if (str_eq((*rule)->name, e->name) && rule_applies(tmp, *rule, e))
			return *rule;
	return set;
}

struct override_set *override_node_rule(struct override_set *set, str name, str version)
{
	ARENA_SCOPE(tmp);
	rule_vec rules = rules_of(tmp, set);
	struct semver v;

	if (!semver_parse(tmp, version, SEMVER_STRICT, &v))
		return set;
	VEC_EACH (struct override_set *, rule, &rules)
		if (str_eq((*rule)->name, name) &&
		    (((*rule)->key_range && range_has((*rule)->key_range, &v)) ||
		     ((*rule)->value_range && range_has((*rule)->value_range, &v))))
			return *rule;
	return set;
}

/* ---- two sets for one node ---- */

static bool values_clash(const struct override_set *a, const struct override_set *b)
{
	if (str_starts(a->value, S("$")) || str_starts(b->value, S("$")))
		return false;
	return a->value_range && b->value_range &&
	       !range_intersects(a->value_range, b->value_range);
}

static bool rules_clash(struct override_set *a, struct override_set *b)
{
	ARENA_SCOPE(tmp);
	rule_vec mine = rules_of(tmp, a), other = rules_of(tmp, b);

	VEC_EACH (struct override_set *, m, &mine)
		VEC_EACH (struct override_set *, o, &other)
			if (str_eq((*m)->key, (*o)->key) && !override_sets_equal(*m, *o) &&
			    values_clash(*m, *o))
				return true;
	return false;
}

static bool is_above(const struct override_set *set, const struct override_set *below)
{
	for (const struct override_set *s = below; s; s = s->parent)
		if (override_sets_equal(s, set))
			return true;
	return false;
}

struct override_set *override_specific(struct override_set *a, struct override_set *b)
{
	if (is_above(a, b))
		return b;
	if (is_above(b, a))
		return a;
	if (rules_clash(a, b))
		return NULL;
	for (struct override_set *s = b; s; s = s->parent)
		for (struct override_set *f = a; f; f = f->parent)
			if (override_sets_equal(f, s))
				return f;
	return NULL;
}

bool override_sets_conflict(struct override_set *a, struct override_set *b)
{
	return !is_above(a, b) && !is_above(b, a) && rules_clash(a, b);
}
