/* SPDX-License-Identifier: MIT
 * Property paths against what npm's pkg and view do with them. */
#include "cpm/base/json_path.h"

#include "check.h"

static struct json *parsed(struct arena *a, str text)
{
	struct json *v = NULL;

	CHECK_OK(json_parse(a, text, &v));
	return v;
}

static void add_value(struct str_buf *out, const struct json *v)
{
	if (v)
		json_write(out, v, (struct json_style){ S(""), S("") });
	else
		buf_add_cstr(out, "undefined");
}

static str found_text(struct arena *a, const json_found_vec *found)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	VEC_EACH (struct json_found, f, found) {
		buf_printf(&out, "%s" STR_FMT "=", out.len ? " " : "", STR_ARG(f->label));
		add_value(&out, f->val);
	}
	return buf_view(&out);
}

#define DOC                                                                                          \
	S("{\"name\":\"x\",\"one\":[7],\"none\":[],\"list\":[{\"n\":1},{\"n\":2},{}],\"deps\":{\"a.b\":\"^1\"}," \
	  "\"deep\":{\"l\":[[1,2],[3]]},\"nil\":null}")

TEST(a_path_finds_what_npm_finds)
{
	const struct {
		str path, want;
	} rows[] = {
		{ S("name"), S("name=\"x\"") },
		{ S(" name "), S(" name =\"x\"") },
		{ S("missing"), S("") },
		{ S("name.x"), S("") },
		{ S("deps[a.b]"), S("deps[a.b]=\"^1\"") },
		{ S("deps.a.b"), S("") },
		{ S("list[1].n"), S("list[1].n=2") },
		{ S("list.1.n"), S("list.1.n=2") },
		{ S("list[9]"), S("") },
		{ S("list[01]"), S("") },
		{ S("list.n"), S("list[0].n=1 list[1].n=2 list[2].n=undefined") },
		{ S("deep.l[0][1]"), S("deep.l[0][1]=2") },
		{ S("deep.l.x"), S("deepl[0].x=undefined deepl[1].x=undefined") },
		{ S("one"), S("one=[7]") },
		{ S("nil"), S("nil=null") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		json_found_vec found = { 0 };
		CHECK_OK(json_path_get(a, parsed(a, DOC), rows[i].path, false, &found));
		CHECK_STR(found_text(a, &found), rows[i].want, STR_FMT, STR_ARG(rows[i].path));
	}
}

TEST(short_lists_count_as_their_item_where_that_is_wanted)
{
	ARENA_SCOPE(a);
	json_found_vec found = { 0 };

	CHECK_OK(json_path_get(a, parsed(a, DOC), S("one"), true, &found));
	CHECK_OK(json_path_get(a, parsed(a, DOC), S("none"), true, &found));
	CHECK_OK(json_path_get(a, parsed(a, DOC), S("one"), true, &found));
	CHECK_STR(found_text(a, &found), S("one=7 none=undefined"));
}

TEST(a_path_that_cannot_be_read_is_refused)
{
	ARENA_SCOPE(a);
	json_found_vec found = { 0 };

	CHECK_FAILS(json_path_get(a, parsed(a, DOC), S("list[]"), false, &found), E_GENERIC);
	CHECK_FAILS(json_path_get(a, parsed(a, DOC), S("nil.x"), false, &found), E_GENERIC);
}

TEST(setting_makes_what_is_missing)
{
	const struct {
		str doc, path, want;
		bool force;
	} rows[] = {
		{ S("{}"), S("a"), S("{\"a\":\"v\"}"), false },
		{ S("{\"b\":1}"), S("a.b.c"), S("{\"b\":1,\"a\":{\"b\":{\"c\":\"v\"}}}"), false },
		{ S("{}"), S("a[0].b"), S("{\"a\":[{\"b\":\"v\"}]}"), false },
		{ S("{}"), S("a[2]"), S("{\"a\":[null,null,\"v\"]}"), false },
		{ S("{\"a\":[1]}"), S("a[]"), S("{\"a\":[1,\"v\"]}"), false },
		{ S("{\"a\":[1]}"), S("a[].b"), S("{\"a\":[1,{\"b\":\"v\"}]}"), false },
		{ S("{}"), S("a[x.y].z"), S("{\"a\":{\"x.y\":{\"z\":\"v\"}}}"), false },
		{ S("{\"a\":{\"b\":1}}"), S("a[0]"), S("{\"a\":{\"0\":\"v\",\"b\":1}}"), false },
		{ S("{\"a\":{\"b\":1}}"), S("a[0x10]"), S("{\"a\":{\"16\":\"v\",\"b\":1}}"), false },
		{ S("{\"a\":null}"), S("a.b"), S("{\"a\":{\"b\":\"v\"}}"), false },
		{ S("{\"a\":1}"), S("a.b"), S("{\"a\":{\"b\":\"v\"}}"), true },
		{ S("{\"a\":[1]}"), S("a.b"), S("{\"a\":{\"0\":1,\"b\":\"v\"}}"), true },
		{ S("{}"), S("0"), S("{}"), false },
		{ S("{\"a\":1}"), S("[0]"), S("{\"a\":1,\"[0]\":\"v\"}"), false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct json *doc = parsed(a, rows[i].doc);
		struct str_buf got = str_buf(a, SIZE_MAX);
		CHECK_OK(json_path_set(a, doc, rows[i].path, json_new_string(a, S("v")), rows[i].force));
		add_value(&got, doc);
		CHECK_STR(buf_view(&got), rows[i].want, STR_FMT, STR_ARG(rows[i].path));
	}
}

TEST(what_is_in_the_way_is_kept)
{
	const struct {
		str doc, path, code;
	} rows[] = {
		{ S("{\"a\":1}"), S("a.b"), S("EOVERRIDEVALUE") },
		{ S("{\"a\":[1]}"), S("a.b"), S("ENOADDPROP") },
		{ S("{\"a\":{\"b\":1}}"), S("a[]"), S("ENOAPPEND") },
		{ S("{}"), S("a.__proto__.b"), S("EFORBIDDENKEY") },
		{ S("{}"), S("a[99999]"), S("ETOOBIG") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct err *e = json_path_set(a, parsed(a, rows[i].doc), rows[i].path,
					      json_new_string(a, S("v")), false);
		CHECK(e != NULL, STR_FMT, STR_ARG(rows[i].path));
		CHECK_STR(err_code_shown(e), rows[i].code, STR_FMT, STR_ARG(rows[i].path));
		err_free(e);
	}
}

TEST(deleting_takes_only_what_is_there)
{
	const struct {
		str path, want;
	} rows[] = {
		{ S("a"), S("{\"l\":[1,2]}") },
		{ S("a.b"), S("{\"a\":{},\"l\":[1,2]}") },
		{ S("l[0]"), S("{\"a\":{\"b\":1},\"l\":[2]}") },
		{ S("l.x"), S("{\"a\":{\"b\":1},\"l\":[1,2]}") },
		{ S("x.y"), S("{\"a\":{\"b\":1},\"l\":[1,2]}") },
		{ S("a.b.c"), S("{\"a\":{\"b\":1},\"l\":[1,2]}") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct json *doc = parsed(a, S("{\"a\":{\"b\":1},\"l\":[1,2]}"));
		struct str_buf got = str_buf(a, SIZE_MAX);
		CHECK_OK(json_path_del(a, doc, rows[i].path));
		add_value(&got, doc);
		CHECK_STR(buf_view(&got), rows[i].want, STR_FMT, STR_ARG(rows[i].path));
	}
}

UNIT_TESTS(TESTED(a_path_finds_what_npm_finds),
	   TESTED(short_lists_count_as_their_item_where_that_is_wanted),
	   TESTED(a_path_that_cannot_be_read_is_refused), TESTED(setting_makes_what_is_missing),
	   TESTED(what_is_in_the_way_is_kept), TESTED(deleting_takes_only_what_is_there))
