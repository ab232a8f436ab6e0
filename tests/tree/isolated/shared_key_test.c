/* SPDX-License-Identifier: MIT
 * Keys of what projects share: equal where everything below a package is equal, and nowhere else.
 */
#include "check.h"
#include "cpm/tree/isolated.h"
#include "cpm/tree/lockfile.h"

#define SHA(c) "\"integrity\": \"sha256-" c "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define PACKAGE(place, version, digest, deps)                   \
	"\"node_modules/" place "\": { \"version\": \"" version \
	"\", " SHA(digest) ", \"dependencies\": {" deps "} }"

static struct tree *layout_with(struct arena *a, const char *deps, const char *packages,
				struct isolated_opts opts)
{
	struct tree *hoisted, *out;
	str text = str_printf(a,
			      "{ \"lockfileVersion\": 3, \"packages\": { \"\": { \"dependencies\": "
			      "{%s} }, %s } }",
			      deps, packages);

	opts.shares = true;
	CHECK_OK(lockfile_parse(a, text, S("package-lock.json"), S("/nowhere/project"), NULL, false,
				&hoisted));
	CHECK_OK(isolated_tree(a, hoisted, &opts, &out));
	return out;
}

/* The key of @name, which the project depends on; null when it is not shared. */
static str key_in(const struct tree *t, const char *name)
{
	const struct node *link = node_child(t->root, str_view(name));

	CHECK(link && link->target && link->target->parent);
	if (!link->target->parent->is_shared)
		return STR_NULL;
	return str_from(link->target->parent->location, sizeof(NODE_STORE "/") - 1);
}

static str key_of(struct arena *a, const char *packages, const char *name)
{
	return key_in(layout_with(a, str_printf(a, "\"%s\": \"*\"", name).p, packages,
				  (struct isolated_opts){ .share_seed = S("") }),
		      name);
}

#define LEAF      PACKAGE("leaf", "1.0.0", "L", "")
#define TOP(deps) PACKAGE("top", "1.0.0", "T", deps)

TEST(the_same_closure_has_the_same_key_whatever_the_order)
{
	ARENA_SCOPE(a);
	const char *more = PACKAGE("more", "1.0.0", "M", "");
	str one = key_of(
		a,
		str_printf(a, "%s, %s, %s", TOP("\"leaf\": \"*\", \"more\": \"*\""), LEAF, more).p,
		"top");
	str two = key_of(
		a,
		str_printf(a, "%s, %s, %s", more, LEAF, TOP("\"more\": \"1\", \"leaf\": \"*\"")).p,
		"top");

	CHECK(str_starts(one, S("top@1.0.0-")));
	CHECK_EQ(one.len, sizeof("top@1.0.0-") - 1 + 22);
	CHECK_STR(one, two);
}

TEST(any_difference_below_makes_another_key)
{
	ARENA_SCOPE(a);
	const char *worlds[] = {
		TOP("\"leaf\": \"*\"") ", " LEAF,
		TOP("\"leaf\": \"*\"") ", " PACKAGE("leaf", "1.0.1", "L", ""),
		TOP("\"leaf\": \"*\"") ", " PACKAGE("leaf", "1.0.0", "N", ""),
		TOP("") ", " LEAF,
		TOP("\"leaf\": \"*\"") ", " PACKAGE(
			"leaf", "1.0.0", "L", "\"x\": \"*\"") ", " PACKAGE("x", "1.0.0", "X", ""),
		PACKAGE("top", "1.0.0", "O", "\"leaf\": \"*\"") ", " LEAF,
	};

	for (size_t i = 0; i < ARRAY_LEN(worlds); i++)
		for (size_t j = 0; j < i; j++)
			CHECK(!str_eq(key_of(a, worlds[i], "top"), key_of(a, worlds[j], "top")),
			      "%zu and %zu", i, j);
}

TEST(settings_are_part_of_a_key)
{
	ARENA_SCOPE(a);
	const char *deps = "\"leaf\": \"*\"";

	CHECK(!str_eq(key_in(layout_with(a, deps, LEAF,
					 (struct isolated_opts){ .share_seed = S("umask 22") }),
			     "leaf"),
		      key_in(layout_with(a, deps, LEAF,
					 (struct isolated_opts){ .share_seed = S("umask 2") }),
			     "leaf")));
}

#define CIRCLE(last)                                 \
	PACKAGE("top", "1.0.0", "T", "\"b\": \"*\"") \
	", " PACKAGE("b", "1.0.0", "B", "\"c\": \"*\"") ", " PACKAGE("c", "1.0.0", "C", last)

TEST(a_circle_is_keyed_as_a_whole)
{
	ARENA_SCOPE(a);
	const char *plain = CIRCLE("\"top\": \"*\"");
	const char *wider = CIRCLE("\"top\": \"*\", \"leaf\": \"*\"") ", " LEAF;
	const char *other = CIRCLE("\"top\": \"*\", \"leaf\": \"*\"") ", " PACKAGE("leaf", "2.0.0",
										   "L", "");

	CHECK_STR(key_of(a, plain, "top"), key_of(a, plain, "top"));
	CHECK(!str_eq(key_of(a, plain, "top"), key_of(a, wider, "top")));
	CHECK(!str_eq(key_of(a, plain, "b"), key_of(a, wider, "b")), "it is above the change too");
	CHECK(!str_eq(key_of(a, other, "b"), key_of(a, wider, "b")));
	CHECK(!str_eq(key_of(a, plain, "top"), key_of(a, CIRCLE("\"b\": \"*\""), "top")),
	      "which of them closes the circle counts");
}

/* Where one enters a circle makes no difference: the same packages lead to the same keys. */
TEST(a_circle_has_the_same_keys_from_wherever_it_is_reached)
{
	ARENA_SCOPE(a);
	const char *world = CIRCLE("\"top\": \"*\"");
	struct isolated_opts opts = { .share_seed = S("") };

	CHECK_STR(key_in(layout_with(a, "\"b\": \"*\"", world, opts), "b"),
		  key_in(layout_with(a, "\"c\": \"*\", \"b\": \"*\"", world, opts), "b"));
	CHECK_STR(key_in(layout_with(a, "\"top\": \"*\", \"c\": \"*\"", world, opts), "c"),
		  key_in(layout_with(a, "\"c\": \"*\"", world, opts), "c"));
}

TEST(what_cannot_be_known_or_brings_others_is_not_shared_nor_what_needs_it)
{
	ARENA_SCOPE(a);
	const char *leaves[] = {
		"\"node_modules/leaf\": { \"version\": \"1.0.0\" }",
		"\"node_modules/leaf\": { \"version\": \"1.0.0\", \"integrity\": "
		"\"sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=\" }",
		"\"node_modules/leaf\": { \"version\": \"1.0.0\", " SHA("L") ", \"resolved\": "
									     "\"file:leaf.tgz\" }",
		"\"node_modules/leaf\": { \"version\": \"1.0.0\", " SHA(
			"L") ", \"resolved\": "
			     "\"git+ssh://git@host.test/leaf.git#"
			     "0123456789012345678901234567890123456789\" }",
		"\"node_modules/leaf\": { \"version\": \"1.0.0\", " SHA(
			"L") ", \"bundleDependencies\": [\"x\"] }",
		"\"node_modules/leaf\": { \"resolved\": \"leaf\", \"link\": true }, \"leaf\": { "
		"\"version\": \"1.0.0\" }",
	};

	for (size_t i = 0; i < ARRAY_LEN(leaves); i++)
		CHECK(str_is_null(key_of(
			      a, str_printf(a, "%s, %s", TOP("\"leaf\": \"*\""), leaves[i]).p,
			      "top")),
		      "%zu", i);
}

TEST(packages_with_scripts_are_shared_unless_all_scripts_run)
{
	ARENA_SCOPE(a);
	const char *leaf = "\"node_modules/leaf\": { \"version\": \"1.0.0\", " SHA(
		"L") ", \"hasInstallScript\": true }";
	const char *deps = "\"leaf\": \"*\"";

	CHECK(!str_is_null(
		key_in(layout_with(a, deps, leaf, (struct isolated_opts){ .share_seed = S("") }),
		       "leaf")));
	CHECK(str_is_null(key_in(layout_with(a, deps, leaf,
					     (struct isolated_opts){ .share_seed = S(""),
								     .runs_all_scripts = true }),
				 "leaf")));
}

UNIT_TESTS(TESTED(the_same_closure_has_the_same_key_whatever_the_order),
	   TESTED(any_difference_below_makes_another_key), TESTED(settings_are_part_of_a_key),
	   TESTED(a_circle_is_keyed_as_a_whole),
	   TESTED(a_circle_has_the_same_keys_from_wherever_it_is_reached),
	   TESTED(what_cannot_be_known_or_brings_others_is_not_shared_nor_what_needs_it),
	   TESTED(packages_with_scripts_are_shared_unless_all_scripts_run))
