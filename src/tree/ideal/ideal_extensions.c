/* SPDX-License-Identifier: MIT
 * packageExtensions while a tree is built (npm-tree.md 17.3): manifests are repaired when they
 * become nodes, see package_node(). A lockfile has repaired manifests already; when the rules are
 * others than it was written by, what either rules touch is thrown out and chosen anew. */
#include "ideal_priv.h"

#include "cpm/base/log.h"

static str package_name(const struct node *n)
{
	str own = node_package_name(n);

	return str_is_empty(own) ? n->name : own;
}

static bool is_stale(const struct ideal *b, const struct node *n)
{
	if (n->is_root || node_is_top(n) || node_is_workspace(n))
		return false;
	return n->extended_by ||
	       package_extensions_match(b->extensions, package_name(n), node_version(n));
}

static void drop_stale(struct ideal *b)
{
	node_vec stale = { 0 };

	for (struct map_iter it = map_iter(&b->tree->inventory); map_next(&it);)
		if (is_stale(b, it.val))
			VEC_PUSH(b->arena, &stale, it.val);
	for (size_t i = 0; i < stale.len; i++) {
		struct node *n = stale.items[i];

		if (!n->tree)
			continue;
		for (size_t j = 0; j < n->edges_in.len; j++)
			ideal_queue_push(&b->queue, n->edges_in.items[j]->from);
		node_detach(n);
	}
}

struct err *ideal_load_extensions(struct ideal *b)
{
	struct tree *t = b->tree;
	str locked = t->lockfile ? t->lockfile->extensions_hash : STR_NULL;

	TRY(package_extensions_new(b->arena, t->root->manifest->json, &b->extensions));
	t->extensions_hash = package_extensions_hash(b->extensions);
	if (t->lockfile && !str_eq(locked, t->extensions_hash))
		drop_stale(b);
	return NULL;
}

void ideal_warn_of_extensions(const struct ideal *b)
{
	if (!b->extensions)
		return;
	for (struct map_iter it = map_iter(&b->tree->inventory); map_next(&it);) {
		const struct node *n = it.val;

		if (n->is_link || !node_is_workspace(n))
			continue;
		if (json_get(n->manifest->json, "packageExtensions"))
			log_warn("packageExtensions",
				 "\"packageExtensions\" in workspace " STR_FMT
				 " is ignored; it is only honored at the workspace root",
				 STR_ARG(n->name));
		if (package_extensions_match(b->extensions, n->name, node_version(n)))
			log_warn("packageExtensions",
				 "selector matches workspace package " STR_FMT "@" STR_FMT
				 "; edit its package.json directly instead of using "
				 "packageExtensions",
				 STR_ARG(n->name), STR_ARG(node_version(n)));
	}
}
