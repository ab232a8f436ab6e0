/* SPDX-License-Identifier: MIT
 * The main loop (npm-tree.md 8.2 to 8.5): take the next node, find what it lacks, get packages for
 * that with their peers, place them, and look again at everything the placing disturbed. Manifests
 * are chosen in the order of the node's edges but placed in the order of their names; both orders
 * show in the result. */
#include "ideal_priv.h"

#include "cpm/base/trace.h"
#include "node_priv.h"

#define NODES_MAX           200000 /* as many as a lockfile may have */
#define PLACEMENTS_PER_NODE 20

/* ---- what is wrong with a node ---- */

static bool may_fix_optional_peers(const struct ideal *b)
{
	return b->opts->save || b->requested;
}

static bool is_problem(struct ideal *b, struct edge *e)
{
	if (e->to && e->to->is_failed)
		return false;
	if (!e->to)
		return e->type != EDGE_PEER_OPTIONAL || e->is_explicit;
	if (!edge_is_valid(e))
		return e->type != EDGE_PEER_OPTIONAL || may_fix_optional_peers(b);
	if (node_is_workspace(e->to))
		return false;
	return e->is_explicit || map_has(&b->update_names, e->name) ||
	       ideal_is_vulnerable(b, e->to);
}

static edge_vec problem_edges(struct arena *a, struct ideal *b, struct node *n)
{
	bool has_bundle = n->manifest->nbundled && !n->is_root && !node_is_workspace(n);
	edge_vec problems = { 0 };

	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		struct edge *e = it.val;

		if (!(has_bundle && manifest_is_bundled(n->manifest, e->name)) && is_problem(b, e))
			VEC_PUSH(a, &problems, e);
	}
	return problems;
}

/* ---- a package for an edge ---- */

/* A node below @top that satisfies @edge, the shallowest and first: optional peers rather use what
 * is there. */
static struct node *find_hoistable(struct ideal *b, const struct node *top, const struct edge *edge)
{
	const node_vec *named = tree_named(b->tree, edge->name);
	struct node *best = NULL;

	for (size_t i = 0; named && i < named->len; i++) {
		struct node *n = named->items[i];
		const struct node *up = n->parent;

		while (up && up != top)
			up = up->parent;
		if (!up || node_in_dep_bundle(n) || !edge_is_satisfied_by(edge, n))
			continue;
		if (!best || n->depth < best->depth ||
		    (n->depth == best->depth && node_walk_compare(n, best) < 0))
			best = n;
	}
	return best;
}

static struct err *find_dep(struct ideal *b, struct node *n, struct edge *edge, struct node **out)
{
	struct node *source = edge_is_peer(edge) && n->peer_source ? n->peer_source : n;
	struct node *vr = ideal_virtual_root(b, source, true);
	struct edge *model = virtual_edge(vr->tree, edge->name);

	b->request++;
	edge->from->required_by = b->request;
	*out = model && edge_is_valid(model) ? model->to : NULL;
	if (*out && !edge_is_satisfied_by(edge, *out))
		*out = NULL;
	if (!*out && edge->type == EDGE_PEER_OPTIONAL && !edge->is_explicit &&
	    !map_has(&b->update_names, edge->name) && !ideal_is_vulnerable(b, edge->to))
		*out = find_hoistable(b,
				      node_resolve_parent(edge->from)
					      ? node_resolve_parent(edge->from)
					      : edge->from,
				      edge);
	if (*out)
		return NULL;
	return ideal_node_from_edge(b, edge, edge_is_peer(edge) ? vr : NULL, NULL, out);
}

/* ---- after placing ---- */

static void look_again(struct ideal *b, struct node *n)
{
	n->is_seen = false;
	ideal_queue_push(&b->queue, n);
}

static void note_failure(struct ideal *b, struct node *n)
{
	if (!n->load_failure || n->is_failed)
		return;
	n->is_failed = true;
	VEC_PUSH(b->arena, &b->failures, n);
}

/* Others that lead to the placed node and do not like it. */
static void revisit_dependents(struct ideal *b, const struct placement *p)
{
	bool is_new = p->can_place->self == PLACE_OK;

	for (size_t i = 0; i < p->placed->edges_in.len; i++) {
		struct edge *e = p->placed->edges_in.items[i];

		if (e == p->edge || e->peer_conflicted || edge_is_valid(e))
			continue;
		if (!is_new || may_fix_optional_peers(b))
			look_again(b, e->from);
		else if (!e->from->is_seen)
			ideal_queue_push(&b->queue, e->from);
	}
}

static const str *bin_files(struct arena *a, const struct manifest *m)
{
	str *files = m->nbins ? ARENA_ARRAY(a, str, m->nbins) : NULL;

	for (size_t i = 0; i < m->nbins; i++)
		files[i] = m->bins[i].target;
	return files;
}

/* A version is certain now, and it will most likely be unpacked. */
static void expect_tarball(struct ideal *b, struct node *n)
{
	struct source *s = b->opts->source;

	if (b->opts->complete || b->opts->is_trial || n->is_link || n->load_failure || str_is_empty(n->resolved) ||
	    !s->ops->expect_tarball || !platform_is_supported(n->manifest, &b->opts->platform))
		return;
	s->ops->expect_tarball(s, &(struct tarball_expectation){ .name = n->manifest->name,
								 .version = n->manifest->version,
								 .url = n->resolved,
								 .integrity = n->integrity,
								 .bins = bin_files(b->arena, n->manifest),
								 .nbins = n->manifest->nbins,
								 .unpacked_bytes = n->manifest->unpacked_bytes });
}

/* Specs that cannot be read end the run, whoever they belong to, as soon as their owner has a
 * place. */
static struct err *check_specs(struct ideal *b, struct node *n)
{
	ARENA_SCOPE(tmp);
	edge_vec problems = problem_edges(tmp, b, n);
	const struct spec *spec;

	for (size_t i = 0; i < problems.len; i++)
		TRY(edge_parse_spec(problems.items[i], &spec));
	return NULL;
}

/* Some sets of packages can be placed in turns for ever, each throwing out another; npm hangs on
 * them. */
static struct err *check_progress(const struct ideal *b, const struct node *n)
{
	size_t nodes = b->tree->inventory.count;

	if (nodes > NODES_MAX)
		return err_new(E_TOO_BIG, "the dependency tree has more than %d packages",
			       NODES_MAX);
	if (b->work.placed > PLACEMENTS_PER_NODE * (nodes + 1000))
		return err_new(E_RESOLVE,
			       "the dependencies do not settle: '" STR_FMT "' at '" STR_FMT
			       "' is placed again and again",
			       STR_ARG(n->name), STR_ARG(n->location));
	return NULL;
}

static struct err *after_placement(struct ideal *b, struct placement *p)
{
	if (!p->placed)
		return NULL;
	TRY(check_progress(b, p->placed));
	note_failure(b, p->placed);
	b->mutated = true;
	revisit_dependents(b, p);
	if (p->can_place->self == PLACE_CONFLICT)
		return NULL;
	ideal_queue_push(&b->queue, p->placed);
	for (size_t i = 0; i < p->need_evaluation.len; i++)
		look_again(b, p->need_evaluation.items[i]);
	expect_tarball(b, p->placed);
	return check_specs(b, p->placed);
}

/* The placement and those of its peers, last one first. */
static struct err *after_placements(struct ideal *b, struct placement *top)
{
	VEC(struct placement *) stack = { 0 };

	VEC_PUSH(b->placer.arena, &stack, top);
	while (stack.len) {
		struct placement *p = VEC_POP(&stack);

		TRY(after_placement(b, p));
		for (size_t i = 0; i < p->children.len; i++)
			VEC_PUSH(b->placer.arena, &stack, p->children.items[i]);
	}
	return NULL;
}

/* ---- links ---- */

void ideal_note_link(struct ideal *b, struct node *link)
{
	if (link->is_link_noted)
		return;
	link->is_link_noted = true;
	VEC_PUSH(b->arena, &b->links, link);
}

/* Packages of the project that links lead to. What lies outside it is somebody else's to build. */
static void queue_link_targets(struct ideal *b)
{
	for (size_t i = 0; i < b->links.len; i++) {
		struct node *link = b->links.items[i], *target = link->target;

		link->is_link_noted = false;
		if (link->tree != b->tree || !target || !node_is_descendant(target, b->tree->root))
			continue;
		if (target->is_seen || !node_resolve_parent(target))
			continue;
		if (link->overrides)
			node_overrides_added(target, link->overrides);
		ideal_queue_push(&b->queue, target);
	}
	VEC_RESET(&b->links);
}

/* ---- the loop ---- */

struct task {
	struct edge *edge;
	struct node *dep;
	size_t seq;
};

static int by_name(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	int order = str_collate(x->edge->name, y->edge->name);

	return order ? order : (x->seq < y->seq ? -1 : 1);
}

/* A tree that is never unpacked has to know what tarballs bring along. npm takes their addresses for
 * URLs that somebody asked for, which are not allowed by default; a lockfile is not to depend on who
 * makes it, so neither are they here. */
static struct err *look_into_bundle(struct ideal *b, struct node *n)
{
	const struct ideal_opts *o = b->opts;

	if (!o->complete || n->is_root || !n->manifest->nbundled || str_is_empty(n->resolved) ||
	    n->inert)
		return NULL;
	if (!str_starts(n->resolved, S("http")) || str_is_empty(o->allow_remote) ||
	    str_eq(o->allow_remote, S("all")))
		return ideal_open_bundle(b, n);
	return err_detail(err_new(E_ALLOW_REMOTE,
				  "Fetching%s packages of type \"remote\" have been disabled",
				  str_eq(o->allow_remote, S("root")) ? " non-root" : ""),
			  "Refusing to fetch \"" STR_FMT "\"", STR_ARG(n->resolved));
}

static struct err *step(struct ideal *b, struct node *n)
{
	ARENA_SCOPE(tmp);
	VEC(struct task) tasks = { 0 };
	edge_vec problems;

	n->is_seen = true;
	b->work.steps++;
	TRY(look_into_bundle(b, n));
	problems = problem_edges(tmp, b, n);
	b->placer.arena = tmp;
	for (size_t i = 0; i < problems.len; i++) {
		struct task task = { .edge = problems.items[i], .seq = i };

		if (task.edge->peer_conflicted)
			continue;
		TRY(find_dep(b, n, task.edge, &task.dep));
		VEC_PUSH(tmp, &tasks, task);
	}
	VEC_SORT(&tasks, by_name);
	for (size_t i = 0; i < tasks.len; i++) {
		struct task *task = &tasks.items[i];
		struct placement *p;

		TRY(placement_run(&b->placer, NULL, task->edge, task->dep, task->edge->is_explicit,
				  &p));
		TRY(after_placements(b, p));
	}
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		struct edge *e = it.val;

		if (e->to && e->to->is_link && e->to->target)
			ideal_note_link(b, e->to);
	}
	return NULL;
}

struct err *ideal_build_deps(struct ideal *b)
{
	TRACE(RESOLVE);

	ideal_queue_push(&b->queue, b->tree->root);
	for (;;) {
		struct node *n = ideal_queue_pop(&b->queue);

		if (!n) {
			queue_link_targets(b);
			n = ideal_queue_pop(&b->queue);
			if (!n)
				return NULL;
		}
		if (!n->is_seen && n->tree == b->tree)
			TRY(step(b, n));
	}
}
