/* SPDX-License-Identifier: MIT
 * A registry written down in the test: one line a version, the words after it are what it depends
 * on.
 *
 *   a@1.0.0 b@^1 dev:t@* peer:c@^2 peeropt:d@* opt:e@1 bundle:b os:darwin node:>=99 latest
 *
 * The same words (without a version in front) describe a project: TABLE_PROJECT("a@^1 dev:t@*"). As
 * a source it keeps every packument back until somebody waits, and then hands them out first or
 * last announced first, so that a test can show that the order of arrival does not matter. It
 * counts requests. */
#pragma once
#include "cpm/registry/source.h"
#include "cpm/tree/ideal.h"

struct table_source {
	struct source source;
	struct arena *arena;
	struct map packuments; /* name -> struct packument * */
	struct map requested;  /* name -> anything */
	VEC(str) under_way;
	struct map arrived;
	struct map tagged; /* names whose latest was said */
	bool is_last_first;
	size_t nrequests;
	struct err *missing; /* what every unknown name ends with */
};

/* ---- words into manifests ---- */

static inline void table_add_dep(struct arena *a, struct json *m, const char *field, str dep)
{
	size_t at = str_rfind_char(dep, '@');
	struct json *map = json_get(m, field);

	/* "x@npm:y@1": the first @ that is no scope's. */
	if (str_find(dep, S("@npm:")) != STR_NPOS)
		at = str_find(dep, S("@npm:"));
	if (!map) {
		map = json_new(a, JSON_OBJECT);
		json_set(a, m, str_view(field), map);
	}
	json_set(a, map, str_slice(dep, 0, at), json_new_string(a, str_from(dep, at + 1)));
}

static inline void table_add_word(struct arena *a, struct json *m, str word)
{
	static const struct {
		str prefix;
		const char *field;
	} kinds[] = { { S("dev:"), "devDependencies" },
		      { S("opt:"), "optionalDependencies" },
		      { S("peeropt:"), "peerDependencies" },
		      { S("peer:"), "peerDependencies" },
		      { S("override:"), "overrides" } };
	struct json *list;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		str rest;

		if (!str_starts(word, kinds[i].prefix))
			continue;
		rest = str_from(word, kinds[i].prefix.len);
		table_add_dep(a, m, kinds[i].field, rest);
		if (str_eq(kinds[i].prefix, S("peeropt:"))) {
			struct json *meta = json_get(m, "peerDependenciesMeta"),
				    *yes = json_new(a, JSON_OBJECT);

			if (!meta)
				meta = json_new(a, JSON_OBJECT);
			json_set(a, yes, S("optional"), json_new_bool(a, true));
			json_set(a, meta, str_slice(rest, 0, str_rfind_char(rest, '@')), yes);
			json_set(a, m, S("peerDependenciesMeta"), meta);
		}
		return;
	}
	if (str_starts(word, S("bundle:")) || str_starts(word, S("os:"))) {
		list = json_new(a, JSON_ARRAY);
		json_append(a, list,
			    json_new_string(a, str_from(word, str_find_char(word, ':') + 1)));
		json_set(a, m, str_starts(word, S("os:")) ? S("os") : S("bundleDependencies"),
			 list);
	} else if (str_starts(word, S("node:"))) {
		list = json_new(a, JSON_OBJECT);
		json_set(a, list, S("node"), json_new_string(a, str_from(word, 5)));
		json_set(a, m, S("engines"), list);
	} else {
		table_add_dep(a, m, "dependencies", word);
	}
}

static inline struct json *table_manifest(struct arena *a, str name, str version, str words)
{
	struct json *m = json_new(a, JSON_OBJECT);

	json_set(a, m, S("name"), json_new_string(a, name));
	json_set(a, m, S("version"), json_new_string(a, version));
	for (str word; str_cut(&words, ' ', &word);)
		if (word.len && !str_eq(word, S("latest")))
			table_add_word(a, m, word);
	return m;
}

/* A project's manifest. */
static inline struct manifest *table_project(struct arena *a, const char *words)
{
	struct manifest *m = NULL;
	struct err *e = manifest_from_json(
		a, table_manifest(a, S("project"), S("1.0.0"), str_view(words)), true, &m);

	err_ignore(e);
	return m;
}

/* ---- the source ---- */

static inline void table_announce(struct source *s, str name)
{
	struct table_source *t = (struct table_source *)s;

	if (map_put(&t->requested, str_dup(t->arena, name), t))
		return;
	t->nrequests++;
	VEC_PUSH(t->arena, &t->under_way, str_dup(t->arena, name));
}

static inline bool table_try_get(struct source *s, str name, const struct packument **out,
				 const struct err **failure)
{
	struct table_source *t = (struct table_source *)s;

	if (!map_has(&t->arrived, name))
		return false;
	*out = map_get(&t->packuments, name);
	*failure = *out ? NULL : t->missing;
	return true;
}

static inline bool table_wait_any(struct source *s, str *name)
{
	struct table_source *t = (struct table_source *)s;

	if (!t->under_way.len)
		return false;
	if (t->is_last_first) {
		*name = VEC_POP(&t->under_way);
	} else {
		*name = t->under_way.items[0];
		VEC_REMOVE_AT(&t->under_way, 0);
	}
	map_put(&t->arrived, *name, t);
	return true;
}

static const struct source_ops table_ops = { .announce = table_announce,
					     .try_get = table_try_get,
					     .wait_any = table_wait_any };

static inline void table_add_version(struct table_source *t, struct map *docs, str line)
{
	struct arena *a = t->arena;
	str id = line, words = S(""), name, version;
	struct json *doc, *tags, *m, *dist = json_new(a, JSON_OBJECT);

	if (str_find_char(line, ' ') != STR_NPOS) {
		id = str_slice(line, 0, str_find_char(line, ' '));
		words = str_from(line, id.len + 1);
	}
	name = str_slice(id, 0, str_rfind_char(id, '@'));
	version = str_from(id, name.len + 1);
	doc = map_get(docs, name);
	if (!doc) {
		doc = json_new(a, JSON_OBJECT);
		json_set(a, doc, S("name"), json_new_string(a, name));
		json_set(a, doc, S("dist-tags"), json_new(a, JSON_OBJECT));
		json_set(a, doc, S("versions"), json_new(a, JSON_OBJECT));
		map_put(docs, name, doc);
	}
	tags = json_get(doc, "dist-tags");
	m = table_manifest(a, name, version, words);
	json_set(
		a, dist, S("tarball"),
		json_new_string(a, str_printf(a, "http://127.0.0.1/" STR_FMT "/-/x-" STR_FMT ".tgz",
					      STR_ARG(name), STR_ARG(version))));
	json_set(a, m, S("dist"), dist);
	json_set(a, json_get(doc, "versions"), version, m);
	if (str_ends(line, S(" latest")))
		map_put(&t->tagged, name, t);
	else if (map_has(&t->tagged, name) ||
		 (json_get(tags, "latest") &&
		  semver_compare_text(version, json_get_text(tags, "latest")) < 0))
		return;
	json_set(a, tags, S("latest"), json_new_string(a, version));
}

/* @table: lines as above; leading white space and empty lines do not count. */
static inline struct table_source *table_source_new(struct arena *a, const char *table)
{
	struct table_source *t = ARENA_NEW(a, struct table_source);
	str rest = str_view(table), line;
	struct map docs;

	t->source.ops = &table_ops;
	t->arena = a;
	map_init(&t->packuments, a);
	map_init(&t->requested, a);
	map_init(&t->arrived, a);
	map_init(&t->tagged, a);
	map_init(&docs, a);
	t->missing = err_new(E_NOT_FOUND, "no such package in the table");
	while (str_cut(&rest, '\n', &line)) {
		line = str_trim(line);
		if (line.len)
			table_add_version(t, &docs, line);
	}
	for (struct map_iter it = map_iter(&docs); map_next(&it);) {
		struct str_buf text = str_buf(a, 64 << 20);
		struct packument *p = NULL;
		struct err *e;

		json_write(&text, it.val, (struct json_style){ S(""), S("") });
		e = packument_scan(a, it.key, buf_view(&text), &p);
		err_ignore(e);
		map_put(&t->packuments, it.key, p);
	}
	return t;
}

static inline void table_source_fini(struct table_source *t)
{
	err_free(t->missing);
}

/* ---- trees as text ---- */

static inline int table_by_location(const void *a, const void *b)
{
	return str_collate((*(struct node *const *)a)->location,
			   (*(struct node *const *)b)->location);
}

/* "a@1.0.0 a/b@2.0.0[dev]": what is where, "node_modules/" left out, in lockfile order. */
static inline str table_show(struct arena *a, const struct tree *t)
{
	struct str_buf text = str_buf(a, 16 << 20);
	node_vec all = { 0 };

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		if (!((struct node *)it.val)->is_root)
			VEC_PUSH(a, &all, it.val);
	VEC_SORT(&all, table_by_location);
	for (size_t i = 0; i < all.len; i++) {
		const struct node *n = all.items[i];

		buf_printf(&text, "%s" STR_FMT "@" STR_FMT "%s%s%s%s%s", i ? " " : "",
			   STR_ARG(str_replace_all(a, n->location, S("node_modules/"), S(""))),
			   STR_ARG(node_version(n)), n->dev ? "[dev]" : "",
			   n->optional ? "[opt]" : "", n->peer ? "[peer]" : "",
			   n->extraneous ? "[extra]" : "", n->inert ? "[inert]" : "");
	}
	return buf_view(&text);
}
