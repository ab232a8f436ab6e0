/* SPDX-License-Identifier: MIT
 * A node for an edge comes with its peers, and they must agree with each other before anything is
 *placed. They are brought together in a *virtual root*: a stand-in for the package that asked, with
 *its wishes but without its node_modules (npm-tree.md 8.6). Versions are never taken back: the
 *first that fits a peer's spec stays, or it is a conflict, which is an error only where the project
 *itself is involved.
 *
 *	virtual root of "app" ── react-dom@18 (asked for)
 *	                      └─ react@18     (its peer: by app's own spec when app has one, by the
 *peer's otherwise)
 *
 * A virtual root makes its edges when they are first looked at, so that it costs the same for two
 *dependencies and for twenty thousand. Twin of the virtual root half of arborist's
 *build-ideal-tree.js. */
#include "ideal_priv.h"
#include "dep_set.h"
#include "node_priv.h"

struct node *ideal_virtual_root(struct ideal *b, struct node *source, bool reuse)
{
	struct arena *a = b->tree->arena;
	struct tree *t;
	struct node *root;

	if (reuse && source->virtual_root)
		return source->virtual_root;
	t = ARENA_NEW(a, struct tree);
	t->arena = a;
	t->is_virtual = true;
	t->path = str_is_null(source->real_path) ? S("/") : source->real_path;
	t->specs = b->tree->specs;
	t->legacy_peer_deps = b->tree->legacy_peer_deps;
	t->install_links = b->tree->install_links;
	root = node_new(a, source->name, source->manifest);
	root->stands_for = source;
	root->overrides = source->overrides;
	root->resolved = source->resolved;
	root->is_root = true;
	root->has_edges = true;
	root->path = root->real_path = t->path;
	root->location = S("");
	root->tree = t;
	t->root = root;
	VEC_PUSH(a, &t->tops, root);
	source->virtual_root = root;
	return root;
}

static bool is_required(const struct ideal *b, const struct node *n)
{
	return n->required_by == b->request;
}

static struct err *load_peer_set(struct ideal *b, struct node *n);

struct err *ideal_node_from_edge(struct ideal *b, struct edge *edge, struct node *vr,
				 struct edge *second, struct node **out)
{
	const struct spec *spec;
	struct node *n, *other = NULL;

	if (!vr)
		vr = ideal_virtual_root(b, edge->from, false);
	TRY(edge_parse_spec(edge, &spec));
	TRY(ideal_node_from_spec(b, spec, vr, edge, &n));
	if (second) {
		/* The first spec may be broad, "*" even: something that suits both is better. */
		TRY(edge_parse_spec(second, &spec));
		if (!edge_is_valid(second))
			TRY(ideal_node_from_spec(b, spec, vr, second, &other));
		if (other && edge_is_valid(edge))
			n = other;
	}
	node_set_parent(n, vr);
	if ((is_required(b, edge->from) && edge->type != EDGE_PEER_OPTIONAL) ||
	    (second && is_required(b, second->from) && second->type != EDGE_PEER_OPTIONAL))
		n->required_by = b->request;
	n->peer_source = vr->stands_for;
	*out = n;
	if (b->tree->is_global && edge->from->is_root)
		return NULL;
	return load_peer_set(b, n);
}

/* ---- the peers of one node ---- */

static int by_name(const void *a, const void *b)
{
	return str_collate((*(struct edge *const *)a)->name, (*(struct edge *const *)b)->name);
}

static edge_vec unhappy_peers(struct arena *a, struct node *n)
{
	edge_vec peers = { 0 };

	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		struct edge *e = it.val;

		if (edge_is_peer(e) && !(e->to && edge_is_valid(e)))
			VEC_PUSH(a, &peers, e);
	}
	VEC_SORT(&peers, by_name);
	return peers;
}

/* Nothing of that name is in the virtual root and its owner has no opinion. */
static struct err *load_missing(struct ideal *b, struct node *n, struct edge *edge)
{
	struct node *ignored;

	if (edge->type == EDGE_PEER_OPTIONAL) {
		struct node *there = node_resolve(n->parent->stands_for, edge->name);

		/* Nobody has to bring it; but when something unfit is around, a fit one must go
		 * with the group. */
		if (!there || edge_is_satisfied_by(edge, there))
			return NULL;
	}
	return ideal_node_from_edge(b, edge, n->parent, NULL, &ignored);
}

/* Nothing of that name is there yet, but the owner of the virtual root depends on it as well: its
 * spec comes first. */
static struct err *load_shared(struct ideal *b, struct node *n, struct edge *edge,
			       struct edge *parent_edge, bool conflict_ok)
{
	struct node *dep;

	TRY(ideal_node_from_edge(b, parent_edge, n->parent, edge, &dep));
	if (edge_is_valid(edge))
		return NULL;
	if (conflict_ok || !is_required(b, dep)) {
		edge->peer_conflicted = true;
		return NULL;
	}
	/* Thrown out of its group on the way: no conflict of its own to report. */
	if (!n->parent)
		return NULL;
	return peer_conflict(b->tree, edge, parent_edge, b->opts);
}

/* Another version is there already: what would suit may suit those who brought it, too. */
static struct err *load_instead(struct ideal *b, struct node *n, struct edge *edge,
				struct edge *parent_edge, bool conflict_ok)
{
	struct node *current = edge->to, *dep;

	TRY(ideal_node_from_edge(b, edge, NULL, NULL, &dep));
	if (node_can_replace(dep, current, NULL))
		return ideal_node_from_edge(b, edge, n->parent, NULL, &dep);
	if (conflict_ok || !is_required(b, edge->from))
		return NULL;
	return peer_conflict(b->tree, edge, parent_edge, b->opts);
}

static struct err *load_peer(struct ideal *b, struct node *n, struct edge *edge)
{
	struct edge *parent_edge = virtual_edge(n->parent->tree, edge->name);
	struct node *owner = n->parent->stands_for;
	bool is_mine = owner->is_root || node_is_workspace(owner);
	bool conflict_ok = b->opts->force || (!is_mine && !b->opts->strict_peer_deps);

	if (edge->to)
		return load_instead(b, n, edge, parent_edge, conflict_ok);
	if (parent_edge)
		return load_shared(b, n, edge, parent_edge, conflict_ok);
	return load_missing(b, n, edge);
}

static struct err *load_peer_set(struct ideal *b, struct node *n)
{
	ARENA_SCOPE(tmp);
	edge_vec peers = unhappy_peers(tmp, n);
	struct err *failure = NULL;

	if (peers.len && b->peer_depth == PEER_DEPTH_MAX)
		return err_new(E_RESOLVE,
			       "peer dependencies of '" STR_FMT "' are nested more than %d deep",
			       STR_ARG(n->name), PEER_DEPTH_MAX);
	b->peer_depth++;
	for (size_t i = 0; i < peers.len && n->parent && !failure; i++)
		if (!peers.items[i]->to || !edge_is_valid(peers.items[i]))
			failure = load_peer(b, n, peers.items[i]);
	b->peer_depth--;
	return failure;
}
