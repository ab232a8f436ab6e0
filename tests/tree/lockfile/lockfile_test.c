/* SPDX-License-Identifier: MIT
 * Lockfiles in and out, npm-tree.md 7.2, 7.3 and 10. What npm recorded comes out as it went in; what it would never write
 * is refused, repaired or dropped as the tests say. The files are explained in fixtures/lockfiles/README.md. */
#include "cpm/tree/lockfile.h"

#include "cpm/tree/flags.h"

#include "check.h"
#include "temp_dir.h"

#define FIXTURES "fixtures/lockfiles/"

static str read_file(struct arena *a, const char *path)
{
	str text;

	CHECK_OK(fs_read_all(a, AT_FDCWD, path, (size_t)1 << 24, &text));
	return text;
}

/* A project of the fixtures: its manifest, style and tree. */
struct project {
	struct manifest *manifest;
	struct json_style style;
	struct tree *tree;
};

static struct project load(struct arena *a, const char *dir)
{
	struct project p;
	AUTO_FD fd = -1;
	str real;

	CHECK_OK(fs_open_dir(AT_FDCWD, dir, &fd));
	CHECK_OK(fs_real_path(a, dir, &real));
	CHECK_OK(manifest_read(a, fd, ".", &p.manifest, &p.style));
	CHECK_OK(lockfile_load(a, fd, real, p.manifest, false, &p.tree));
	CHECK(p.tree != NULL, "%s", dir);
	return p;
}

static str format(struct arena *a, const struct project *p, struct lockfile_opts opts)
{
	str out;

	opts.style = p->style;
	opts.has_manifest = true;
	CHECK_OK(lockfile_format(a, p->tree, &opts, &out));
	return out;
}

/* A tree out of text, as if from /p/x; the root manifest is @manifest. */
static struct err *parse(struct arena *a, const char *text, const char *manifest, struct tree **out)
{
	struct manifest *m = NULL;
	struct json *json;

	if (manifest) {
		CHECK_OK(json_parse(a, str_view(manifest), &json));
		CHECK_OK(manifest_from_json(a, json, true, &m));
	}
	return lockfile_parse(a, str_view(text), S("package-lock.json"), S("/p/x"), m, false, out);
}

static struct tree *parse_ok(struct arena *a, const char *text, const char *manifest)
{
	struct tree *t;

	CHECK_OK(parse(a, text, manifest, &t));
	CHECK(t != NULL, "%s", text);
	return t;
}

static str format_tree(struct arena *a, const struct tree *t)
{
	const struct lockfile_opts opts = { .style = { S(""), S("") }, .has_manifest = true };
	str out;

	CHECK_OK(lockfile_format(a, t, &opts, &out));
	return out;
}

/* ---- recorded files ---- */

TEST(recorded_lockfiles_come_out_as_they_went_in)
{
	const struct {
		const char *project, *want;
		struct lockfile_opts opts;
	} rows[] = {
		{ FIXTURES "create-vite", FIXTURES "create-vite/package-lock.json", { .is_formatted = true } },
		{ FIXTURES "odd/project", FIXTURES "odd/project/package-lock.json", { .is_formatted = true } },
		{ FIXTURES "odd/project", FIXTURES "odd/package-lock.v2.json", { .is_formatted = true, .version = 2 } },
		{ FIXTURES "odd/project", FIXTURES "odd/package-lock.v1.json", { .is_formatted = true, .version = 1 } },
		{ FIXTURES "odd/project", FIXTURES "odd/package-lock.flat.json", { .is_formatted = false } },
		{ FIXTURES "odd/project",
		  FIXTURES "odd/package-lock.omit.json",
		  { .is_formatted = true, .omit_registry_resolved = true } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct project p = load(a, rows[i].project);
		str got = format(a, &p, rows[i].opts), want = read_file(a, rows[i].want);

		CHECK_STR(got, want, "%s", rows[i].want);
		/* Marks made anew are the recorded ones. */
		flags_calc(p.tree);
		CHECK_STR(format(a, &p, rows[i].opts), want, "%s", rows[i].want);
	}
}

TEST(both_lockfiles_come_out_together_as_they_do_alone)
{
	const struct lockfile_opts rows[] = {
		{ .is_formatted = true },
		{ .is_formatted = true, .omit_dev = true },
		{ .is_formatted = true, .version = 2 },
		{ .is_formatted = true, .version = 1 },
		{ .is_formatted = true, .omit_registry_resolved = true },
		{ .is_formatted = false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct project p = load(a, FIXTURES "odd/project");
		struct lockfile_opts opts = rows[i];
		str both[2];

		tree_at(p.tree, S("node_modules/platform"))->inert = true;
		opts.style = p.style;
		opts.has_manifest = true;
		CHECK_OK(lockfile_format_both(a, p.tree, &opts, &both[0], &both[1]));
		CHECK_STR(both[0], format(a, &p, opts), "row %zu", i);
		opts.is_hidden = true;
		CHECK_STR(both[1], format(a, &p, opts), "row %zu", i);
	}
}

/* Writes a recorded file into a copy of the project and reads it from there. */
static struct tree *load_as(struct arena *a, const struct temp_dir *dir, const char *lockfile)
{
	static const char *const files[] = { "package.json", "packages/a/package.json", "packages/b/package.json", "1/package.json",
					     "vendor/local/package.json", "../ext/package.json" };
	struct manifest *m;
	struct tree *t;
	AUTO_FD fd = -1;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		str from = str_printf(a, FIXTURES "odd/project/%s", files[i]);

		temp_file(dir, str_printf(a, "project/%s", files[i]).p, read_file(a, from.p));
	}
	temp_file(dir, "project/package-lock.json", read_file(a, lockfile));
	CHECK_OK(fs_open_dir(dir->fd, "project", &fd));
	CHECK_OK(manifest_read(a, fd, ".", &m, NULL));
	CHECK_OK(lockfile_load(a, fd, str_printf(a, STR_FMT "/project", STR_ARG(dir->path)), m, false, &t));
	return t;
}

TEST(a_version_2_file_is_read_by_its_packages)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct project p = { .style = { S("\t"), S("\n") } };

	p.tree = load_as(a, &dir, FIXTURES "odd/package-lock.v2.json");
	CHECK_EQ(p.tree->lockfile->version, 2, "");
	CHECK_STR(format(a, &p, (struct lockfile_opts){ .is_formatted = true }), read_file(a, FIXTURES "odd/package-lock.v2.json"),
		  "kept at version 2");
}

TEST(a_version_1_file_becomes_places)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct project p = { .style = { S("\t"), S("\n") } };
	struct node *n;

	p.tree = load_as(a, &dir, FIXTURES "odd/package-lock.v1.json");
	CHECK_EQ(p.tree->lockfile->version, 1, "");
	n = tree_at(p.tree, S("node_modules/alias"));
	CHECK_STR(node_package_name(n), S("real"), "");
	CHECK_STR(node_version(n), S("1.2.3"), "");
	n = tree_at(p.tree, S("node_modules/pkg-a"));
	CHECK(n->is_link && str_eq(n->target->location, S("packages/a")), "");
	CHECK(tree_at(p.tree, S("packages/a/node_modules/zed")) != NULL, "what was below the link is below its target");
	n = tree_at(p.tree, S("node_modules/@s/x"));
	CHECK(node_edge(n, S("platform"))->type == EDGE_OPTIONAL, "the marks tell what kind of need it was");
	n = tree_at(p.tree, S("node_modules/@s/y/node_modules/zed"));
	CHECK_STR(node_version(n), S("1.0.0"), "");
	CHECK_STR(n->integrity.p ? str_slice(n->integrity, 0, 7) : S(""), S("sha512-"), "");
	CHECK(str_starts(format(a, &p, (struct lockfile_opts){ .is_formatted = true }),
			 S("{\n\t\"name\": \"@odd/root\",\n\t\"version\": \"1.0.0\",\n\t\"lockfileVersion\": 3,")),
	      "written as version 3");
}

TEST(a_hidden_lockfile_has_no_root_and_nothing_that_is_not_on_disk)
{
	ARENA_SCOPE(a);
	struct project p = load(a, FIXTURES "odd/project");
	str text;

	tree_at(p.tree, S("node_modules/platform"))->inert = true;
	text = format(a, &p, (struct lockfile_opts){ .is_hidden = true, .omit_dev = true, .version = 2 });
	CHECK(str_find(text, S("\"lockfileVersion\": 3")) != STR_NPOS, "always version 3");
	CHECK(str_find(text, S("\n\t\t\"\": ")) == STR_NPOS, "no root");
	CHECK(str_find(text, S("node_modules/platform")) == STR_NPOS, "inert");
	CHECK(str_find(text, S("node_modules/dep2")) == STR_NPOS, "omitted");
	CHECK(str_find(text, S("\"packages/a\": {")) != STR_NPOS, "targets of links are there");
	CHECK(str_find(text, S("\"dependencies\": {\n\t\t\"")) == STR_NPOS, "no old half");
	p.tree->lockfile = NULL;
	text = format(a, &p, (struct lockfile_opts){ .is_hidden = true, .was_not_saved = true });
	CHECK(str_starts(text, S("{\n\t\"lockfileVersion\": 3,")), "no name where no package-lock.json was written");
}

/* ---- the top level and the style ---- */

TEST(unknown_top_level_keys_and_a_stale_version_survive)
{
	ARENA_SCOPE(a);
	struct tree *t = parse_ok(a,
				  "{\"z\":{\"b\":1,\"a\":[{\"d\":1,\"c\":2}]},\"version\":\"9.9.9\",\"lockfileVersion\":3,\"9\":true,"
				  "\"packages\":{\"\":{\"name\":\"old\"},\"node_modules/a\":{\"version\":\"1.0.0\",\"zzz\":1}},\"k\":null}",
				  "{\"name\":\"new\"}");

	CHECK_STR(format_tree(a, t),
		  S("{\"9\":true,\"name\":\"new\",\"version\":\"9.9.9\",\"lockfileVersion\":3,\"requires\":true,\"k\":null,"
		    "\"packages\":{\"\":{\"name\":\"new\"},\"node_modules/a\":{\"version\":\"1.0.0\"}},"
		    "\"z\":{\"a\":[{\"c\":2,\"d\":1}],\"b\":1}}"),
		  "");
}

TEST(an_empty_root_has_no_entry_and_takes_its_folders_name)
{
	ARENA_SCOPE(a);

	CHECK_STR(format_tree(a, parse_ok(a, "{}", "{}")),
		  S("{\"name\":\"x\",\"lockfileVersion\":3,\"requires\":true,\"packages\":{}}"), "");
}

TEST(the_layout_is_package_jsons)
{
	const struct {
		const char *old, *indent, *newline;
		bool has_manifest;
		const char *start, *end;
	} rows[] = {
		{ "{}", "\t", "\n", true, "{\n\t\"name\"", "}\n}\n" },
		{ "{}", "    ", "\r\n", true, "{\r\n    \"name\"", "}\r\n}\r\n" },
		{ "{}", " ", "\n\n", true, "{\n\n \"name\"", "}\n\n}\n\n" },
		{ "{}", "", "", true, "{\n  \"name\"", "}\n}\n" },
		{ "{}", "            ", "\n", true, "{\n          \"name\"", "}\n}\n" },
		{ "{\r\n\t\"a\": 1\r\n}", "\t", "\n", false, "{\r\n  \"name\"", "\r\n}\r\n" },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lockfile_opts opts = { .style = { str_view(rows[i].indent), str_view(rows[i].newline) },
					      .has_manifest = rows[i].has_manifest,
					      .is_formatted = true };
		struct tree *t = parse_ok(a, rows[i].old, "{\"name\":\"n\"}");
		str out;

		CHECK_OK(lockfile_format(a, t, &opts, &out));
		CHECK(str_starts(out, str_view(rows[i].start)), "row %zu: " STR_FMT, i, STR_ARG(out));
		CHECK(str_ends(out, str_view(rows[i].end)), "row %zu: " STR_FMT, i, STR_ARG(out));
	}
}

TEST(entries_in_tree_order_make_a_tree_of_the_same_order)
{
	ARENA_SCOPE(a);
	const struct lockfile_opts opts = { .is_in_tree_order = true };
	struct tree *t = parse_ok(a,
				  "{\"lockfileVersion\":3,\"requires\":true,\"packages\":{"
				  "\"node_modules/b\":{\"version\":\"1.0.0\"},"
				  "\"node_modules/a\":{\"version\":\"1.0.0\"},"
				  "\"node_modules/b/node_modules/c\":{\"version\":\"1.0.0\"}}}",
				  "{\"name\":\"n\"}");
	str text, again;

	CHECK_OK(lockfile_format(a, t, &opts, &text));
	CHECK(str_find(text, S("node_modules/b\"")) < str_find(text, S("node_modules/a\"")),
	      STR_FMT, STR_ARG(text));
	CHECK_OK(lockfile_format(a, parse_ok(a, str_cstr(a, text), "{\"name\":\"n\"}"), &opts, &again));
	CHECK_STR(again, text, "");
}

TEST(keys_are_in_the_order_of_json_stringify_nice)
{
	ARENA_SCOPE(a);
	struct str_buf out = str_buf(a, 10000);
	struct json *json;

	CHECK_OK(json_parse(a,
			    S("{\"b\":{},\"a\":{\"x\":1},\"B\":1,\"a10\":1,\"a2\":1,\"_\":[],\"-\":null,\"10\":1,\"9\":{},\"01\":2,"
			      "\"packages\":1,\"name\":{},\"dependencies\":{\"version\":\"1\",\"@s/x\":\"1\",\"Name\":\"1\",\"name\":\"1\"},"
			      "\"list\":[3,{\"b\":1,\"a\":2},1]}"),
			    &json));
	json_write(&out, lockfile_sort_nice(a, json), (struct json_style){ S(""), S("") });
	CHECK_STR(buf_view(&out),
		  S("{\"9\":{},\"10\":1,\"packages\":1,\"_\":[],\"-\":null,\"01\":2,\"a10\":1,\"a2\":1,\"B\":1,"
		    "\"list\":[3,{\"a\":2,\"b\":1},1],\"name\":{},"
		    "\"dependencies\":{\"name\":\"1\",\"version\":\"1\",\"@s/x\":\"1\",\"Name\":\"1\"},\"a\":{\"x\":1},\"b\":{}}"),
		  "");
}

/* ---- reading ---- */

TEST(what_is_no_json_counts_as_no_lockfile)
{
	static const char *const bad[] = { "", "{", "[]", "null", "7", "{\"packages\":{\"node_modules/a\":{\"version\":}}}",
					   "{\"packages\":{\"node_modules/a\":[]}}", "{} x", "{\"a\":tru}", "{\"packages\":{},}" };
	ARENA_SCOPE(a);
	struct tree *t;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CHECK_OK(parse(a, bad[i], "{}", &t));
		CHECK(t == NULL, "'%s'", bad[i]);
	}
}

TEST(a_newer_version_is_refused_in_npms_words)
{
	ARENA_SCOPE(a);
	struct tree *t;
	struct err *e = parse(a, "{\"lockfileVersion\":5}", "{}", &t);

	CHECK(err_is(e, E_LOCKFILE_VERSION), "");
	CHECK_STR(e->message, S("Unsupported lockfileVersion 5. This npm only supports up to 4. Please upgrade npm."), "");
	err_free(e);
	CHECK_FAILS(parse(a, "{\"lockfileVersion\":4.5}", "{}", &t), E_LOCKFILE_VERSION);
	CHECK_EQ(parse_ok(a, "{\"lockfileVersion\":4}", "{}")->lockfile->version, 4, "without repairs it is like version 3");
}

TEST(repairs_that_only_npm_makes_are_refused)
{
	static const char *const bad[] = {
		"{\"packages\":{\"node_modules/a\":{\"version\":\"1.0.0\",\"npmExtensionApplied\":{}}}}",
		"{\"packages\":{\"\":{\"npmExtensionHash\":\"sha512-x\"}}}",
	};
	ARENA_SCOPE(a);
	struct tree *t;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_FAILS(parse(a, bad[i], "{}", &t), E_UNSUPPORTED);
}

TEST(t14_the_last_of_two_keys_counts_and_case_matters)
{
	ARENA_SCOPE(a);
	struct tree *t = parse_ok(a,
				  "{\"packages\":{\"node_modules/a\":{\"integrity\":\"A\"},\"node_modules/b\":{\"Integrity\":\"A\"},"
				  "\"node_modules/a\":{\"integrity\":\"B\",\"integrity\":\"C\",\"dependencies\":{\"x\":\"1\",\"x\":\"2\"}}}}",
				  "{}");
	struct node *n = tree_at(t, S("node_modules/a"));

	CHECK_STR(n->integrity, S("C"), "");
	CHECK_STR(manifest_dep_spec(&n->manifest->deps, S("x")), S("2"), "");
	CHECK_EQ(n->manifest->deps.count, 1, "");
	CHECK_STR(tree_at(t, S("node_modules/b"))->integrity, STR_NULL, "");
}

TEST(odd_shapes_of_fields_are_what_npm_makes_of_them)
{
	ARENA_SCOPE(a);
	struct tree *t = parse_ok(a,
				  "{\"packages\":{\"node_modules/a\":{\"version\":\"1.0.0\",\"bin\":\"./x.js\",\"name\":\"a\","
				  "\"bundledDependencies\":[\"b\"],\"funding\":\"u\",\"dependencies\":{\"z\":\"1\",\"3\":\"1\",\"b\":\"1\"},"
				  "\"optionalDependencies\":{\"z\":\"1\"},\"engines\":{},\"os\":[],\"deprecated\":\"\",\"dev\":false}}}",
				  "{}");

	CHECK(str_find(format_tree(a, t),
		       S("\"node_modules/a\":{\"version\":\"1.0.0\",\"bundleDependencies\":[\"b\"],\"dependencies\":{\"3\":\"1\",\"b\":\"1\"},"
			 "\"bin\":{\"a\":\"x.js\"},\"funding\":{\"url\":\"u\"},\"optionalDependencies\":{\"z\":\"1\"}}")) != STR_NPOS,
	      STR_FMT, STR_ARG(format_tree(a, t)));
}

TEST(recorded_marks_hold_while_the_root_asks_for_the_same)
{
	static const char lock[] = "{\"packages\":{\"\":{\"devDependencies\":{\"a\":\"1\"}},"
				   "\"node_modules/a\":{\"version\":\"1.0.0\",\"peer\":true,\"dev\":true}}}";
	ARENA_SCOPE(a);
	struct node *n = tree_at(parse_ok(a, lock, "{\"devDependencies\":{\"a\":\"1\"}}"), S("node_modules/a"));

	CHECK(n->dev && n->peer && n->dev_optional && !n->extraneous, "as recorded, right or wrong");
	n = tree_at(parse_ok(a, lock, "{\"dependencies\":{\"a\":\"1\"}}"), S("node_modules/a"));
	CHECK(!n->dev && !n->peer && !n->dev_optional, "computed");
	n = tree_at(parse_ok(a, lock, "{\"devDependencies\":{\"a\":\"1\",\"b\":\"1\"}}"), S("node_modules/a"));
	CHECK(n->dev && !n->peer, "computed");
}

TEST(resolved_files_are_relative_to_the_project)
{
	ARENA_SCOPE(a);
	struct tree *t = parse_ok(a,
				  "{\"packages\":{\"\":{},\"node_modules/a\":{\"version\":\"1.0.0\",\"resolved\":\"file:p/b#c d.tgz\"},"
				  "\"node_modules/g\":{\"version\":\"1.0.0\",\"resolved\":\"git+ssh://git@github.com/u/r.git#abc\"}}}",
				  "{}");

	CHECK_STR(tree_at(t, S("node_modules/a"))->resolved, S("file:/p/x/p/b#c d.tgz"), "");
	CHECK(str_find(format_tree(a, t), S("\"resolved\":\"file:p/b#c d.tgz\"")) != STR_NPOS, "");
	CHECK(str_find(format_tree(a, t), S("\"resolved\":\"git+ssh://git@github.com/u/r.git#abc\"")) != STR_NPOS, "");
}

/* ---- T21: where it may lead ---- */

TEST(t21_keys_that_lead_elsewhere_refuse_the_file)
{
	static const char *const keys[] = {
		"node_modules/../../x",	  "../x",
		"../../x",		  "..",
		"node_modules/.bin",	  "node_modules/.hidden",
		"node_modules",		  "node_modules/",
		"/etc",			  "a//b",
		"./a",			  "a/./b",
		"a/../b",		  "node_modules/a/../b",
		"node_modules/@../x",	  "node_modules/@s",
		"node_modules/@s/",	  "node_modules/@s/.x",
		"node_modules/node_modules", "node_modules/a/node_modules",
		"node_modules/a\\\\b",	  "node_modules/a%2fb",
		"a\\\\..\\\\b",		  "node_modules/a/lib",
		"node_modules/ ",	  "node_modules/-a",
		"node_modules/@s/node_modules/../x",
	};
	ARENA_SCOPE(a);
	struct tree *t;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		str text = str_printf(a, "{\"packages\":{\"node_modules/ok\":{},\"%s\":{\"version\":\"1.0.0\"}}}", keys[i]);
		struct err *e = parse(a, text.p, "{}", &t);

		CHECK(err_is(e, E_LOCKFILE_PATH), "'%s'", keys[i]);
		err_free(e);
	}
}

TEST(t21_keys_that_npm_writes_are_fine)
{
	static const char *const keys[] = { "node_modules/a", "node_modules/@s/a/node_modules/b", "packages/a", "packages/a/node_modules/@s/b",
					    "1", "a b/\\u00e9", "node_modules/A", "packages/..a" };
	ARENA_SCOPE(a);
	struct tree *t;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		CHECK_OK(parse(a, str_printf(a, "{\"packages\":{\"%s\":{\"version\":\"1.0.0\"}}}", keys[i]).p, "{}", &t));
}

TEST(t21_twins_in_other_letters_refuse_the_file)
{
	ARENA_SCOPE(a);
	struct tree *t;

	CHECK_FAILS(parse(a, "{\"packages\":{\"node_modules/a\":{},\"node_modules/A\":{}}}", "{}", &t), E_LOCKFILE_PATH);
	CHECK_FAILS(parse(a, "{\"packages\":{\"node_modules/aB\":{},\"node_modules/Ab\":{}}}", "{}", &t), E_LOCKFILE_PATH);
}

TEST(t21_links_lead_to_entries_and_outside_only_where_the_project_says)
{
	const struct {
		const char *manifest, *entries;
		enum err_code want;	/* E_GENERIC: fine */
	} rows[] = {
		{ "{}", "\"p\":{},\"node_modules/a\":{\"resolved\":\"p\",\"link\":true}", E_GENERIC },
		{ "{}", "\"p\":{},\"node_modules/a\":{\"resolved\":\"./p/\",\"link\":true}", E_GENERIC },
		{ "{}", "\"node_modules/a\":{\"resolved\":\"\",\"link\":true}", E_GENERIC },
		{ "{}", "\"node_modules/b\":{},\"node_modules/a\":{\"resolved\":\"node_modules/b\",\"link\":true}", E_GENERIC },
		{ "{}", "\"node_modules/a\":{\"resolved\":\"p\",\"link\":true}", E_MISSING_TARGET },
		{ "{}", "\"node_modules/b\":{\"resolved\":\"\",\"link\":true},\"node_modules/a\":{\"resolved\":\"node_modules/b\",\"link\":true}",
		  E_MISSING_TARGET },
		{ "{}", "\"node_modules/a\":{\"resolved\":\"/etc\",\"link\":true}", E_LOCKFILE_PATH },
		{ "{}", "\"node_modules/a\":{\"link\":true}", E_LOCKFILE_PATH },
		{ "{}", "\"p\":{},\"l\":{\"resolved\":\"p\",\"link\":true}", E_LOCKFILE_PATH },
		{ "{}", "\"../e\":{},\"node_modules/a\":{\"resolved\":\"../e\",\"link\":true}", E_LOCKFILE_PATH },
		{ "{}", "\"\":{\"dependencies\":{\"a\":\"file:../e\"}},\"../e\":{},\"node_modules/a\":{\"resolved\":\"../e\",\"link\":true}",
		  E_LOCKFILE_PATH },
		{ "{\"dependencies\":{\"a\":\"file:../e\"}}", "\"../e\":{},\"node_modules/a\":{\"resolved\":\"../e\",\"link\":true}", E_GENERIC },
		{ "{\"devDependencies\":{\"a\":\"../e\"}}",
		  "\"../e\":{},\"../e/node_modules/b\":{},\"node_modules/a\":{\"resolved\":\"../e\",\"link\":true}", E_GENERIC },
		{ "{\"dependencies\":{\"a\":\"file:../e\"}}", "\"../f\":{},\"node_modules/a\":{\"resolved\":\"../f\",\"link\":true}",
		  E_LOCKFILE_PATH },
		{ "{\"dependencies\":{\"a\":\"file:../e\"}}", "\"../ee\":{},\"node_modules/a\":{\"resolved\":\"../ee\",\"link\":true}",
		  E_LOCKFILE_PATH },
		{ "{\"overrides\":{\"a\":{\".\":\"file:../e\"}}}", "\"../e\":{},\"node_modules/a\":{\"resolved\":\"../e\",\"link\":true}",
		  E_GENERIC },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tree *t = NULL;
		struct err *e = parse(a, str_printf(a, "{\"packages\":{%s}}", rows[i].entries).p, rows[i].manifest, &t);

		CHECK_EQ(e ? e->code : E_GENERIC, rows[i].want, "row %zu", i);
		CHECK((e == NULL) == (t != NULL), "row %zu", i);
		err_free(e);
	}
}

TEST(a_missing_target_is_told_in_npms_words)
{
	ARENA_SCOPE(a);
	struct tree *t;
	struct err *e = parse(a, "{\"packages\":{\"node_modules/a\":{\"resolved\":\"p\",\"link\":true}}}", "{}", &t);

	CHECK_STR(e->message,
		  S("Missing target in lock file: \"p\" is referenced by \"node_modules/a\" but does not exist.\n"
		    "To fix:\n1. rm package-lock.json\n2. npm install"),
		  "");
	err_free(e);
}

TEST(t25_a_lockfile_that_is_a_link_to_elsewhere_is_refused)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct manifest m = { 0 };
	struct tree *t;
	AUTO_FD fd = -1;

	temp_file(&dir, "secret", S("{ top secret }"));
	CHECK_OK(fs_mkdirs(dir.fd, "p/inner"));
	CHECK_OK(fs_open_dir(dir.fd, "p", &fd));
	str path = str_printf(a, STR_FMT "/p", STR_ARG(dir.path));

	CHECK_OK(lockfile_load(a, fd, path, &m, false, &t));
	CHECK(t == NULL, "absent");
	CHECK_OK(fs_symlink("../secret", fd, "package-lock.json"));
	CHECK_FAILS(lockfile_load(a, fd, path, &m, false, &t), E_LOCKFILE_PATH);
	CHECK_OK(fs_unlink(fd, "package-lock.json"));
	temp_file(&dir, "p/inner/lock.json", S("{\"packages\":{\"node_modules/a\":{}}}"));
	CHECK_OK(fs_symlink("inner/lock.json", fd, "package-lock.json"));
	CHECK_OK(lockfile_load(a, fd, path, &m, false, &t));
	CHECK(t && tree_at(t, S("node_modules/a")), "within the project it is the user's own affair (F31)");
}

/* ---- conflicts ---- */

TEST(git_conflicts_are_resolved_with_ours_on_top_of_theirs)
{
	static const char text[] = "{\n"
				   "  \"packages\": {\n"
				   "    \"node_modules/both\": {\n"
				   "<<<<<<< HEAD\n"
				   "      \"version\": \"1.1.0\",\n"
				   "      \"license\": \"MIT\"\n"
				   "||||||| base\n"
				   "      \"version\": \"1.0.0\",\n"
				   "      \"license\": \"MIT\"\n"
				   "=======\n"
				   "      \"version\": \"1.2.0\",\n"
				   "      \"license\": \"ISC\"\n"
				   ">>>>>>> topic\n"
				   "    }\n"
				   "<<<<<<< HEAD\n"
				   "    ,\"node_modules/mine\": {\"version\": \"1.0.0\"}\n"
				   "||||||| base\n"
				   "    ,\"node_modules/gone\": {\"version\": \"1.0.0\"}\n"
				   "=======\n"
				   "    ,\"node_modules/gone\": {\"version\": \"1.0.0\"}\n"
				   "    ,\"node_modules/yours\": {\"version\": \"1.0.0\"}\n"
				   ">>>>>>> topic\n"
				   "  }\n"
				   "}\n";
	ARENA_SCOPE(a);
	struct tree *t = parse_ok(a, text, "{}");
	struct node *both = tree_at(t, S("node_modules/both"));

	CHECK(t->lockfile->was_conflicted, "");
	CHECK_STR(node_version(both), S("1.1.0"), "changed by both: ours");
	CHECK_STR(both->manifest->license->string, S("ISC"), "changed by them only");
	CHECK(tree_at(t, S("node_modules/mine")) != NULL, "");
	CHECK(tree_at(t, S("node_modules/yours")) != NULL, "");
	CHECK(tree_at(t, S("node_modules/gone")) == NULL, "removed by us");
}

UNIT_TESTS(TESTED(recorded_lockfiles_come_out_as_they_went_in), TESTED(both_lockfiles_come_out_together_as_they_do_alone),
	   TESTED(entries_in_tree_order_make_a_tree_of_the_same_order), TESTED(a_version_2_file_is_read_by_its_packages),
	   TESTED(a_version_1_file_becomes_places), TESTED(a_hidden_lockfile_has_no_root_and_nothing_that_is_not_on_disk),
	   TESTED(unknown_top_level_keys_and_a_stale_version_survive), TESTED(an_empty_root_has_no_entry_and_takes_its_folders_name),
	   TESTED(the_layout_is_package_jsons), TESTED(keys_are_in_the_order_of_json_stringify_nice),
	   TESTED(what_is_no_json_counts_as_no_lockfile), TESTED(a_newer_version_is_refused_in_npms_words),
	   TESTED(repairs_that_only_npm_makes_are_refused), TESTED(t14_the_last_of_two_keys_counts_and_case_matters),
	   TESTED(odd_shapes_of_fields_are_what_npm_makes_of_them), TESTED(recorded_marks_hold_while_the_root_asks_for_the_same),
	   TESTED(resolved_files_are_relative_to_the_project), TESTED(t21_keys_that_lead_elsewhere_refuse_the_file),
	   TESTED(t21_keys_that_npm_writes_are_fine), TESTED(t21_twins_in_other_letters_refuse_the_file),
	   TESTED(t21_links_lead_to_entries_and_outside_only_where_the_project_says), TESTED(a_missing_target_is_told_in_npms_words),
	   TESTED(t25_a_lockfile_that_is_a_link_to_elsewhere_is_refused), TESTED(git_conflicts_are_resolved_with_ours_on_top_of_theirs))
