/* SPDX-License-Identifier: MIT
 * Selectors against a small project. What is expected was found with npm's own query on the same tree. */
#include "cpm/tree/query.h"

#include "check.h"

/* name, version, more of package.json, location of the parent */
static const struct {
	const char *name, *json, *parent;
} packages[] = {
	{ "a", "{\"name\":\"a\",\"version\":\"1.2.0\",\"license\":\"MIT\",\"keywords\":[\"red-ish thing\",\"blue\"],"
	       "\"dependencies\":{\"b\":\"^1.0.0\",\"d\":\"^2.0.0\"},\"engines\":{\"node\":\">=18\"}}", "" },
	{ "b", "{\"name\":\"b\",\"version\":\"1.0.1\",\"license\":\"mit\",\"dependencies\":{\"a\":\"^1.0.0\",\"lost\":\"1\"},"
	       "\"contributors\":[{\"name\":\"Ann\"},{\"name\":\"Bob\"}]}", "" },
	{ "c", "{\"name\":\"c\",\"version\":\"3.0.0-beta.1\",\"private\":true,\"dependencies\":{\"d\":\"^1.0.0\"},"
	       "\"repository\":{\"type\":\"git\",\"url\":\"x\"}}", "" },
	{ "d", "{\"name\":\"d\",\"version\":\"1.5.0\",\"engines\":{\"node\":\"^12\"}}", "" },
	{ "d", "{\"name\":\"d\",\"version\":\"2.0.0\"}", "node_modules/a" },
	{ "al.ias", "{\"name\":\"real\",\"version\":\"0.1.0\"}", "" },
	{ "@s/e", "{\"name\":\"@s/e\",\"version\":\"4.0.0\",\"dependencies\":{\"d\":\"^9\"}}", "" },
	{ "stray", "{\"name\":\"stray\",\"version\":\"1.0.0\"}", "" },
};

static struct manifest *manifest(struct arena *a, const char *text)
{
	struct manifest *m;
	struct json *json;

	CHECK_OK(json_parse(a, str_view(text), &json));
	CHECK_OK(manifest_from_json(a, json, true, &m));
	return m;
}

static struct tree *project(struct arena *a)
{
	struct tree *t = tree_new(a, S("/project"));

	node_set_root(t, node_new(a, S("project"),
				  manifest(a, "{\"name\":\"project\",\"version\":\"1.0.0\",\"dependencies\":{\"a\":\"^1\","
					      "\"al.ias\":\"npm:real@^0.1.0\",\"@s/e\":\"4.0.0\"},\"devDependencies\":{\"c\":\"*\"}}")));
	for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
		struct node *n = node_new(a, str_view(packages[i].name), manifest(a, packages[i].json));

		n->extraneous = str_eq(n->name, S("stray"));
		n->dev = n->extraneous || str_eq(n->name, S("c"));
		n->optional = n->peer = n->dev_optional = false;
		node_set_parent(n, tree_at(t, str_view(packages[i].parent)));
	}
	t->root->dev = t->root->optional = t->root->peer = t->root->extraneous = false;
	return t;
}

static struct err *run(struct arena *a, const char *selector, str *out)
{
	struct tree *t = project(a);
	struct package_docs docs;
	struct query_opts opts = { .docs = &docs };
	struct query_result found;
	struct str_buf text = str_buf(a, 1 << 16);

	package_docs_init(&docs, a, -1, "package-lock.json");
	TRY(query_select(a, t, t->root, str_view(selector), &opts, &found));
	for (size_t i = 0; i < found.matches.len; i++) {
		const struct node *n = found.matches.items[i].node;
		str shown = n->is_root ? S("/") : n->tree ? n->location : n->name;

		buf_printf(&text, "%s" STR_FMT, i ? " " : "", STR_ARG(shown));
	}
	*out = str_replace_all(a, buf_view(&text), S("node_modules/"), S(""));
	return NULL;
}

static const struct {
	const char *selector, *found;
} rows[] = {
	/* names */
	{ "#a", "a" },
	{ "#al\\.ias", "al.ias" },
	{ "#real", "al.ias" },
	{ "#@s/e", "@s/e" },
	{ "#\\61", "a" },
	{ "#d", "a/d d" },
	{ "#a,#c , #a", "a c" },
	{ "", "" },
	/* relations */
	{ ":root > *", "@s/e a al.ias c" },
	{ "#a > *", "a/d b" },
	{ "#a > #d", "a/d" },
	{ "#c *", "d" },
	{ "#a *", "a a/d b" },
	{ "#b #d", "a/d" },
	{ "#a>#b", "b" },
	{ "#b ~ *", "a/d" },
	{ "> #a", "a" },
	/* kinds */
	{ ".dev", "c d stray" },
	{ ".prod", "/ @s/e a a/d al.ias b d" },
	{ ".dev:not(.prod)", "c stray" },
	{ ".workspace", "" },
	{ ".bundled", "" },
	/* attributes */
	{ "[license]", "a b" },
	{ "[license=MIT]", "a" },
	{ "[license=mit i]", "a b" },
	{ "[ license = \"MIT\" ]", "a" },
	{ "[name^=\"@s/\"]", "@s/e" },
	{ "[name$=roject]", "/" },
	{ "[version*=beta]", "c" },
	{ "[version|=3.0.0]", "c" },
	{ "[keywords~=red]", "a" },
	{ "[keywords=blue]", "a" },
	{ "[keywords=green]", "" },
	{ "[private]", "c" },
	{ "[private=true]", "" },
	{ ":attr(engines, [node])", "a d" },
	{ ":attr(engines, [node^=\">=\"])", "a" },
	{ ":attr(contributors, :attr([name=Bob]))", "b" },
	{ ":attr(contributors, [name=Ann])", "b" },
	{ ":attr(repository, [type=git])", "c" },
	/* versions */
	{ ":semver(^1)", "/ a b d stray" },
	{ "#d:semver(>=2 <3)", "a/d" },
	{ ":semver(1.5.0)", "d" },
	{ ":semver(^3, [version], intersects)", "" },
	{ ":semver(3.0.0-beta.1, [version])", "c" },
	{ ":semver(>=14, :attr(engines, [node]))", "a" },
	{ ":semver(:attr(engines, [node]), 12.5.0)", "d" },
	{ ":semver(1.2.0, [version], 'gt')", "@s/e a/d c d" },
	{ ":semver(^1.3, [version], gtr)", "@s/e a/d c" },
	{ ":semver(^1.3, [version], ltr)", "/ a al.ias b stray" },
	{ ":semver(>=1.0.0, [version], subset)", "/ @s/e a a/d b d stray" },
	/* states */
	{ ":root", "/" },
	{ ":scope", "/" },
	{ ":empty", "a/d al.ias d stray" },
	{ ":private", "c" },
	{ ":extraneous", "stray" },
	{ ":invalid", "d" },
	{ ":missing", "lost" },
	{ ":missing[version=1]", "lost" },
	{ "#b > :missing", "lost" },
	{ "#a :missing", "lost" },
	{ "#c > :missing", "" },
	{ ":deduped", "a d" },
	{ ":link", "" },
	{ ":overridden", "" },
	{ ":path(node_modules/a/**)", "a/d" },
	{ ":path(node_modules/?)", "a b c d" },
	{ ":type(alias)", "al.ias" },
	{ ":type(version)", "@s/e" },
	{ "#a:type(registry)", "a" },
	/* nested */
	{ ":is(#a, #b)", "a b" },
	{ ":not(#a, #b, #d)", "/ @s/e al.ias c stray" },
	{ ":has(> #d)", "@s/e a c" },
	{ "#a:has(#d)", "" },
	{ ":not(:has(> *))", "a/d al.ias d stray" },
	{ ":is(:not(.prod))", "c stray" },
	/* :root means nothing to npm inside of these */
	{ ":is(:root)", "" },
	{ ":not(:root):empty", "a/d al.ias d stray" },
};

TEST(selectors_find_what_they_find_for_npm)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		str found;

		CHECK_OK(run(a, rows[i].selector, &found));
		CHECK_STR(found, str_slice(str_view(rows[i].found), 0, STR_NPOS), "%s", rows[i].selector);
	}
}

TEST(what_is_no_selector_is_refused_with_npms_code)
{
	const struct {
		const char *selector, *code;
	} bad[] = {
		{ "a", "EQUERYNOSELECTOR" },
		{ "& a", "EQUERYNOSELECTOR" },
		{ "'a'", "EQUERYNOSELECTOR" },
		{ ".a", "EQUERYNODEPTYPE" },
		{ ":a", "EQUERYNOPSEUDO" },
		{ "::root", "" },
		{ ":attr(a)", "EQUERYATTR" },
		{ ":attr", "EQUERYATTR" },
		{ ":semver(a b)", "EQUERYINVALIDSEMVER" },
		{ ":semver(1.0.0, [version], nope)", "EQUERYINVALIDOPERATOR" },
		{ ":semver([a], [b])", "ESEMVERVALUE" },
		{ ":vuln", "ENOTSUP" },
		{ ":vuln([severity=high], [cwe])", "ENOTSUP" },
		{ ":vuln([title=x])", "EQUERYATTR" },
		{ ":vuln([cwe^=7])", "EQUERYATTR" },
		{ ":vuln(#a)", "EQUERYATTR" },
		{ ":root(#a)", "" },
		{ "#", "" },
		{ "#a >", "" },
		{ "#a + #b", "EQUERYNOSELECTOR" },
		{ ":not(#a", "" },
		{ "#a)", "" },
		{ "[a=\"b]", "" },
		{ "[a", "" },
		{ "[]", "" },
		{ ":semver(1", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ARENA_SCOPE(a);
		str found;
		struct err *e = run(a, bad[i].selector, &found);

		CHECK(e != NULL, "%s", bad[i].selector);
		CHECK_STR(str_slice(err_code_shown(e), 0, STR_NPOS), str_view(bad[i].code), "%s", bad[i].selector);
		err_free(e);
	}
}

TEST(deep_nesting_ends_in_an_error)
{
	ARENA_SCOPE(a);
	struct str_buf text = str_buf(a, 1 << 20);
	str found;

	buf_add_repeat(&text, S(":not("), 1000);
	CHECK_FAILS(run(a, buf_cstr(&text), &found), E_GENERIC);
	buf_reset(&text);
	buf_add_repeat(&text, S(":attr("), 1000);
	CHECK_FAILS(run(a, buf_cstr(&text), &found), E_GENERIC);
}

UNIT_TESTS(TESTED(selectors_find_what_they_find_for_npm), TESTED(what_is_no_selector_is_refused_with_npms_code),
	   TESTED(deep_nesting_ends_in_an_error))
