/* SPDX-License-Identifier: MIT
 * package.json edited as people wrote it, against what npm makes of the same files. */
#include "cpm/tree/package_file.h"

#include "check.h"
#include "cpm/base/fs.h"
#include "temp_dir.h"

static struct package_file read_text(struct arena *a, str dir, str text)
{
	struct package_file f;

	CHECK_OK(fs_write_replace(AT_FDCWD, str_cstr(a, str_concat(a, dir, S("/package.json"))),
				  text, 0644));
	CHECK_OK(package_file_read(a, dir, &f));
	return f;
}

static str saved_text(struct arena *a, const struct package_file *f)
{
	str text = STR_NULL;

	CHECK_OK(package_file_save(f));
	CHECK_OK(fs_read_all(a, AT_FDCWD, f->path.p, 1 << 20, &text));
	return text;
}

static str compact(struct arena *a, const struct json *v)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	json_write(&out, v, (struct json_style){ S(""), S("") });
	return buf_view(&out);
}

TEST(the_layout_of_the_file_stays)
{
	const struct {
		str before, after;
	} rows[] = {
		{ S("{\n\t\"a\": 1\n}"), S("{\n\t\"a\": 1,\n\t\"b\": \"x\"\n}\n") },
		{ S("{\r\n  \"a\": 1\r\n}\r\n"), S("{\r\n  \"a\": 1,\r\n  \"b\": \"x\"\r\n}\r\n") },
		{ S("{\"a\":1}"), S("{\"a\":1,\"b\":\"x\"}") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);
		struct package_file f = read_text(a, dir.path, rows[i].before);
		json_set_text(a, f.content, "b", S("x"));
		CHECK_STR(saved_text(a, &f), rows[i].after, "row %zu", i);
	}
}

TEST(a_file_that_says_the_same_is_not_written)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct package_file f = read_text(a, dir.path, S("{\n  \"a\": 1\n}\n\n\n"));

	CHECK_STR(saved_text(a, &f), S("{\n  \"a\": 1\n}\n\n\n"));
}

TEST(anything_but_an_object_is_refused)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct package_file f;

	CHECK_FAILS(package_file_read(a, dir.path, &f), E_NO_ENTRY);
	CHECK_OK(package_file_read_or_new(a, dir.path, &f));
	CHECK_EQ(f.content->count, 0);
	CHECK_OK(fs_write_replace(AT_FDCWD, f.path.p, S("[]"), 0644));
	CHECK_FAILS(package_file_read(a, dir.path, &f), E_JSON_PARSE);
	CHECK_OK(fs_write_replace(AT_FDCWD, f.path.p, S("{"), 0644));
	CHECK_FAILS(package_file_read_or_new(a, dir.path, &f), E_JSON_PARSE);
}

TEST(dependencies_are_tidied)
{
	const struct {
		str before, after;
	} rows[] = {
		{ S("{\"dependencies\":{\"b\":\"1\",\"a\":\"1\"}}"),
		  S("{\"dependencies\":{\"a\":\"1\",\"b\":\"1\"}}") },
		{ S("{\"dependencies\":{},\"x\":1}"), S("{\"x\":1}") },
		{ S("{\"dependencies\":{\"o\":\"1\"},\"optionalDependencies\":{\"o\":\"1\"}}"),
		  S("{\"optionalDependencies\":{\"o\":\"1\"}}") },
		{ S("{\"dependencies\":{\"p\":\"1\"},\"peerDependencies\":{\"p\":\"2\"}}"),
		  S("{\"dependencies\":{\"p\":\"2\"},\"peerDependencies\":{\"p\":\"2\"}}") },
		{ S("{\"dependencies\":\"odd\"}"), S("{\"dependencies\":\"odd\"}") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);
		struct package_file f = read_text(a, dir.path, rows[i].before);
		CHECK_OK(package_file_tidy(a, &f));
		CHECK_STR(compact(a, f.content), rows[i].after, "row %zu", i);
	}
}

TEST(wrong_scripts_and_workspaces_are_refused)
{
	const struct {
		str text, code;
	} rows[] = {
		{ S("{\"scripts\":{\"a\":1}}"), S("ESCRIPTSINVALID") },
		{ S("{\"workspaces\":[1]}"), S("EWORKSPACESINVALID") },
		{ S("{\"workspaces\":[]}"), S("EWORKSPACESINVALID") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);
		struct package_file f = read_text(a, dir.path, rows[i].text);
		struct err *e = package_file_tidy(a, &f);
		CHECK(e != NULL, "row %zu", i);
		CHECK_STR(err_code_shown(e), rows[i].code, "row %zu", i);
		err_free(e);
	}
}

TEST(fixing_gives_fields_the_form_of_the_registry)
{
	const struct {
		str before, after;
	} rows[] = {
		{ S("{}"), S("{\"name\":\"\",\"version\":\"\"}") },
		{ S("{\"name\":\" x \",\"version\":\"=v1.2.3\"}"),
		  S("{\"name\":\"x\",\"version\":\"1.2.3\"}") },
		{ S("{\"name\":\"x\",\"version\":\"1.0.0\",\"bin\":{\"../a\":\"./x/../"
		    "y.js\",\"b\":2}}"),
		  S("{\"name\":\"x\",\"version\":\"1.0.0\",\"bin\":{\"a\":\"y.js\"}}") },
		{ S("{\"name\":\"x\",\"version\":\"1.0.0\",\"repository\":\"u/r\"}"),
		  S("{\"name\":\"x\",\"version\":\"1.0.0\",\"repository\":{\"type\":\"git\","
		    "\"url\":\"git+https://github.com/u/r.git\"}}") },
		{ S("{\"name\":\"x\",\"version\":\"1.0.0\",\"dependencies\":[\"a@1\",\"b >=2\"]}"),
		  S("{\"name\":\"x\",\"version\":\"1.0.0\",\"dependencies\":{\"a\":\"1\",\"b\":\">="
		    "2\"}}") },
		{ S("{\"name\":\"x\",\"version\":\"1.0.0\",\"scripts\":{\"t\":\"./node_modules/"
		    ".bin/jest x\"}}"),
		  S("{\"name\":\"x\",\"version\":\"1.0.0\",\"scripts\":{\"t\":\"jest x\"}}") },
		{ S("{\"name\":\"x\",\"version\":\"1.0.0\",\"bundleDependencies\":true,"
		    "\"dependencies\":{\"a\":\"u/r\"}}"),
		  S("{\"name\":\"x\",\"version\":\"1.0.0\",\"bundleDependencies\":[\"a\"],"
		    "\"dependencies\":{\"a\":\"github:u/r\"}}") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);
		struct package_file f = read_text(a, dir.path, rows[i].before);
		CHECK_OK(package_file_fix(a, &f));
		CHECK_STR(compact(a, f.content), rows[i].after, "row %zu", i);
	}
}

TEST(completing_finds_what_can_be_known)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct package_file f = read_text(
		a, dir.path,
		S("{\"name\":\"x\",\"version\":\"1.0.0\",\"main\":\"m.js\","
		  "\"repository\":\"gitlab:u/r\",\"keywords\":\"a, b\","
		  "\"author\":{\"name\":\"N\",\"email\":\"e@x\"}}"));

	CHECK_OK(fs_write_replace(AT_FDCWD, str_cstr(a, str_concat(a, dir.path, S("/README.md"))),
				  S("# x\n\nWhat it\nis.\n\nMore.\n"), 0644));
	CHECK_OK(fs_write_replace(AT_FDCWD, str_cstr(a, str_concat(a, dir.path, S("/m.d.ts"))),
				  S(""), 0644));
	CHECK_OK(package_file_complete(a, &f));
	CHECK_STR(json_get_text(f.content, "description"), S("What it is."));
	CHECK_STR(json_get_text(f.content, "types"), S("./m.d.ts"));
	CHECK_STR(json_get_text(f.content, "author"), S("N <e@x>"));
	CHECK_STR(json_get_text(f.content, "homepage"), S("https://gitlab.com/u/r#readme"));
	CHECK_STR(compact(a, json_get(f.content, "bugs")),
		  S("{\"url\":\"https://gitlab.com/u/r/issues\"}"));
	CHECK_STR(compact(a, json_get(f.content, "keywords")), S("[\"a\",\"b\"]"));
}

UNIT_TESTS(TESTED(the_layout_of_the_file_stays), TESTED(a_file_that_says_the_same_is_not_written),
	   TESTED(anything_but_an_object_is_refused), TESTED(dependencies_are_tidied),
	   TESTED(wrong_scripts_and_workspaces_are_refused),
	   TESTED(fixing_gives_fields_the_form_of_the_registry),
	   TESTED(completing_finds_what_can_be_known))
