/* SPDX-License-Identifier: MIT
 * What commands show of a package: npm's normalised package.json, key by key. */
#include "cpm/tree/package_doc.h"

#include "cpm/tree/load_actual.h"

#include "check.h"
#include "temp_dir.h"

static str doc_of(struct arena *a, const char *json)
{
	TEMP_DIR(dir);
	struct manifest *root = ARENA_NEW(a, struct manifest);
	struct package_docs docs;
	struct tree *t;
	struct str_buf out = str_buf(a, 1 << 16);

	temp_file(&dir, "node_modules/a/package.json", str_view(json));
	CHECK_OK(actual_walk(a, dir.fd, dir.path, root, false, &t));
	package_docs_init(&docs, a, dir.fd, "package-lock.json");
	json_write(&out, package_doc(&docs, tree_at(t, S("node_modules/a"))),
		   (struct json_style){ S(""), S("") });
	return buf_view(&out);
}

TEST(documents_are_normalised_as_npm_does)
{
	const struct {
		const char *json, *doc;
	} rows[] = {
		{ "{\"name\":\"a\",\"version\":\"1.0.0\",\"z\":[1]}",
		  "{\"name\":\"a\",\"version\":\"1.0.0\",\"z\":[1],\"_id\":\"a@1.0.0\"}" },
		{ "{\"_id\":\"x\",\"_from\":\"y\",\"name\":\"a\"}", "{\"name\":\"a\"}" },
		{ "{\"funding\":\"u\",\"name\":\"a\"}",
		  "{\"funding\":{\"url\":\"u\"},\"name\":\"a\"}" },
		{ "{\"name\":\"a\",\"bin\":\"./x.js\"}",
		  "{\"name\":\"a\",\"bin\":{\"a\":\"x.js\"}}" },
		{ "{\"name\":\"a\",\"bin\":{}}", "{\"name\":\"a\"}" },
		{ "{\"dependencies\":{\"b\":\"1\",\"c\":\"1\"},\"optionalDependencies\":{\"b\":"
		  "\"1\"}}",
		  "{\"dependencies\":{\"c\":\"1\"},\"optionalDependencies\":{\"b\":\"1\"}}" },
		{ "{\"dependencies\":{\"b\":\"1\"},\"optionalDependencies\":{\"b\":\"1\"}}",
		  "{\"optionalDependencies\":{\"b\":\"1\"}}" },
		{ "{\"bundledDependencies\":[\"b\"],\"x\":1}",
		  "{\"x\":1,\"bundleDependencies\":[\"b\"]}" },
		{ "{\"bundleDependencies\":true,\"dependencies\":{\"b\":\"1\"}}",
		  "{\"bundleDependencies\":[\"b\"],\"dependencies\":{\"b\":\"1\"}}" },
		{ "{\"bundleDependencies\":false}", "{\"bundleDependencies\":[]}" },
		{ "{\"bundleDependencies\":\"b\"}", "{}" },
		{ "{\"overrides\":{},\"scripts\":{\"a\":\"x\",\"b\":1}}",
		  "{\"scripts\":{\"a\":\"x\"}}" },
		{ "{\"scripts\":\"x\"}", "{}" },
		{ "not json", "{}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		CHECK_STR(doc_of(a, rows[i].json), str_view(rows[i].doc), "%s", rows[i].json);
	}
}

TEST(a_package_from_a_lockfile_is_its_entry)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct manifest *root = ARENA_NEW(a, struct manifest);
	struct package_docs docs;
	struct tree *t;
	const struct json *doc;

	temp_file(&dir, "package-lock.json",
		  S("{\"lockfileVersion\":3,\"packages\":{\"\":{},\"node_modules/"
		    "a\":{\"version\":\"1.0.0\",\"dev\":true,"
		    "\"funding\":\"u\"},\"node_modules/"
		    "b\":{\"name\":\"real\",\"version\":\"2.0.0\"}}}"));
	temp_file(&dir, "node_modules/a/package.json",
		  S("{\"name\":\"a\",\"version\":\"1.0.0\",\"description\":\"d\"}"));
	CHECK_OK(lockfile_load(a, dir.fd, dir.path, root, false, &t));
	package_docs_init(&docs, a, dir.fd, "package-lock.json");
	doc = package_doc(&docs, tree_at(t, S("node_modules/a")));
	CHECK_STR(json_get_text(doc, "name"), S("a"));
	CHECK(json_get_bool(doc, "dev") && !json_get(doc, "description"));
	CHECK_STR(json_get_text(json_get(doc, "funding"), "url"), S("u"));
	CHECK(package_doc(&docs, tree_at(t, S("node_modules/a"))) == doc,
	      "asking again is a lookup");
	CHECK_STR(json_get_text(package_doc(&docs, tree_at(t, S("node_modules/b"))), "_id"),
		  S("real@2.0.0"));
}

UNIT_TESTS(TESTED(documents_are_normalised_as_npm_does),
	   TESTED(a_package_from_a_lockfile_is_its_entry))
