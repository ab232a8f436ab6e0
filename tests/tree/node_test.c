/* SPDX-License-Identifier: MIT
 * Edges follow nodes: whatever is placed, moved, replaced or taken out, an edge leads to what
 * require() would find. */
#include "cpm/tree/node.h"

#include "check.h"
#include "table_source.h"

static struct node *package(struct arena *a, const char *name, const char *version,
			    const char *deps)
{
	struct manifest *m = NULL;

	CHECK_OK(manifest_from_json(
		a, table_manifest(a, str_view(name), str_view(version), str_view(deps)), false,
		&m));
	return node_new(a, str_view(name), m);
}

static struct tree *project(struct arena *a, const char *deps)
{
	struct tree *t = tree_new(a, S("/project"));

	node_set_root(t, package(a, "project", "1.0.0", deps));
	return t;
}

static struct node *put(struct node *parent, struct node *n)
{
	node_set_parent(n, parent);
	return n;
}

TEST(an_edge_leads_to_the_nearest_node_of_its_name)
{
	ARENA_SCOPE(a);
	struct tree *t = project(a, "a@^1");
	struct edge *e = node_edge(t->root, S("a"));
	struct node *top, *b, *nested;

	CHECK_EQ(edge_error(e), EDGE_MISSING);
	top = put(t->root, package(a, "a", "1.2.0", ""));
	CHECK(e->to == top && edge_is_valid(e));
	b = put(t->root, package(a, "b", "1.0.0", "a@^2"));
	CHECK_EQ(edge_error(node_edge(b, S("a"))), EDGE_INVALID);
	nested = put(b, package(a, "a", "2.0.0", ""));
	CHECK(node_edge(b, S("a"))->to == nested && edge_is_valid(node_edge(b, S("a"))));
	CHECK_STR(nested->location, S("node_modules/b/node_modules/a"));
	CHECK_STR(nested->path, S("/project/node_modules/b/node_modules/a"));
	node_detach(nested);
	CHECK(node_edge(b, S("a"))->to == top);
	CHECK_EQ(top->edges_in.len, 2);
	CHECK(tree_at(t, S("node_modules/b/node_modules/a")) == NULL);
}

TEST(placing_evicts_and_replacing_keeps_children)
{
	ARENA_SCOPE(a);
	struct tree *t = project(a, "a@*");
	struct node *old = put(t->root, package(a, "a", "1.0.0", "c@*")),
		    *c = put(old, package(a, "c", "1.0.0", ""));
	struct node *next = package(a, "a", "2.0.0", "c@*");

	node_load_edges(t, next);
	node_replace(next, old);
	CHECK(t->root->children.count == 1 && node_child(t->root, S("a")) == next);
	CHECK(c->parent == next && node_edge(next, S("c"))->to == c);
	CHECK(old->tree == NULL && old->edges_in.len == 0);
	put(t->root, package(a, "a", "3.0.0", ""));
	CHECK(next->tree == NULL && c->tree == NULL, "what hangs below goes along");
	CHECK_EQ(t->inventory.count, 2);
}

TEST(later_kinds_of_edges_replace_earlier_ones)
{
	ARENA_SCOPE(a);
	struct tree *t = project(a, "x@1 dev:x@2 peer:y@1 y@2 peeropt:z@1");

	CHECK_EQ(node_edge(t->root, S("x"))->type, EDGE_DEV);
	CHECK_EQ(node_edge(t->root, S("y"))->type, EDGE_PROD);
	CHECK_EQ(node_edge(t->root, S("z"))->type, EDGE_PEER_OPTIONAL);
	CHECK(edge_is_valid(node_edge(t->root, S("z"))), "a missing optional peer is fine");
	CHECK(node_edge(put(t->root, package(a, "q", "1.0.0", "dev:w@1")), S("w")) == NULL,
	      "packages bring no development dependencies");
}

TEST(a_link_shows_its_target)
{
	ARENA_SCOPE(a);
	struct tree *t = project(a, "m@^1");
	struct node *member = package(a, "m", "1.0.0", "dep@*"),
		    *link = node_new_link(a, S("m"), S("/project/packages/m"));

	node_place(t, member, S("/project/packages/m"));
	node_set_parent(link, t->root);
	CHECK(link->target == member && member->fs_parent == t->root);
	CHECK(edge_is_valid(node_edge(t->root, S("m"))));
	CHECK_STR(node_link_resolved(a, link), S("file:../packages/m"));
	CHECK_STR(member->location, S("packages/m"));
	put(t->root, package(a, "dep", "1.0.0", ""));
	CHECK(edge_is_valid(node_edge(member, S("dep"))), "it finds what is in the project");
}

TEST(bundled_is_what_a_bundler_reaches_below_itself)
{
	ARENA_SCOPE(a);
	struct tree *t = project(a, "a@*");
	struct node *bundler = put(t->root, package(a, "a", "1.0.0", "b@* bundle:b"));
	struct node *b = put(bundler, package(a, "b", "1.0.0", "c@*")),
		    *c = put(bundler, package(a, "c", "1.0.0", ""));
	struct node *other = put(bundler, package(a, "other", "1.0.0", ""));

	CHECK(node_bundler(b) == bundler && node_in_dep_bundle(b));
	CHECK(node_bundler(c) == bundler, "needed by something bundled");
	CHECK(node_bundler(other) == NULL);
	CHECK(node_bundler(bundler) == NULL);
}

UNIT_TESTS(TESTED(an_edge_leads_to_the_nearest_node_of_its_name),
	   TESTED(placing_evicts_and_replacing_keeps_children),
	   TESTED(later_kinds_of_edges_replace_earlier_ones), TESTED(a_link_shows_its_target),
	   TESTED(bundled_is_what_a_bundler_reaches_below_itself))
