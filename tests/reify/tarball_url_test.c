/* SPDX-License-Identifier: MIT
 * Which places a package may come from (T22, npm-tree.md 17.2). */
#include "check.h"
#include "cpm/tree/node.h"
#include "reify_priv.h"

#define REGISTRY "http://127.0.0.1:9/npm/"

static struct node *root_with_dep(struct arena *a, struct tree *t, str name, str spec)
{
	struct manifest *m = ARENA_NEW(a, struct manifest), *dep = ARENA_NEW(a, struct manifest);
	struct node *n;

	m->name = S("project");
	m->deps = (struct dep_list){ ARENA_ARRAY(a, struct dep, 1), 1, true };
	m->deps.items[0] = (struct dep){ name, spec };
	node_set_root(t, node_new(a, S("project"), m));
	dep->name = name;
	dep->version = S("1.2.3");
	n = node_new(a, name, dep);
	node_set_parent(n, t->root);
	return n;
}

static struct run run_for(struct arena *a, struct tree *t, struct reify_opts *opts,
			  const char *allow)
{
	const char *argv[] = { "--registry", REGISTRY, allow, NULL };
	const char *env[] = { "HOME=/nowhere", NULL };
	struct cfg_input in = {
		.argv = argv, .environ = env, .cwd = S("/nowhere"), .exec_prefix = S("/nowhere")
	};
	struct cfg *cfg;

	CHECK_OK(cfg_load(a, &in, &cfg));
	*opts = (struct reify_opts){ .cfg = cfg };
	return (struct run){ .arena = a, .ideal = t, .opts = opts };
}

TEST(t22_a_registry_dependency_comes_from_its_registry_only)
{
	/* clang-format off */
	static const struct { const char *name, *resolved, *allow; int want; const char *url; } rows[] = {
		{ "a", REGISTRY "a/-/a-1.2.3.tgz", NULL, -1, REGISTRY "a/-/a-1.2.3.tgz" },
		{ "a", NULL, NULL, -1, REGISTRY "a/-/a-1.2.3.tgz" },
		{ "@s/a", NULL, NULL, -1, REGISTRY "@s/a/-/a-1.2.3.tgz" },
		{ "a", "http://127.0.0.1:8/npm/a/-/a-1.2.3.tgz", NULL, E_ALLOW_REMOTE, NULL },
		{ "a", "http://localhost:9/npm/a/-/a-1.2.3.tgz", NULL, E_ALLOW_REMOTE, NULL },
		{ "a", "https://127.0.0.1:9/npm/a/-/a-1.2.3.tgz", NULL, E_ALLOW_REMOTE, NULL },
		{ "a", "http://127.0.0.1:9/elsewhere/a-1.2.3.tgz", NULL, E_ALLOW_REMOTE, NULL },
		{ "a", "http://127.0.0.1:8/a.tgz", "--allow-remote=all", -1, "http://127.0.0.1:8/a.tgz" },
		{ "a", "http://127.0.0.1:8/a.tgz", "--allow-remote=root", -1, "http://127.0.0.1:8/a.tgz" },
		{ "a", "file:/etc/hostname", "--allow-file=none", E_ALLOW_FILE, NULL },
		{ "a", "file:/etc/hostname", NULL, E_LOCKFILE_PATH, NULL },
		{ "a", "git+https://example.test/u/r.git#0123456789abcdef0123456789abcdef01234567", "--allow-git=all", E_LOCKFILE_PATH, NULL },
		{ "a", "git+ssh://git@example.test/u/r.git#0123456789abcdef0123456789abcdef01234567", NULL, E_ALLOW_GIT, NULL },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct tree *t = tree_new(a, S("/nowhere"));
		struct node *n = root_with_dep(a, t, str_view(rows[i].name), S("^1.0.0"));
		struct reify_opts opts;
		struct run r = run_for(a, t, &opts, rows[i].allow);
		struct package_address at;
		str url;
		struct err *err;

		n->resolved = str_view(rows[i].resolved);
		err = tarball_locate(&r, n, &url, &at);
		CHECK_EQ(err ? (int)err->code : -1, rows[i].want, "row %zu", i);
		if (!err)
			CHECK_STR(url, str_view(rows[i].url), "row %zu", i);
		err_free(err);
	}
}

UNIT_TESTS(TESTED(t22_a_registry_dependency_comes_from_its_registry_only))
