/* SPDX-License-Identifier: MIT
 * Placing a package and its peers. See place.h. The target is the highest directory of an unbroken
 * walk upwards from the deepest one in which nothing objects. Packages are copied out of their
 * virtual roots: the group they were resolved in stays as it is, for the peers that are placed
 * after them. */
#include "place.h"
#include "node_priv.h"

#include "cpm/base/log.h"
#include "cpm/base/trace.h"

static struct node *start_of(const struct placement *p)
{
	return deepest_nesting_target(p->parent ? start_of(p->parent) : p->edge->from,
				      p->edge->name);
}

static bool is_updated(const struct ideal_opts *o, str name)
{
	for (size_t i = 0; i < o->nupdate_names; i++)
		if (str_eq(o->update_names[i], name))
			return true;
	return false;
}

static bool is_nothing_to_do(const struct placement *p)
{
	const struct ideal_opts *o = p->placer->opts;

	return p->edge->to && edge_is_valid(p->edge) && !p->is_explicit &&
	       !is_updated(o, p->edge->name) &&
	       !(o->audit && audit_is_vulnerable(o->audit, p->edge->to));
}

/* Walks up while there is no conflict; fills in can_place and can_place_self with the highest that
 * will do. */
static void find_target(struct placement *p)
{
	const struct ideal_opts *o = p->placer->opts;
	struct arena *a = p->placer->arena;

	for (struct node *target = start_of(p); target; target = node_resolve_parent(target)) {
		struct edge *wanted = node_edge(target, p->edge->name);
		struct can_place *q;

		if (!node_is_top(target) && wanted && edge_is_peer(wanted))
			continue;
		q = ARENA_NEW(a, struct can_place);
		*q = (struct can_place){ .dep = p->dep,
					 .target = target,
					 .edge = p->edge,
					 .parent = p->parent ? p->parent->can_place : NULL,
					 .audit = o->audit,
					 .prefer_dedupe = o->prefer_dedupe,
					 .is_explicit = p->is_explicit };
		can_place_ask(a, q, &p->placer->work->can_place_checks);
		if (q->self != PLACE_CONFLICT)
			p->can_place_self = q;
		if (q->verdict == PLACE_CONFLICT)
			break;
		p->can_place = q;
		if (p->dep->load_failure || o->strategy == STRATEGY_NESTED)
			break;
		if (o->strategy == STRATEGY_SHALLOW && node_resolve_parent(target) &&
		    node_resolve_parent(target)->is_root)
			break;
	}
}

/* The same package is already an ancestor: a1 -> b1 -> a2 -> b2 -> a1 ... would nest for ever. */
static struct node *find_loop(struct node *target, const struct node *dep)
{
	for (struct node *up = target; up; up = node_resolve_parent(up))
		if (node_matches(up, dep) && !node_is_top(up))
			return up;
	return NULL;
}

static struct node *copy_of(struct placer *p, struct node *dep)
{
	struct node *n;

	if (dep->is_link) {
		n = node_new_link(p->tree->arena, dep->name, dep->real_path);
		n->manifest = dep->manifest;
		if (dep->target)
			node_set_target(n, dep->target);
	} else {
		n = node_new(p->tree->arena, dep->name, dep->manifest);
		n->resolved = dep->resolved;
		n->integrity = dep->integrity;
		n->has_install_script = dep->has_install_script;
		n->extended_by = dep->extended_by;
	}
	n->overrides = dep->overrides;
	n->load_failure = dep->load_failure;
	node_load_edges(p->tree, n);
	return n;
}

static int by_order(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;

	return x->order < y->order ? -1 : x->order > y->order;
}

/* Nodes called @name below @target, tops left out, in order of insertion. A popular package has
 * copies everywhere and most targets are small: whichever is less is walked. */
static node_vec same_named(struct arena *a, struct tree *t, struct node *target, str name)
{
	const node_vec *named = tree_named(t, name);
	node_vec below = { 0 }, same = { 0 };
	const node_vec *from = named;
	bool is_small;

	if (!named)
		return same;
	is_small = target != t->root && nodes_below(a, target, named->len, &below);
	if (is_small)
		from = &below;
	for (size_t i = 0; i < from->len; i++) {
		struct node *n = from->items[i];

		if (!node_is_top(n) &&
		    (is_small ? str_eq(n->name, name) : node_is_descendant(n, target)))
			VEC_PUSH(a, &same, n);
	}
	VEC_SORT(&same, by_order);
	return same;
}

/* Duplicates that the placed node made superfluous: the old target of the edge, and same-named
 * nodes below. */
static void prune_shadows(struct placement *p, struct node *target)
{
	ARENA_SCOPE(tmp);
	node_vec same;

	if (edge_is_valid(p->edge) && p->edge->to && p->edge->to != p->placed)
		placement_prune(p, p->edge->to, false);
	same = same_named(tmp, p->placer->tree, target, p->edge->name);
	for (size_t i = 0; i < same.len; i++) {
		node_vec kids = { 0 };

		if (!same.items[i]->tree)
			continue;
		placement_prune(p, same.items[i], false);
		if (!same.items[i]->tree)
			continue;
		for (struct map_iter it = map_iter(&same.items[i]->children); map_next(&it);)
			VEC_PUSH(tmp, &kids, it.val);
		for (size_t j = 0; j < kids.len; j++)
			if (kids.items[j]->tree)
				placement_prune(p, kids.items[j], false);
	}
}

/* Peers that are missing or wrong where the node stands now come out of the same virtual root. */
static struct err *place_peers(struct placement *p, struct node *group)
{
	edge_vec peers = { 0 };

	for (struct map_iter it = map_iter(&p->placed->edges_out); map_next(&it);)
		VEC_PUSH(p->placer->arena, &peers, it.val);
	for (size_t i = 0; i < peers.len; i++) {
		struct edge *e = peers.items[i];
		struct placement *child;
		struct node *peer;

		if (!edge_is_peer(e) || edge_is_valid(e) || e->peer_conflicted)
			continue;
		peer = node_child(group, e->name);
		if (!peer || !edge_is_satisfied_by(e, peer))
			continue;
		TRY(placement_run(p->placer, p, e, peer, p->is_explicit, &child));
		VEC_PUSH(p->placer->arena, &p->children, child);
	}
	return NULL;
}

static void log_decision(const struct placement *p, enum place_verdict verdict)
{
	static const char *const words[] = { "", "OK", "KEEP", "REPLACE", "CONFLICT" };
	const struct node *target = p->can_place->target;
	str want = edge_spec_text(p->edge);

	log_silly("placeDep",
		  STR_FMT " " STR_FMT "@" STR_FMT " %s for: " STR_FMT "@" STR_FMT " want: " STR_FMT,
		  STR_ARG(target->location.len ? target->location : S("ROOT")),
		  STR_ARG(p->dep->name), STR_ARG(node_version(p->dep)), words[verdict],
		  STR_ARG(p->edge->from->manifest->name), STR_ARG(node_version(p->edge->from)),
		  STR_ARG(want.len ? want : S("*")));
}

static struct err *put(struct placement *p, struct node *target)
{
	/* NULL when the package was thrown out of its group by another: then it has no peers to
	 * bring. */
	struct node *group = p->dep->parent, *loop = find_loop(target, p->dep);

	if (loop) {
		p->placed = node_new_link(p->placer->tree->arena, loop->name, loop->path);
		node_set_target(p->placed, loop);
		node_set_parent(p->placed, target);
		return NULL;
	}
	p->placed = copy_of(p->placer, p->dep);
	p->old = node_child(target, p->edge->name);
	if (p->old)
		placement_replace_old(p);
	else
		node_set_parent(p->placed, target);
	p->placer->work->placed++;
	if (edge_is_peer(p->edge) && !edge_is_satisfied_by(p->edge, p->placed))
		placement_warn_conflict(p, p->edge, p->dep);
	prune_shadows(p, target);
	return group ? place_peers(p, group) : NULL;
}

struct err *placement_run(struct placer *placer, struct placement *parent, struct edge *edge,
			  struct node *dep, bool is_explicit, struct placement **out)
{
	struct placement *p = ARENA_NEW(placer->arena, struct placement);
	enum place_verdict verdict;
	TRACE(PLACE);

	*p = (struct placement){ .placer = placer,
				 .parent = parent,
				 .edge = edge,
				 .dep = dep,
				 .is_explicit = is_explicit,
				 .current = edge->to };
	p->top = parent ? parent->top : p;
	p->depth = parent ? parent->depth + 1 : 0;
	*out = p;
	if (p->depth > PEER_DEPTH_MAX)
		return err_new(E_RESOLVE,
			       "peer dependencies of '" STR_FMT "' are nested more than %d deep",
			       STR_ARG(dep->name), PEER_DEPTH_MAX);
	if (is_nothing_to_do(p))
		return NULL;
	find_target(p);
	if (!p->can_place) {
		const struct ideal_opts *o = placer->opts;

		if (!o->force && (o->strict_peer_deps || placement_is_mine(p)))
			return placement_conflict(p);
		if (!p->can_place_self) {
			placement_warn_conflict(p, edge, dep);
			return NULL;
		}
		p->can_place = p->can_place_self;
	}
	verdict = p->can_place->verdict == PLACE_CONFLICT ? p->can_place->self
							  : p->can_place->verdict;
	log_decision(p, verdict);
	if (verdict != PLACE_KEEP)
		return put(p, p->can_place->target);
	if (edge_is_peer(edge) && !edge_is_valid(edge))
		placement_warn_conflict(p, edge, dep);
	/* An update may have put the same version higher up; then the copy below is superfluous. */
	placement_prune(p, p->can_place->target, true);
	return NULL;
}
