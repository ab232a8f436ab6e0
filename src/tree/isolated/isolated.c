/* SPDX-License-Identifier: MIT
 * From the hoisted tree to the linked layout, in three steps: who depends on what, whatever the
 * place it was hoisted to (parts); a key for each package, which is a digest of its whole closure;
 * nodes in their places. Twin of arborist's isolated-reifier.js, whose order is kept wherever it
 * shows in a key. */
#include "cpm/tree/isolated.h"
#include "isolated_priv.h"
#include "lockfile_priv.h"

#include "cpm/base/path.h"

/* ---- parts ---- */

static str folder_name(const struct node *n)
{
	str name = node_package_name(n);

	name = lockfile_folder_name(str_is_empty(name) ? n->path : name);
	return spec_is_valid_name(name) ? name : n->name;
}

/* A folder of the user's own, or a package of the store. The same node may be asked for as both. */
static struct part *part_of(struct layout *l, struct node *n, bool is_local)
{
	struct map *known = is_local ? &l->local_parts : &l->external_parts;
	struct part *p = map_get(known, n->location);

	if (p)
		return p;
	p = ARENA_NEW(l->arena, struct part);
	*p = (struct part){
		.node = n, .is_local = is_local, .package_name = folder_name(n), .name = n->name
	};
	if (is_local)
		p->name = p->package_name;
	map_put(known, n->location, p);
	VEC_PUSH(l->arena, &l->unfilled, p);
	return p;
}

/* ---- who depends on what ---- */

static bool is_left_out(const struct layout *l, const struct edge *e)
{
	if (!e->from->is_root && !node_is_workspace(e->from))
		return false;
	return (l->opts->omit_dev && e->type == EDGE_DEV) ||
	       (l->opts->omit_optional && edge_is_optional(e)) ||
	       (l->opts->omit_peer && edge_is_peer(e));
}

static bool is_followed(const struct layout *l, const struct edge *e)
{
	return e->to && e->to->target && !manifest_is_bundled(e->from->manifest, e->to->name) &&
	       !is_left_out(l, e);
}

/* Members are there for the project only if its package.json asks for them. */
static bool is_declared(const struct layout *l, str name)
{
	const struct manifest *m = l->ideal->root->manifest;

	return !str_is_null(manifest_dep_spec(&m->deps, name)) ||
	       (!l->opts->omit_dev && !str_is_null(manifest_dep_spec(&m->dev_deps, name))) ||
	       (!l->opts->omit_optional &&
		!str_is_null(manifest_dep_spec(&m->optional_deps, name))) ||
	       (!l->opts->omit_peer && !str_is_null(manifest_dep_spec(&m->peer_deps, name)));
}

static bool is_wanted(const struct layout *l, const struct edge *e)
{
	return is_followed(l, e) && !(e->from->is_root && node_is_workspace(e->to->target) &&
				      !is_declared(l, node_package_name(e->to->target)));
}

/* A folder that is linked to where it is. */
static bool is_local(const struct node *from, struct node *n)
{
	if (node_is_workspace(n) || n->fs_parent == from)
		return true;
	for (size_t i = 0; i < n->links_in.len; i++)
		for (size_t j = 0; j < n->links_in.items[i]->edges_in.len; j++)
			if (n->links_in.items[i]->edges_in.items[j]->from == from)
				return true;
	return false;
}

static bool has_named(const node_vec *v, str name)
{
	for (size_t i = 0; i < v->len; i++)
		if (str_eq(v->items[i]->name, name))
			return true;
	return false;
}

/* What else a package would find by going up, under a name that it mentions. */
static struct node *find_other(const struct node *from, str name)
{
	struct node *found = node_resolve(from, name);

	found = found ? found->target : NULL;
	return found && found != from && !found->inert ? found : NULL;
}

/* With legacy-peer-deps peers are no edges, but still have to be found. */
static void add_legacy_peers(struct layout *l, const struct node *n, node_vec *needed)
{
	const struct dep_list *peers = &n->manifest->peer_deps;

	for (size_t i = 0; l->ideal->legacy_peer_deps && i < peers->count; i++) {
		const struct edge *e = node_edge(n, peers->items[i].name);
		struct node *found = e && is_followed(l, e) ? NULL
							    : find_other(n, peers->items[i].name);

		if (found)
			VEC_PUSH(l->arena, needed, found);
	}
}

/* Peers that only peerDependenciesMeta names have no edge either. */
static void add_meta_peers(struct layout *l, const struct node *n, const node_vec *needed,
			   node_vec *optional)
{
	const struct json *meta = n->manifest->peer_meta;

	for (size_t i = 0; json_is(meta, JSON_OBJECT) && i < meta->count; i++) {
		const struct json_member *m = &meta->members[i];
		struct node *found;

		if (!json_is_truthy(json_get(m->val, "optional")) || has_named(needed, m->key) ||
		    has_named(optional, m->key))
			continue;
		found = find_other(n, m->key);
		if (found && !is_local(n, found))
			VEC_PUSH(l->arena, optional, found);
	}
}

static void fill_part(struct layout *l, struct part *p)
{
	struct node *n = p->node;
	node_vec needed = { 0 }, optional = { 0 };

	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		const struct edge *e = it.val;

		if (is_followed(l, e) && edge_is_optional(e))
			VEC_PUSH(l->arena, &optional, e->to->target);
		else if (is_wanted(l, e))
			VEC_PUSH(l->arena, &needed, e->to->target);
	}
	add_legacy_peers(l, n, &needed);
	add_meta_peers(l, n, &needed, &optional);
	for (size_t i = 0; i < needed.len; i++)
		if (is_local(n, needed.items[i]))
			VEC_PUSH(l->arena, &p->local, part_of(l, needed.items[i], true));
		else if (!needed.items[i]->inert)
			VEC_PUSH(l->arena, &p->external, part_of(l, needed.items[i], false));
	for (size_t i = 0; i < optional.len; i++)
		if (!optional.items[i]->inert)
			VEC_PUSH(l->arena, &p->optional, part_of(l, optional.items[i], false));
}

static void fill_parts(struct layout *l)
{
	while (l->unfilled.len)
		fill_part(l, VEC_POP(&l->unfilled));
}

/* ---- what there is ---- */

static bool is_member_folder(const struct layout *l, const struct node *n)
{
	return n && n->fs_parent == l->ideal->root;
}

static void visit(struct layout *l, struct node *n)
{
	if (n->is_link && !is_member_folder(l, n->target))
		VEC_PUSH(l->arena, &l->locals, part_of(l, n->target, true));
	else if (!n->is_link && !n->is_root && !node_is_workspace(n) && !n->inert &&
		 !is_member_folder(l, n))
		VEC_PUSH(l->arena, &l->externals, part_of(l, n, false));
}

/* Every node that something needs, in npm's order: of packages that come to the same key the first
 * one counts. */
static void gather_parts(struct layout *l)
{
	struct node *root = l->ideal->root;
	unsigned mark = tree_next_mark(l->ideal);
	node_vec agenda = { 0 };

	VEC_PUSH(l->arena, &agenda, root);
	for (size_t i = 0; i < root->fs_children.len; i++) {
		struct node *n = root->fs_children.items[i];

		VEC_PUSH(l->arena, &agenda, n);
		if (!n->extraneous)
			VEC_PUSH(l->arena, &l->locals, part_of(l, n, true));
	}
	while (agenda.len) {
		struct node *n = VEC_POP(&agenda);

		if (n->mark == mark)
			continue;
		n->mark = mark;
		for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
			struct node *to = ((struct edge *)it.val)->to;

			if (to && !manifest_is_bundled(n->manifest, to->name) &&
			    !node_is_omitted(to, l->opts->omit_dev, l->opts->omit_optional,
					     l->opts->omit_peer))
				VEC_PUSH(l->arena, &agenda, to);
		}
		visit(l, n);
	}
	l->root = part_of(l, root, true);
}

/* ---- nodes ---- */

static struct node *copy_node(struct layout *l, struct node *of, str name)
{
	struct node *n = node_new(l->arena, name, of->manifest);

	n->stands_for = of;
	n->resolved = of->resolved;
	n->integrity = of->integrity;
	n->has_install_script = of->has_install_script;
	n->extended_by = of->extended_by;
	n->patched = of->patched;
	n->from_lock = of->from_lock;
	n->extraneous = n->dev = n->dev_optional = n->peer = n->optional = false;
	return n;
}

static str path_below(struct layout *l, str location)
{
	return path_resolve(l->arena, l->tree->path, location);
}

static void place_root(struct layout *l)
{
	struct tree *t = tree_new(l->arena, l->ideal->path);

	t->is_isolated = true;
	t->legacy_peer_deps = l->ideal->legacy_peer_deps;
	t->install_links = l->ideal->install_links;
	VEC_EACH (struct workspace, w, &l->ideal->workspaces)
		VEC_PUSH(l->arena, &t->workspaces, *w);
	l->tree = t;
	node_set_root(t, copy_node(l, l->ideal->root, l->ideal->root->name));
}

static void place_locals(struct layout *l)
{
	VEC_EACH (struct part *, p, &l->locals) {
		struct node *n;

		if (tree_at(l->tree, (*p)->node->location))
			continue;
		n = copy_node(l, (*p)->node, (*p)->node->name);
		n->optional = false;
		node_place(l->tree, n, (*p)->node->path);
	}
}

/* What the project itself, or a member, bundles stays where it was hoisted to, with all it needs.
 */
static void place_bundled(struct layout *l, const struct node *bundler)
{
	unsigned mark = tree_next_mark(l->ideal);
	node_vec agenda = { 0 };

	for (struct map_iter it = map_iter(&bundler->edges_out); map_next(&it);) {
		const struct edge *e = it.val;

		if (e->to && manifest_is_bundled(bundler->manifest, e->to->name))
			VEC_PUSH(l->arena, &agenda, e->to);
	}
	while (agenda.len) {
		struct node *n = VEC_POP(&agenda), *copy;

		if (n->mark == mark || n->is_link || n->inert)
			continue;
		n->mark = mark;
		copy = copy_node(l, n, n->name);
		copy->optional = n->optional;
		node_place(l->tree, copy, path_below(l, n->location));
		for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
			if (((struct edge *)it.val)->to)
				VEC_PUSH(l->arena, &agenda, ((struct edge *)it.val)->to);
	}
}

/* Name and version become a folder: nothing in them may lead elsewhere (T21). */
static struct err *check_key(const struct part *p, str key)
{
	size_t slash = str_rfind_char(key, '/');

	if (path_is_inside(key) &&
	    (slash == STR_NPOS || slash == str_rfind_char(p->package_name, '/')))
		return NULL;
	return err_new(E_LOCKFILE_PATH, "'" STR_FMT "' makes no name of a folder", STR_ARG(key));
}

static struct err *place_in_store(struct layout *l, struct part *p)
{
	struct node *entry, *n;
	str key = str_is_null(p->shared_key) ? isolated_key(l, p) : p->shared_key;

	p->place = map_get(&l->by_key, key);
	if (p->place)
		return NULL;
	TRY(check_key(p, key));
	entry = node_new(l->arena, lockfile_folder_name(key), ARENA_NEW(l->arena, struct manifest));
	entry->extraneous = entry->dev = entry->dev_optional = entry->peer = entry->optional =
		false;
	entry->is_shared = p->is_shared;
	node_place(l->tree, entry, path_below(l, str_concat(l->arena, S(NODE_STORE "/"), key)));
	n = copy_node(l, p->node, p->package_name);
	n->optional = p->node->optional;
	node_set_parent(n, entry);
	p->place = n;
	map_put(&l->by_key, key, n);
	return NULL;
}

/* ---- links ---- */

static void add_link(struct layout *l, struct node *host, str name, struct node *target)
{
	struct node *link, *there = node_child(host, name);

	/* A package that depends on another of its own name keeps its place. */
	if (there && !there->is_link && node_is_store_entry(host))
		return;
	link = node_new_link(l->arena, name, target->path);
	link->extraneous = link->dev = link->dev_optional = link->peer = link->optional = false;
	node_set_target(link, target);
	node_set_parent(link, host);
}

static void link_list(struct layout *l, struct node *host, const part_vec *deps)
{
	VEC_EACH (struct part *, dep, deps) {
		struct node *target = (*dep)->is_local ? tree_at(l->tree, (*dep)->node->location)
						       : (*dep)->place;

		if (target)
			add_link(l, host, (*dep)->name, target);
	}
}

/* @host: whose node_modules the links are in; NULL for what has no place. */
static void link_deps(struct layout *l, struct node *host, const struct part *p)
{
	if (!host)
		return;
	link_list(l, host, &p->local);
	link_list(l, host, &p->external);
	link_list(l, host, &p->optional);
}

static void link_all(struct layout *l)
{
	VEC_EACH (struct part *, p, &l->locals)
		if (is_declared(l, (*p)->package_name))
			add_link(l, l->tree->root, (*p)->package_name,
				 tree_at(l->tree, (*p)->node->location));
	link_deps(l, l->tree->root, l->root);
	VEC_EACH (struct part *, p, &l->locals)
		link_deps(l, tree_at(l->tree, (*p)->node->location), *p);
	VEC_EACH (struct part *, p, &l->externals)
		link_deps(l, (*p)->place->parent, *p);
}

/* ---- whole ---- */

struct err *isolated_tree(struct arena *a, struct tree *ideal, const struct isolated_opts *opts,
			  struct tree **out)
{
	struct layout l = { .arena = a, .ideal = ideal, .opts = opts };
	struct node *root = ideal->root;

	map_init(&l.local_parts, a);
	map_init(&l.external_parts, a);
	map_init(&l.by_key, a);
	gather_parts(&l);
	fill_parts(&l);
	place_root(&l);
	place_locals(&l);
	place_bundled(&l, root);
	for (size_t i = 0; i < root->fs_children.len; i++)
		place_bundled(&l, root->fs_children.items[i]);
	if (opts->shares)
		isolated_share(&l);
	VEC_EACH (struct part *, p, &l.externals)
		TRY(place_in_store(&l, *p));
	link_all(&l);
	*out = l.tree;
	return NULL;
}

void isolated_recognise(struct tree *actual, const struct tree *isolated)
{
	for (struct map_iter it = map_iter(&actual->inventory); map_next(&it);) {
		struct node *n = it.val, *wanted;

		if (n->is_link || !n->parent || !node_is_store_entry(n->parent))
			continue;
		wanted = tree_at(isolated, n->location);
		if (!wanted || wanted->is_link || !str_eq(node_version(n), node_version(wanted)))
			continue;
		n->integrity = wanted->integrity;
		n->resolved = wanted->resolved;
	}
}
