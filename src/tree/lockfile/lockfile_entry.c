/* SPDX-License-Identifier: MIT
 * A package's entry in a lockfile (npm-tree.md 10). The order of its fields is fixed but for those
 * whose type is foreign (an object is written behind what is none); deeper down lockfile_sort.c
 * decides. */
#include "lockfile_entry.h"
#include "lockfile_priv.h"
#include "manifest_priv.h"

#include "cpm/base/path.h"

/* ---- fields of an entry ---- */

enum field_kind {
	FIELD_NONE,
	FIELD_TEXT,
	FIELD_FLAG,
	FIELD_NAMES,
	FIELD_DEPS,
	FIELD_BINS,
	FIELD_JSON
};

struct field {
	const char *key;
	enum field_kind kind;
	str text;
	const struct dep_list *deps;
	const struct manifest *owner; /* of names and bins */
	struct json *json;
};

#define MAX_FIELDS 32

typedef struct {
	struct field items[MAX_FIELDS];
	size_t len;
} field_list;

static void add_text(field_list *f, const char *key, str text)
{
	if (text.len)
		f->items[f->len++] = (struct field){ .key = key, .kind = FIELD_TEXT, .text = text };
}

static void add_flag(field_list *f, const char *key, bool is_set)
{
	if (is_set)
		f->items[f->len++] = (struct field){ .key = key, .kind = FIELD_FLAG };
}

static void add_deps(field_list *f, const char *key, const struct dep_list *deps, bool even_empty)
{
	if (deps->count || (even_empty && deps->is_present))
		f->items[f->len++] = (struct field){ .key = key, .kind = FIELD_DEPS, .deps = deps };
}

static void add_names(field_list *f, const char *key, const struct manifest *m)
{
	if (m->nbundled)
		f->items[f->len++] = (struct field){ .key = key, .kind = FIELD_NAMES, .owner = m };
}

static void add_bins(field_list *f, const char *key, const struct manifest *m)
{
	if (m->nbins)
		f->items[f->len++] = (struct field){ .key = key, .kind = FIELD_BINS, .owner = m };
}

/* What is falsy or empty is not shown. */
static void add_json(field_list *f, const char *key, struct json *v)
{
	bool is_container = json_is(v, JSON_OBJECT) || json_is(v, JSON_ARRAY);

	if (json_is_truthy(v) && (!is_container || v->count))
		f->items[f->len++] = (struct field){ .key = key, .kind = FIELD_JSON, .json = v };
}

static bool is_object(const struct field *f)
{
	return f->kind == FIELD_DEPS || f->kind == FIELD_BINS ||
	       (f->kind == FIELD_JSON && f->json->type == JSON_OBJECT);
}

/* ---- what an entry says ---- */

/* Only shown where the folder does not tell it: aliases, renamed folders, the root. */
static str shown_name(const struct node *n)
{
	str name = n->manifest->name;

	if (!n->is_root && str_eq(name, n->name) &&
	    str_eq(name, lockfile_folder_name(n->real_path)))
		return STR_NULL;
	return name;
}

static str shown_resolved(const struct emitter *w, const struct node *n)
{
	if (w->opts->omit_registry_resolved && node_is_registry_dep(n))
		return STR_NULL;
	return spec_resolved(w->arena, n->resolved, n->path, w->tree->path);
}

/* In a linked layout npm knows it from the registry only, and forgets what the lockfile says. */
static str shown_integrity(const struct emitter *w, const struct node *n)
{
	bool is_manifests = w->tree->is_isolated || (n->is_inflated && str_is_empty(n->integrity));

	return is_manifests ? n->manifest->integrity : n->integrity;
}

/* The fields in the order of their keys, favourites first; see lockfile_sort.c. */
static void collect_fields(const struct emitter *w, struct node *n, field_list *f)
{
	struct manifest *m = n->manifest;
	bool is_kept = !n->extraneous;

	add_text(f, "name", shown_name(n));
	add_text(f, "version", m->version);
	add_text(f, "resolved", shown_resolved(w, n));
	add_text(f, "integrity", shown_integrity(w, n));
	add_deps(f, "dependencies", &m->deps, false);
	add_json(f, "acceptDependencies", m->accept_deps);
	add_bins(f, "bin", m);
	add_names(f, "bundleDependencies", m);
	add_json(f, "cpu", m->cpu);
	add_json(f, "deprecated", m->deprecated);
	add_flag(f, "dev", is_kept && n->dev);
	if (node_is_top(n))
		add_deps(f, "devDependencies", &m->dev_deps, true);
	add_flag(f, "devOptional", is_kept && n->dev_optional && !n->dev && !n->optional);
	add_json(f, "engines", m->engines);
	add_flag(f, "extraneous", n->extraneous);
	add_json(f, "funding", m->funding);
	add_flag(f, "hasInstallScript", n->has_install_script || manifest_runs_install_script(m));
	add_flag(f, "inBundle", node_in_bundle(n));
	add_json(f, "libc", m->libc);
	add_json(f, "license", manifest_shown_license(m));
	add_flag(f, "optional", is_kept && n->optional);
	add_deps(f, "optionalDependencies", &m->optional_deps, false);
	add_json(f, "os", m->os);
	add_json(f, "packageExtensionsApplied", n->extended_by);
	if (n->is_root)
		add_text(f, "packageExtensionsHash", w->tree->extensions_hash);
	add_json(f, "patched", n->patched);
	add_flag(f, "peer", is_kept && n->peer);
	add_deps(f, "peerDependencies", &m->peer_deps, false);
	add_json(f, "peerDependenciesMeta", m->peer_meta);
	add_json(f, "workspaces", m->workspaces);
}

/* ---- writing ---- */

static void write_deps(struct emitter *w, const struct dep_list *deps)
{
	str *names = ARENA_ARRAY(w->arena, str, deps->count);
	size_t *order;

	for (size_t i = 0; i < deps->count; i++)
		names[i] = deps->items[i].name;
	order = lockfile_order_keys(w->arena, names, deps->count);
	emit_open(w, '{');
	for (size_t i = 0; i < deps->count; i++)
		emit_text(w, names[order[i]], deps->items[order[i]].spec);
	emit_close(w, '}');
}

static void write_bins(struct emitter *w, const struct manifest *m)
{
	str *names = ARENA_ARRAY(w->arena, str, m->nbins);
	size_t *order;

	for (size_t i = 0; i < m->nbins; i++)
		names[i] = m->bins[i].name;
	order = lockfile_order_keys(w->arena, names, m->nbins);
	emit_open(w, '{');
	for (size_t i = 0; i < m->nbins; i++)
		emit_text(w, names[order[i]], m->bins[order[i]].target);
	emit_close(w, '}');
}

static void write_names(struct emitter *w, const struct manifest *m)
{
	emit_open(w, '[');
	for (size_t i = 0; i < m->nbundled; i++) {
		emit_item(w);
		json_write_string(&w->out, m->bundled[i]);
	}
	emit_close(w, ']');
}

static void write_field(struct emitter *w, const struct field *f)
{
	emit_key(w, str_view(f->key));
	switch (f->kind) {
	case FIELD_TEXT:
		json_write_string(&w->out, f->text);
		break;
	case FIELD_FLAG:
		buf_add(&w->out, S("true"));
		break;
	case FIELD_NAMES:
		write_names(w, f->owner);
		break;
	case FIELD_DEPS:
		write_deps(w, f->deps);
		break;
	case FIELD_BINS:
		write_bins(w, f->owner);
		break;
	case FIELD_JSON:
		emit_json(w, f->json);
		break;
	case FIELD_NONE:
		break;
	}
}

static void write_fields(struct emitter *w, const field_list *fields)
{
	emit_open(w, '{');
	for (size_t i = 0; i < fields->len; i++)
		if (!is_object(&fields->items[i]))
			write_field(w, &fields->items[i]);
	for (size_t i = 0; i < fields->len; i++)
		if (is_object(&fields->items[i]))
			write_field(w, &fields->items[i]);
	emit_close(w, '}');
}

/* A link says where it leads; what is there has an entry of its own. */
static void write_link(struct emitter *w, const struct node *n)
{
	emit_open(w, '{');
	emit_text(w, S("resolved"),
		  n->target ? n->target->location
			    : path_relative(w->arena, w->tree->path, n->real_path));
	emit_key(w, S("link"));
	buf_add(&w->out, S("true"));
	emit_close(w, '}');
}

bool lockfile_entry_emit(struct emitter *w, struct node *n)
{
	field_list fields;

	fields.len = 0;
	if (!n->is_link)
		collect_fields(w, n, &fields);
	if (n->is_root && !fields.len)
		return false;
	emit_key(w, n->is_root ? S("") : n->location);
	if (n->is_link)
		write_link(w, n);
	else
		write_fields(w, &fields);
	return true;
}
