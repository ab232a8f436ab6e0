/* SPDX-License-Identifier: MIT
 * What may be declared of a script, what is refused, and which files patterns mean. */
#include "script_decl.h"

#include "check.h"

static struct json *parse(struct arena *a, const char *text)
{
	struct json *v;

	CHECK_OK(json_parse(a, str_view(text), &v));
	return v;
}

static struct json *package(struct arena *a, const char *build)
{
	return parse(a, str_printf(a, "{\"cpm\":{\"scripts\":{\"build\":%s}}}", build).p);
}

static struct name_list list_of(struct arena *a, const char *patterns)
{
	struct script_decl d;

	CHECK_OK(script_decl_read(a, package(a, str_printf(a, "{\"inputs\":%s}", patterns).p), S("p"), NULL, S("build"), &d));
	return d.inputs;
}

TEST(lists_are_read_and_patterns_made_plain)
{
	ARENA_SCOPE(a);
	struct script_decl d;

	CHECK_OK(script_decl_read(
		a, package(a, "{\"inputs\":[\"./src\",\"!src/x/\",\"lib/**\"],\"outputs\":[\"dist\"],\"env\":[\"./A\"]}"), S("p"),
		NULL, S("build"), &d));
	CHECK(d.is_made && d.has_inputs);
	CHECK_EQ(d.inputs.count, 3);
	CHECK_STR(d.inputs.items[0], S("src"));
	CHECK_STR(d.inputs.items[1], S("!src/x/**/*"));
	CHECK_STR(d.inputs.items[2], S("lib/**/*"));
	CHECK_STR(d.outputs.items[0], S("dist"));
	CHECK_STR(d.env.items[0], S("./A"), "a name is no pattern");
}

TEST(a_script_that_nobody_describes_is_not_made)
{
	ARENA_SCOPE(a);
	const char *const packages[] = { "{}", "{\"cpm\":1}", "{\"cpm\":{\"scripts\":[]}}", "{\"cpm\":{\"scripts\":{\"test\":{}}}}" };
	struct script_decl d;

	for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
		CHECK_OK(script_decl_read(a, parse(a, packages[i]), S("p"), NULL, S("build"), &d));
		CHECK(!d.is_made, "%s", packages[i]);
	}
	CHECK_OK(script_decl_read(a, package(a, "{}"), S("p"), NULL, S("build"), &d));
	CHECK(d.is_made && !d.has_inputs, "an empty description is one");
}

TEST(the_root_describes_what_the_member_does_not)
{
	ARENA_SCOPE(a);
	const struct json *root = package(a, "{\"outputs\":[\"of-root\"]}");
	struct script_decl d;

	CHECK_OK(script_decl_read(a, parse(a, "{}"), S("m/package.json"), root, S("build"), &d));
	CHECK_STR(d.outputs.items[0], S("of-root"));
	CHECK_OK(script_decl_read(a, package(a, "{\"outputs\":[\"own\"]}"), S("m/package.json"), root, S("build"), &d));
	CHECK_STR(d.outputs.items[0], S("own"));
	CHECK_EQ(d.outputs.count, 1, "the two are not mixed");
}

TEST(mistakes_name_the_file_and_the_key)
{
	ARENA_SCOPE(a);
	const struct {
		const char *build, *want;
	} rows[] = {
		{ "1", "cpm.scripts.build in 'm/package.json' must be an object" },
		{ "{\"output\":[]}", "cpm.scripts.build in 'm/package.json' may have inputs, outputs and env, nothing else" },
		{ "{\"outputs\":\"dist\"}", "cpm.scripts.build.outputs in 'm/package.json' must be a list of texts" },
		{ "{\"env\":[1]}", "cpm.scripts.build.env in 'm/package.json' must be a list of texts" },
		{ "{\"inputs\":[\"\"]}", "cpm.scripts.build.inputs in 'm/package.json' must be a list of texts" },
		{ "{\"inputs\":[\"!\"]}", "cpm.scripts.build.inputs in 'm/package.json' leads out of the package's folder" },
		{ "{\"inputs\":[\"../x\"]}", "cpm.scripts.build.inputs in 'm/package.json' leads out of the package's folder" },
		{ "{\"outputs\":[\"!a/../../x\"]}", "cpm.scripts.build.outputs in 'm/package.json' leads out of the package's folder" },
		{ "{\"outputs\":[\"/etc\"]}", "cpm.scripts.build.outputs in 'm/package.json' leads out of the package's folder" },
		{ "{\"outputs\":[\"{..,a}/x\"]}", "cpm.scripts.build.outputs in 'm/package.json' leads out of the package's folder" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct script_decl d;
		struct err *e = script_decl_read(a, package(a, rows[i].build), S("m/package.json"), NULL, S("build"), &d);

		CHECK(e != NULL, "%s", rows[i].build);
		CHECK_STR(e->message, str_view(rows[i].want), "%s", rows[i].build);
		err_free(e);
	}
}

TEST(shared_inputs_are_the_roots)
{
	ARENA_SCOPE(a);
	struct name_list l;
	struct err *e;

	CHECK_OK(script_decl_read_shared(a, parse(a, "{}"), &l));
	CHECK_EQ(l.count, 0);
	CHECK_OK(script_decl_read_shared(a, parse(a, "{\"cpm\":{\"sharedInputs\":[\"tsconfig.json\"]}}"), &l));
	CHECK_STR(l.items[0], S("tsconfig.json"));
	e = script_decl_read_shared(a, parse(a, "{\"cpm\":{\"sharedInputs\":{}}}"), &l);
	CHECK(e != NULL);
	CHECK_STR(e->message, S("cpm.sharedInputs in 'package.json' must be a list of texts"));
	err_free(e);
}

TEST(patterns_mean_files_and_all_that_is_in_folders)
{
	ARENA_SCOPE(a);
	const struct {
		const char *patterns, *path;
		bool want;
	} rows[] = {
		{ "[\"dist\"]", "dist", true },
		{ "[\"dist\"]", "dist/a/b.js", true },
		{ "[\"dist\"]", "dist.js", false },
		{ "[\"dist/\"]", "dist/.hidden", true },
		{ "[\"*.json\"]", "a.json", true },
		{ "[\"*.json\"]", "b/a.json", false },
		{ "[\"**/*.js\"]", "b/c/a.js", true },
		{ "[\"src\",\"!src/x\"]", "src/x/a.js", false },
		{ "[\"!src/x\",\"src\"]", "src/x/a.js", false },
		{ "[\"!src/x\"]", "src/y", false },
		{ "[]", "a", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct name_list l = list_of(a, rows[i].patterns);

		CHECK_EQ(script_decl_has(&l, str_view(rows[i].path)), rows[i].want, "%s of %s", rows[i].path, rows[i].patterns);
	}
}

TEST(a_link_hides_something_where_a_pattern_may_lead)
{
	ARENA_SCOPE(a);
	const struct {
		const char *patterns, *path;
		bool want;
	} rows[] = {
		{ "[\"dist/a/*.js\"]", "dist", true },
		{ "[\"dist/a/*.js\"]", "dist/a", true },
		{ "[\"dist/a/*.js\"]", "dist/b", false },
		{ "[\"dist\"]", "dist/a/b", true },
		{ "[\"**/*.js\"]", "anything", true },
		{ "[\"!dist\"]", "dist", false },
		{ "[]", "dist", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct name_list l = list_of(a, rows[i].patterns);

		CHECK_EQ(script_decl_may_pass(&l, str_view(rows[i].path)), rows[i].want, "%s of %s", rows[i].path,
			 rows[i].patterns);
	}
}

UNIT_TESTS(TESTED(lists_are_read_and_patterns_made_plain), TESTED(a_script_that_nobody_describes_is_not_made),
	   TESTED(the_root_describes_what_the_member_does_not), TESTED(mistakes_name_the_file_and_the_key),
	   TESTED(shared_inputs_are_the_roots), TESTED(patterns_mean_files_and_all_that_is_in_folders),
	   TESTED(a_link_hides_something_where_a_pattern_may_lead))
