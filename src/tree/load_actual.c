/* SPDX-License-Identifier: MIT
 * node_modules looked through, where no hidden lockfile can vouch for it. Everything is foreign
 * here: names, links, files where folders should be. Nothing found stops the walk; what is no
 * package becomes a node without a version, so that the next install takes it away as npm does. The
 * walk keeps its own list of folders and goes through each real folder once. Twin of
 * load-actual.js. */
#include "cpm/tree/load_actual.h"
#include "hidden_lockfile.h"
#include "manifest_edit.h"
#include "lockfile_priv.h"
#include "node_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "cpm/base/trace.h"
#include "cpm/tree/flags.h"
#include "cpm/tree/map_workspaces.h"
#include "cpm/tree/package_extensions.h"

#define MAX_NODES          200000
#define LOCKFILE_MAX_BYTES ((size_t)256 * 1024 * 1024)

typedef VEC(str) str_vec;

struct walk {
	struct arena *arena, *scratch;
	struct tree *tree;
	int dirfd;
	struct lock_doc *lock; /* package-lock.json, for what the disk does not say; NULL when there
				  is none */
	node_vec agenda;         /* nodes whose node_modules was not looked into yet */
	struct map shared;     /* folder that a store entry is a link to -> the entry's node */
	const struct map *wanted; /* names at the top that are looked at; NULL: all */
};

/* ---- package.json ---- */

/* An empty manifest for what cannot be read. */
static struct manifest *read_manifest(struct walk *w, str path)
{
	struct manifest *m;
	struct err *e = manifest_read(w->arena, w->dirfd, str_cstr(w->scratch, path), &m, NULL);

	if (!e)
		return m;
	err_free(e);
	return ARENA_NEW(w->arena, struct manifest);
}

/* The lockfile knows where a version came from, as long as it is the same version. */
static void add_lock_facts(struct walk *w, struct node *n)
{
	const struct lock_entry *entry = w->lock ? map_get(&w->lock->entries, n->location) : NULL;
	str locked, version = node_version(n);

	if (!entry || entry->is_link)
		return;
	locked = entry->manifest->version;
	if (locked.len && version.len && !str_eq(locked, version))
		return;
	if (entry->resolved.len)
		n->resolved = str_dup(w->arena, spec_resolved(w->scratch, entry->resolved,
							      w->tree->path, STR_NULL));
	if (entry->integrity.len)
		n->integrity = str_dup(w->arena, entry->integrity);
}

/* ---- nodes ---- */

static void add_package(struct walk *w, struct node *parent, str name, str path)
{
	struct node *n = node_new(w->arena, name, read_manifest(w, path));

	node_set_parent(n, parent);
	add_lock_facts(w, n);
	VEC_PUSH(w->scratch, &w->agenda, n);
}

/* The folder a link leads to, placed where it is; found when the walk came by before. A member that
 * nothing leads to is under the root's overrides from the start. */
static struct node *target_at(struct walk *w, str real_path, bool is_member)
{
	struct override_set *rules = w->tree->root->overrides;
	ARENA_SCOPE(tmp);
	struct node *found = tree_at(w->tree, path_relative(tmp, w->tree->path, real_path));
	struct node *target;

	if (found)
		return found->is_link ? found->target : found;
	target = node_new(w->arena, lockfile_folder_name(real_path), read_manifest(w, real_path));
	if (is_member && rules)
		target->overrides = override_node_rule(rules, target->manifest->name,
						       target->manifest->version);
	node_place(w->tree, target, real_path);
	VEC_PUSH(w->scratch, &w->agenda, target);
	return target;
}

/* What lies in an entry that projects share counts as lying in the entry's place in the project. */
static str place_in_project(struct walk *w, str real_path)
{
	const str mark = S("/node_modules/");

	for (size_t end = 0; w->shared.count; end++) {
		size_t ahead = str_find(str_from(real_path, end), mark);
		const struct node *entry;

		if (ahead == STR_NPOS)
			break;
		end += ahead;
		entry = map_get(&w->shared, str_slice(real_path, 0, end));
		if (entry)
			return str_concat(w->arena, entry->path, str_from(real_path, end));
	}
	return real_path;
}

static void add_link(struct walk *w, struct node *parent, str name, str path)
{
	str real_path;
	struct err *e = fs_real_path(w->arena, str_cstr(w->scratch, path), &real_path);
	struct node *link, *target;

	if (e) {
		/* It leads nowhere. */
		err_free(e);
		node_set_parent(node_new(w->arena, name, ARENA_NEW(w->arena, struct manifest)),
				parent);
		return;
	}
	real_path = place_in_project(w, real_path);
	target = target_at(w, real_path, false);
	link = node_new_link(w->arena, name, real_path);
	node_set_target(link, target);
	node_set_parent(link, parent);
}

/* ---- folders ---- */

struct entry {
	str name; /* with its scope */
	unsigned char type;
};

typedef VEC(struct entry) entry_vec;

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Names in one folder, sorted by byte as Node.js gives them; none when it cannot be read or is a
 * link. */
static void list_folder(struct walk *w, str path, str scope, entry_vec *out)
{
	AUTO_DIR it = { 0 };
	AUTO_FD fd = -1;
	size_t from = out->len;
	struct err *e = fs_open_dir_nofollow(w->dirfd, str_cstr(w->scratch, path), &fd);

	if (!e)
		e = dir_open(fd, ".", &it);
	while (!e && dir_next(&it)) {
		str name = scope.len ? str_printf(w->arena, STR_FMT "/%s", STR_ARG(scope), it.name)
				     : str_dup(w->arena, str_view(it.name));

		if (it.name[0] != '.')
			VEC_PUSH(w->scratch, out, (struct entry){ name, it.type });
	}
	err_free(e ? e : it.err);
	if (out->len > from)
		qsort(out->items + from, out->len - from, sizeof(*out->items), by_name);
}

/* All that lies in a node_modules, scopes opened. npm reads all packages at once, and those in
 * scopes come in last, as their paths are longer to look up. */
static entry_vec list_packages(struct walk *w, str node_modules)
{
	entry_vec top = { 0 }, all = { 0 }, scopes = { 0 };

	list_folder(w, node_modules, STR_NULL, &top);
	VEC_EACH (struct entry, e, &top) {
		bool is_scope = str_starts(e->name, S("@")) && e->type != DT_REG;

		VEC_PUSH(w->scratch, is_scope ? &scopes : &all, *e);
	}
	VEC_EACH (struct entry, scope, &scopes)
		list_folder(w,
			    str_printf(w->scratch, STR_FMT "/" STR_FMT, STR_ARG(node_modules),
				       STR_ARG(scope->name)),
			    scope->name, &all);
	return all;
}

static struct err *walk_node(struct walk *w, struct node *n)
{
	str node_modules = str_printf(w->arena, STR_FMT "%snode_modules", STR_ARG(n->path),
				      str_ends(n->path, S("/")) ? "" : "/");
	entry_vec found = list_packages(w, node_modules);

	VEC_EACH (struct entry, e, &found) {
		str path = str_printf(w->arena, STR_FMT "/" STR_FMT, STR_ARG(node_modules),
				      STR_ARG(e->name));

		if (node_child(n, e->name))
			continue; /* a link led here before */
		if (n->is_root && w->wanted && !map_has(w->wanted, e->name))
			continue;
		if (e->type == DT_LNK)
			add_link(w, n, e->name, path);
		else
			add_package(w, n, e->name, path);
		if (w->tree->inventory.count > MAX_NODES)
			return err_new(E_TOO_BIG, "node_modules holds more than %d packages",
				       MAX_NODES);
	}
	return NULL;
}

/* The folders of a linked layout's store. They come first, so that the packages in them find their
 * place. */
static void add_store_entry(struct walk *w, str name, str path)
{
	struct node *n = node_new(w->arena, lockfile_folder_name(name),
				  ARENA_NEW(w->arena, struct manifest));

	node_place(w->tree, n, path);
	VEC_PUSH(w->scratch, &w->agenda, n);
}

/* An entry that projects share is a link to it; what leads nowhere is none. */
static void add_shared_entry(struct walk *w, str name, str path)
{
	str real_path;
	struct err *e = fs_real_path(w->arena, str_cstr(w->scratch, path), &real_path);

	err_ignore(e);
	if (e)
		return;
	add_store_entry(w, name, path);
	map_put(&w->shared, real_path, VEC_LAST(&w->agenda));
}

static void add_store(struct walk *w)
{
	str store = str_printf(w->arena, STR_FMT "%s" NODE_STORE, STR_ARG(w->tree->path),
			       str_ends(w->tree->path, S("/")) ? "" : "/");
	entry_vec found = list_packages(w, store);

	VEC_EACH (struct entry, e, &found) {
		str path = str_printf(w->arena, STR_FMT "/" STR_FMT, STR_ARG(store),
				      STR_ARG(e->name));

		if (e->type == DT_DIR)
			add_store_entry(w, e->name, path);
		else if (e->type == DT_LNK)
			add_shared_entry(w, e->name, path);
	}
}

/* Members that nothing in node_modules links to are part of the tree as well. */
static struct err *walk_all(struct walk *w)
{
	add_store(w);
	VEC_PUSH(w->scratch, &w->agenda, w->tree->root);
	for (size_t i = 0; i < w->agenda.len; i++)
		TRY(walk_node(w, w->agenda.items[i]));
	VEC_EACH (struct workspace, ws, &w->tree->workspaces) {
		size_t from = w->agenda.len;

		(void)target_at(w, ws->path, true);
		for (size_t i = from; i < w->agenda.len; i++)
			TRY(walk_node(w, w->agenda.items[i]));
	}
	return NULL;
}

/* ---- whole ---- */

/* package-lock.json as far as it can be read; whoever needs it to be right reads it himself. */
static struct lock_doc *read_lock(struct arena *a, int dirfd)
{
	struct lock_doc *doc = NULL;
	str text;
	struct err *e = fs_read_all(a, dirfd, "package-lock.json", LOCKFILE_MAX_BYTES, &text);

	if (!e)
		e = lock_doc_read(a, text, &doc);
	if (!e)
		return doc;
	err_free(e);
	return NULL;
}

static struct err *walk_disk(struct arena *a, const struct lock_place *at, struct tree **out)
{
	ARENA_SCOPE(scratch);
	struct walk w = {
		.arena = a, .scratch = scratch, .tree = tree_new(a, at->dir), .dirfd = at->dirfd
	};
	struct node *root = node_new(a, lockfile_folder_name(at->dir), at->root);

	map_init(&w.shared, scratch);
	w.tree->legacy_peer_deps = at->legacy_peer_deps;
	w.lock = read_lock(scratch, at->dirfd);
	TRY(map_workspaces(a, at->dir, at->root, w.tree));
	TRY(override_set_new(a, at->root->overrides, &root->overrides));
	node_set_root(w.tree, root);
	TRY(walk_all(&w));
	TRY(package_extensions_apply_all(a, w.tree));
	*out = w.tree;
	return NULL;
}

/* npm learns of the members last and makes the root's edges once more then: they come behind all
 * others. */
static void finish(struct tree *t)
{
	if (t->workspaces.len)
		node_reload_edges(t, t->root);
	flags_calc(t);
}

static bool is_declared(const struct manifest *m, str name)
{
	const struct dep_list *lists[] = { &m->deps, &m->dev_deps, &m->optional_deps,
					   &m->peer_deps };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (!str_is_null(manifest_dep_spec(lists[i], name)))
			return true;
	return false;
}

void actual_link_members(struct tree *t)
{
	struct node *root = t->root;

	VEC_EACH (struct workspace, ws, &t->workspaces) {
		ARENA_SCOPE(tmp);
		struct node *target = tree_at(t, path_relative(tmp, t->path, ws->path)), *link;

		if (!target || target->is_link || is_declared(root->manifest, ws->name) ||
		    node_child(root, ws->name))
			continue;
		link = node_new_link(t->arena, ws->name, target->real_path);
		node_set_target(link, target);
		node_set_parent(link, root);
	}
	flags_calc(t);
}

struct err *actual_load(struct arena *a, int dirfd, str dir, struct manifest *root,
			bool legacy_peer_deps, struct tree **out)
{
	const struct lock_place at = { .name = S(HIDDEN_LOCKFILE),
				       .dir = dir,
				       .root = root,
				       .dirfd = dirfd,
				       .legacy_peer_deps = legacy_peer_deps };

	TRACE(INSTALLED);

	*out = hidden_load(a, &at);
	if (!*out)
		TRY(walk_disk(a, &at, out));
	finish(*out);
	return NULL;
}

/* ---- global packages ---- */

/* Whatever is there was asked for once: the root depends on it, so that it is not taken for
 * extraneous. */
static void depend_on_all(struct tree *t)
{
	struct arena *a = t->arena;
	struct node *root = t->root;

	for (struct map_iter it = map_iter(&root->children); map_next(&it);) {
		const struct node *kid = it.val;
		str spec = kid->is_link ? str_concat(a, S("file:"), kid->real_path) : S("*");

		manifest_set_dep(a, &root->manifest->deps, kid->name, spec);
	}
	node_reload_edges(t, root);
}

struct err *actual_load_global(struct arena *a, int dirfd, str dir, const struct map *wanted,
			       bool legacy_peer_deps, struct tree **out)
{
	ARENA_SCOPE(scratch);
	struct walk w = { .arena = a,
			  .scratch = scratch,
			  .tree = tree_new(a, dir),
			  .dirfd = dirfd,
			  .wanted = wanted };
	struct manifest *nobody;

	w.tree->is_global = true;
	w.tree->legacy_peer_deps = legacy_peer_deps;
	TRY(manifest_from_json(a, json_new(a, JSON_OBJECT), true, &nobody));
	node_set_root(w.tree, node_new(a, lockfile_folder_name(dir), nobody));
	VEC_PUSH(scratch, &w.agenda, w.tree->root);
	for (size_t i = 0; i < w.agenda.len; i++)
		TRY(walk_node(&w, w.agenda.items[i]));
	depend_on_all(w.tree);
	flags_calc(w.tree);
	*out = w.tree;
	return NULL;
}

struct err *actual_walk(struct arena *a, int dirfd, str dir, struct manifest *root,
			bool legacy_peer_deps, struct tree **out)
{
	const struct lock_place at = {
		.dir = dir, .root = root, .dirfd = dirfd, .legacy_peer_deps = legacy_peer_deps
	};

	TRY(walk_disk(a, &at, out));
	finish(*out);
	return NULL;
}
