/* SPDX-License-Identifier: MIT
 * Building the ideal tree from end to end (npm-tree.md 8.1): start from what the lockfile or the
 * disk has, apply what the user asks for, build, mark what everything is there for, take away what
 * nothing needs, and set aside what does not run here. Each stage is a file: ideal_request.c,
 * ideal_step.c, flags.c, ideal_check.c. */
#include "cpm/tree/ideal.h"
#include "ideal_priv.h"
#include "node_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "cpm/base/trace.h"
#include "cpm/tree/flags.h"
#include "cpm/tree/map_workspaces.h"

/* Members are part of a project before anything links to them: what they need is known from the
 * start. */
static void add_members(struct arena *a, struct tree *t)
{
	VEC_EACH (struct workspace, w, &t->workspaces) {
		struct manifest *m;
		struct node *n;
		struct err *failure = manifest_read(a, AT_FDCWD, str_cstr(a, w->path), &m, NULL);

		if (failure) {
			err_ignore(failure);
			continue;
		}
		n = node_new(a, path_basename(w->path), m);
		if (t->root->overrides)
			n->overrides = override_node_rule(t->root->overrides, m->name, m->version);
		node_place(t, n, w->path);
	}
}

/* A tree of nothing but the project itself and its wishes. */
static struct err *bare_tree(struct arena *a, str dir, struct manifest *root, bool with_members,
			     const struct ideal_opts *opts, struct tree **out)
{
	struct tree *t = tree_new(a, dir);
	struct node *n = node_new(a, path_basename(dir), root);

	t->is_global = opts->is_global;
	t->legacy_peer_deps = opts->legacy_peer_deps;
	TRY(map_workspaces(a, dir, root, t));
	TRY(override_set_new(a, root->overrides, &n->overrides));
	node_set_root(t, n);
	if (with_members)
		add_members(a, t);
	*out = t;
	return NULL;
}

static void init(struct ideal *b, struct arena *a, struct tree *t, const struct ideal_opts *opts)
{
	*b = (struct ideal){ .arena = a,
			     .tree = t,
			     .opts = opts,
			     .queue.arena = a,
			     .prefetch.ideal = b,
			     .requested = opts->nadd || opts->nrm || opts->update_all ||
					  opts->nupdate_names };
	b->mutated = b->requested;
	map_init(&b->prefetch.wanted, a);
	map_init(&b->manifests, a);
	map_init(&b->parsed, a);
	map_init(&b->update_names, a);
	for (size_t i = 0; i < opts->nupdate_names; i++)
		map_put(&b->update_names, opts->update_names[i], t);
	b->placer = (struct placer){ .arena = a, .tree = t, .opts = opts, .work = &b->work };
	t->install_links = opts->install_links;
}

/* Every node that can be reached and lacks something. Their packuments are asked for at once. */
static void queue_unsatisfied(struct ideal *b)
{
	ARENA_SCOPE(tmp);
	unsigned mark = tree_next_mark(b->tree);
	bool trust_optional_peers = !b->opts->save && !b->requested;
	node_vec stack = { 0 };

	VEC_PUSH(tmp, &stack, b->tree->root);
	while (stack.len) {
		struct node *n = VEC_POP(&stack);

		if (n->mark == mark)
			continue;
		n->mark = mark;
		for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
			struct edge *e = it.val;

			if (e->to)
				VEC_PUSH(tmp, &stack, e->to);
			if ((e->type == EDGE_PEER_OPTIONAL && trust_optional_peers) ||
			    (e->to && edge_is_valid(e)))
				continue;
			ideal_queue_push(&b->queue, n);
			if (e->type != EDGE_PEER_OPTIONAL || e->to)
				prefetch_spec(&b->prefetch, e->name, edge_spec_text(e));
		}
	}
}

/* An override may not contradict what the project itself asks for. */
static struct err *check_root_overrides(const struct tree *t)
{
	if (!t->root->overrides)
		return NULL;
	for (struct map_iter it = map_iter(&t->root->edges_out); map_next(&it);) {
		const struct edge *e = it.val;
		str spec = edge_spec_text(e);

		if (!str_eq(spec, e->raw_spec) && !str_starts(spec, S("$")))
			return err_new(E_OVERRIDE,
				       "Override for " STR_FMT "@" STR_FMT
				       " conflicts with direct dependency",
				       STR_ARG(e->name), STR_ARG(e->raw_spec));
	}
	return NULL;
}

static void remove_extraneous(struct tree *t)
{
	ARENA_SCOPE(tmp);
	node_vec all = { 0 };

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		if (((struct node *)it.val)->extraneous)
			VEC_PUSH(tmp, &all, it.val);
	for (size_t i = 0; i < all.len; i++)
		if (all.items[i]->tree == t && all.items[i]->parent)
			node_detach(all.items[i]);
}

/* Failures have been told (@told goes on to the caller) or forgiven; nodes keep no errors beyond
 * the build. */
static void drop_failures(struct ideal *b, const struct err *told)
{
	for (size_t i = 0; i < b->failures.len; i++)
		b->failures.items[i]->load_failure = NULL;
	for (size_t i = 0; i < b->errors.len; i++)
		if (b->errors.items[i] != told)
			err_free(b->errors.items[i]);
}

/* What would change packages in ways this program does not know. Better no tree than another one.
 */
static struct err *check_known(const struct tree *t, bool is_ignored)
{
	static const char *const files[] = { ".npm-extension.mjs", ".npm-extension.cjs" };
	ARENA_SCOPE(tmp);

	for (size_t i = 0; !is_ignored && i < ARRAY_LEN(files); i++)
		if (fs_exists(AT_FDCWD, str_cstr(tmp, path_join(tmp, t->path, str_view(files[i])))))
			return err_detail(
				err_new(E_UNSUPPORTED,
					"the project has '%s', which changes what packages depend "
					"on and is not run here",
					files[i]),
				"Say the same with packageExtensions in package.json, or leave it "
				"out with --ignore-extension.");
	return NULL;
}

static struct err *build(struct ideal *b, bool from_scratch)
{
	bool from_lock = b->tree->lockfile != NULL;

	TRY(check_known(b->tree, b->opts->ignore_extension));
	TRY(ideal_load_extensions(b));
	TRY(ideal_inflate(b));
	/* Before the requests as well: a contradiction that was there is not healed by adding
	 * something else. */
	if (!b->opts->update_all)
		TRY(check_root_overrides(b->tree));
	queue_unsatisfied(b);
	TRY(ideal_apply_requests(b));
	TRY(check_root_overrides(b->tree));
	TRY(ideal_build_deps(b));
	flags_calc(b->tree);
	if (b->opts->prune_always ||
	    (b->opts->prune && !from_scratch && (b->mutated || from_lock)))
		remove_extraneous(b->tree);
	TRY(ideal_check_platforms(b));
	ideal_warn_of_extensions(b);
	return ideal_find_patches(b);
}

/* By now the packument is there; if not, the ranges have to do. */
static void settle_conflict(const struct ideal_opts *o)
{
	struct source *s = o->source;
	const struct packument *p = NULL;
	const struct err *failure;

	if (!s->ops->try_get(s, o->conflict->package, &p, &failure))
		p = NULL;
	conflict_minimise(o->conflict, p);
}

struct err *ideal_build(struct arena *a, str dir, struct manifest *root, struct tree *start,
			bool from_scratch, const struct ideal_opts *opts, struct tree **out)
{
	struct ideal b;
	struct err *failure;
	TRACE(IDEAL);

	if (!start)
		TRY(bare_tree(a, dir, root, from_scratch && !opts->update_all, opts, &start));
	init(&b, a, start, opts);
	failure = build(&b, from_scratch);
	if (err_is(failure, E_RESOLVE) && opts->conflict && opts->conflict->wishes.len)
		settle_conflict(opts);
	drop_failures(&b, failure);
	b.work.moves = start->nmoves;
	b.work.reloads = start->nreloads;
	if (opts->work)
		*opts->work = b.work;
	*out = start;
	return failure;
}
