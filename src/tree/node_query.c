/* SPDX-License-Identifier: MIT
 * Questions one may ask a node: what it is, who bundles it, whether it is the same as another.
 * Nothing here changes a tree. */
#include "cpm/tree/node.h"
#include "node_priv.h"

#include "cpm/base/path.h"

const str *tree_duplicate_names(struct arena *a, const struct tree *t, size_t *count)
{
	str *names = ARENA_ARRAY(a, str, t->nodes_by_name.count);

	*count = 0;
	for (struct map_iter it = map_iter(&t->nodes_by_name); map_next(&it);)
		if (((const node_vec *)it.val)->len > 1)
			names[(*count)++] = it.key;
	return names;
}

/* ---- where it is ---- */

struct node *node_resolve_parent(const struct node *n)
{
	return n->parent ? n->parent : n->fs_parent;
}

static bool is_global_top(const struct node *n)
{
	return n->tree && n->tree->is_global && n->parent && n->parent->is_root;
}

bool node_is_top(const struct node *n)
{
	return !n->parent || is_global_top(n);
}

struct node *node_top(struct node *n)
{
	while (!node_is_top(n))
		n = n->parent;
	return n;
}

bool node_is_descendant(const struct node *n, const struct node *of)
{
	while (n && n != of)
		n = node_resolve_parent(n);
	return n != NULL;
}

struct node *node_child(const struct node *n, str name)
{
	struct folded f;

	return n->children.count ? map_get(&n->children, name_fold(&f, name)) : NULL;
}

struct node *node_resolve(const struct node *n, str name)
{
	struct folded f;
	str key = name_fold(&f, name);

	for (; n; n = node_resolve_parent(n)) {
		struct node *found = n->children.count ? map_get(&n->children, key) : NULL;

		if (found)
			return found;
	}
	return NULL;
}

struct edge *node_edge(const struct node *n, str name)
{
	struct folded f;

	return n->edges_out.count ? map_get(&n->edges_out, name_fold(&f, name)) : NULL;
}

static size_t height(const struct node *n)
{
	size_t h = 0;

	while ((n = node_resolve_parent(n)))
		h++;
	return h;
}

int node_walk_compare(const struct node *a, const struct node *b)
{
	size_t ha = height(a), hb = height(b);
	bool a_is_deeper = ha > hb;

	for (; ha > hb; ha--)
		a = node_resolve_parent(a);
	for (; hb > ha; hb--)
		b = node_resolve_parent(b);
	if (a == b)
		return a_is_deeper ? 1 : -1;
	while (node_resolve_parent(a) != node_resolve_parent(b)) {
		a = node_resolve_parent(a);
		b = node_resolve_parent(b);
	}
	if (!a->parent != !b->parent)
		return a->parent ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

/* ---- what it is ---- */

str node_package_name(const struct node *n)
{
	return n->manifest->name;
}

str node_version(const struct node *n)
{
	const struct manifest *m = n->is_link && n->target ? n->target->manifest : n->manifest;

	return str_is_null(m->version) ? S("") : m->version;
}

const struct semver *node_semver(struct node *n)
{
	struct arena *a = n->children.arena;
	struct semver *v;

	if (n->is_link && n->target)
		return node_semver(n->target);
	if (n->semver || n->semver_bad)
		return n->semver;
	v = ARENA_NEW(a, struct semver);
	n->semver_bad = !semver_parse(a, node_version(n), SEMVER_LOOSE, v);
	n->semver = n->semver_bad ? NULL : v;
	return n->semver;
}

bool node_is_workspace(const struct node *n)
{
	const struct edge *e;

	if (!n->tree || n->is_root || !n->tree->workspaces.len || str_is_empty(n->manifest->name))
		return false;
	e = node_edge(n->tree->root, n->manifest->name);
	return e && e->type == EDGE_WORKSPACE && e->to && (e->to == n || e->to->target == n);
}

bool node_is_store_entry(const struct node *n)
{
	return !n->parent && str_starts(n->location, S(NODE_STORE "/"));
}

bool tree_has_store(const struct tree *t)
{
	for (size_t i = 0; i < t->root->fs_children.len; i++)
		if (node_is_store_entry(t->root->fs_children.items[i]))
			return true;
	return false;
}

/* In a linked layout nobody asks for a package itself, but for links to it. */
bool node_is_registry_dep(const struct node *n)
{
	if (n->tree && n->tree->is_isolated && n->stands_for)
		n = n->stands_for;
	for (size_t i = 0; i < n->edges_in.len; i++) {
		const struct spec *spec;
		struct err *failure = edge_parse_spec(n->edges_in.items[i], &spec);

		if (failure) {
			err_ignore(failure);
			return false;
		}
		if (!spec_is_registry(spec))
			return false;
	}
	return n->edges_in.len > 0;
}

bool node_is_omitted(struct node *n, bool omit_dev, bool omit_optional, bool omit_peer)
{
	struct node *top;

	if (!omit_dev && !omit_optional && !omit_peer)
		return false;
	top = node_top(n);
	if (!top->is_root && !node_is_workspace(top))
		return false;
	return (n->peer && omit_peer) || (n->dev && omit_dev) || (n->optional && omit_optional) ||
	       (n->dev_optional && omit_optional && omit_dev);
}

str node_id(struct arena *a, const struct node *n)
{
	str real = n->manifest->name, version = node_version(n);
	str shown = n->is_root && !str_is_empty(real) ? real : n->name;

	if (!n->is_root && !str_is_empty(real) && !str_eq(shown, real))
		return str_printf(a, STR_FMT "@npm:" STR_FMT "@" STR_FMT, STR_ARG(shown),
				  STR_ARG(real), STR_ARG(version));
	return str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(shown), STR_ARG(version));
}

str node_link_resolved(struct arena *a, const struct node *link)
{
	return str_concat(a, S("file:"),
			  path_relative(a, path_dirname(link->path), link->real_path));
}

bool node_matches(const struct node *a, const struct node *b)
{
	if (a == b)
		return true;
	if (!str_eq(a->name, b->name))
		return false;
	if (a->is_link)
		return b->is_link && a->target && b->target && node_matches(a->target, b->target);
	if (a->is_root && b->is_root)
		return str_eq(a->path, b->path);
	if (!str_is_empty(a->integrity) && !str_is_empty(b->integrity))
		return str_eq(a->integrity, b->integrity);
	if (!str_is_empty(a->resolved) && (!str_is_empty(b->resolved) || b->is_link))
		return !b->is_link && str_eq(a->resolved, b->resolved);
	return !str_is_empty(a->manifest->name) && str_eq(a->manifest->name, b->manifest->name) &&
	       !str_is_empty(node_version(a)) && str_eq(node_version(a), node_version(b));
}

/* ---- who bundles it ----
 *
 * A package is bundled when its parent lists it, when its parent is bundled, or when a package
 * bundled into its parent depends on it. The search follows in-edges and visits every node once. It
 * is a walk with a stack of its own, because the chains it follows come from outside; and it is
 * skipped when no ancestor bundles anything, which is nearly always. */

struct bundle_step {
	struct node *n;
	size_t next; /* 0: the parent, then in-edge next - 1 */
};

static bool has_bundler_above(const struct node *n, bool count_root)
{
	for (const struct node *p = n->parent; p; p = p->parent)
		if (p->manifest->nbundled && (count_root || !p->is_root))
			return true;
	return false;
}

/* The node to ask next on behalf of @at, or NULL when its questions are exhausted. */
static struct node *next_question(struct bundle_step *at)
{
	size_t i = at->next++;

	if (i == 0)
		return at->n->parent;
	return i - 1 < at->n->edges_in.len ? at->n->edges_in.items[i - 1]->from : NULL;
}

struct node *node_bundler(struct node *n)
{
	ARENA_SCOPE(tmp);
	VEC(struct bundle_step) stack = { 0 };
	unsigned mark;
	struct node *answer = NULL;

	if (!has_bundler_above(n, true))
		return NULL;
	mark = tree_next_mark(n->tree);
	n->bundle_mark = mark;
	VEC_PUSH(tmp, &stack, (struct bundle_step){ .n = n });
	while (stack.len) {
		struct bundle_step *at = &VEC_LAST(&stack);
		size_t asked = at->next;
		struct node *ask;

		/* The answer to the question asked last: the parent's bundler counts as it is, a
		 * dependent's only when it is the parent. */
		if (answer && (asked == 1 || answer == at->n->parent)) {
			(void)VEC_POP(&stack);
			continue;
		}
		answer = NULL;
		if (asked == 1 && manifest_is_bundled(at->n->parent->manifest, at->n->name)) {
			answer = at->n->parent;
			(void)VEC_POP(&stack);
			continue;
		}
		ask = next_question(at);
		if (!ask) {
			(void)VEC_POP(&stack);
			continue;
		}
		if (ask->bundle_mark == mark || !has_bundler_above(ask, true))
			continue;
		ask->bundle_mark = mark;
		VEC_PUSH(tmp, &stack, (struct bundle_step){ .n = ask });
	}
	return answer;
}

bool node_in_bundle(struct node *n)
{
	return node_bundler(n) != NULL;
}

bool node_in_dep_bundle(struct node *n)
{
	struct node *bundler;

	if (!has_bundler_above(n, false))
		return false;
	bundler = node_bundler(n);
	return bundler && !bundler->is_root;
}
