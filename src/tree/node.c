/* SPDX-License-Identifier: MIT
 * Nodes and their places. Putting a node somewhere evicts what was there, moves everything below it
 * along, and lets each edge that could notice find its target again. What a move costs is bounded
 * by the edges of the names involved and by what moves, never by the size of the tree. Detached
 * nodes keep their own children and resolve among them. */
#include "cpm/tree/node.h"
#include "node_priv.h"

#include "cpm/base/path.h"

/* ---- trees ---- */

struct tree *tree_new(struct arena *a, str path)
{
	struct tree *t = ARENA_NEW(a, struct tree);

	t->arena = a;
	t->path = path;
	map_init(&t->inventory, a);
	map_init(&t->edges_by_name, a);
	map_init(&t->nodes_by_name, a);
	t->specs = ARENA_NEW(a, struct map);
	map_init(t->specs, a);
	return t;
}

/* One counter for all trees: walks may cross from a virtual root into the real tree. */
unsigned tree_next_mark(struct tree *t)
{
	static unsigned mark;

	(void)t;
	return ++mark;
}

bool tree_has_workspace(const struct tree *t, str name)
{
	VEC_EACH (struct workspace, w, &t->workspaces)
		if (str_eq(w->name, name))
			return true;
	return false;
}

struct node *tree_at(const struct tree *t, str location)
{
	return map_get(&t->inventory, location);
}

const node_vec *tree_named(const struct tree *t, str name)
{
	return map_get(&t->nodes_by_name, name);
}

/* ---- making nodes ---- */

struct node *node_new(struct arena *a, str name, struct manifest *m)
{
	struct node *n = ARENA_NEW(a, struct node);

	n->name = name;
	n->manifest = m;
	n->target = n;
	n->extraneous = n->dev = n->optional = n->dev_optional = n->peer = true;
	map_init(&n->children, a);
	map_init(&n->edges_out, a);
	return n;
}

struct node *node_new_link(struct arena *a, str name, str real_path)
{
	struct node *n = node_new(a, name, ARENA_NEW(a, struct manifest));

	n->is_link = true;
	n->has_edges = true;
	n->target = NULL;
	n->real_path = real_path;
	return n;
}

/* ---- lists: inventory, nodes by name, tops ---- */

static void vec_drop_node(node_vec *v, const struct node *n)
{
	for (size_t i = v->len; i-- > 0;)
		if (v->items[i] == n) {
			VEC_REMOVE_AT(v, i);
			return;
		}
}

static void enlist(struct tree *t, struct node *n)
{
	node_vec *named;

	n->tree = t;
	n->order = ++t->order;
	t->generation++;
	t->nmoves++;
	if (!n->parent)
		VEC_PUSH(t->arena, &t->tops, n);
	if (t->is_virtual)
		return;
	map_put_last(&t->inventory, n->location, n);
	named = map_get(&t->nodes_by_name, n->name);
	if (!named) {
		named = arena_alloc(t->arena, sizeof(*named));
		map_put(&t->nodes_by_name, n->name, named);
	}
	VEC_PUSH(t->arena, named, n);
	edges_enlist(t, n);
}

static void delist(struct node *n)
{
	struct tree *t = n->tree;
	node_vec *named;

	n->tree = NULL;
	t->generation++;
	t->nmoves++;
	if (!n->parent)
		vec_drop_node(&t->tops, n);
	if (t->is_virtual)
		return;
	if (map_get(&t->inventory, n->location) == n)
		map_del(&t->inventory, n->location);
	named = map_get(&t->nodes_by_name, n->name);
	vec_drop_node(named, n);
	edges_delist(t, n);
}

/* @n and all below it, parents first; link targets before node_modules, as npm lists a family. */
static node_vec family(struct arena *a, struct node *n)
{
	node_vec all = { 0 }, stack = { 0 };

	VEC_PUSH(a, &stack, n);
	while (stack.len) {
		struct node *next = VEC_POP(&stack);
		size_t from = stack.len;

		VEC_PUSH(a, &all, next);
		for (size_t i = 0; i < next->fs_children.len; i++)
			VEC_PUSH(a, &stack, next->fs_children.items[i]);
		for (struct map_iter it = map_iter(&next->children); map_next(&it);)
			VEC_PUSH(a, &stack, it.val);
		for (size_t i = from, j = stack.len; i + 1 < j; i++) {
			struct node *swap = stack.items[i];

			stack.items[i] = stack.items[--j];
			stack.items[j] = swap;
		}
	}
	return all;
}

/* ---- paths ---- */

/* Location of an absolute path as the lockfile writes it. */
static str location_of(struct tree *t, str path)
{
	if (str_eq(path, t->path))
		return S("");
	if (path_is_under(path, t->path))
		return str_from(path, t->path.len + !str_ends(t->path, S("/")));
	return path_relative(t->arena, t->path, path);
}

static void set_path(struct tree *t, struct node *n, str path)
{
	n->path = path;
	n->location = location_of(t, path);
	if (!n->is_link)
		n->real_path = path;
}

/* Where @n is, now that its parent is known. Virtual roots have no use for paths below themselves.
 */
static void derive_path(struct tree *t, struct node *n)
{
	struct node *p = n->parent;

	n->depth = p ? p->depth + 1 : 0;
	if (t->is_virtual || !p)
		return;
	set_path(t, n,
		 str_printf(t->arena, STR_FMT "%snode_modules/" STR_FMT, STR_ARG(p->path),
			    str_ends(p->path, S("/")) ? "" : "/", STR_ARG(n->name)));
}

/* ---- links and their targets ---- */

void node_set_target(struct node *link, struct node *target)
{
	struct arena *a = link->children.arena;

	if (link->target)
		vec_drop_node(&link->target->links_in, link);
	link->target = target;
	if (!target)
		return;
	link->manifest = target->manifest;
	if (!str_is_null(target->path))
		link->real_path = target->path;
	VEC_PUSH(a, &target->links_in, link);
	for (size_t i = 0; i < link->edges_in.len; i++)
		link->edges_in.items[i]->checked = EDGE_UNCHECKED;
}

/* What a link that was thrown out of the virtual root led to stays there, for its return. */
static struct node *virtual_target(const struct tree *t, const struct node *link)
{
	VEC_EACH (struct node *, top, &t->tops)
		if (!(*top)->is_link && str_eq((*top)->path, link->real_path))
			return *top;
	return NULL;
}

/* A link that was placed finds the node at its real path, or brings its own target into the tree.
 */
static void bind_link(struct tree *t, struct node *link)
{
	struct node *brought = link->target, *found = NULL;

	if (t->is_virtual) {
		/* The folder that the virtual root stands for stays where it is. */
		if (str_eq(link->real_path, t->path))
			node_set_target(link, t->root);
		else if (!brought)
			node_set_target(link, virtual_target(t, link));
		else if (brought->tree != t)
			node_place(t, brought, link->real_path);
		return;
	}
	found = tree_at(t, location_of(t, link->real_path));
	if (found && found->is_link)
		found = found->target;
	if (found) {
		if (found != brought)
			node_set_target(link, found);
	} else if (brought) {
		node_place(t, brought, link->real_path);
		node_set_target(link, brought);
	}
}

/* Links placed earlier that lead to the path where @n is now. */
static void bind_links_to(struct tree *t, struct node *n)
{
	for (size_t i = 0; i < n->links_in.len; i++)
		if (n->links_in.items[i]->tree == t)
			for (size_t j = 0; j < n->links_in.items[i]->edges_in.len; j++)
				n->links_in.items[i]->edges_in.items[j]->checked = EDGE_UNCHECKED;
}

/* ---- placing ---- */

void node_load_edges(struct tree *t, struct node *n)
{
	struct manifest *m = n->manifest;
	const struct json *accept = m->accept_deps;
	const struct {
		enum edge_type type;
		const struct dep_list *deps;
	} kinds[] = {
		{ EDGE_PEER, &m->peer_deps }, { EDGE_PEER_OPTIONAL, &m->peer_deps },
		{ EDGE_PROD, &m->deps },      { EDGE_OPTIONAL, &m->optional_deps },
		{ EDGE_DEV, &m->dev_deps },
	};
	bool has_dev = n->tree && !n->parent; /* not in global packages, although they are tops */

	if (n->has_edges)
		return;
	n->has_edges = true;
	if (n->is_root && !t->is_virtual)
		VEC_EACH (struct workspace, w, &t->workspaces)
			edge_new(t, n,
				 (struct edge){
					 .name = w->name,
					 .raw_spec = str_concat(t->arena, S("file:"), w->path),
					 .type = EDGE_WORKSPACE });
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		bool is_peer = kinds[k].deps == &m->peer_deps;

		if ((is_peer && t->legacy_peer_deps) || (kinds[k].type == EDGE_DEV && !has_dev))
			continue;
		for (size_t i = 0; i < kinds[k].deps->count; i++) {
			struct dep d = kinds[k].deps->items[i];
			struct edge *old = node_edge(n, d.name);

			if (is_peer && manifest_is_optional_peer(m, d.name) !=
					       (kinds[k].type == EDGE_PEER_OPTIONAL))
				continue;
			if (old && old->type == EDGE_WORKSPACE)
				continue;
			edge_new(
				t, n,
				(struct edge){
					.name = d.name,
					.raw_spec = d.spec,
					.accept = json_is(json_get_str(accept, d.name), JSON_STRING)
							  ? json_get_str(accept, d.name)->string
							  : STR_NULL,
					.type = kinds[k].type });
		}
	}
}

void node_reload_edges(struct tree *t, struct node *n)
{
	ARENA_SCOPE(tmp);
	edge_vec old = { 0 };

	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
		VEC_PUSH(tmp, &old, it.val);
	for (size_t i = 0; i < old.len; i++)
		edge_detach(old.items[i]);
	n->has_edges = false;
	n->semver = NULL;
	n->semver_bad = false;
	node_load_edges(t, n);
	for (size_t i = 0; i < n->edges_in.len; i++)
		edge_reload(n->edges_in.items[i], true);
}

/* The edges to a link find it once its target has a place; but to a link that is made for a virtual
 * root they lead before its target has edges, and so no override gets past it there. */
static bool finds_target_first(const struct tree *t, const struct node *top)
{
	return top->is_link && !(t->is_virtual && top->target && !top->target->has_edges);
}

/* The family of @top has its place: lists, then edges. @top's parent or fs_parent is set. */
static void settle(struct tree *t, struct node *top)
{
	ARENA_SCOPE(tmp);
	bool target_first = finds_target_first(t, top);
	node_vec all = family(tmp, top);

	for (size_t i = 0; i < all.len; i++) {
		struct node *n = all.items[i];

		if (n != top && !n->parent && n->fs_parent)
			set_path(t, n, n->path);
		derive_path(t, n);
		enlist(t, n);
	}
	if (top->parent && !target_first)
		edges_refresh_named(t, top->parent, top->name);
	for (size_t i = 0; i < all.len; i++) {
		struct node *n = all.items[i];

		if (!n->has_edges)
			node_load_edges(t, n);
		else
			for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
				edge_reload(it.val, false);
		if (n->is_link)
			bind_link(t, n);
		else if (n->links_in.len)
			bind_links_to(t, n);
	}
	if (top->parent && target_first)
		edges_refresh_named(t, top->parent, top->name);
}

static void adopt(struct node *parent, struct node *n)
{
	struct folded f;
	str key = name_fold(&f, n->name);

	if (key.p == f.room)
		key = str_dup(parent->children.arena, key);
	map_put_last(&parent->children, key, n);
	n->parent = parent;
	parent->has_link_children |= n->is_link;
}

void node_set_root(struct tree *t, struct node *n)
{
	t->root = n;
	n->is_root = true;
	n->fs_parent = n->parent = NULL;
	set_path(t, n, t->path);
	settle(t, n);
}

/* Out of its tree with all below it; returns the links among them, which lose their targets. */
static node_vec take_out(struct arena *tmp, struct node *n)
{
	struct tree *t = n->tree;
	struct folded f;
	node_vec all = { 0 }, links = { 0 };

	if (t) {
		all = family(tmp, n);
		for (size_t i = 0; i < all.len; i++)
			delist(all.items[i]);
	}
	if (n->parent && map_get(&n->parent->children, name_fold(&f, n->name)) == n)
		map_del(&n->parent->children, f.key);
	if (n->fs_parent)
		vec_drop_node(&n->fs_parent->fs_children, n);
	n->parent = n->fs_parent = NULL;
	if (!t)
		return links;
	for (size_t i = 0; i < all.len; i++) {
		struct node *m = all.items[i];
		edge_vec in = m->edges_in;

		/* Those from outside go elsewhere, all at once; the rest come back in the same
		 * order. */
		m->edges_in = (edge_vec){ 0 };
		for (size_t j = 0; j < in.len; j++)
			if (in.items[j]->from->tree) {
				in.items[j]->to = NULL;
				in.items[j]->checked = EDGE_UNCHECKED;
			} else {
				VEC_PUSH(m->children.arena, &m->edges_in, in.items[j]);
			}
		for (size_t j = 0; j < in.len; j++)
			if (in.items[j]->from->tree)
				edge_reload(in.items[j], true);
		for (struct map_iter it = map_iter(&m->edges_out); map_next(&it);) {
			struct edge *e = it.val;

			/* What leads to somebody who comes along stays as it is. */
			if (!e->to || e->to->tree)
				edge_reload(e, false);
		}
	}
	for (size_t i = 0; i < all.len; i++)
		if (all.items[i]->is_link && all.items[i]->target &&
		    all.items[i]->target->tree == t)
			VEC_PUSH(tmp, &links, all.items[i]);
	return links;
}

void node_detach(struct node *n)
{
	ARENA_SCOPE(tmp);
	struct tree *t = n->tree;
	node_vec links = take_out(tmp, n);

	for (size_t i = 0; i < links.len; i++) {
		struct node *target = links.items[i]->target;

		node_set_target(links.items[i], NULL);
		/* npm lets a link that goes with its package take what it leads to along: the
		 * ancestor that was linked to instead of nesting for ever goes as well. */
		if (links.items[i] != n && target->tree == t && !target->is_root)
			node_detach(target);
	}
}

/* The same for a node on its way to another place: what its links lead to stays, and is found again
 * there. */
static void node_lift(struct node *n)
{
	ARENA_SCOPE(tmp);
	node_vec links = take_out(tmp, n);

	for (size_t i = 0; i < links.len; i++)
		node_set_target(links.items[i], NULL);
}

void node_set_parent(struct node *n, struct node *parent)
{
	struct node *brought = n->is_link ? n->target : NULL;
	struct node *old;

	if (parent->is_link)
		parent = parent->target;
	if (n == parent || n->parent == parent)
		return;
	node_lift(n);
	if (brought && !n->target)
		node_set_target(n, brought);
	old = node_child(parent, n->name);
	if (old)
		node_detach(old);
	adopt(parent, n);
	if (parent->tree)
		settle(parent->tree, n);
}

/* Nearest node above @path, root included; @is_child: path is its node_modules/@name. */
static struct node *find_above(struct tree *t, str path, str name, bool *is_child)
{
	ARENA_SCOPE(tmp);

	*is_child = false;
	for (str up = path; !str_eq(up, S("/"));) {
		struct node *p;

		up = path_dirname(up);
		p = tree_at(t, location_of(t, up));
		if (!p || p->is_link)
			continue;
		*is_child = str_eq(path,
				   str_printf(tmp, STR_FMT "%snode_modules/" STR_FMT, STR_ARG(up),
					      str_ends(up, S("/")) ? "" : "/", STR_ARG(name)));
		return p;
	}
	return NULL;
}

/* Tops that were placed before the node they belong under. npm compares paths as text here, without
 * a slash. */
static void adopt_tops(struct tree *t, struct node *n)
{
	ARENA_SCOPE(tmp);
	node_vec tops = { 0 };

	for (size_t i = 0; i < t->tops.len; i++)
		if (t->tops.items[i] != n && !t->tops.items[i]->is_root &&
		    str_starts(t->tops.items[i]->path, n->path))
			VEC_PUSH(tmp, &tops, t->tops.items[i]);
	for (size_t i = 0; i < tops.len; i++) {
		struct node *top = tops.items[i];
		bool is_child = str_eq(top->path, str_printf(tmp, STR_FMT "/node_modules/" STR_FMT,
							     STR_ARG(n->path), STR_ARG(top->name)));

		if (!is_child &&
		    (!str_starts(path_dirname(top->path), n->path) ||
		     (top->fs_parent && !str_starts(path_dirname(n->path), top->fs_parent->path))))
			continue;
		if (is_child) {
			node_set_parent(top, n);
			continue;
		}
		if (top->fs_parent)
			vec_drop_node(&top->fs_parent->fs_children, top);
		top->fs_parent = n;
		VEC_PUSH(t->arena, &n->fs_children, top);
		for (struct map_iter it = map_iter(&top->edges_out); map_next(&it);)
			edge_reload(it.val, false);
	}
}

void node_place(struct tree *t, struct node *n, str path)
{
	struct node *above, *old;
	bool is_child;

	node_lift(n);
	if (t->is_virtual) {
		set_path(t, n, path);
		if (path_is_under(path, t->path) && !str_eq(path, t->path)) {
			n->fs_parent = t->root;
			VEC_PUSH(t->arena, &t->root->fs_children, n);
		}
		settle(t, n);
		return;
	}
	old = tree_at(t, location_of(t, path));
	if (old)
		node_detach(old);
	above = find_above(t, path, n->name, &is_child);
	set_path(t, n, path);
	if (above && is_child) {
		node_set_parent(n, above);
	} else {
		if (above) {
			n->fs_parent = above;
			VEC_PUSH(t->arena, &above->fs_children, n);
		}
		settle(t, n);
	}
	adopt_tops(t, n);
}

void node_replace(struct node *n, struct node *old)
{
	ARENA_SCOPE(tmp);
	struct node *parent = old->parent;
	node_vec kids = { 0 };

	if (!n->is_link) {
		for (struct map_iter it = map_iter(&old->children); map_next(&it);)
			VEC_PUSH(tmp, &kids, it.val);
		for (size_t i = 0; i < kids.len; i++)
			node_set_parent(kids.items[i], n);
		if (old->is_link && old->target && old->target->tree)
			node_detach(old->target);
	}
	node_set_parent(n, parent);
}
