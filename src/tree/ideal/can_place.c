/* SPDX-License-Identifier: MIT
 * May a package stand in a place? See place.h. Everything here only reads. A package goes with its
 * peers: when one of them cannot be placed at or above the target, neither can the package, though
 * it may count as placeable by itself
 * ("self"), which is what is fallen back on when conflicts are allowed. */
#include "place.h"
#include "dep_set.h"

struct node *deepest_nesting_target(struct node *start, str name)
{
	struct node *n = start;

	for (;;) {
		struct node *up = node_resolve_parent(n);
		const struct edge *e;

		if (n->is_root || !up || (node_is_top(n) && n->parent))
			return n;
		e = node_edge(n, name);
		if (!e || !edge_is_peer(e))
			return n;
		n = up;
	}
}

static struct node *my_deepest_target(const struct can_place *q)
{
	return deepest_nesting_target(q->parent ? my_deepest_target(q->parent) : q->edge->from,
				      q->edge->name);
}

static const struct edge *entry_edge(const struct can_place *q)
{
	while (q->parent)
		q = q->parent;
	return q->edge;
}

static bool is_on_path(const struct can_place *q, const struct node *n)
{
	for (; q; q = q->path)
		if (q->dep == n)
			return true;
	return false;
}

/* @state, unless one of the peers that come along cannot be placed. Asked at most once per
 * question. */
static enum place_verdict with_peers(struct arena *a, struct can_place *q, enum place_verdict state,
				     size_t *work)
{
	bool is_conflict = false;

	q->self = state;
	if (q->peers)
		return q->peers;
	for (struct map_iter it = map_iter(&q->dep->edges_out); map_next(&it);) {
		struct edge *e = it.val;
		struct can_place *peer;

		if (!edge_is_peer(e) || !e->to || is_on_path(q, e->to))
			continue;
		peer = ARENA_NEW(a, struct can_place);
		/* A peer may have to go higher than its dependent: the target can have it as a
		 * peer, too. */
		*peer = (struct can_place){ .dep = e->to,
					    .target = deepest_nesting_target(q->target,
									     e->to->name),
					    .edge = e,
					    .parent = q,
					    .path = q,
					    .audit = q->audit,
					    .prefer_dedupe = true };
		can_place_ask(a, peer, work);
		VEC_PUSH(a, &q->children, peer);
		is_conflict |= peer->verdict == PLACE_CONFLICT;
	}
	q->peers = is_conflict ? PLACE_CONFLICT : state;
	return q->peers;
}

/* Nothing of that name is in the target itself. */
static enum place_verdict ask_vacant(struct arena *a, struct can_place *q, size_t *work)
{
	struct node *shadowed = q->target == entry_edge(q)->from
					? NULL
					: node_resolve(q->target, q->edge->name);

	for (size_t i = 0; shadowed && i < shadowed->edges_in.len; i++) {
		struct edge *e = shadowed->edges_in.items[i];

		if (node_is_descendant(e->from, q->target) && edge_is_valid(e) &&
		    !edge_is_satisfied_by(e, q->dep))
			return PLACE_CONFLICT;
	}
	return with_peers(a, q, PLACE_OK, work);
}

/* Walking from @entry along peers: none is met that the new group would break. */
static bool group_fits(struct arena *a, struct node *entry, const struct node *group)
{
	unsigned mark = tree_next_mark(entry->tree);
	node_vec walk = { 0 };

	entry->mark = mark;
	VEC_PUSH(a, &walk, entry);
	for (size_t i = 0; i < walk.len; i++)
		for (struct map_iter it = map_iter(&walk.items[i]->edges_out); map_next(&it);) {
			struct edge *e = it.val;
			struct node *rep;

			if (!edge_is_peer(e) || !edge_is_valid(e))
				continue;
			rep = node_child(group, e->name);
			if (rep && !edge_is_satisfied_by(e, rep))
				return false;
			if (rep || !e->to || e->to->mark == mark)
				continue;
			e->to->mark = mark;
			VEC_PUSH(a, &walk, e->to);
		}
	return true;
}

/* Every peer of a group that came in through @entry can live deeper than @target. */
static bool can_nest_deeper(const struct peer_entry *entry, const struct node *target)
{
	for (size_t i = 0; i < entry->peers.len; i++) {
		const struct node *deep = deepest_nesting_target(entry->edge->from,
								 entry->peers.items[i]->name);

		if (deep == target || node_is_descendant(target, deep))
			return false;
	}
	return true;
}

/* All peer groups that what is there belongs to can be replaced by the new group, or move deeper.
 */
static bool groups_give_way(struct can_place *q)
{
	ARENA_SCOPE(tmp);
	peer_entry_vec entries = peer_entry_sets(tmp, q->current);
	const struct node *group = q->dep->parent;

	for (size_t i = 0; i < entries.len; i++) {
		struct edge *entry = entries.items[i].edge;
		struct node *rep;

		if (entry == q->edge || entry == entry_edge(q))
			continue;
		rep = group ? node_child(group, entry->to->name) : NULL;
		if (rep ? node_can_replace(rep, entry->to, group)
			: (group && group_fits(tmp, entry->to, group)))
			continue;
		if (!can_nest_deeper(&entries.items[i], q->target))
			return false;
	}
	return true;
}

/* What is there is vulnerable, and what would come is older but safe. */
static bool is_safe_downgrade(const struct can_place *q, const struct semver *now,
			      const struct semver *then)
{
	return q->audit && now && then && semver_compare(then, now) < 0 &&
	       audit_is_vulnerable(q->audit, q->current) && !audit_is_vulnerable(q->audit, q->dep);
}

/* Something of that name is there: keep it, replace it, or conflict with it. */
static enum place_verdict ask_occupied(struct arena *a, struct can_place *q, size_t *work)
{
	struct node *current = q->current, *dep = q->dep;
	const struct semver *now = node_semver(current), *then = node_semver(dep);
	bool is_upgrade = (now && then && semver_compare(then, now) >= 0) ||
			  is_safe_downgrade(q, now, then);
	enum place_verdict v;

	if (node_matches(dep, current) &&
	    (edge_is_satisfied_by(q->edge, current) || !edge_is_satisfied_by(q->edge, dep)))
		return q->is_explicit ? PLACE_REPLACE : PLACE_KEEP;
	if (is_upgrade && node_can_replace(dep, current, NULL)) {
		v = with_peers(a, q, PLACE_REPLACE, work);
		if (v != PLACE_CONFLICT)
			return v;
	}
	if (edge_is_satisfied_by(q->edge, current) && (!q->is_explicit || q->prefer_dedupe))
		return PLACE_KEEP;
	if (q->prefer_dedupe && !is_upgrade && node_can_replace(dep, current, NULL)) {
		v = with_peers(a, q, PLACE_REPLACE, work);
		if (v != PLACE_CONFLICT)
			return v;
	}
	/* It could go deeper, so what is there stays. */
	if (q->target != my_deepest_target(q))
		return PLACE_CONFLICT;
	/* It cannot, and here is who wants it: what is there has to find another place. */
	if (!edge_is_peer(q->edge) && q->target == q->edge->from)
		return with_peers(a, q, PLACE_REPLACE, work);
	if (!q->parent && !edge_is_peer(q->edge))
		return PLACE_CONFLICT;
	return groups_give_way(q) ? with_peers(a, q, PLACE_REPLACE, work) : PLACE_CONFLICT;
}

static enum place_verdict decide(struct arena *a, struct can_place *q, size_t *work)
{
	struct edge *wanted = node_edge(q->target, q->edge->name);

	if (q->dep->load_failure)
		return q->current ? PLACE_REPLACE : PLACE_OK;
	/* Peers do not go inside their dependents, except into a project's own. */
	if (wanted && edge_is_peer(wanted) && !node_is_top(q->target))
		return PLACE_CONFLICT;
	if (!q->current && wanted && wanted != q->edge && !edge_is_satisfied_by(wanted, q->dep))
		return PLACE_CONFLICT;
	return q->current ? ask_occupied(a, q, work) : ask_vacant(a, q, work);
}

void can_place_ask(struct arena *a, struct can_place *q, size_t *work)
{
	++*work;
	q->prefer_dedupe |= edge_is_peer(q->edge);
	q->current = node_child(q->target, q->edge->name);
	q->verdict = decide(a, q, work);
	if (!q->self)
		q->self = q->verdict;
}
