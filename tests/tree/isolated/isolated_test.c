/* SPDX-License-Identifier: MIT
 * The linked layout of small hoisted trees. Keys were taken from npm 12.2.0 and from its formula
 * worked out by hand. */
#include "check.h"
#include "cpm/tree/isolated.h"
#include "cpm/tree/lockfile.h"

#define FROM(name, file) "\"resolved\": \"https://registry.test/" name "/-/" file ".tgz\""

#define A      "node_modules/.store/a@1.0.0-h1PB7jj3KPrX5rkQie2vig"
#define B      "node_modules/.store/b@2.0.0-tWxOHyX0GatC-a9UN7ikcg"
#define REAL   "node_modules/.store/real@4.0.0-40v1S89-9MxFbj-H1RJUPw"
#define SCOPED "node_modules/.store/@s/d@3.0.0-GB82ZX0I8ffLwDnTq6lLmw"

/* clang-format off */
static const char world[] =
"{ \"lockfileVersion\": 3, \"packages\": {"
"  \"\": { \"dependencies\": { \"a\": \"1\", \"other\": \"npm:real@4\" }, \"devDependencies\": { \"@s/d\": \"3\" },"
"          \"optionalDependencies\": { \"gone\": \"1\" } },"
"  \"node_modules/a\": { \"version\": \"1.0.0\", " FROM("a", "a-1.0.0") ", \"dependencies\": { \"b\": \"2\" } },"
"  \"node_modules/b\": { \"version\": \"2.0.0\", " FROM("b", "b-2.0.0") ", \"dependencies\": { \"a\": \"*\" } },"
"  \"node_modules/other\": { \"name\": \"real\", \"version\": \"4.0.0\", " FROM("real", "real-4.0.0") " },"
"  \"node_modules/@s/d\": { \"version\": \"3.0.0\", \"dev\": true }"
"} }";
/* clang-format on */

static struct tree *ideal(struct arena *a, const char *text)
{
	struct tree *t;

	CHECK_OK(lockfile_parse(a, str_view(text), S("package-lock.json"), S("/nowhere/project"),
				NULL, false, &t));
	return t;
}

static struct tree *layout(struct arena *a, struct tree *t, struct isolated_opts opts)
{
	struct tree *out;

	CHECK_OK(isolated_tree(a, t, &opts, &out));
	return out;
}

/* A line for each node below the root: its place, and where it leads to. */
static str show(struct arena *a, const struct tree *t)
{
	struct str_buf out = str_buf(a, 1 << 16);
	str *lines = ARENA_ARRAY(a, str, t->inventory.count);
	size_t count = 0;

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct node *n = it.val;

		if (n->is_link)
			lines[count++] = str_printf(a, STR_FMT " -> " STR_FMT "\n",
						    STR_ARG(n->location),
						    STR_ARG(n->target->location));
		else if (!n->is_root)
			lines[count++] = str_concat(a, n->location, S("\n"));
	}
	qsort(lines, count, sizeof(*lines), str_collate_qsort);
	for (size_t i = 0; i < count; i++)
		buf_add(&out, lines[i]);
	return buf_view(&out);
}

TEST(each_package_sees_what_it_depends_on_beside_itself)
{
	ARENA_SCOPE(a);

	CHECK_STR(show(a, layout(a, ideal(a, world), (struct isolated_opts){ 0 })),
		  S(SCOPED "\n" SCOPED "/node_modules/@s/d\n" A "\n" A "/node_modules/a\n" A
			   "/node_modules/b -> " B "/node_modules/b\n" B "\n" B
			   "/node_modules/a -> " A "/node_modules/a\n" B "/node_modules/b\n" REAL
			   "\n" REAL "/node_modules/real\n"
			   "node_modules/@s/d -> " SCOPED "/node_modules/@s/d\n"
			   "node_modules/a -> " A "/node_modules/a\n"
			   "node_modules/other -> " REAL "/node_modules/real\n"));
}

TEST(what_is_left_out_has_no_place)
{
	ARENA_SCOPE(a);
	struct tree *t = ideal(a, world),
		    *out = layout(a, t, (struct isolated_opts){ .omit_dev = true });

	CHECK(!tree_at(out, S("node_modules/@s/d")));
	CHECK(!tree_at(out, S(SCOPED)));
	CHECK(tree_at(out, S(A)));
	CHECK(tree_at(t, S("node_modules/@s/d")), "the hoisted tree stays as it is");
}

/* clang-format off */
static const char members[] =
"{ \"lockfileVersion\": 3, \"packages\": {"
"  \"\": { \"workspaces\": [\"w/*\"], \"dependencies\": { \"one\": \"*\" } },"
"  \"w/one\": { \"name\": \"one\", \"version\": \"1.0.0\", \"dependencies\": { \"two\": \"*\" } },"
"  \"w/two\": { \"name\": \"two\", \"version\": \"1.0.0\" },"
"  \"node_modules/one\": { \"resolved\": \"w/one\", \"link\": true },"
"  \"node_modules/two\": { \"resolved\": \"w/two\", \"link\": true }"
"} }";
/* clang-format on */

TEST(members_are_linked_to_where_they_are_asked_for)
{
	ARENA_SCOPE(a);

	CHECK_STR(show(a, layout(a, ideal(a, members), (struct isolated_opts){ 0 })),
		  S("node_modules/one -> w/one\n"
		    "w/one\n"
		    "w/one/node_modules/two -> w/two\n"
		    "w/two\n"));
}

TEST(a_version_cannot_lead_out_of_the_store)
{
	ARENA_SCOPE(a);
	const char *text = "{ \"lockfileVersion\": 3, \"packages\": { \"\": { \"dependencies\": { "
			   "\"a\": \"*\" } },"
			   " \"node_modules/a\": { \"version\": \"../../../../x\" } } }";
	struct tree *out;

	CHECK_FAILS(isolated_tree(a, ideal(a, text), &(struct isolated_opts){ 0 }, &out),
		    E_LOCKFILE_PATH);
}

TEST(a_package_keeps_its_place_beside_an_older_one_of_its_name)
{
	ARENA_SCOPE(a);
	const char *text = "{ \"lockfileVersion\": 3, \"packages\": { \"\": { \"dependencies\": { "
			   "\"a\": \"2\" } },"
			   " \"node_modules/a\": { \"version\": \"2.0.0\", \"dependencies\": { "
			   "\"a\": \"1\" } },"
			   " \"node_modules/a/node_modules/a\": { \"version\": \"1.0.0\" } } }";
	const struct node *link = tree_at(layout(a, ideal(a, text), (struct isolated_opts){ 0 }),
					  S("node_modules/a"));

	CHECK(link && link->is_link);
	CHECK(!link->target->is_link);
	CHECK_STR(node_version(link), S("2.0.0"));
}

TEST(the_hidden_lockfile_names_folders_of_the_store)
{
	ARENA_SCOPE(a);
	const char *text =
		"{ \"lockfileVersion\": 3, \"packages\": { \"\": { \"dependencies\": { \"real\": "
		"\"*\" } },"
		" \"node_modules/real\": { \"version\": \"4.0.0\", " FROM(
			"real",
			"real-4.0.0") ","
				      " \"integrity\": \"sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=\" } } }";
	const struct lockfile_opts opts = { .is_hidden = true,
					    .style = { S("\t"), S("\n") },
					    .has_manifest = true };
	str out;

	CHECK_OK(lockfile_format(a, layout(a, ideal(a, text), (struct isolated_opts){ 0 }), &opts,
				 &out));
	CHECK_STR(
		out,
		S("{\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \"packages\": {\n"
		  "    \"" REAL "\": {},\n"
		  "    \"" REAL
		  "/node_modules/real\": {\n      \"version\": \"4.0.0\",\n      " FROM(
			  "real",
			  "real-4.0.0") "\n    },\n"
					"    \"node_modules/real\": {\n      \"resolved\": \"" REAL
					"/node_modules/real\",\n      \"link\": true\n    }\n"
					"  }\n}\n"));
}

UNIT_TESTS(TESTED(each_package_sees_what_it_depends_on_beside_itself),
	   TESTED(what_is_left_out_has_no_place),
	   TESTED(members_are_linked_to_where_they_are_asked_for),
	   TESTED(a_version_cannot_lead_out_of_the_store),
	   TESTED(a_package_keeps_its_place_beside_an_older_one_of_its_name),
	   TESTED(the_hidden_lockfile_names_folders_of_the_store))
