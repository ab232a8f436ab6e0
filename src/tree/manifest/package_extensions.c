/* SPDX-License-Identifier: MIT
 * A rule names a package, with or without a range of versions, and what to add to four of its
 * fields. Of several rules for one version none wins: that is an error, since the order of keys is
 * no intention. See package_extensions.h. */
#include "cpm/tree/package_extensions.h"
#include "manifest_edit.h"
#include "manifest_priv.h"
#include "lockfile_priv.h"

#include "cpm/base/digest.h"
#include "cpm/base/range.h"
#include "cpm/base/semver.h"

struct rule {
	str key, name, range; /* range: null for all versions */
	const struct json *fields;
};

struct package_extensions {
	VEC(struct rule) rules;
	str hash;
};

static const char *const fields[] = { "dependencies", "optionalDependencies", "peerDependencies",
				      "peerDependenciesMeta" };

enum field { FIELD_DEPS, FIELD_OPTIONAL, FIELD_PEERS, FIELD_PEER_META };

#define FAIL(code, ...) return err_show_as(err_new(E_GENERIC, __VA_ARGS__), S(code))

/* ---- reading ---- */

static struct err *parse_selector(str key, struct rule *out)
{
	size_t at = str_find_char(str_from(key, str_starts(key, S("@"))), '@');

	*out = (struct rule){ .key = key, .name = key, .range = STR_NULL };
	if (key.len == 0)
		FAIL("EEXTENSIONSELECTOR", "Invalid packageExtensions selector: \"\"");
	if (at != STR_NPOS) {
		at += str_starts(key, S("@"));
		out->name = str_slice(key, 0, at);
		out->range = str_from(key, at + 1);
	}
	if (!spec_is_valid_name(out->name))
		FAIL("EEXTENSIONSELECTOR",
		     "Invalid package name in packageExtensions selector: \"" STR_FMT "\"",
		     STR_ARG(key));
	if (str_is_null(out->range))
		return NULL;
	if (str_trim_js(out->range).len == 0)
		FAIL("EEXTENSIONSELECTOR",
		     "Invalid packageExtensions selector: \"" STR_FMT
		     "\". Use the name only to match every version.",
		     STR_ARG(key));
	ARENA_SCOPE(tmp);
	if (!range_parse(tmp, out->range, SEMVER_LOOSE))
		FAIL("EEXTENSIONSELECTOR",
		     "Invalid version range in packageExtensions selector: \"" STR_FMT
		     "\". Selectors accept a package name with an optional semver range only.",
		     STR_ARG(key));
	return NULL;
}

static int field_index(str name)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (str_eq(name, str_view(fields[i])))
			return (int)i;
	return -1;
}

static struct err *check_entry(str key, int field, str name, const struct json *v)
{
	bool deletes = v->type == JSON_NULL || (v->type == JSON_BOOL && !v->boolean) ||
		       (v->type == JSON_STRING && str_eq(v->string, S("-")));

	if (field == FIELD_PEER_META && v->type != JSON_OBJECT)
		FAIL("EEXTENSIONVALUE",
		     "packageExtensions[\"" STR_FMT "\"].peerDependenciesMeta." STR_FMT
		     " must be an object",
		     STR_ARG(key), STR_ARG(name));
	if (field != FIELD_PEER_META && deletes)
		FAIL("EEXTENSIONDELETE",
		     "packageExtensions[\"" STR_FMT "\"].%s." STR_FMT
		     " attempts deletion, which is not supported.",
		     STR_ARG(key), fields[field], STR_ARG(name));
	if (field != FIELD_PEER_META && v->type != JSON_STRING)
		FAIL("EEXTENSIONVALUE",
		     "packageExtensions[\"" STR_FMT "\"].%s." STR_FMT " must be a string",
		     STR_ARG(key), fields[field], STR_ARG(name));
	return NULL;
}

static struct err *check_rule(const struct rule *r)
{
	if (!json_is(r->fields, JSON_OBJECT))
		FAIL("EEXTENSIONVALUE", "packageExtensions[\"" STR_FMT "\"] must be an object",
		     STR_ARG(r->key));
	for (size_t i = 0; i < r->fields->count; i++) {
		const struct json_member *m = &r->fields->members[i];
		int field = field_index(m->key);

		if (field < 0)
			FAIL("EEXTENSIONFIELD",
			     "packageExtensions[\"" STR_FMT "\"] has unsupported field \"" STR_FMT
			     "\". Supported fields: dependencies, optionalDependencies, "
			     "peerDependencies, peerDependenciesMeta.",
			     STR_ARG(r->key), STR_ARG(m->key));
		if (m->val->type != JSON_OBJECT)
			FAIL("EEXTENSIONVALUE",
			     "packageExtensions[\"" STR_FMT "\"].%s must be an object",
			     STR_ARG(r->key), fields[field]);
		for (size_t j = 0; j < m->val->count; j++)
			TRY(check_entry(r->key, field, m->val->members[j].key,
					m->val->members[j].val));
	}
	return NULL;
}

/* ---- the hash ---- */

static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct json_member *)a)->key, ((const struct json_member *)b)->key);
}

/* Keys in order at every level; what is nested that deep was parsed within JSON_MAX_DEPTH. */
static struct json *sorted(struct arena *a, const struct json *v)
{
	struct json *out = json_dup(a, v);
	VEC(struct json *) agenda = { 0 };

	VEC_PUSH(a, &agenda, out);
	while (agenda.len) {
		struct json *at = VEC_POP(&agenda);

		if (at->type == JSON_OBJECT && at->count) {
			qsort(at->members, at->count, sizeof(*at->members), by_key);
			at->index = NULL;
		}
		for (size_t i = 0; at->type == JSON_OBJECT && i < at->count; i++)
			VEC_PUSH(a, &agenda, at->members[i].val);
		for (size_t i = 0; at->type == JSON_ARRAY && i < at->count; i++)
			VEC_PUSH(a, &agenda, at->items[i]);
	}
	return out;
}

static str hash_of(struct arena *a, const struct json *v)
{
	ARENA_SCOPE(tmp);
	struct str_buf text = str_buf(tmp, SIZE_MAX);
	struct digest digest;

	json_write(&text, sorted(tmp, v), (struct json_style){ S(""), S("") });
	digest_of(DIGEST_SHA512, buf_view(&text), &digest);
	return integrity_format(a, &digest);
}

struct err *package_extensions_new(struct arena *a, const struct json *package_json,
				   struct package_extensions **out)
{
	const struct json *raw = json_get(package_json, "packageExtensions");
	struct package_extensions *x = ARENA_NEW(a, struct package_extensions);

	*out = NULL;
	if (!raw)
		return NULL;
	if (raw->type != JSON_OBJECT)
		FAIL("EEXTENSIONROOT", "packageExtensions must be an object");
	for (size_t i = 0; i < raw->count; i++) {
		struct rule rule;

		TRY(parse_selector(raw->members[i].key, &rule));
		rule.fields = raw->members[i].val;
		TRY(check_rule(&rule));
		VEC_PUSH(a, &x->rules, rule);
	}
	x->hash = hash_of(a, raw);
	*out = x;
	return NULL;
}

str package_extensions_hash(const struct package_extensions *x)
{
	return x ? x->hash : STR_NULL;
}

/* ---- matching ---- */

static bool is_for(const struct rule *r, str name, str version)
{
	return str_eq(r->name, name) &&
	       (str_is_null(r->range) || range_satisfies(version, r->range, SEMVER_LOOSE));
}

bool package_extensions_match(const struct package_extensions *x, str name, str version)
{
	for (size_t i = 0; x && i < x->rules.len; i++)
		if (is_for(&x->rules.items[i], name, version))
			return true;
	return false;
}

static struct err *find_rule(struct arena *a, const struct package_extensions *x, str name,
			     str version, const struct rule **out)
{
	VEC(str) keys = { 0 };

	*out = NULL;
	for (size_t i = 0; i < x->rules.len; i++)
		if (is_for(&x->rules.items[i], name, version)) {
			*out = &x->rules.items[i];
			VEC_PUSH(a, &keys,
				 str_printf(a, "\"" STR_FMT "\"", STR_ARG(x->rules.items[i].key)));
		}
	if (keys.len <= 1)
		return NULL;
	str list = str_join(a, keys.items, keys.len, S(", "));
	FAIL("EEXTENSIONCONFLICT",
	     "Multiple packageExtensions selectors match " STR_FMT "@" STR_FMT ": " STR_FMT
	     ". Narrow or remove one of the overlapping rules.",
	     STR_ARG(name), STR_ARG(version), STR_ARG(list));
}

/* ---- applying ---- */

struct repair {
	struct arena *arena;
	const struct rule *rule;
	struct manifest *m;
	struct json *applied;
};

static void note(struct repair *r, enum field field, str name)
{
	struct json *names = json_get(r->applied, fields[field]);

	if (!names) {
		names = json_new(r->arena, JSON_ARRAY);
		json_set(r->arena, r->applied, str_view(fields[field]), names);
	}
	json_append(r->arena, names, json_new_string(r->arena, name));
}

static struct err *add_missing(struct repair *r, enum field field, const struct json *adds)
{
	struct dep_list *lists[] = { &r->m->deps, &r->m->optional_deps };

	for (size_t i = 0; adds && i < adds->count; i++) {
		str name = adds->members[i].key;

		for (size_t k = 0; k < ARRAY_LEN(lists); k++)
			if (!str_is_null(manifest_dep_spec(lists[k], name)))
				FAIL("EEXTENSIONDUPDEP",
				     "packageExtensions[\"" STR_FMT "\"].%s." STR_FMT
				     " conflicts with the package's existing %s." STR_FMT
				     ". Use overrides to change a dependency version; "
				     "packageExtensions only adds missing dependencies.",
				     STR_ARG(r->rule->key), fields[field], STR_ARG(name), fields[k],
				     STR_ARG(name));
		manifest_set_dep(r->arena, lists[field], name, adds->members[i].val->string);
		note(r, field, name);
	}
	return NULL;
}

static void set_peers(struct repair *r, const struct json *peers)
{
	for (size_t i = 0; peers && i < peers->count; i++) {
		manifest_set_dep(r->arena, &r->m->peer_deps, peers->members[i].key,
				 peers->members[i].val->string);
		note(r, FIELD_PEERS, peers->members[i].key);
	}
}

static struct err *merge_peer_meta(struct repair *r, const struct json *adds)
{
	struct arena *a = r->arena;
	struct json *meta;

	if (!adds)
		return NULL;
	meta = json_is(r->m->peer_meta, JSON_OBJECT) ? json_dup(a, r->m->peer_meta)
						     : json_new(a, JSON_OBJECT);
	for (size_t i = 0; i < adds->count; i++) {
		str name = adds->members[i].key;
		const struct json *more = adds->members[i].val;
		struct json *one = json_get_str(meta, name);

		if (!json_is(one, JSON_OBJECT)) {
			one = json_new(a, JSON_OBJECT);
			json_set(a, meta, name, one);
		}
		for (size_t j = 0; j < more->count; j++)
			json_set(a, one, more->members[j].key, more->members[j].val);
		note(r, FIELD_PEER_META, name);
		if (str_is_null(manifest_dep_spec(&r->m->peer_deps, name)))
			FAIL("EEXTENSIONORPHANMETA",
			     "packageExtensions[\"" STR_FMT "\"].peerDependenciesMeta." STR_FMT
			     " has no corresponding peerDependencies." STR_FMT
			     " after extension application.",
			     STR_ARG(r->rule->key), STR_ARG(name), STR_ARG(name));
	}
	manifest_set_peer_meta(a, r->m, meta);
	return NULL;
}

/* Lists grow in place: what they share with the original is copied first. */
static struct manifest *copy_of(struct arena *a, const struct manifest *m)
{
	struct manifest *copy = ARENA_NEW(a, struct manifest);
	struct dep_list *lists[] = { &copy->deps, &copy->optional_deps, &copy->peer_deps };

	*copy = *m;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct dep *items = ARENA_ARRAY(a, struct dep, lists[i]->count + 1);

		if (lists[i]->count)
			memcpy(items, lists[i]->items, lists[i]->count * sizeof(*items));
		lists[i]->items = items;
	}
	return copy;
}

struct err *package_extensions_apply(struct arena *a, const struct package_extensions *x,
				     struct manifest *m, struct manifest **out,
				     struct json **applied)
{
	struct repair r = { .arena = a };

	*out = m;
	*applied = NULL;
	if (!x || str_is_empty(m->name))
		return NULL;
	TRY(find_rule(a, x, m->name, m->version, &r.rule));
	if (!r.rule)
		return NULL;
	r.m = copy_of(a, m);
	r.applied = json_new(a, JSON_OBJECT);
	json_set_text(a, r.applied, "selector", r.rule->key);
	TRY(add_missing(&r, FIELD_DEPS, json_get(r.rule->fields, "dependencies")));
	TRY(add_missing(&r, FIELD_OPTIONAL, json_get(r.rule->fields, "optionalDependencies")));
	set_peers(&r, json_get(r.rule->fields, "peerDependencies"));
	TRY(merge_peer_meta(&r, json_get(r.rule->fields, "peerDependenciesMeta")));
	*out = r.m;
	*applied = r.applied;
	return NULL;
}

struct err *package_extensions_apply_all(struct arena *a, struct tree *t)
{
	struct package_extensions *x;

	TRY(package_extensions_new(a, t->root->manifest->json, &x));
	for (struct map_iter it = map_iter(&t->inventory); x && map_next(&it);) {
		struct node *n = it.val;

		if (n->is_link || !n->parent)
			continue;
		TRY(package_extensions_apply(a, x, n->manifest, &n->manifest, &n->extended_by));
		if (n->extended_by)
			node_reload_edges(t, n);
	}
	return NULL;
}
