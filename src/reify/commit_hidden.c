/* SPDX-License-Identifier: MIT
 * The hidden lockfile says what is in node_modules. After a whole installation that is the ideal
 * tree. When only what some members need was installed, it is a mixture: there the ideal tree
 * holds, and everywhere else what was there before. The mixture is made of the two documents and
 * not of the trees, because package-lock.json is still to be written from the ideal one. */
#include "reify_priv.h"

static bool is_within(const struct run *r, str location)
{
	return map_has(&r->diff->within, location);
}

/* The folders that links among these entries lead to. */
static struct map link_targets(struct arena *a, const struct json *packages)
{
	struct map targets;

	map_init(&targets, a);
	for (size_t i = 0; i < packages->count; i++) {
		struct json *entry = packages->members[i].val;

		if (json_get_bool(entry, "link"))
			map_put(&targets, json_get_text(entry, "resolved"), entry);
	}
	return targets;
}

/* Folders of the project that nothing in node_modules leads to do not count. */
static struct json *drop_unlinked(struct arena *a, struct json *packages)
{
	struct map targets = link_targets(a, packages);
	struct json *kept = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < packages->count; i++) {
		str key = packages->members[i].key;

		if (str_find(key, S("node_modules/")) != STR_NPOS || map_has(&targets, key))
			json_set(a, kept, key, packages->members[i].val);
	}
	return kept;
}

static struct json *mix(struct run *r, const struct json *ideal, const struct json *actual)
{
	struct arena *a = r->arena;
	struct json *mixed = json_new(a, JSON_OBJECT);
	VEC(str) keys = { 0 };

	for (size_t i = 0; i < ideal->count; i++) {
		str key = ideal->members[i].key;
		if (is_within(r, key) || json_get_str(actual, key))
			VEC_PUSH(a, &keys, key);
	}
	for (size_t i = 0; i < actual->count; i++) {
		str key = actual->members[i].key;
		if (!is_within(r, key) && !json_get_str(ideal, key))
			VEC_PUSH(a, &keys, key);
	}
	VEC_SORT(&keys, str_collate_qsort);
	VEC_EACH (str, key, &keys)
		json_set(a, mixed, *key, json_get_str(is_within(r, *key) ? ideal : actual, *key));
	return drop_unlinked(a, mixed);
}

static struct err *packages_of(struct arena *a, const struct tree *t,
			       const struct lockfile_opts *opts, str *text, struct json **doc,
			       struct json **packages)
{
	TRY(lockfile_format(a, t, opts, text));
	TRY(json_parse(a, *text, doc));
	*packages = json_get(*doc, "packages");
	if (!*packages)
		*packages = json_new(a, JSON_OBJECT);
	return NULL;
}

struct err *hidden_lockfile_format(struct run *r, str *text)
{
	struct lockfile_opts opts = r->opts->lock;
	struct json *doc, *was, *ideal, *actual;
	struct str_buf out = str_buf(r->arena, SIZE_MAX);
	bool is_whole = !r->opts->is_partial || r->ideal->is_isolated;
	str then;

	if (is_whole && !r->ideal->is_isolated && !opts.was_not_saved)
		return lockfile_format_both(r->arena, r->ideal, &opts, &r->out->lock_text, text);
	opts.is_hidden = true;
	if (is_whole)
		return lockfile_format(r->arena, r->ideal, &opts, text);
	TRY(packages_of(r->arena, r->actual, &opts, &then, &was, &actual));
	TRY(packages_of(r->arena, r->ideal, &opts, text, &doc, &ideal));
	json_set(r->arena, doc, S("packages"), mix(r, ideal, actual));
	json_write(&out, doc, json_style_of(*text));
	buf_add(&out, S("\n"));
	*text = buf_view(&out);
	return NULL;
}
