/* SPDX-License-Identifier: MIT
 * Packages inside packages: the tree learns what was in them, and gets what was not (T20). */
#include "reify_world.h"

static const char *const with_bundle[] = {
	"package/node_modules/inner/package.json",
	"{\"name\":\"inner\",\"version\":\"3.0.0\",\"bin\":{\"tool\":\"cli.js\"},"
	"\"scripts\":{\"install\":\"x\"}}",
	"package/node_modules/inner/cli.js",
	"#!/usr/bin/env node\n",
	"package/node_modules/@s/x/package.json",
	"{\"name\":\"@s/x\",\"version\":\"1.0.0\"}",
	NULL,
};

static struct node *bundler(struct world *w, const char *const *files, const str *names, size_t n)
{
	struct node *b = world_package(w, w->ideal->root, S("outer"), S("1.0.0"), files);
	str *bundled = ARENA_ARRAY(w->arena, str, n);

	memcpy(bundled, names, n * sizeof(*names));
	b->manifest->bundled = bundled;
	b->manifest->nbundled = n;
	b->manifest->has_bundled = true;
	return b;
}

TEST(what_came_inside_joins_the_ideal_tree_and_gets_its_commands)
{
	static const str names[] = { { "inner", 5 }, { "@s/x", 4 } };
	ARENA_SCOPE(a);
	struct world *w = world_open(a);
	struct node *outer = bundler(w, with_bundle, names, 2), *inner;

	CHECK_OK(world_apply(w));
	inner = node_child(outer, S("inner"));
	CHECK(inner != NULL && node_child(outer, S("@s/x")) != NULL, "in the tree");
	CHECK_STR(node_version(inner), S("3.0.0"));
	CHECK(node_in_dep_bundle(inner), "as part of the bundle");
	CHECK_STR(world_link(w, "node_modules/outer/node_modules/.bin/tool"),
		  S("../inner/cli.js"));
	CHECK_EQ(w->result.blocked.len, 0, "bundled scripts are not even listed");
	world_close(w);
}

TEST(what_was_promised_and_did_not_come_is_fetched)
{
	static const str names[] = { { "inner", 5 } };
	ARENA_SCOPE(a);
	struct world *w = world_open(a);
	struct node *outer = bundler(w, NULL, names, 1), *inner;

	inner = world_package(w, outer, S("inner"), S("1.0.0"), NULL);
	CHECK(node_in_dep_bundle(inner), "in the bundle, says the lockfile");
	CHECK_OK(world_apply(w));
	CHECK_STR(world_read(w, "node_modules/outer/node_modules/inner/index.js"),
		  S("inner 1.0.0"));
	world_close(w);
}

UNIT_TESTS(TESTED(what_came_inside_joins_the_ideal_tree_and_gets_its_commands),
	   TESTED(what_was_promised_and_did_not_come_is_fetched))
