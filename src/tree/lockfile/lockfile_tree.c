/* SPDX-License-Identifier: MIT
 * Entries of a lockfile into a tree. Each entry becomes the manifest of its node; folders of the
 * user's own that links lead to are the exception: their package.json may have changed since, so it
 * is read again. Twin of load-virtual.js. */
#include "lockfile_doc.h"
#include "lockfile_priv.h"
#include "node_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "cpm/tree/flags.h"
#include "cpm/tree/map_workspaces.h"

struct loader {
	struct arena *arena;
	struct lock_doc *doc;
	struct tree *tree;
	int dirfd; /* the project's directory; -1: the disk is left alone */
};

static bool is_outside(str location)
{
	return str_eq(location, S("..")) || str_starts(location, S("../"));
}

static str path_of(struct loader *l, str location)
{
	if (is_outside(location))
		return path_resolve(l->arena, l->tree->path, location);
	return str_printf(l->arena, STR_FMT "%s" STR_FMT, STR_ARG(l->tree->path),
			  str_ends(l->tree->path, S("/")) ? "" : "/", STR_ARG(location));
}

/* ---- folders outside of the project ---- */

/* @path is, or lies below, what a "file:" spec in @where's package.json means. */
static bool leads_to(str spec_text, str where, str path)
{
	ARENA_SCOPE(tmp);
	struct spec *spec;
	struct err *e = spec_resolve(tmp, STR_NULL, spec_text, where, &spec);

	if (!e)
		return spec->type == SPEC_DIRECTORY && path_is_under(path, spec->fetch_spec);
	err_free(e);
	return false;
}

static bool names_path(const struct manifest *m, str where, str path)
{
	const struct dep_list *lists[] = { &m->deps, &m->dev_deps, &m->optional_deps,
					   &m->peer_deps };

	for (size_t k = 0; k < ARRAY_LEN(lists); k++)
		for (size_t i = 0; i < lists[k]->count; i++)
			if (leads_to(lists[k]->items[i].spec, where, path))
				return true;
	return false;
}

/* Any text in `overrides` may be a spec. */
static bool overrides_name_path(const struct json *overrides, str where, str path)
{
	ARENA_SCOPE(tmp);
	VEC(const struct json *) agenda = { 0 };

	if (overrides)
		VEC_PUSH(tmp, &agenda, overrides);
	while (agenda.len) {
		const struct json *v = VEC_POP(&agenda);

		if (v->type == JSON_STRING && leads_to(v->string, where, path))
			return true;
		for (size_t i = 0; v->type == JSON_OBJECT && i < v->count; i++)
			VEC_PUSH(tmp, &agenda, v->members[i].val);
	}
	return false;
}

/* Nothing outside of the project is touched unless a package.json of the project itself names it
 * (T21). */
static bool is_named_by_project(struct loader *l, str location)
{
	const struct tree *t = l->tree;
	str path = path_of(l, location);

	if (names_path(t->root->manifest, t->path, path) ||
	    overrides_name_path(t->root->manifest->overrides, t->path, path))
		return true;
	VEC_EACH (struct workspace, w, &t->workspaces) {
		ARENA_SCOPE(tmp);
		struct manifest *m;
		struct err *e = l->dirfd < 0 ? NULL
					     : manifest_read(tmp, l->dirfd, str_cstr(tmp, w->path),
							     &m, NULL);

		if (l->dirfd >= 0 && !e && names_path(m, w->path, path))
			return true;
		err_free(e);
	}
	return false;
}

static struct err *check_outside(struct loader *l, str name)
{
	for (struct map_iter it = map_iter(&l->doc->entries); map_next(&it);)
		if (is_outside(it.key) && !is_named_by_project(l, it.key))
			return err_new(E_LOCKFILE_PATH,
				       "'" STR_FMT "' names '" STR_FMT
				       "': a folder outside of the project that its package.json "
				       "does not name",
				       STR_ARG(name), STR_ARG(it.key));
	return NULL;
}

/* ---- nodes ---- */

/* The user's own package.json, where there is one that can be read. */
static struct manifest *current_manifest(struct loader *l, const struct lock_entry *entry)
{
	struct manifest *m;
	struct err *e = manifest_read(l->arena, l->dirfd,
				      str_cstr(l->arena, path_of(l, entry->key)), &m, NULL);

	if (!e)
		return m;
	err_free(e);
	return entry->manifest;
}

static void copy_marks(struct node *n, const struct lock_entry *entry)
{
	n->extraneous = entry->extraneous;
	n->dev = entry->dev;
	n->optional = entry->optional;
	n->dev_optional = entry->dev_optional || entry->dev || entry->optional;
	n->peer = entry->peer;
}

/* Into its place: most entries follow the one of the package they are in. */
static void place_node(struct loader *l, struct node *n, str location)
{
	str parent_location;
	struct node *parent;

	parent = lockfile_key_parent(location, &parent_location) ? tree_at(l->tree, parent_location)
								 : NULL;
	if (parent && !parent->is_link)
		node_set_parent(n, parent);
	else
		node_place(l->tree, n, path_of(l, location));
}

static void add_node(struct loader *l, struct lock_entry *entry)
{
	str name = lockfile_folder_name(entry->key), parent;
	const struct manifest *locked = entry->manifest;
	struct node *n;

	if (str_is_null(entry->manifest->name))
		entry->manifest->name = name;
	if (l->dirfd >= 0 && entry->is_link_target && !lockfile_key_parent(entry->key, &parent))
		entry->manifest = current_manifest(l, entry);
	n = node_new(l->arena, name, entry->manifest);
	n->resolved = spec_resolved(l->arena, entry->resolved, l->tree->path, STR_NULL);
	n->integrity = entry->integrity;
	n->in_bundle_flag = entry->in_bundle;
	n->has_install_script = entry->manifest->has_install_script;
	n->from_lock = true;
	n->patched = entry->patched;
	n->extended_by = entry->extended_by;
	n->locked = locked;
	copy_marks(n, entry);
	entry->node = n;
	place_node(l, n, entry->key);
}

static void add_link(struct loader *l, struct lock_entry *entry)
{
	struct lock_entry *found = map_get(&l->doc->entries, entry->resolved);
	struct node *target = entry->resolved.len ? found->node : l->tree->root;
	struct node *link = node_new_link(l->arena, lockfile_folder_name(entry->key), target->path);

	node_set_target(link, target);
	link->from_lock = true;
	link->extraneous = target->extraneous;
	link->dev = target->dev;
	link->optional = target->optional;
	link->dev_optional = target->dev_optional;
	link->peer = target->peer;
	entry->node = link;
	place_node(l, link, entry->key);
	/* npm reads the target's package.json at this point, which makes its edges anew, behind all others. */
	if (l->dirfd >= 0 && !target->parent && !target->is_root)
		node_reload_edges(l->tree, target);
}

/* Links last, as npm does: they lead to nodes that exist. */
static void add_nodes(struct loader *l)
{
	for (struct map_iter it = map_iter(&l->doc->entries); map_next(&it);) {
		struct lock_entry *entry = it.val;

		if (it.key.len && !entry->is_link)
			add_node(l, entry);
	}
	for (struct map_iter it = map_iter(&l->doc->entries); map_next(&it);) {
		struct lock_entry *entry = it.val;

		if (entry->is_link)
			add_link(l, entry);
	}
}

/* ---- marks ---- */

/* An edge of @type for each of @list, as far as those of the later kinds left it one. */
static size_t count_matching(const struct node *root, const struct dep_list *list,
			     enum edge_type type)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct edge *e = node_edge(root, list->items[i].name);

		count += e && e->type == type && str_eq(e->raw_spec, list->items[i].spec);
	}
	return count;
}

/* The recorded marks hold as long as the root still asks for what it asked for then. */
static bool are_marks_current(struct loader *l)
{
	const struct lock_entry *entry = map_get(&l->doc->entries, S(""));
	const struct node *root = l->tree->root;
	const struct manifest *m = entry ? entry->manifest : NULL;
	size_t listed, found;

	if (!m)
		return root->edges_out.count == 0;
	listed = m->deps.count + m->dev_deps.count + m->optional_deps.count + m->peer_deps.count;
	found = count_matching(root, &m->deps, EDGE_PROD) +
		count_matching(root, &m->dev_deps, EDGE_DEV) +
		count_matching(root, &m->optional_deps, EDGE_OPTIONAL) +
		count_matching(root, &m->peer_deps, EDGE_PEER) +
		count_matching(root, &m->peer_deps, EDGE_PEER_OPTIONAL);
	if (m->workspaces &&
	    !(root->manifest->workspaces && json_equal(m->workspaces, root->manifest->workspaces)))
		return false;
	return listed == found && root->edges_out.count == found + l->tree->workspaces.len;
}

/* ---- whole ---- */

static struct err *make_root(struct loader *l, struct manifest *manifest)
{
	struct lock_entry *entry = map_get(&l->doc->entries, S(""));
	struct node *root;

	if (!manifest)
		manifest = entry ? entry->manifest : ARENA_NEW(l->arena, struct manifest);
	if (l->dirfd >= 0)
		TRY(map_workspaces(l->arena, l->tree->path, manifest, l->tree));
	root = node_new(l->arena, lockfile_folder_name(l->tree->path), manifest);
	TRY(override_set_new(l->arena, manifest->overrides, &root->overrides));
	root->locked = entry ? entry->manifest : NULL;
	l->doc->file->extensions_hash = entry ? entry->extensions_hash : STR_NULL;
	node_set_root(l->tree, root);
	root->extraneous = root->dev = root->optional = root->dev_optional = root->peer = false;
	return NULL;
}

struct err *lock_doc_to_tree(struct arena *a, struct lock_doc *doc, const struct lock_place *at,
			     struct tree **out)
{
	struct loader l = {
		.arena = a, .doc = doc, .tree = tree_new(a, at->dir), .dirfd = at->dirfd
	};

	l.tree->legacy_peer_deps = at->legacy_peer_deps;
	l.tree->lockfile = doc->file;
	TRY(make_root(&l, at->root));
	TRY(check_outside(&l, at->name));
	add_nodes(&l);
	if (!are_marks_current(&l))
		flags_calc(l.tree);
	*out = l.tree;
	return NULL;
}
