/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/tree/script_policy.h"

/* A package of the project, as a lockfile would have it. */
static struct node *package(struct arena *a, struct tree *t, str name, str version, str resolved)
{
	struct json *doc = json_new(a, JSON_OBJECT);
	struct manifest *m;

	json_set_text(a, doc, "name", name);
	json_set_text(a, doc, "version", version);
	CHECK_OK(manifest_from_json(a, doc, true, &m));
	struct node *n = node_new(a, name, m);
	n->resolved = resolved;
	node_set_parent(n, t->root);
	return n;
}

static struct tree *project(struct arena *a, str dep, str spec)
{
	struct json *doc = json_new(a, JSON_OBJECT), *deps = json_new(a, JSON_OBJECT);
	struct tree *t = tree_new(a, S("/project"));
	struct manifest *m;

	json_set(a, deps, dep, json_new_string(a, spec));
	json_set(a, doc, S("dependencies"), deps);
	CHECK_OK(manifest_from_json(a, doc, true, &m));
	node_set_root(t, node_new(a, S("project"), m));
	return t;
}

TEST(a_package_is_who_its_address_says)
{
	const struct {
		str resolved, name, version;
	} rows[] = {
		{ S("https://r.example/s/-/s-1.0.0.tgz"), S("s"), S("1.0.0") },
		{ S("https://r.example/@x/s/-/s-1.0.0-rc.1.tgz"), S("@x/s"), S("1.0.0-rc.1") },
		{ S("https://r.example/npm/@x%2fs/-/s-1.0.0.tgz"), S("@x/s"), S("1.0.0") },
		{ S("https://r.example/a/-/b/c/-/c-2.0.0.tgz"), S("c"), S("2.0.0") },
		/* Anything else: the name is what dependents ask for, the version nobody knows. */
		{ S("https://r.example/s/-/other-1.0.0.tgz"), S("asked"), STR_NULL },
		{ S("https://r.example/-/s-1.0.0.tgz"), S("asked"), STR_NULL },
		{ S("https://r.example/s/-/s-1.0.tgz"), S("asked"), STR_NULL },
		{ S("https://r.example/s/-/s-1.0.0.tgz?x"), S("asked"), STR_NULL },
		{ S("https://r.example/s-1.0.0.tgz"), S("asked"), STR_NULL },
		{ STR_NULL, S("asked"), STR_NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct tree *t = project(tmp, S("asked"), S("^1.0.0"));
		struct node *n = package(tmp, t, S("asked"), S("1.0.0"), rows[i].resolved);
		struct script_identity id = { 0 };

		CHECK(script_identity_trusted(n, &id), "row %zu", i);
		CHECK_STR(id.name, rows[i].name, "row %zu", i);
		CHECK_STR(id.version, rows[i].version, "row %zu", i);
	}
}

TEST(an_entry_decides_about_what_it_names)
{
	const str at = S("https://r.example/s/-/s-1.0.0.tgz"), nowhere = STR_NULL;
	const struct {
		str spec, resolved, key;
		enum script_verdict says, want;
	} rows[] = {
		{ S("^1.0.0"), at, S("s"), SCRIPTS_ALLOWED, SCRIPTS_ALLOWED },
		{ S("^1.0.0"), at, S("s@*"), SCRIPTS_ALLOWED, SCRIPTS_ALLOWED },
		{ S("^1.0.0"), at, S("s@1.0.0"), SCRIPTS_ALLOWED, SCRIPTS_ALLOWED },
		{ S("^1.0.0"), at, S("s@1.0.1"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
		{ S("^1.0.0"), at, S("s@0.9.0 || 1.0.0"), SCRIPTS_ALLOWED, SCRIPTS_ALLOWED },
		{ S("^1.0.0"), at, S("s@^1.0.0"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
		{ S("^1.0.0"), at, S("s@latest"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
		{ S("^1.0.0"), at, S("t@npm:s"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
		{ S("^1.0.0"), at, S("s"), SCRIPTS_DENIED, SCRIPTS_DENIED },
		/* A version nobody can vouch for: a pin allows nothing and denies all. */
		{ S("^1.0.0"), nowhere, S("s@1.0.0"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
		{ S("^1.0.0"), nowhere, S("s@2.0.0"), SCRIPTS_DENIED, SCRIPTS_DENIED },
		{ S("^1.0.0"), nowhere, S("s"), SCRIPTS_ALLOWED, SCRIPTS_ALLOWED },
		/* The alias is not the package. */
		{ S("npm:bad@1.0.0"), nowhere, S("s"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
		{ S("npm:bad@1.0.0"), nowhere, S("bad"), SCRIPTS_ALLOWED, SCRIPTS_ALLOWED },
		/* A tarball from anywhere is nothing of a registry, whatever it is called. */
		{ S("https://x.example/s/-/s-1.0.0.tgz"), S("https://x.example/s/-/s-1.0.0.tgz"),
		  S("s"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
		{ S("https://x.example/s.tgz"), S("https://x.example/s.tgz"),
		  S("https://x.example/s.tgz"), SCRIPTS_ALLOWED, SCRIPTS_ALLOWED },
		{ S("file:s.tgz"), S("file:s.tgz"), S("file:s.tgz"), SCRIPTS_ALLOWED,
		  SCRIPTS_ALLOWED },
		{ S("file:s.tgz"), S("file:s.tgz"), S("file:t.tgz"), SCRIPTS_ALLOWED,
		  SCRIPTS_UNREVIEWED },
		/* Repositories: a short commit will do, a longer one than the locked does not. */
		{ S("github:o/s"), S("git+ssh://git@github.com/o/s.git#1a2b3c4d5e6f"),
		  S("github:o/s#1a2b3c4"), SCRIPTS_ALLOWED, SCRIPTS_ALLOWED },
		{ S("github:o/s"), S("git+ssh://git@github.com/o/s.git#1a2b3c4d5e6f"),
		  S("github:o/s"), SCRIPTS_ALLOWED, SCRIPTS_ALLOWED },
		{ S("github:o/s"), S("git+ssh://git@github.com/o/s.git#1a2b3c4d5e6f"),
		  S("o/s#ffff"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
		{ S("github:o/s"), S("git+ssh://git@github.com/o/s.git#1a2b3c4"),
		  S("github:o/s#1a2b3c4d5e6f"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
		{ S("github:o/s"), S("git+ssh://git@github.com/o/s.git#1a2b3c4d5e6f"),
		  S("github:p/s"), SCRIPTS_ALLOWED, SCRIPTS_UNREVIEWED },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct tree *t = project(tmp, S("s"), rows[i].spec);
		struct node *n = package(tmp, t, S("s"), S("1.0.0"), rows[i].resolved);
		struct script_policy *p = script_policy_new(tmp, t->path);

		script_policy_add(p, rows[i].key, rows[i].says, "test");
		CHECK_EQ(script_policy_verdict(p, n), rows[i].want, "row %zu: " STR_FMT, i,
			 STR_ARG(rows[i].key));
	}
}

TEST(denying_beats_allowing)
{
	ARENA_SCOPE(tmp);
	struct tree *t = project(tmp, S("s"), S("^1.0.0"));
	struct node *n = package(tmp, t, S("s"), S("1.0.0"),
				 S("https://r.example/s/-/s-1.0.0.tgz"));
	struct script_policy *p = script_policy_new(tmp, t->path);

	CHECK_EQ(script_policy_verdict(p, n), SCRIPTS_UNREVIEWED, "nothing said");
	CHECK_EQ(script_policy_verdict(NULL, n), SCRIPTS_UNREVIEWED, "no policy");
	script_policy_add(p, S("s@1.0.0"), SCRIPTS_DENIED, "test");
	script_policy_add(p, S("s"), SCRIPTS_ALLOWED, "test");
	CHECK_EQ(script_policy_verdict(p, n), SCRIPTS_DENIED, "both");
}

TEST(keys_are_made_of_what_is_trusted)
{
	const struct {
		str spec, resolved, pinned, named;
	} rows[] = {
		{ S("^1.0.0"), S("https://r.example/s/-/s-1.0.0.tgz"), S("s@1.0.0"), S("s") },
		{ S("^1.0.0"), STR_NULL, STR_NULL, S("s") },
		{ S("github:o/s"), S("git+ssh://git@github.com/o/s.git#1a2b"), S("github:o/s#1a2b"),
		  S("github:o/s") },
		{ S("file:s.tgz"), S("file:s.tgz"), S("file:s.tgz"), S("file:s.tgz") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct tree *t = project(tmp, S("s"), rows[i].spec);
		struct node *n = package(tmp, t, S("s"), S("1.0.0"), rows[i].resolved);

		CHECK_STR(script_key_pinned(tmp, n), rows[i].pinned, "row %zu", i);
		CHECK_STR(script_key_named(tmp, n), rows[i].named, "row %zu", i);
	}
}

TEST(an_approval_may_hold_for_one_content_only)
{
	const str one = S("sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/"
			  "SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="),
		  two = S("sha512-H0D8ktokFpR1CXnubPWC8tXX0o4YM13gWrxU0FYM1MC/"
			  "9nRqSkkfZbSJNGhSkc8NLbRIwpeRfZ3T7s1hP0K8SQ=="),
		  weak = S("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
	const struct {
		str tie, has;
		enum script_verdict want;
	} rows[] = {
		{ STR_NULL, one, SCRIPTS_UNREVIEWED },      { S(""), one, SCRIPTS_UNREVIEWED },
		{ S("nonsense"), one, SCRIPTS_UNREVIEWED }, { one, one, SCRIPTS_ALLOWED },
		{ one, two, SCRIPTS_UNREVIEWED },           { one, STR_NULL, SCRIPTS_UNREVIEWED },
		{ weak, weak, SCRIPTS_UNREVIEWED },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct tree *t = project(tmp, S("s"), S("^1.0.0"));
		struct node *n = package(tmp, t, S("s"), S("1.0.0"),
					 S("https://r.example/s/-/s-1.0.0.tgz"));
		struct script_policy *p = script_policy_new(tmp, S("/project"));

		n->integrity = rows[i].has;
		script_policy_add(p, S("s@1.0.0"), SCRIPTS_ALLOWED, "test");
		script_policy_tie(p, S("s@1.0.0"), rows[i].tie);
		CHECK_EQ(script_policy_verdict(p, n), rows[i].want, "row %zu", i);
	}
}

UNIT_TESTS(TESTED(an_approval_may_hold_for_one_content_only),
	   TESTED(a_package_is_who_its_address_says), TESTED(an_entry_decides_about_what_it_names),
	   TESTED(denying_beats_allowing), TESTED(keys_are_made_of_what_is_trusted))
