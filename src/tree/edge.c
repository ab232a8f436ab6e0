/* SPDX-License-Identifier: MIT
 * Edges: who needs what, and which node that leads to. An edge's target is never kept by hand; it
 * is looked up again whenever a node of its name appears or disappears where it could see it. The
 * tree lists edges by name for that; when the part of the tree that could have noticed is smaller
 * than the list, that part is walked instead. */
#include "cpm/tree/node.h"
#include "node_priv.h"

#include "cpm/base/path.h"

str name_fold(struct folded *f, str name)
{
	size_t i = 0;

	f->key = name;
	while (i < name.len && (name.p[i] < 'A' || name.p[i] > 'Z'))
		i++;
	if (i == name.len || name.len > NAME_FOLD_ROOM)
		return name;
	for (i = 0; i < name.len; i++)
		f->room[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] | 0x20)
								  : name.p[i];
	f->key = str_of(f->room, name.len);
	return f->key;
}

/* ---- the lists by name ---- */

const edge_vec *edges_named(const struct tree *t, str name)
{
	struct folded f;

	return map_get(&t->edges_by_name, name_fold(&f, name));
}

static void enlist_edge(struct tree *t, struct edge *e)
{
	struct folded f;
	str key = name_fold(&f, e->name);
	edge_vec *named = map_get(&t->edges_by_name, key);

	if (!named) {
		named = arena_alloc(t->arena, sizeof(*named));
		map_put(&t->edges_by_name, key.p == f.room ? str_dup(t->arena, key) : key, named);
	}
	e->named_at = named->len;
	VEC_PUSH(t->arena, named, e);
}

static void delist_edge(struct tree *t, struct edge *e)
{
	struct folded f;
	edge_vec *named = map_get(&t->edges_by_name, name_fold(&f, e->name));
	struct edge *last = VEC_POP(named);

	if (last == e)
		return;
	named->items[e->named_at] = last;
	last->named_at = e->named_at;
}

void edges_enlist(struct tree *t, struct node *n)
{
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
		enlist_edge(t, it.val);
}

void edges_delist(struct tree *t, struct node *n)
{
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
		delist_edge(t, it.val);
}

static bool is_listed(const struct edge *e)
{
	return e->from->tree && !e->from->tree->is_virtual;
}

/* ---- making and resolving ---- */

struct edge *edge_new(struct tree *t, struct node *from, struct edge proto)
{
	struct edge *e = ARENA_NEW(t->arena, struct edge);
	struct edge *old = node_edge(from, proto.name);
	struct folded f;
	str key = name_fold(&f, proto.name);

	if (old)
		edge_detach(old);
	*e = proto;
	e->from = from;
	map_put_last(&from->edges_out, key.p == f.room ? str_dup(t->arena, key) : key, e);
	if (is_listed(e))
		enlist_edge(from->tree, e);
	edge_reload(e, true);
	return e;
}

void edge_detach(struct edge *e)
{
	struct folded f;

	e->is_explained = false;
	if (e->to)
		node_drop_edge_in(e->to, e);
	e->to = NULL;
	if (is_listed(e))
		delist_edge(e->from->tree, e);
	map_del(&e->from->edges_out, name_fold(&f, e->name));
}

static void set_overrides(struct edge *e, struct override_set *set)
{
	e->overrides = set;
	e->spec = NULL;
	e->checked = EDGE_UNCHECKED;
}

void edge_reload(struct edge *e, bool hard)
{
	struct override_set *before = e->overrides, *rule = NULL;
	bool is_new_rule = false;
	struct node *to;

	e->is_explained = false;
	if (e->from->tree)
		e->from->tree->nreloads++;
	if (e->from->overrides) {
		rule = override_edge_rule(e->from->overrides, e);
		is_new_rule = rule && !override_sets_equal(rule, before);
		if (is_new_rule)
			set_overrides(e, rule);
	} else if (before) {
		set_overrides(e, NULL);
	}
	to = node_resolve(e->from, e->name);
	if (to != e->to) {
		if (e->to)
			node_drop_edge_in(e->to, e);
		e->to = to;
		e->checked = EDGE_UNCHECKED;
		if (to)
			node_add_edge_in(to, e);
	} else if (hard) {
		e->checked = EDGE_UNCHECKED;
	} else if (is_new_rule && to) {
		node_overrides_removed(to, before);
		node_overrides_added(to, rule);
	}
}

/* ---- who could have noticed ---- */

bool nodes_below(struct arena *a, struct node *n, size_t limit, node_vec *out)
{
	VEC_PUSH(a, out, n);
	for (size_t i = 0; i < out->len; i++) {
		struct node *at = out->items[i];

		for (struct map_iter it = map_iter(&at->children); map_next(&it);)
			VEC_PUSH(a, out, it.val);
		for (size_t j = 0; j < at->fs_children.len; j++)
			VEC_PUSH(a, out, at->fs_children.items[j]);
		if (out->len > limit)
			return false;
	}
	return true;
}

static int by_walk(const void *a, const void *b)
{
	return node_walk_compare((*(struct edge *const *)a)->from,
				 (*(struct edge *const *)b)->from);
}

/* Edges called @name out of nodes below @parent that no longer lead where they should. */
static edge_vec stale_edges(struct arena *a, struct tree *t, struct node *parent, str name)
{
	const edge_vec *named = edges_named(t, name);
	edge_vec stale = { 0 };
	node_vec below = { 0 };

	if (!named || !named->len)
		return stale;
	if (parent != t->root && nodes_below(a, parent, named->len, &below)) {
		for (size_t i = 0; i < below.len; i++) {
			struct edge *e = node_edge(below.items[i], name);

			if (e && e->to != node_resolve(e->from, name))
				VEC_PUSH(a, &stale, e);
		}
		return stale;
	}
	for (size_t i = 0; i < named->len; i++) {
		struct edge *e = named->items[i];

		if ((parent == t->root || node_is_descendant(e->from, parent)) &&
		    e->to != node_resolve(e->from, name))
			VEC_PUSH(a, &stale, e);
	}
	return stale;
}

/* In a virtual root everything hangs directly below it, so there is little to walk. Its own edge of
 * that name, and those of the linked packages it stands for, exist from now on. */
static void refresh_virtual(struct tree *vr, str name)
{
	struct edge *e = virtual_edge(vr, name);

	if (e)
		edge_reload(e, true);
	for (struct map_iter it = map_iter(&vr->root->children); map_next(&it);) {
		e = node_edge(it.val, name);
		if (e)
			edge_reload(e, false);
	}
	for (size_t i = 0; i < vr->tops.len; i++) {
		e = vr->tops.items[i] == vr->root ? NULL : node_edge(vr->tops.items[i], name);
		if (e)
			edge_reload(e, false);
	}
}

void edges_refresh_named(struct tree *t, struct node *parent, str name)
{
	ARENA_SCOPE(tmp);
	edge_vec stale;

	if (t->is_virtual) {
		refresh_virtual(t, name);
		return;
	}
	stale = stale_edges(tmp, t, parent, name);
	VEC_SORT(&stale, by_walk);
	for (size_t i = 0; i < stale.len; i++)
		edge_reload(stale.items[i], true);
}

/* ---- virtual roots: edges on demand ---- */

/* A workspace hides what the manifest says of its name; virtual roots know no workspaces and see
 * it. */
static bool hidden_dep(const struct tree *t, const struct manifest *m, str name, struct edge *out)
{
	const struct dep_list *lists[] = { &m->dev_deps, &m->optional_deps, &m->deps,
					   t->legacy_peer_deps ? NULL : &m->peer_deps };
	const enum edge_type types[] = { EDGE_DEV, EDGE_OPTIONAL, EDGE_PROD, EDGE_PEER };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		str spec = lists[i] ? manifest_dep_spec(lists[i], name) : STR_NULL;

		if (str_is_null(spec))
			continue;
		*out = (struct edge){ .name = name, .raw_spec = spec, .type = types[i] };
		if (types[i] == EDGE_PEER && manifest_is_optional_peer(m, name))
			out->type = EDGE_PEER_OPTIONAL;
		return true;
	}
	return false;
}

static struct edge *copy_edge(struct tree *vr, struct node *from, const struct edge *model)
{
	return edge_new(vr, from,
			(struct edge){ .name = model->name,
				       .raw_spec = model->raw_spec,
				       .accept = model->accept,
				       .type = model->type,
				       .own_spec = model->own_spec });
}

/* The copy of a linked package in a virtual root, with as many of its edges as were needed so far.
 */
static struct node *linked_copy(struct tree *vr, struct node *target)
{
	struct node *copy;

	for (size_t i = 0; i < vr->tops.len; i++)
		if (vr->tops.items[i]->stands_for == target)
			return vr->tops.items[i];
	copy = node_new(vr->arena, target->name, target->manifest);
	copy->stands_for = target;
	copy->has_edges = true;
	node_place(vr, copy, target->real_path);
	return copy;
}

static void copy_linked_edges(struct tree *vr, str name)
{
	struct node *source = vr->root->stands_for;

	if (!source->has_link_children)
		return;
	for (struct map_iter it = map_iter(&source->children); map_next(&it);) {
		struct node *link = it.val;
		struct edge *model = link->is_link && link->target ? node_edge(link->target, name)
								   : NULL;
		struct node *copy;

		if (!model || !path_is_under(link->real_path, vr->root->path))
			continue;
		copy = linked_copy(vr, link->target);
		if (!node_edge(copy, name))
			copy_edge(vr, copy, model);
	}
}

struct edge *virtual_edge(struct tree *vr, str name)
{
	struct node *source = vr->root->stands_for;
	struct edge *e = node_edge(vr->root, name), *model, hidden;

	copy_linked_edges(vr, name);
	if (e)
		return e;
	model = node_edge(source, name);
	if (!model)
		return NULL;
	if (model->type != EDGE_WORKSPACE)
		return copy_edge(vr, vr->root, model);
	if (!hidden_dep(vr, source->manifest, name, &hidden))
		return NULL;
	return copy_edge(vr, vr->root, &hidden);
}

/* ---- questions ---- */

static str manifest_any_spec(const struct manifest *m, str name)
{
	const struct dep_list *lists[] = { &m->dev_deps, &m->optional_deps, &m->deps,
					   &m->peer_deps };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		str spec = manifest_dep_spec(lists[i], name);

		if (!str_is_empty(spec))
			return spec;
	}
	return STR_NULL;
}

/* "$name": what the root, else the requesting package itself, asks for. Null when neither has it.
 */
static str referred_spec(const struct edge *e, str name)
{
	const struct node *root = e->from->stands_for ? e->from->stands_for : e->from;
	str spec = STR_NULL;

	if (root->tree && root->tree->root)
		root = root->tree->root;
	spec = manifest_any_spec(root->manifest, name);
	return str_is_null(spec) ? manifest_any_spec(e->from->manifest, name) : spec;
}

str edge_spec_text(const struct edge *e)
{
	const struct override_set *o = e->overrides;

	if (!o || str_is_empty(o->value) || str_eq(o->value, S("*")) || !str_eq(o->name, e->name))
		return e->raw_spec;
	if (str_starts(o->value, S("$")))
		return referred_spec(e, str_from(o->value, 1));
	return o->value;
}

bool edge_is_satisfied_by(const struct edge *e, struct node *n)
{
	const struct override_set *o = e->overrides;

	if (!str_eq(n->name, e->name))
		return false;
	if (node_in_dep_bundle(n))
		return dep_text_is_valid(n, e, e->raw_spec);
	if (!o || str_is_null(o->key_spec))
		return dep_text_is_valid(n, e, edge_spec_text(e));
	/* What the override asks for is fine; so is what was asked for at first, unless the
	 * override names it. */
	if (dep_text_is_valid(n, e, edge_spec_text(e)))
		return true;
	return dep_text_is_valid(n, e, e->raw_spec) && !dep_text_is_valid(n, e, o->key_spec);
}

enum edge_error edge_error(struct edge *e)
{
	if (e->checked != EDGE_UNCHECKED)
		return e->checked;
	if (!e->to)
		e->checked = edge_is_optional(e) ? EDGE_OK : EDGE_MISSING;
	else if (edge_is_peer(e) && e->to->parent == e->from && !node_is_top(e->from))
		e->checked = EDGE_PEER_LOCAL;
	else if (!edge_is_satisfied_by(e, e->to))
		e->checked = EDGE_INVALID;
	else if (e->overrides && e->to->overrides && e->to->edges_out.count &&
		 override_sets_conflict(e->overrides, e->to->overrides))
		e->checked = EDGE_INVALID;
	else
		e->checked = EDGE_OK;
	return e->checked;
}
