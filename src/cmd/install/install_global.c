/* SPDX-License-Identifier: MIT
 * What is different about global packages: there is no project and no lockfile, what is there was
 * asked for once, and a run touches only what it is told to. The folder of all global packages can
 * be large, so the rest of it is not even looked at. */
#include "install_stages.h"

#include "cpm/tree/load_actual.h"

static struct err *load(struct install *in, const struct map *wanted, struct tree **out)
{
	struct cmd_ctx *ctx = in->ctx;

	TRY(actual_load_global(ctx->arena, ctx->dirfd, cfg_local_prefix(ctx->cfg), wanted,
			       cfg_bool(ctx->cfg, CFG_LEGACY_PEER_DEPS), out));
	return reify_recover(ctx->arena, ctx->dirfd, *out);
}

struct err *global_load_start(struct install *in)
{
	struct tree *installed;

	in->is_from_scratch = true;
	if (in->is_lock_only)
		return err_show_as(
			err_new(E_GENERIC, "cannot generate lockfile for global packages"),
			S("ESHRINKWRAPGLOBAL"));
	if (!in->req->updates_all && in->req->nupdate == 0)
		return NULL;
	in->is_from_scratch = false;
	TRY(load(in, NULL, &installed));
	/* Either everything is resolved anew, or only what is named. */
	if (in->req->updates_all)
		in->ctx->manifest = installed->root->manifest;
	else
		in->start = installed;
	return NULL;
}

/* Names of the packages that the run is about; none means all. */
static void collect_asked_for(const struct install *in, struct map *out)
{
	const struct tree *ideal = in->ideal;

	map_init(out, in->ctx->arena);
	VEC_EACH (struct tree_request, r, &ideal->requests)
		map_put(out, r->name, ideal->root);
	for (size_t i = 0; i < in->req->nremove; i++)
		map_put(out, in->req->remove[i], ideal->root);
	for (size_t i = 0; i < in->req->nupdate; i++)
		if (node_edge(ideal->root, in->req->update[i]))
			map_put(out, in->req->update[i], ideal->root);
}

struct err *global_load_actual(struct install *in, struct tree **out)
{
	struct map wanted;

	collect_asked_for(in, &wanted);
	if (wanted.count == 0)
		return load(in, NULL, out);
	for (struct map_iter it = map_iter(&in->ideal->root->edges_out); map_next(&it);)
		map_put(&wanted, ((const struct edge *)it.val)->name, in->ideal->root);
	return load(in, &wanted, out);
}

void global_restrict_diff(struct install *in, node_vec *only)
{
	struct arena *a = in->ctx->arena;
	struct map asked;

	collect_asked_for(in, &asked);
	for (struct map_iter it = map_iter(&asked); map_next(&it);) {
		struct node *ideal = node_child(in->ideal->root, it.key);
		struct node *actual = node_child(in->actual->root, it.key);

		if (ideal)
			VEC_PUSH(a, only, ideal);
		if (actual)
			VEC_PUSH(a, only, actual);
	}
}
