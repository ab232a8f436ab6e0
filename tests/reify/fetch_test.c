/* SPDX-License-Identifier: MIT
 * From the cache into node_modules without a network: what is taken, and what is not believed. */
#include "reify_world.h"

#define REGISTRY "http://127.0.0.1:9/"

/* A project that depends on a@^1.0.0 from a registry, and a cache of its own. */
static struct world *world_with_cache(struct arena *a)
{
	struct world *w = world_open(a);
	struct manifest *m = ARENA_NEW(a, struct manifest);
	const char *argv[] = { "--registry", REGISTRY, NULL }, *env[] = { "HOME=/nowhere", NULL };
	struct cfg_input in = { .argv = argv,
				.environ = env,
				.cwd = str_view(w->path),
				.exec_prefix = str_view(w->path) };

	CHECK_OK(cfg_load(a, &in, &w->cfg));
	w->opts.cfg = w->cfg;
	m->name = S("project");
	m->deps = (struct dep_list){ ARENA_ARRAY(a, struct dep, 1), 1, true };
	m->deps.items[0] = (struct dep){ S("a"), S("^1.0.0") };
	w->ideal = tree_new(a, str_view(w->path));
	node_set_root(w->ideal, node_new(a, S("project"), m));
	CHECK_OK(store_open(str_printf(a, "%s/cache", w->path), &w->opts.store));
	return w;
}

static void close_all(struct world *w)
{
	store_close(w->opts.store);
	world_close(w);
}

/* a@1.0.0 as the lockfile has it; in the cache lies a package that calls itself @name@@version. */
static struct node *cached_package(struct world *w, str name, str version, struct digest *key)
{
	str file = world_tarball(w, name, version, NULL);
	struct node *n = world_node(w, w->ideal->root, S("a"), S("1.0.0"));
	str bytes = world_read(w, str_cstr(w->arena, str_from(file, sizeof("file:") - 1)));

	digest_of(DIGEST_SHA512, bytes, key);
	store_put_blob(w->opts.store, key, bytes);
	store_flush(w->opts.store);
	n->resolved = S(REGISTRY "a/-/a-1.0.0.tgz");
	n->integrity = integrity_format(w->arena, key);
	return n;
}

TEST(a_cached_tarball_is_installed_offline)
{
	ARENA_SCOPE(a);
	struct world *w = world_with_cache(a);
	struct digest key;

	cached_package(w, S("a"), S("1.0.0"), &key);
	CHECK_OK(world_apply(w));
	CHECK_STR(world_read(w, "node_modules/a/index.js"), S("a 1.0.0"));
	close_all(w);
}

TEST(t26_the_tarball_must_hold_what_was_asked_for)
{
	/* clang-format off */
	static const struct { str name, version; bool want; } rows[] = {
		{ { "a", 1 }, { "v1.0.0", 6 },       true },
		{ { "a", 1 }, { " 1.0.0", 6 },       true },
		{ { "a", 1 }, { "1.0.0+build", 11 }, true },
		{ { "A", 1 }, { "1.0.0", 5 },        true },
		{ { "a", 1 }, { "1.0.1", 5 },        false },
		{ { "a", 1 }, { "", 0 },             false },
		{ { "b", 1 }, { "1.0.0", 5 },        false },
		{ { "@s/a", 4 }, { "1.0.0", 5 },     false },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct world *w = world_with_cache(a);
		struct digest key;
		struct err *err;

		cached_package(w, rows[i].name, rows[i].version, &key);
		err = world_apply(w);
		CHECK_EQ(err ? (int)err->code : -1, rows[i].want ? -1 : (int)E_MANIFEST_MISMATCH,
			 "row %zu", i);
		CHECK_EQ(world_has(w, "node_modules"), rows[i].want, "row %zu", i);
		err_free(err);
		close_all(w);
	}
}

TEST(f12_a_damaged_blob_is_dropped_and_not_unpacked)
{
	ARENA_SCOPE(a);
	struct world *w = world_with_cache(a);
	struct digest key;
	char *bytes;
	size_t len;

	cached_package(w, S("a"), S("1.0.0"), &key);
	store_drop_blob(w->opts.store, &key);
	store_put_blob(w->opts.store, &key, S("something else"));
	store_flush(w->opts.store);
	CHECK_FAILS(world_apply(w), E_NOT_CACHED);
	CHECK(!world_has(w, "node_modules"), "node_modules");
	CHECK(!store_get_blob(w->opts.store, &key, &bytes, &len), "the blob");
	close_all(w);
}

UNIT_TESTS(TESTED(a_cached_tarball_is_installed_offline),
	   TESTED(t26_the_tarball_must_hold_what_was_asked_for),
	   TESTED(f12_a_damaged_blob_is_dropped_and_not_unpacked))
