/* SPDX-License-Identifier: MIT
 * :outdated, the one selector that asks the registry. All packuments are asked for before the first
 * is waited for. */
#include "query_priv.h"

#include "cpm/base/log.h"
#include "cpm/base/range.h"

typedef VEC(const struct packument_version *) version_vec;

static bool can_be_outdated(struct query_run *run, const struct node *n)
{
	return !n->is_root && !json_is_truthy(json_get(package_doc(run->opts->docs, n), "private"));
}

/* What a package offers, lowest first; nothing, with a warning, when it cannot be found out. */
static version_vec versions_of(struct query_run *run, struct node *n)
{
	version_vec out = { 0 };
	const struct packument *p;
	struct err *e = source_get(run->opts->source, n->name, &p);
	str before = pick_opts_for(&run->opts->pick, n->name).before;

	if (e) {
		log_warn("query", "could not retrieve packument for " STR_FMT ": %s" STR_FMT,
			 STR_ARG(n->name), err_is(e, E_NOT_FOUND) ? "404 " : "",
			 STR_ARG(e->message));
		err_ignore(e);
		return out;
	}
	for (size_t i = p->nversions; i-- > 0;) {
		const struct packument_version *v = &p->versions[i];
		bool is_later = p->has_time && !str_is_empty(before) &&
				(str_is_null(v->time) || str_cmp(v->time, before) > 0);

		if (!str_is_null(v->semver.text) && !is_later)
			VEC_PUSH(run->arena, &out, v);
	}
	return out;
}

static version_vec newer_than(struct query_run *run, struct node *n, const version_vec *all)
{
	const struct semver *current = node_semver(n);
	version_vec out = { 0 };

	for (size_t i = 0; current && i < all->len; i++)
		if (semver_compare(&all->items[i]->semver, current) > 0)
			VEC_PUSH(run->arena, &out, all->items[i]);
	return out;
}

static struct json *list_versions(struct arena *a, const version_vec *versions)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < versions->len; i++)
		json_append(a, list, json_new_string(a, versions->items[i]->version));
	return list;
}

/* Which number is the first to differ, by node-semver's diff(); @newer is the greater one. */
static str difference(const struct semver *older, const struct semver *newer)
{
	bool had_pre = older->pre.len > 0, has_pre = newer->pre.len > 0;
	bool is_same = older->major == newer->major && older->minor == newer->minor &&
		       older->patch == newer->patch;

	if (had_pre && !has_pre) {
		if (!older->patch && !older->minor)
			return S("major");
		if (is_same)
			return older->minor && !older->patch ? S("minor") : S("patch");
	}
	if (has_pre)
		return S("pre");
	if (older->major != newer->major)
		return S("major");
	return older->minor != newer->minor ? S("minor") : S("patch");
}

static bool has_difference(struct node *n, const version_vec *newer, str kind)
{
	for (size_t i = 0; i < newer->len; i++)
		if (str_eq(difference(node_semver(n), &newer->items[i]->semver), kind))
			return true;
	return false;
}

static bool is_in_range(const struct range *range, const struct packument_version *v)
{
	return range && range_has(range, &v->semver);
}

/* For each dependent, the newer versions that it would take, or would not. */
static struct json *by_dependent(struct query_run *run, struct node *n, const version_vec *newer,
				 bool in_range)
{
	struct arena *a = run->arena;
	struct json *list = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < n->edges_in.len; i++) {
		const struct edge *e = n->edges_in.items[i];
		const struct range *range = range_parse(a, edge_spec_text(e), SEMVER_STRICT);
		version_vec fitting = { 0 };
		struct json *entry = json_new(a, JSON_OBJECT);

		for (size_t j = 0; j < newer->len; j++)
			if (is_in_range(range, newer->items[j]) == in_range)
				VEC_PUSH(a, &fitting, newer->items[j]);
		if (!fitting.len)
			continue;
		json_set_text(a, entry, "from", e->from->location);
		json_set(a, entry, S("versions"), list_versions(a, &fitting));
		json_append(a, list, entry);
	}
	return list;
}

static bool matches_by_dependent(struct query_run *run, struct node *n, const version_vec *newer,
				 bool in_range)
{
	struct arena *a = run->arena;
	struct json *found = by_dependent(run, n, newer, in_range),
		    *context = query_context(run, n);

	if (!found->count)
		return false;
	if (!json_get(context, "outdated"))
		json_set(a, context, S("outdated"), json_new(a, JSON_OBJECT));
	json_set(a, json_get(context, "outdated"), in_range ? S("inRange") : S("outOfRange"),
		 found);
	return true;
}

static bool is_outdated(struct query_run *run, str kind, struct node *n)
{
	version_vec all = versions_of(run, n), newer = newer_than(run, n, &all);

	json_set(run->arena, query_context(run, n), S("versions"), list_versions(run->arena, &all));
	if (!newer.len)
		return false;
	if (str_is_empty(kind) || str_eq(kind, S("any")))
		return true;
	if (str_eq(kind, S("major")) || str_eq(kind, S("minor")) || str_eq(kind, S("patch")))
		return has_difference(n, &newer, kind);
	if (str_eq(kind, S("in-range")) || str_eq(kind, S("out-of-range")))
		return matches_by_dependent(run, n, &newer, str_eq(kind, S("in-range")));
	return false;
}

struct err *query_outdated(struct query_run *run, str kind, const node_vec *items, node_vec *out)
{
	if (!run->opts->source)
		return err_new(E_UNSUPPORTED,
			       "':outdated' cannot be used here: there is no registry to ask");
	for (size_t i = 0; i < items->len; i++)
		if (can_be_outdated(run, items->items[i]))
			source_announce(run->opts->source, items->items[i]->name);
	for (size_t i = 0; i < items->len; i++)
		if (can_be_outdated(run, items->items[i]) &&
		    is_outdated(run, kind, items->items[i]))
			VEC_PUSH(run->arena, out, items->items[i]);
	return NULL;
}
