/* SPDX-License-Identifier: MIT
 * What ends up in package.json: which spec, in which section, and that nothing else in the file
 * moves. */
#include "cpm/tree/save_manifest.h"

#include "check.h"
#include "table_source.h"

static struct ideal_opts options(struct table_source *world, const str *add, size_t nadd,
				 enum save_type type)
{
	return (struct ideal_opts){ .source = &world->source,
				    .pick = { .default_tag = S("latest") },
				    .save = true,
				    .prune = true,
				    .add = add,
				    .nadd = nadd,
				    .add_type = type };
}

TEST(saved_specs_follow_what_was_typed)
{
	const char *world_text = "foo@1.0.0\nfoo@1.5.0 latest\nfoo@1.6.0";
	const struct {
		const char *project;
		str typed, prefix, want;
	} rows[] = {
		{ "", S("foo"), S("^"), S("^1.5.0") },
		{ "", S("foo@1"), S("^"), S("^1.5.0") },
		{ "", S("foo@1.x"), S("^"), S("^1.5.0") },
		{ "", S("foo@latest"), S("^"), S("^1.5.0") },
		{ "", S("foo@1.0.0"), S("^"), S("^1.0.0") },
		{ "", S("foo@~1.0.0"), S("^"), S("~1.0.0") },
		{ "", S("foo@1.0.0 || 1.6.0"), S("^"), S("1.0.0 || 1.6.0") },
		{ "", S("foo"), S(""), S("1.5.0") },
		{ "foo@~1.0.0", S("foo"), S("^"), S("~1.0.0") },
		{ "foo@^1.0.0", S("foo"), S("^"), S("^1.5.0") },
		{ "", S("foo@npm:foo@1"), S("^"), S("^1.5.0") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct table_source *world = table_source_new(a, world_text);
		struct manifest *m = table_project(a, rows[i].project);
		struct ideal_opts o = options(world, &rows[i].typed, 1, SAVE_INFER);
		struct tree *t;

		CHECK_OK(ideal_build(a, S("/project"), m, NULL, true, &o, &t));
		CHECK_OK(save_requests(a, t, &o, rows[i].prefix));
		CHECK_STR(manifest_dep_spec(&m->deps, S("foo")), rows[i].want, "row %zu", i);
		table_source_fini(world);
	}
}

TEST(an_alias_is_saved_with_the_real_name)
{
	ARENA_SCOPE(a);
	struct table_source *world = table_source_new(a, "real@3.0.1");
	const str typed = S("mine@npm:real@3");
	struct manifest *m = table_project(a, "");
	struct ideal_opts o = options(world, &typed, 1, SAVE_INFER);
	struct tree *t;

	CHECK_OK(ideal_build(a, S("/project"), m, NULL, true, &o, &t));
	CHECK_OK(save_requests(a, t, &o, S("^")));
	CHECK_STR(manifest_dep_spec(&m->deps, S("mine")), S("npm:real@^3.0.1"));
	table_source_fini(world);
}

TEST(sections_that_contradict_each_other_are_emptied_of_the_name)
{
	const struct {
		const char *project;
		enum save_type type;
		bool prod, dev, optional, peer;
	} rows[] = {
		{ "dev:foo@1", SAVE_PROD, true, false, false, false },
		{ "foo@1", SAVE_DEV, false, true, false, false },
		{ "peer:foo@1", SAVE_DEV, false, true, false, true },
		{ "peer:foo@1", SAVE_PROD, true, false, false, false },
		{ "foo@1", SAVE_PEER, false, false, false, true },
		{ "dev:foo@1", SAVE_INFER, false, true, false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct table_source *world = table_source_new(a, "foo@1.0.0");
		const str typed = S("foo");
		struct manifest *m = table_project(a, rows[i].project);
		struct ideal_opts o = options(world, &typed, 1, rows[i].type);
		struct tree *t;

		CHECK_OK(ideal_build(a, S("/project"), m, NULL, true, &o, &t));
		CHECK_EQ(!str_is_null(manifest_dep_spec(&m->deps, typed)), rows[i].prod, "row %zu",
			 i);
		CHECK_EQ(!str_is_null(manifest_dep_spec(&m->dev_deps, typed)), rows[i].dev,
			 "row %zu", i);
		CHECK_EQ(!str_is_null(manifest_dep_spec(&m->optional_deps, typed)),
			 rows[i].optional, "row %zu", i);
		CHECK_EQ(!str_is_null(manifest_dep_spec(&m->peer_deps, typed)), rows[i].peer,
			 "row %zu", i);
		table_source_fini(world);
	}
}

TEST(only_dependency_maps_change_in_the_file)
{
	const struct {
		const char *project;
		str before, after;
	} rows[] = {
		{ "b@2 a@1", S("{\n\t\"name\": \"x\",\n\t\"dependencies\": {},\n\t\"z\": [1]\n}\n"),
		  S("{\n\t\"name\": \"x\",\n\t\"dependencies\": {\n\t\t\"a\": \"1\",\n\t\t\"b\": "
		    "\"2\"\n\t},\n\t\"z\": [\n\t\t1\n"
		    "\t]\n}\n") },
		{ "a@1", S("{\"name\":\"x\"}"),
		  S("{\"name\":\"x\",\"dependencies\":{\"a\":\"1\"}}") },
		{ "", S("{\n  \"dependencies\": {\n    \"a\": \"1\"\n  }\n}\n"), S("{}\n") },
		{ "dev:a@1", S(""), S("{\n  \"devDependencies\": {\n    \"a\": \"1\"\n  }\n}\n") },
		{ "a@1", S("{\n  \"dependencies\": {\n    \"a\": \"1\"\n  }\n}"), STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		str text;

		CHECK_OK(save_manifest_text(a, table_project(a, rows[i].project), rows[i].before,
					    &text));
		CHECK_STR(text, rows[i].after, "row %zu", i);
	}
}

UNIT_TESTS(TESTED(saved_specs_follow_what_was_typed), TESTED(an_alias_is_saved_with_the_real_name),
	   TESTED(sections_that_contradict_each_other_are_emptied_of_the_name),
	   TESTED(only_dependency_maps_change_in_the_file))
