/* SPDX-License-Identifier: MIT
 * Saving to package.json. See save_manifest.h. The file is read again and only its dependency maps
 * are replaced: the manifest in memory has been normalised and must not leak into what people
 * wrote. Twin of the saving half of arborist's reify.js and of package-json's
 * update-dependencies.js. */
#include "cpm/tree/save_manifest.h"
#include "manifest_edit.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

#define MANIFEST_CAP_BYTES (16u << 20)

/* ---- what is saved for a package ---- */

static bool is_subset(struct arena *a, str sub, str dom)
{
	struct range *s = range_parse(a, sub, SEMVER_LOOSE), *d = range_parse(a, dom, SEMVER_LOOSE);

	return s && d && range_is_subset(s, d);
}

static str prefixed(struct arena *a, str prefix, const struct node *n)
{
	str version = node_version(n);

	return str_is_empty(version) ? S("*") : str_concat(a, prefix, version);
}

/* Tags and versions are saved with the prefix; so is a range, unless that would allow more than was
 * asked for. */
static str registry_spec(struct arena *a, const struct edge *e, str name, const struct spec *spec,
			 str prefix)
{
	const struct spec *target = spec_target(spec);
	str saved = prefixed(a, prefix, e->to), real = e->to->manifest->name;

	if (target->type == SPEC_RANGE && !str_eq(target->raw, S("*")) &&
	    !is_subset(a, saved, target->raw))
		saved = target->raw;
	if (str_eq(name, real))
		return saved;
	return str_printf(a, "npm:" STR_FMT "@" STR_FMT, STR_ARG(real), STR_ARG(saved));
}

static str spec_to_save(struct arena *a, const struct edge *e, str name, const struct spec *spec,
			str prefix)
{
	if (spec_is_registry(spec))
		return registry_spec(a, e, name, spec, prefix);
	if (e->type == EDGE_WORKSPACE)
		return prefixed(a, prefix, e->to->target);
	if (spec->type == SPEC_DIRECTORY || spec->type == SPEC_FILE)
		return str_concat(a, S("file:"),
				  path_relative(a, e->from->real_path, spec->fetch_spec));
	return spec->save_spec;
}

/* ---- where it goes ---- */

static bool has(const struct dep_list *list, str name)
{
	return !str_is_null(manifest_dep_spec(list, name));
}

/* An entry beside the development one follows only when the two would contradict each other. */
static void set_if_apart(struct arena *a, struct dep_list *list, str name, str spec, bool is_local)
{
	str old = manifest_dep_spec(list, name);
	struct range *x, *y;

	if (str_is_null(old))
		return;
	x = range_parse(a, old, SEMVER_STRICT);
	y = range_parse(a, spec, SEMVER_STRICT);
	if (is_local || !x || !y || !range_intersects(x, y))
		manifest_set_dep(a, list, name, spec);
}

static void set_where_it_is(struct arena *a, struct manifest *m, str name, str spec, bool is_local)
{
	if (has(&m->deps, name))
		manifest_set_dep(a, &m->deps, name, spec);
	if (has(&m->dev_deps, name)) {
		manifest_set_dep(a, &m->dev_deps, name, spec);
		set_if_apart(a, &m->peer_deps, name, spec, is_local);
		set_if_apart(a, &m->optional_deps, name, spec, is_local);
		return;
	}
	if (has(&m->peer_deps, name))
		manifest_set_dep(a, &m->peer_deps, name, spec);
	if (has(&m->optional_deps, name))
		manifest_set_dep(a, &m->optional_deps, name, spec);
}

static void set_spec(struct arena *a, struct manifest *m, str name, str spec, enum save_type type,
		     bool is_local)
{
	switch (type) {
	case SAVE_INFER:
		set_where_it_is(a, m, name, spec, is_local);
		break;
	case SAVE_PROD:
		manifest_set_dep(a, &m->deps, name, spec);
		manifest_del_dep(&m->optional_deps, name);
		break;
	case SAVE_DEV:
		manifest_set_dep(a, &m->dev_deps, name, spec);
		break;
	case SAVE_OPTIONAL:
		manifest_set_dep(a, &m->optional_deps, name, spec);
		break;
	case SAVE_PEER:
		manifest_set_dep(a, &m->peer_deps, name, spec);
		break;
	}
}

bool tree_note_edited(struct tree *t, struct node *owner)
{
	for (size_t i = 0; i < t->edited.len; i++)
		if (t->edited.items[i] == owner)
			return false;
	VEC_PUSH(t->arena, &t->edited, owner);
	return true;
}

/* A dependency that could not be had (and did not have to) is saved as it was asked for. */
static struct err *save_one(struct arena *a, struct tree *t, struct node *owner, str name,
			    enum save_type type, str prefix)
{
	struct edge *e = node_edge(owner, name);
	const struct spec *spec;
	bool is_local;
	str text;

	if (!e || !e->to || e->to->is_failed || !node_is_top(owner))
		return NULL;
	TRY(edge_parse_spec(e, &spec));
	is_local = spec->type == SPEC_DIRECTORY || spec->type == SPEC_FILE;
	text = spec_to_save(a, e, name, spec, prefix);
	set_spec(a, owner->manifest, name, text, type, is_local);
	tree_note_edited(t, owner);
	return NULL;
}

/* ---- update --save ---- */

/* Some dependent asks for exactly this version: then it is left alone everywhere. */
static bool is_pinned(const struct node *n)
{
	ARENA_SCOPE(tmp);

	for (size_t i = 0; i < n->edges_in.len; i++)
		if (is_subset(tmp, edge_spec_text(n->edges_in.items[i]), node_version(n)))
			return true;
	return false;
}

static bool is_updated(const struct ideal_opts *o, str name)
{
	for (size_t i = 0; i < o->nupdate_names; i++)
		if (str_eq(o->update_names[i], name))
			return true;
	return o->update_all;
}

static struct err *save_updates(struct arena *a, struct tree *t, const struct ideal_opts *o,
				str prefix)
{
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (n->is_root || node_resolve_parent(n) != t->root || !is_updated(o, n->name) ||
		    is_pinned(n))
			continue;
		for (size_t i = 0; i < n->edges_in.len; i++)
			TRY(save_one(a, t, n->edges_in.items[i]->from, n->name, o->add_type,
				     prefix));
	}
	return NULL;
}

struct err *save_requests(struct arena *a, struct tree *t, const struct ideal_opts *opts,
			  str prefix)
{
	if (!opts->update_all)
		VEC_EACH (struct tree_request, r, &t->requests)
			TRY(save_one(a, t, r->owner, r->name, opts->add_type, prefix));
	if (opts->update_all || opts->nupdate_names)
		TRY(save_updates(a, t, opts, prefix));
	for (size_t i = 0; i < t->edited.len; i++)
		node_reload_edges(t, t->edited.items[i]);
	return NULL;
}

/* ---- the file ---- */

static int by_dep_name(const void *a, const void *b)
{
	return str_collate(((const struct dep *)a)->name, ((const struct dep *)b)->name);
}

/* One dependency map, sorted; @without: names that another map has. NULL when nothing is left. */
static struct json *dep_map(struct arena *a, const struct dep_list *list,
			    const struct dep_list *without)
{
	struct json *map = json_new(a, JSON_OBJECT);
	struct dep *sorted = ARENA_ARRAY(a, struct dep, list->count);

	for (size_t i = 0; i < list->count; i++)
		sorted[i] = list->items[i];
	if (list->count > 1)
		qsort(sorted, list->count, sizeof(*sorted), by_dep_name);
	for (size_t i = 0; i < list->count; i++)
		if (!without || !has(without, sorted[i].name))
			json_set(a, map, sorted[i].name, json_new_string(a, sorted[i].spec));
	return map->count ? map : NULL;
}

static void set_or_drop(struct arena *a, struct json *doc, const char *key, struct json *val)
{
	if (val)
		json_set(a, doc, str_view(key), val);
	else
		json_del(doc, str_view(key));
}

/* Who listed a name both as a dependency and as a peer meant it: both follow. */
static void keep_twins(struct arena *a, struct json *doc, const struct json *prod,
		       const struct json *peers)
{
	const struct json *now = json_get(doc, "peerDependencies");

	if (!json_is(prod, JSON_OBJECT) || !json_is(peers, JSON_OBJECT) || !now)
		return;
	for (size_t i = 0; i < peers->count; i++) {
		str name = peers->members[i].key;
		struct json *spec = json_get_str(now, name), *deps = json_get(doc, "dependencies");

		if (!json_get_str(prod, name) || !spec)
			continue;
		if (!deps) {
			deps = json_new(a, JSON_OBJECT);
			json_set(a, doc, S("dependencies"), deps);
		}
		json_set(a, deps, name, spec);
	}
}

static struct json *bundled_list(struct arena *a, const struct manifest *m)
{
	struct json *list = json_new(a, JSON_ARRAY);

	if (!m->has_bundled)
		return NULL;
	for (size_t i = 0; i < m->nbundled; i++)
		json_append(a, list, json_new_string(a, m->bundled[i]));
	return list;
}

struct err *save_manifest_text(struct arena *a, const struct manifest *m, str original, str *out)
{
	bool is_new = str_is_empty(original);
	struct json_style style = is_new ? JSON_STYLE_DEFAULT : json_style_of(original);
	struct str_buf text = str_buf(a, MANIFEST_CAP_BYTES);
	const struct json *prod, *peers;
	struct json *doc;

	*out = STR_NULL;
	TRY(json_parse(a, is_new ? S("{}") : original, &doc));
	prod = json_get(doc, "dependencies");
	peers = json_get(doc, "peerDependencies");
	prod = prod ? json_dup(a, prod) : NULL;
	peers = peers ? json_dup(a, peers) : NULL;
	set_or_drop(a, doc, "dependencies", dep_map(a, &m->deps, &m->optional_deps));
	set_or_drop(a, doc, "optionalDependencies", dep_map(a, &m->optional_deps, NULL));
	set_or_drop(a, doc, "devDependencies", dep_map(a, &m->dev_deps, NULL));
	set_or_drop(a, doc, "peerDependencies", dep_map(a, &m->peer_deps, NULL));
	keep_twins(a, doc, prod, peers);
	set_or_drop(a, doc, "bundleDependencies", bundled_list(a, m));
	json_write(&text, doc, style);
	buf_add(&text, style.newline);
	if (!str_eq(str_trim_js(buf_view(&text)), str_trim_js(original)))
		*out = buf_view(&text);
	return NULL;
}

struct err *save_manifest(const struct node *owner)
{
	ARENA_SCOPE(tmp);
	const char *path = str_cstr(tmp, path_join(tmp, owner->real_path, S("package.json")));
	str original, text;
	struct err *failure = fs_read_all(tmp, AT_FDCWD, path, MANIFEST_CAP_BYTES, &original);

	if (err_is(failure, E_NO_ENTRY)) {
		err_ignore(failure);
		failure = NULL;
		original = S("");
	}
	TRY(failure);
	TRY(save_manifest_text(tmp, owner->manifest, original, &text));
	return str_is_null(text) ? NULL : fs_write_atomic(AT_FDCWD, path, text, 0666);
}
