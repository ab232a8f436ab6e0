/* SPDX-License-Identifier: MIT
 * A tree into the bytes npm would write (npm-tree.md 10). Entries are written straight from nodes
 * and manifests, no document is built in between: a lockfile of 1,500 packages is text within a few
 * milliseconds. The order of fields within an entry is fixed but for those whose type is foreign
 * (an object is written behind what is none); deeper down lockfile_sort.c decides. What versions 1
 * and 2 have besides is in lockfile_legacy.c. */
#include "cpm/tree/lockfile.h"
#include "lockfile_legacy.h"
#include "lockfile_priv.h"
#include "manifest_priv.h"

#include "cpm/base/log.h"
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

	f->len = 0;
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

/* ---- which nodes have entries ---- */

static bool is_in_node_modules(str location)
{
	return str_starts(location, S("node_modules/")) ||
	       str_find(location, S("/node_modules/")) != STR_NPOS;
}

/* A folder that was a workspace or a file: dependency once. */
static bool is_stale_folder(const struct node *n)
{
	return n->extraneous && !is_in_node_modules(n->location) &&
	       (!n->fs_parent || n->fs_parent->is_root);
}

/* Of linked layouts npm records what is in the store, and not what came inside of that. */
static bool is_recorded(struct node *n)
{
	if (!node_is_store_entry(n))
		return !node_in_dep_bundle(n);
	for (struct map_iter it = map_iter(&n->children); map_next(&it);)
		if (!((struct node *)it.val)->inert)
			return true;
	return false;
}

static bool is_shown(const struct emitter *w, struct node *n)
{
	const struct lockfile_opts *o = w->opts;

	if (n->is_root || !n->location.len || is_stale_folder(n))
		return false;
	if (w->tree->is_isolated && !is_recorded(n))
		return false;
	if (n->inert && (o->is_hidden || !node_version(n).len))
		return false;
	return !o->is_hidden || !node_is_omitted(n, o->omit_dev, o->omit_optional, o->omit_peer);
}

static void write_root(struct emitter *w)
{
	field_list fields;

	collect_fields(w, w->tree->root, &fields);
	if (!fields.len)
		return;
	emit_key(w, S(""));
	write_fields(w, &fields);
}

/* Entries by location; a folder called "1" even comes before the root. */
static void write_packages(struct emitter *w)
{
	struct node **nodes = ARENA_ARRAY(w->arena, struct node *, w->tree->inventory.count + 1);
	str *locations = ARENA_ARRAY(w->arena, str, w->tree->inventory.count + 1);
	size_t count = 0, *order;
	field_list fields;

	if (!w->opts->is_hidden) {
		locations[count] = S("");
		nodes[count++] = w->tree->root;
	}
	for (struct map_iter it = map_iter(&w->tree->inventory); map_next(&it);)
		if (is_shown(w, it.val)) {
			nodes[count] = it.val;
			locations[count] = nodes[count]->location;
			count++;
		}
	order = w->opts->is_in_tree_order ? NULL : lockfile_order_keys(w->arena, locations, count);
	emit_open(w, '{');
	for (size_t i = 0; i < count; i++) {
		struct node *n = nodes[order ? order[i] : i];

		if (n->is_root) {
			write_root(w);
			continue;
		}
		emit_key(w, n->location);
		if (n->is_link) {
			write_link(w, n);
		} else {
			collect_fields(w, n, &fields);
			write_fields(w, &fields);
		}
	}
	emit_close(w, '}');
}

/* ---- the file ---- */

/* package.json decides; without one it is the old lockfile, whose indentation only the hidden one
 * takes over. */
static struct json_style file_style(const struct tree *t, const struct lockfile_opts *opts)
{
	struct json_style old = t->lockfile ? t->lockfile->style : JSON_STYLE_DEFAULT, style = old;

	if (t->is_isolated)
		return JSON_STYLE_DEFAULT;
	if (!opts->is_formatted && !opts->is_hidden)
		return (struct json_style){ S(""), S("") };
	if (opts->has_manifest)
		style = opts->style;
	else if (!opts->is_hidden)
		style.indent = S("  ");
	if (!style.indent.len)
		style.indent = S("  ");
	if (!style.newline.len)
		style.newline = S("\n");
	style.indent = str_slice(style.indent, 0, LOCKFILE_MAX_INDENT);
	return style;
}

int lockfile_version_for(const struct tree *t, const struct lockfile_opts *opts)
{
	int old = t->lockfile ? t->lockfile->version : 0;

	if (opts->is_hidden)
		return LOCKFILE_DEFAULT_VERSION;
	if (opts->version)
		return opts->version;
	return old > 1 ? old : LOCKFILE_DEFAULT_VERSION;
}

/* Older clients would drop repairs without a word: a higher version makes them stop. */
static bool has_repairs(const struct tree *t, bool *has_patches)
{
	bool is_extended = !str_is_empty(t->extensions_hash);

	*has_patches = false;
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct node *n = it.val;

		*has_patches |= n->patched != NULL;
		is_extended |= n->extended_by != NULL;
	}
	return is_extended;
}

static int raise_version(const struct tree *t, const struct lockfile_opts *opts, int version)
{
	bool has_patches, is_extended = has_repairs(t, &has_patches);

	if (version >= LOCKFILE_REPAIRS_VERSION || (!has_patches && !is_extended))
		return version;
	if (!opts->is_hidden)
		log_warn("shrinkwrap",
			 "%s lockfileVersion %d; upgrading the lockfile from version %d.",
			 has_patches ? "patchedDependencies requires"
				     : "manifest extensions require",
			 LOCKFILE_REPAIRS_VERSION, version);
	return LOCKFILE_REPAIRS_VERSION;
}

/* The hidden lockfile has a version of its own, but says the project's name only where
 * package-lock.json does. */
static bool says_name(const struct tree *t, const struct lockfile_opts *opts)
{
	struct lockfile_opts shown = *opts;

	if (t->is_isolated || (opts->is_hidden && opts->was_not_saved))
		return false;
	shown.is_hidden = false;
	return raise_version(t, opts, lockfile_version_for(t, &shown)) < LOCKFILE_REPAIRS_VERSION;
}

/* Top-level members that stand in front of `packages` and behind it: what the old file had, brought
 * up to date. */
static struct json *top_members(struct arena *a, const struct tree *t, int version, bool says_name)
{
	const struct node *root = t->root;
	struct json *top = json_new(a, JSON_OBJECT);
	const struct json *old = t->lockfile ? t->lockfile->top : NULL;

	for (size_t i = 0; old && i < old->count; i++)
		json_set(a, top, old->members[i].key, old->members[i].val);
	if (says_name) {
		json_set_text(a, top, "name",
			      root->manifest->name.len ? root->manifest->name : root->name);
		if (root->manifest->version.len)
			json_set_text(a, top, "version", root->manifest->version);
	}
	json_set(a, top, S("lockfileVersion"), json_new_number(a, version));
	json_set(a, top, S("requires"), json_new_bool(a, true));
	/* Placeholders: their place is that of any object. */
	json_del(top, S("packages"));
	json_del(top, S("dependencies"));
	if (version >= 2)
		json_set(a, top, S("packages"), json_new(a, JSON_OBJECT));
	if (version <= 2)
		json_set(a, top, S("dependencies"), json_new(a, JSON_OBJECT));
	return lockfile_sort_nice(a, top);
}

struct err *lockfile_format(struct arena *a, const struct tree *t, const struct lockfile_opts *opts,
			    str *out)
{
	ARENA_SCOPE(tmp);
	struct emitter w;
	bool has_name = says_name(t, opts);
	int version = lockfile_version_for(t, opts);
	struct json *top;

	if (!opts->is_hidden && !has_name && !t->is_isolated)
		version = LOCKFILE_REPAIRS_VERSION;
	top = top_members(tmp, t, version, has_name);

	emit_init(&w, tmp, file_style(t, opts));
	w.tree = t;
	w.opts = opts;
	emit_open(&w, '{');
	for (size_t i = 0; i < top->count; i++) {
		str key = top->members[i].key;

		if (str_eq(key, S("dependencies"))) {
			legacy_emit(&w);
			continue;
		}
		emit_key(&w, key);
		if (str_eq(key, S("packages")))
			write_packages(&w);
		else
			emit_json(&w, top->members[i].val);
	}
	emit_close(&w, '}');
	if (w.style.indent.len)
		buf_add(&w.out, w.style.newline);
	if (w.out.overflow)
		return err_new(E_TOO_BIG, "the lockfile would be larger than 1 GiB");
	*out = str_dup(a, buf_view(&w.out));
	return NULL;
}
