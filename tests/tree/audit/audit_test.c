/* SPDX-License-Identifier: MIT
 * What advisories mean for a tree (npm-cli.md 6.3, 6.4): a table of packages, a project, an answer,
 * and the report in short: "name severity range <- causes @ places: fix". Expectations were
 * compared with npm's. */
#include "cpm/tree/audit.h"

#include "check.h"
#include "table_source.h"
#include "temp_dir.h"

static struct cfg *load_settings(struct arena *a, const struct temp_dir *d)
{
	static const char *const argv[] = { NULL };
	static const char *const environ_[] = { "npm_config_@ours:registry=https://ours.example/",
						NULL };
	struct cfg_input in = {
		.argv = argv, .environ = environ_, .cwd = d->path, .exec_prefix = S("/opt/none")
	};
	struct cfg *cfg;

	CHECK_OK(cfg_load(a, &in, &cfg));
	return cfg;
}

static struct tree *build(struct arena *a, struct table_source *world, const char *project)
{
	struct ideal_opts o = { .source = &world->source,
				.pick = { .default_tag = S("latest"),
					  .node_version = S("26.0.0"),
					  .npm_version = S("12.2.0") },
				.platform = { S("linux"), S("x64"), S("glibc") },
				.real_platform = { S("linux"), S("x64"), S("glibc") },
				.save = true,
				.prune = true };
	struct tree *t;

	CHECK_OK(ideal_build(a, S("/project"), table_project(a, project), NULL, true, &o, &t));
	return t;
}

/* ---- the report in short ---- */

static void add_list(struct str_buf *out, const char *before, const struct json *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct json *v = list->items[i];

		buf_add_cstr(out, i ? "," : before);
		if (json_is(v, JSON_STRING))
			buf_add(out, v->string);
		else
			buf_printf(out, "%g", json_get(v, "source")->number);
	}
}

static void add_fix(struct str_buf *out, const struct json *fix)
{
	if (!json_is(fix, JSON_OBJECT)) {
		buf_add_cstr(out, fix->boolean ? "update" : "none");
		return;
	}
	buf_printf(out, STR_FMT "@" STR_FMT "%s", STR_ARG(json_get_text(fix, "name")),
		   STR_ARG(json_get_text(fix, "version")),
		   json_get_bool(fix, "isSemVerMajor") ? "!" : "");
}

static str show(struct arena *a, const struct json *report)
{
	const struct json *vulns = json_get(report, "vulnerabilities");
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; i < vulns->count; i++) {
		const struct json *v = vulns->members[i].val;

		buf_printf(&out, "%s" STR_FMT " " STR_FMT " " STR_FMT, i ? "; " : "",
			   STR_ARG(vulns->members[i].key), STR_ARG(json_get_text(v, "severity")),
			   STR_ARG(json_get_text(v, "range")));
		add_list(&out, " <- ", json_get(v, "via"));
		add_list(&out, " @ ", json_get(v, "nodes"));
		buf_add_cstr(&out, ": ");
		add_fix(&out, json_get(v, "fixAvailable"));
	}
	return buf_view(&out);
}

/* ---- claims ---- */

TEST(advisories_reach_what_cannot_do_without)
{
	static const struct {
		const char *claim, *world, *project, *answer, *want;
	} rows[] = {
		{ "nothing is known", "a@1.0.0", "a@1", "{}", "" },
		{ "what is not in the tree does not matter", "a@1.0.0", "a@1",
		  "{\"b\":[{\"id\":1}]}", "" },
		{ "a version outside the range is safe", "a@1.0.0\na@2.0.0", "a@2",
		  "{\"a\":[{\"id\":1,\"vulnerable_versions\":\"<2\"}]}", "" },
		{ "an update helps", "a@1.0.0\na@1.0.1\na@1.0.2 latest", "a@^1.0.0",
		  "{\"a\":[{\"id\":1,\"severity\":\"low\",\"vulnerable_versions\":\">=1.0.2\"}]}",
		  "a low >=1.0.2 <- 1 @ node_modules/a: update" },
		{ "a pin has to be changed", "a@1.0.0\na@1.0.1", "a@1.0.0",
		  "{\"a\":[{\"id\":1,\"severity\":\"low\",\"vulnerable_versions\":\"<1.0.1\"}]}",
		  "a low 1.0.0 <- 1 @ node_modules/a: a@1.0.1" },
		{ "only a major version helps", "a@1.0.0\na@2.0.0", "a@^1",
		  "{\"a\":[{\"id\":1,\"severity\":\"low\",\"vulnerable_versions\":\"<2\"}]}",
		  "a low <2 <- 1 @ node_modules/a: a@2.0.0!" },
		{ "without a range everything is meant, without a severity it is high", "a@1.0.0",
		  "a@1", "{\"a\":[{\"id\":1}]}", "a high * <- 1 @ node_modules/a: none" },
		{ "who depends on nothing else is vulnerable, and its fix counts below",
		  "mid@1.0.0 leaf@^1\nmid@2.0.0 leaf@^2\nleaf@1.0.0\nleaf@1.1.0\nleaf@2.0.0",
		  "mid@^1",
		  "{\"leaf\":[{\"id\":1,\"severity\":\"critical\",\"vulnerable_versions\":\"<2.0."
		  "0\"}]}",
		  "leaf critical <2.0.0 <- 1 @ node_modules/leaf: mid@2.0.0!; "
		  "mid critical 1.0.0 <- leaf @ node_modules/mid: mid@2.0.0!" },
		{ "who could have a safe version is not",
		  "mid@1.0.0 leaf@^1\nleaf@1.0.0\nleaf@1.1.0", "mid@^1",
		  "{\"leaf\":[{\"id\":1,\"vulnerable_versions\":\"1.1.0\"}]}",
		  "leaf high 1.1.0 <- 1 @ node_modules/leaf: update" },
		{ "the chain goes on", "a@1.0.0 b@1\nb@1.0.0 c@1\nc@1.0.0", "a@1",
		  "{\"c\":[{\"id\":1}]}",
		  "a high * <- b @ node_modules/a: none; b high * <- c @ node_modules/b: none; "
		  "c high * <- 1 @ node_modules/c: none" },
		{ "circles end", "a@1.0.0 b@1\nb@1.0.0 a@1", "a@1", "{\"a\":[{\"id\":1}]}",
		  "a high * <- 1,b @ node_modules/a: none; b high * <- a @ node_modules/b: none" },
		{ "the worst of several counts", "a@1.0.0", "a@1",
		  "{\"a\":[{\"id\":1,\"severity\":\"low\"},{\"id\":2,\"severity\":\"high\"},"
		  "{\"id\":2,\"severity\":\"critical\"}]}",
		  "a high * <- 1,2 @ node_modules/a: none" },
		{ "wrong types are passed over", "a@1.0.0\nb@1.0.0", "a@1 b@1",
		  "{\"a\":[7,null,[],{\"id\":1,\"severity\":[],\"vulnerable_versions\":{}}],\"b\":"
		  "7}",
		  "a high * <- 1 @ node_modules/a: none" },
		{ "a range that is none means nothing", "a@1.0.0", "a@1",
		  "{\"a\":[{\"id\":1,\"vulnerable_versions\":\"what?\"}]}", "" },
		{ "nothing is known about a version that is written irregularly",
		  "mid@1.0.2beta leaf@1\nmid@1.0.6-2 leaf@1\nmid@1.0.6 leaf@1\n"
		  "mid@1.1.0 leaf@1\nmid@1.2.0\nleaf@1.0.0",
		  "mid@1.1.0", "{\"leaf\":[{\"id\":1}]}",
		  "leaf high * <- 1 @ node_modules/leaf: mid@1.2.0; "
		  "mid high 1.0.6-2 - 1.1.0 <- leaf @ node_modules/mid: mid@1.2.0" },
		{ "an alias is what it stands for", "a@1.0.0\na@1.0.1", "x@npm:a@1.0.0",
		  "{\"a\":[{\"id\":1,\"vulnerable_versions\":\"<1.0.1\"}]}",
		  "a high 1.0.0 <- 1 @ node_modules/x: a@1.0.1" },
	};
	TEMP_DIR(d);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct table_source *world = table_source_new(a, rows[i].world);
		struct audit_opts opts = { .cfg = load_settings(a, &d),
					   .source = &world->source,
					   .pick = { .default_tag = S("latest"),
						     .node_version = S("26.0.0"),
						     .npm_version = S("12.2.0") } };
		struct json *answer;
		struct audit *au;
		struct tree *t = build(a, world, rows[i].project);

		CHECK_OK(json_parse(a, str_view(rows[i].answer), &answer));
		CHECK_OK(audit_examine(a, t, answer, &opts, &au));
		CHECK_STR(show(a, audit_report_json(a, au)), str_view(rows[i].want), "%s", rows[i].claim);
		table_source_fini(world);
	}
}

/* p0 needs p1 needs p2 ...: longer than any answer is looked for in one go. */
TEST(a_long_chain_is_followed_to_its_end)
{
	enum { LENGTH = 100 };
	TEMP_DIR(d);
	ARENA_SCOPE(a);
	struct str_buf text = str_buf(a, SIZE_MAX);
	struct audit_opts opts = { .cfg = load_settings(a, &d) };
	struct table_source *world;
	struct json *answer;
	struct audit *au;
	struct tree *t;

	for (size_t i = 0; i < LENGTH; i++)
		buf_printf(&text, "p%zu@1.0.0 p%zu@1\np%zu@1.1.0 p%zu@1\np%zu@2.0.0\n", i, i + 1, i, i + 1, i);
	buf_add_cstr(&text, "p100@1.0.0");
	world = table_source_new(a, str_cstr(a, buf_view(&text)));
	opts.source = &world->source;
	t = build(a, world, "p0@1");
	CHECK_OK(json_parse(a, S("{\"p100\":[{\"id\":1}]}"), &answer));
	CHECK_OK(audit_examine(a, t, answer, &opts, &au));
	CHECK_EQ(audit_count(au), LENGTH + 1);
	table_source_fini(world);
}

TEST(only_what_the_registry_serves_is_asked_about)
{
	static const char world_text[] =
		"a@1.0.0 b@1\nb@1.0.0\n@ours/c@1.0.0 d@1\nd@1.0.0 b@2\nb@2.0.0";
	TEMP_DIR(d);
	ARENA_SCOPE(a);
	struct table_source *world = table_source_new(a, world_text);
	struct audit_opts opts = { .cfg = load_settings(a, &d) };
	struct tree *t = build(a, world, "a@1 @ours/c@1 dev:d@1");
	struct str_buf out = str_buf(a, 1024);

	json_write(&out, audit_question(a, t, &opts), (struct json_style){ S(""), S("") });
	CHECK(str_find(buf_view(&out), S("ours")) == STR_NPOS, "a private name was sent");
	CHECK(str_find(buf_view(&out), S("project")) == STR_NPOS, "the project was sent");
	CHECK(str_find(buf_view(&out), S("\"b\":[\"1.0.0\",\"2.0.0\"]")) != STR_NPOS ||
		      str_find(buf_view(&out), S("\"b\":[\"2.0.0\",\"1.0.0\"]")) != STR_NPOS,
	      "versions are not together: " STR_FMT, STR_ARG(buf_view(&out)));
	table_source_fini(world);
}

UNIT_TESTS(TESTED(advisories_reach_what_cannot_do_without),
	   TESTED(a_long_chain_is_followed_to_its_end),
	   TESTED(only_what_the_registry_serves_is_asked_about))
