/* SPDX-License-Identifier: MIT
 * The normalisation steps of npm-tree.md 5, and what is made of fields that hold something else than they should. */
#include "cpm/tree/manifest.h"

#include "check.h"
#include "temp_dir.h"

static struct manifest *read_text(struct arena *a, const char *text)
{
	struct json *json;
	struct manifest *m;

	CHECK_OK(json_parse(a, str_view(text), &json));
	CHECK_OK(manifest_from_json(a, json, false, &m));
	return m;
}

/* "a=1,b=2" */
static str show_deps(struct arena *a, const struct dep_list *list)
{
	struct str_buf out = str_buf(a, 10000);

	for (size_t i = 0; i < list->count; i++)
		buf_printf(&out, "%s" STR_FMT "=" STR_FMT, i ? "," : "", STR_ARG(list->items[i].name), STR_ARG(list->items[i].spec));
	return list->is_present ? buf_view(&out) : S("absent");
}

static str show_bins(struct arena *a, const struct manifest *m)
{
	struct str_buf out = str_buf(a, 10000);

	for (size_t i = 0; i < m->nbins; i++)
		buf_printf(&out, "%s" STR_FMT "=" STR_FMT, i ? "," : "", STR_ARG(m->bins[i].name), STR_ARG(m->bins[i].target));
	return buf_view(&out);
}

static str show_bundled(struct arena *a, const struct manifest *m)
{
	return m->has_bundled ? str_join(a, m->bundled, m->nbundled, S(",")) : S("absent");
}

TEST(dependencies_keep_javascripts_key_order)
{
	ARENA_SCOPE(a);
	struct manifest *m = read_text(a, "{\"dependencies\":{\"b\":\"1\",\"3\":\"x\",\"a\":\"\",\"b\":\"2\"}}");

	CHECK_STR(show_deps(a, &m->deps), S("3=x,b=2,a="), "");
	CHECK_STR(manifest_dep_spec(&m->deps, S("a")), S(""), "");
	CHECK_STR(manifest_dep_spec(&m->deps, S("c")), STR_NULL, "");
}

TEST(optional_names_leave_dependencies)
{
	const struct {
		const char *json, *deps, *optional;
	} rows[] = {
		{ "{\"dependencies\":{\"a\":\"1\",\"b\":\"1\"},\"optionalDependencies\":{\"b\":\"2\"}}", "a=1", "b=2" },
		{ "{\"dependencies\":{\"b\":\"1\"},\"optionalDependencies\":{\"b\":\"2\"}}", "absent", "b=2" },
		{ "{\"dependencies\":{},\"optionalDependencies\":{}}", "absent", "" },
		{ "{\"dependencies\":{}}", "", "absent" },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct manifest *m = read_text(a, rows[i].json);

		CHECK_STR(show_deps(a, &m->deps), str_view(rows[i].deps), "row %zu", i);
		CHECK_STR(show_deps(a, &m->optional_deps), str_view(rows[i].optional), "row %zu", i);
	}
}

TEST(bundled_names_come_in_four_shapes_and_two_spellings)
{
	const struct {
		const char *json, *want;
	} rows[] = {
		{ "{\"bundleDependencies\":[\"a\",\"b\"]}", "a,b" },
		{ "{\"bundledDependencies\":[\"a\"]}", "a" },
		{ "{\"bundledDependencies\":[\"a\"],\"bundleDependencies\":[\"b\"]}", "b" },
		{ "{\"bundleDependencies\":true,\"dependencies\":{\"x\":\"1\",\"y\":\"1\"},\"optionalDependencies\":{\"y\":\"1\"}}", "x,y" },
		{ "{\"bundleDependencies\":true}", "" },
		{ "{\"bundleDependencies\":false}", "" },
		{ "{\"bundleDependencies\":{\"q\":1}}", "q" },
		{ "{\"bundleDependencies\":\"x\"}", "absent" },
		{ "{\"bundleDependencies\":null}", "absent" },
		{ "{}", "absent" },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(show_bundled(a, read_text(a, rows[i].json)), str_view(rows[i].want), "%s", rows[i].json);
}

TEST(t25_commands_cannot_leave_their_package)
{
	const struct {
		const char *json, *want;
	} rows[] = {
		{ "{\"bin\":{\"../foo\":\"../../x.js\",\"b\\\\c\":\".\\\\bin\\\\y.js\"}}", "foo=x.js,c=bin/y.js" },
		{ "{\"name\":\"@s/binstr\",\"bin\":\"x.js\"}", "binstr=x.js" },
		{ "{\"name\":\"n\",\"bin\":\"./cli.js\"}", "n=cli.js" },
		{ "{\"bin\":\"x.js\"}", "" },
		{ "{\"bin\":[\"a/one\",\"two\",\"b/one\"]}", "two=two,one=b/one" },
		{ "{\"bin\":{\"a\":1,\"b\":\"b\"}}", "b=b" },
		{ "{\"bin\":{\"a\":\"\",\"\":\"b\",\"..\":\"c\",\".\":\"d\",\"e\":\"..\"}}", "" },
		{ "{\"bin\":{\"foo\":\"y\",\"../foo\":\"x\"}}", "foo=x" },
		{ "{\"bin\":{\"a\":\"/etc/passwd\",\"b\":\"C:\\\\x\"}}", "a=etc/passwd,b=C/x" },
		{ "{\"bin\":{\"a\":\"bin/\",\"b\":\"x/./y//z\"}}", "a=bin/,b=x/y/z" },
		{ "{\"bin\":{\".hidden\":\"x\"}}", ".hidden=x" },
		{ "{\"bin\":7}", "" },
		{ "{\"bin\":null}", "" },
		{ "{\"name\":\"n\",\"directories\":{\"bin\":\"b\"}}", "" },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(show_bins(a, read_text(a, rows[i].json)), str_view(rows[i].want), "%s", rows[i].json);
}

TEST(funding_and_overrides_take_their_one_shape)
{
	ARENA_SCOPE(a);

	CHECK_STR(json_get_text(read_text(a, "{\"funding\":\"u\"}")->funding, "url"), S("u"), "");
	CHECK_EQ(read_text(a, "{\"funding\":[\"u\"]}")->funding->type, JSON_ARRAY, "");
	CHECK_EQ(read_text(a, "{\"funding\":\"\"}")->funding->type, JSON_STRING, "");
	CHECK(read_text(a, "{\"overrides\":{}}")->overrides == NULL, "empty");
	CHECK(read_text(a, "{\"overrides\":[1]}")->overrides == NULL, "array");
	CHECK(read_text(a, "{\"overrides\":{\"a\":\"1\"}}")->overrides != NULL, "object");
}

TEST(optional_peers_are_those_whose_meta_says_so)
{
	ARENA_SCOPE(a);
	struct manifest *m = read_text(a, "{\"peerDependencies\":{\"a\":\"1\",\"b\":\"1\"},"
					  "\"peerDependenciesMeta\":{\"b\":{\"optional\":1},\"a\":{\"optional\":false},\"c\":3}}");

	CHECK(manifest_is_optional_peer(m, S("b")), "");
	CHECK(!manifest_is_optional_peer(m, S("a")), "");
	CHECK(!manifest_is_optional_peer(m, S("c")), "");
}

TEST(install_scripts_are_seen_by_flag_or_by_text)
{
	const struct {
		const char *json;
		bool want;
	} rows[] = {
		{ "{\"scripts\":{\"install\":\"x\"}}", true },
		{ "{\"scripts\":{\"preinstall\":\"x\"}}", true },
		{ "{\"scripts\":{\"postinstall\":\"x\"}}", true },
		{ "{\"scripts\":{\"install\":\"\"}}", false },
		{ "{\"scripts\":{\"install\":true}}", false },
		{ "{\"scripts\":{\"prepare\":\"x\"}}", false },
		{ "{\"scripts\":\"install\"}", false },
		{ "{\"hasInstallScript\":true}", true },
		{ "{\"hasInstallScript\":false}", false },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(manifest_runs_install_script(read_text(a, rows[i].json)), rows[i].want, "%s", rows[i].json);
	CHECK(read_text(a, "{\"gypfile\":false}")->gypfile_false, "");
	CHECK(!read_text(a, "{\"gypfile\":0}")->gypfile_false, "");
}

TEST(a_registrys_dist_gives_tarball_integrity_and_size)
{
	ARENA_SCOPE(a);
	struct manifest *m = read_text(a, "{\"dist\":{\"tarball\":\"http://h/x.tgz\",\"integrity\":\"sha512-YQ==\",\"shasum\":\"00\","
					  "\"unpackedSize\":12}}");

	CHECK_STR(m->tarball, S("http://h/x.tgz"), "");
	CHECK_STR(m->integrity, S("sha512-YQ=="), "");
	CHECK_EQ(m->unpacked_bytes, 12, "");
	m = read_text(a, "{\"dist\":{\"shasum\":\"da39a3ee5e6b4b0d3255bfef95601890afd80709\",\"unpackedSize\":-1}}");
	CHECK_STR(m->integrity, S("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="), "");
	CHECK_EQ(m->unpacked_bytes, 0, "");
}

TEST(t13_fields_of_the_wrong_type_are_dropped)
{
	static const char *const fields[] = { "name", "version", "dependencies", "devDependencies", "optionalDependencies",
					      "peerDependencies", "peerDependenciesMeta", "bundleDependencies", "bin", "scripts",
					      "engines", "dist", "overrides", "funding", "gypfile", "directories", "workspaces" };
	static const char *const values[] = { "null", "true", "false", "0", "1e99", "\"\"", "\"x\"", "[]", "{}" };
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		for (size_t k = 0; k < ARRAY_LEN(values); k++) {
			struct manifest *m = read_text(a, str_printf(a, "{\"%s\":%s}", fields[i], values[k]).p);

			CHECK_EQ(m->deps.count + m->dev_deps.count + m->peer_deps.count + m->optional_deps.count, 0, "%s: %s",
				 fields[i], values[k]);
			CHECK_EQ(m->nbins, 0, "%s: %s", fields[i], values[k]);
		}
	CHECK_STR(show_deps(a, &read_text(a, "{\"dependencies\":[\"x\"]}")->deps), S("0=x"), "");
	CHECK(str_is_null(read_text(a, "[1]")->name), "no object");
}

TEST(a_spec_that_is_no_text_names_its_dependency)
{
	static const char *const fatal[] = { "{\"dependencies\":{\"a\":1}}", "{\"optionalDependencies\":{\"a\":null}}",
					     "{\"peerDependencies\":{\"a\":{}}}" };
	ARENA_SCOPE(a);
	struct json *json;
	struct manifest *m;

	for (size_t i = 0; i < ARRAY_LEN(fatal); i++) {
		CHECK_OK(json_parse(a, str_view(fatal[i]), &json));
		CHECK_FAILS(manifest_from_json(a, json, false, &m), E_GENERIC);
	}
	CHECK_OK(json_parse(a, S("{\"devDependencies\":{\"a\":1,\"b\":\"2\"}}"), &json));
	CHECK_FAILS(manifest_from_json(a, json, true, &m), E_GENERIC);
	CHECK_OK(manifest_from_json(a, json, false, &m));
	CHECK_STR(show_deps(a, &m->dev_deps), S("b=2"), "a published package's are of no interest");
}

/* ---- on disk ---- */

TEST(files_tell_their_style_and_folders_their_commands)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct manifest *m;
	struct json_style style;

	temp_file(&dir, "p/package.json", S("{\n\t\"name\": \"p\",\n\t\"directories\": {\"bin\": \"./b/\"}\n}\n"));
	temp_file(&dir, "p/b/.hidden", S(""));
	temp_file(&dir, "p/b/sub/tool", S(""));
	CHECK_OK(manifest_read(a, dir.fd, "p", &m, &style));
	CHECK_STR(style.indent, S("\t"), "");
	CHECK_STR(m->name, S("p"), "");
	CHECK_STR(show_bins(a, m), S("sub=b/sub,tool=b/sub/tool"), "");
	CHECK(m->json != NULL, "the document is kept");
}

TEST(t13_a_missing_file_is_told_from_a_broken_one)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct manifest *m;
	struct err *e;

	CHECK_FAILS(manifest_read(a, dir.fd, ".", &m, NULL), E_NO_ENTRY);
	temp_file(&dir, "package.json", S("{ \"secret\" 1 }"));
	e = manifest_read(a, dir.fd, ".", &m, NULL);
	CHECK(err_is(e, E_JSON_PARSE), "");
	CHECK(str_starts(e->message, S("Invalid package.json: JSONParseError: ")), STR_FMT, STR_ARG(e->message));
	CHECK(str_find(e->message, S("secret")) == STR_NPOS, "no content in messages (T25)");
	err_free(e);
	temp_file(&dir, "package.json", S("\xef\xbb\xbf{\"name\":\"bom\"}"));
	CHECK_OK(manifest_read(a, dir.fd, ".", &m, NULL));
	CHECK_STR(m->name, S("bom"), "");
	CHECK_OK(fs_unlink(dir.fd, "package.json"));
	CHECK_OK(fs_mkdir(dir.fd, "package.json"));
	e = manifest_read(a, dir.fd, ".", &m, NULL);
	CHECK(e != NULL, "a folder is no file");
	err_free(e);
}

UNIT_TESTS(TESTED(dependencies_keep_javascripts_key_order), TESTED(optional_names_leave_dependencies),
	   TESTED(bundled_names_come_in_four_shapes_and_two_spellings), TESTED(t25_commands_cannot_leave_their_package),
	   TESTED(funding_and_overrides_take_their_one_shape), TESTED(optional_peers_are_those_whose_meta_says_so),
	   TESTED(install_scripts_are_seen_by_flag_or_by_text), TESTED(a_registrys_dist_gives_tarball_integrity_and_size),
	   TESTED(t13_fields_of_the_wrong_type_are_dropped), TESTED(a_spec_that_is_no_text_names_its_dependency),
	   TESTED(files_tell_their_style_and_folders_their_commands), TESTED(t13_a_missing_file_is_told_from_a_broken_one))
