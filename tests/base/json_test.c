/* SPDX-License-Identifier: MIT
 * Documents as JavaScript sees them: what is read, in which order, and how it is written back. */
#include "cpm/base/json.h"

#include <math.h>
#include <time.h>

#include "check.h"

static struct json *parsed(struct arena *a, str text)
{
	struct json *v = NULL;

	CHECK_OK(json_parse(a, text, &v));
	return v;
}

static str printed(struct arena *a, const struct json *v, struct json_style style)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	json_write(&out, v, style);
	return buf_view(&out);
}

static str compact(struct arena *a, str text)
{
	return printed(a, parsed(a, text), (struct json_style){ S(""), S("") });
}

TEST(documents_are_rewritten_as_json_stringify_would)
{
	ARENA_SCOPE(a);
	const struct {
		str text, want;
	} rows[] = {
		{ S(" { \"a\" : [ 1 , true , false , null ] } "), S("{\"a\":[1,true,false,null]}") },
		{ S("\xef\xbb\xbf{}"), S("{}") },
		{ S("[[],{}]"), S("[[],{}]") },
		{ S("\"\\u0041\\/\\u001f\\u007f\\u2028\""), S("\"A/\\u001f\x7f\xe2\x80\xa8\"") },
		{ S("\"\\b\\f\\n\\r\\t\\\"\\\\\""), S("\"\\b\\f\\n\\r\\t\\\"\\\\\"") },
		{ S("\"\\ud83d\\ude00\""), S("\"\xf0\x9f\x98\x80\"") },
		{ S("\"\\uD800x\\udc00\""), S("\"\\ud800x\\udc00\"") },
		{ S("\"\\udc00\\ud800\""), S("\"\\udc00\\ud800\"") },
		{ S("{\"\\ud800\":1}"), S("{\"\\ud800\":1}") },
		{ S("\"caf\xe9\""), S("\"caf\xef\xbf\xbd\"") },
		{ S("1.0"), S("1") },
		{ S("1e3"), S("1000") },
		{ S("-0"), S("0") },
		{ S("1e400"), S("null") },
		{ S("-1e400"), S("null") },
		{ S("9007199254740993"), S("9007199254740992") },
		{ S("0.1000000000000000055511151231257827021181583404541015625000000000000000"), S("0.1") },
		{ S("100000000000000000000000000000000000000000000000000000000000000000000000"), S("1e+71") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(compact(a, rows[i].text), rows[i].want, "row %zu", i);
}

TEST(t14_last_duplicate_wins_at_the_first_place)
{
	ARENA_SCOPE(a);
	struct json *v = parsed(a, S("{\"integrity\":\"A\",\"x\":1,\"Integrity\":\"C\",\"integrity\":\"B\"}"));

	CHECK_STR(json_get_text(v, "integrity"), S("B"));
	CHECK_STR(json_get_text(v, "Integrity"), S("C"));
	CHECK_EQ(v->count, 3);
	CHECK_STR(v->members[0].key, S("integrity"));
	CHECK(json_get(v, "INTEGRITY") == NULL);
}

TEST(t14_tricks_are_refused)
{
	ARENA_SCOPE(a);
	struct str_buf deep = str_buf(a, SIZE_MAX);
	struct json *v;

	CHECK_FAILS(json_parse(a, S("{\"name\":\"vic\\u0000tim\"}"), &v), E_JSON_PARSE);
	CHECK_FAILS(json_parse(a, S("{} {}"), &v), E_JSON_PARSE);
	CHECK_FAILS(json_parse(a, S("\"\x01\""), &v), E_JSON_PARSE);
	CHECK_FAILS(json_parse(a, S(""), &v), E_JSON_PARSE);
	buf_add_repeat(&deep, S("["), JSON_MAX_DEPTH);
	buf_add_repeat(&deep, S("]"), JSON_MAX_DEPTH);
	CHECK_OK(json_parse(a, buf_view(&deep), &v));
	buf_reset(&deep);
	buf_add_repeat(&deep, S("["), JSON_MAX_DEPTH + 1);
	buf_add_repeat(&deep, S("]"), JSON_MAX_DEPTH + 1);
	CHECK_FAILS(json_parse(a, buf_view(&deep), &v), E_JSON_PARSE);
}

TEST(integer_like_keys_come_first_by_number)
{
	ARENA_SCOPE(a);
	const struct {
		str text, want;
	} rows[] = {
		{ S("{\"b\":1,\"10\":2,\"9\":3,\"a\":4,\"0\":5}"), S("{\"0\":5,\"9\":3,\"10\":2,\"b\":1,\"a\":4}") },
		{ S("{\"\":1,\"1\":2}"), S("{\"1\":2,\"\":1}") },
		{ S("{\"01\":1,\"1\":2}"), S("{\"1\":2,\"01\":1}") },
		{ S("{\"4294967295\":1,\"4294967294\":2}"), S("{\"4294967294\":2,\"4294967295\":1}") },
		{ S("{\"x\":1,\"-1\":2,\"1.5\":3}"), S("{\"x\":1,\"-1\":2,\"1.5\":3}") },
		{ S("{\"x\":1,\"3\":2,\"3\":4}"), S("{\"3\":4,\"x\":1}") },
		{ S("{\"__proto__\":1,\"constructor\":2}"), S("{\"__proto__\":1,\"constructor\":2}") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(compact(a, rows[i].text), rows[i].want, "row %zu", i);
}

TEST(edits_put_keys_where_javascript_would)
{
	ARENA_SCOPE(a);
	struct json *v = parsed(a, S("{\"b\":1,\"a\":2}"));
	struct json_style one_line = { S(""), S("") };

	json_set(a, v, S("c"), json_new_bool(a, true));
	json_set(a, v, S("10"), json_new_number(a, 10));
	json_set(a, v, S("9"), json_new_number(a, 9));
	json_set(a, v, S("b"), json_new(a, JSON_NULL));
	json_set_text(a, v, "d", S("x"));
	CHECK_STR(printed(a, v, one_line), S("{\"9\":9,\"10\":10,\"b\":null,\"a\":2,\"c\":true,\"d\":\"x\"}"));
	CHECK(json_del(v, S("10")));
	CHECK(!json_del(v, S("10")));
	CHECK(json_del(v, S("a")));
	json_set(a, v, S("a"), json_new_number(a, 3));
	CHECK_STR(printed(a, v, one_line), S("{\"9\":9,\"b\":null,\"c\":true,\"d\":\"x\",\"a\":3}"));
}

/* The same edits on an object large enough to have an index: a plain walk must agree with it at every step. */
TEST(large_objects_stay_consistent_through_edits)
{
	ARENA_SCOPE(a);
	struct json *v = json_new(a, JSON_OBJECT);
	unsigned seed = 1;

	for (int step = 0; step < 4000; step++) {
		str key;

		seed = seed * 1103515245 + 12345;
		key = str_printf(a, seed >> 30 ? "k%u" : "%u", (seed >> 16) % 60);
		if ((seed >> 8) % 3)
			json_set(a, v, key, json_new_number(a, step));
		else
			json_del(v, key);
		for (size_t i = 0; i < v->count; i++)
			CHECK(json_get_str(v, v->members[i].key) == v->members[i].val, "step %d", step);
		CHECK_EQ(json_get_str(v, key) != NULL, (seed >> 8) % 3 != 0, "step %d", step);
	}
	CHECK(json_equal(v, parsed(a, printed(a, v, JSON_STYLE_DEFAULT))));
	CHECK_STR(printed(a, json_dup(a, v), JSON_STYLE_DEFAULT), printed(a, v, JSON_STYLE_DEFAULT));
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* 60,000 keys in the worst order for an insertion one by one; twice, so that each is a duplicate as well. */
TEST(t41_large_objects_are_not_quadratic)
{
	enum { KEYS = 60000 };
	ARENA_SCOPE(a);
	struct str_buf text = str_buf(a, SIZE_MAX);
	double before = seconds();
	struct json *v;

	for (int round = 0; round < 2; round++)
		for (int i = KEYS; i-- > 0;)
			buf_printf(&text, "%s\"%d\":1,\"k%d\":%d", text.len ? "," : "{", i, i, round);
	buf_add_char(&text, '}');
	v = parsed(a, buf_view(&text));
	CHECK_EQ(v->count, 2 * KEYS);
	for (int i = 0; i < KEYS; i++)
		CHECK(json_get_str(v, str_printf(a, "k%d", i)) != NULL, "%d", i);
	CHECK_STR(v->members[0].key, S("0"));
	CHECK(seconds() - before < 5, "%f s", seconds() - before);
}

TEST(getters_answer_for_any_value)
{
	ARENA_SCOPE(a);
	struct json *v = parsed(a, S("{\"s\":\"x\",\"e\":\"\",\"n\":0,\"t\":true,\"f\":false,\"z\":null,\"o\":{},\"one\":1}"));
	const struct {
		const char *key;
		bool is_true, is_truthy;
	} rows[] = {
		{ "s", false, true }, { "e", false, false }, { "n", false, false }, { "t", true, true }, { "f", false, false },
		{ "z", false, false }, { "o", false, true }, { "one", false, true }, { "missing", false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_EQ(json_get_bool(v, rows[i].key), rows[i].is_true, "%s", rows[i].key);
		CHECK_EQ(json_is_truthy(json_get(v, rows[i].key)), rows[i].is_truthy, "%s", rows[i].key);
	}
	CHECK(!json_is_truthy(json_new_number(a, NAN)));
	CHECK_STR(json_get_text(v, "s"), S("x"));
	CHECK_STR(json_get_text(v, "e"), S(""));
	CHECK(str_is_null(json_get_text(v, "n")) && str_is_null(json_get_text(v, "missing")));
	CHECK(json_get(json_get(v, "s"), "x") == NULL && json_get(NULL, "x") == NULL);
	CHECK(json_is(json_get(v, "o"), JSON_OBJECT) && !json_is(NULL, JSON_NULL));
}

TEST(equality_ignores_the_order_of_keys)
{
	ARENA_SCOPE(a);
	const struct {
		str left, right;
		bool want;
	} rows[] = {
		{ S("{\"a\":1,\"b\":[1,{}]}"), S("{\"b\":[1,{}],\"a\":1.0}"), true },
		{ S("{\"a\":1}"), S("{\"a\":1,\"b\":1}"), false },
		{ S("{\"a\":1}"), S("{\"b\":1}"), false },
		{ S("[1,2]"), S("[2,1]"), false },
		{ S("\"x\""), S("\"\\u0078\""), true },
		{ S("null"), S("false"), false },
		{ S("true"), S("false"), false },
		{ S("{}"), S("[]"), false },
		{ S("1"), S("2"), false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(json_equal(parsed(a, rows[i].left), parsed(a, rows[i].right)), rows[i].want, "row %zu", i);
	CHECK(json_equal(NULL, NULL) && !json_equal(NULL, parsed(a, S("null"))));
}

TEST(numbers_print_as_javascript_prints_them)
{
	ARENA_SCOPE(a);
	const struct {
		double n;
		str want;
	} rows[] = {
		{ 0, S("0") },			  { -0.0, S("0") },
		{ 1, S("1") },			  { -1.5, S("-1.5") },
		{ 100, S("100") },		  { 0.1, S("0.1") },
		{ 0.1 + 0.2, S("0.30000000000000004") }, { 1e20, S("100000000000000000000") },
		{ 1e21, S("1e+21") },		  { 123456789012345680000.0, S("123456789012345680000") },
		{ 1e-6, S("0.000001") },	  { 1e-7, S("1e-7") },
		{ 1.5e-7, S("1.5e-7") },	  { 123e-9, S("1.23e-7") },
		{ 5e-324, S("5e-324") },	  { 1.7976931348623157e308, S("1.7976931348623157e+308") },
		{ 9007199254740991, S("9007199254740991") }, { 9007199254740992, S("9007199254740992") },
		{ 0x1p-44, S("5.684341886080802e-14") }, { 1234567890.12345, S("1234567890.12345") },
		{ INFINITY, S("null") },	  { NAN, S("null") },
		{ 1e23, S("1e+23") },		  { 4.35, S("4.35") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str_buf out = str_buf(a, 100);

		json_write_number(&out, rows[i].n);
		CHECK_STR(buf_view(&out), rows[i].want, "row %zu", i);
	}
}

TEST(the_layout_of_a_file_is_remembered)
{
	const struct {
		str text, indent, newline;
	} rows[] = {
		{ S("{}"), S("  "), S("\n") },
		{ S("[]\n"), S("  "), S("\n") },
		{ S("{}\r\n\r\n"), S("  "), S("\r\n\r\n") },
		{ S("{} "), S(""), S("") },
		{ S("{\n  \"a\": 1\n}"), S("  "), S("\n") },
		{ S("{\r\n\t\"a\": 1\r\n}"), S("\t"), S("\r\n") },
		{ S("\xef\xbb\xbf{\n    \"a\": 1\n}"), S("    "), S("\n") },
		{ S(" \n[\n 1\n]"), S(" "), S("\n") },
		{ S("{\n\n  \"a\": 1\n}"), S("  "), S("\n\n") },
		{ S("{\"a\":1}"), S(""), S("") },
		{ S("{ \n\"a\":1}"), S(""), S("") },
		{ S("{\n\"a\":1}"), S(""), S("\n") },
		{ S("{\n}"), S(""), S("\n") },
		{ S("{\n  \n \"a\":1}"), S("  \n "), S("\n") },
		{ S("1"), S(""), S("") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json_style style = json_style_of(rows[i].text);

		CHECK_STR(style.indent, rows[i].indent, "row %zu", i);
		CHECK_STR(style.newline, rows[i].newline, "row %zu", i);
	}
}

TEST(layout_is_written_back)
{
	ARENA_SCOPE(a);
	struct json *v = parsed(a, S("{\"a\":[1,{\"b\":[]}],\"c\":{}}"));
	const struct {
		struct json_style style;
		str want;
	} rows[] = {
		{ JSON_STYLE_DEFAULT,
		  S("{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}") },
		{ { S("\t"), S("\r\n") },
		  S("{\r\n\t\"a\": [\r\n\t\t1,\r\n\t\t{\r\n\t\t\t\"b\": []\r\n\t\t}\r\n\t],\r\n\t\"c\": {}\r\n}") },
		{ { S(""), S("\n") }, S("{\"a\":[1,{\"b\":[]}],\"c\":{}}") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(printed(a, v, rows[i].style), rows[i].want, "row %zu", i);
	v = parsed(a, S("[1]"));
	CHECK_STR(printed(a, v, (struct json_style){ S("123456789012"), S("\n") }), S("[\n12345678901\n]"));
	CHECK_STR(printed(a, v, (struct json_style){ S(" \n "), S("\r\n") }), S("[\r\n \r\n 1\r\n]"));
}

TEST(values_can_be_built_and_copied)
{
	ARENA_SCOPE(a);
	struct json *v = json_new(a, JSON_OBJECT), *list = json_new(a, JSON_ARRAY), *copy;
	char text[] = "text";

	for (int i = 0; i < 10; i++)
		json_append(a, list, json_new_number(a, i));
	json_set(a, v, S("list"), list);
	json_set(a, v, S("text"), json_new_string(a, str_of(text, 4)));
	json_set(a, v, S("none"), json_new_string(a, STR_NULL));
	copy = json_dup(a, v);
	memset(text, 'x', 4);
	CHECK_STR(json_get_text(copy, "text"), S("text"));
	CHECK_STR(json_get_text(copy, "none"), S(""));
	CHECK_STR(printed(a, json_get(copy, "list"), (struct json_style){ S(""), S("") }), S("[0,1,2,3,4,5,6,7,8,9]"));
}

/* Strings are passed over eight bytes at a time. */
TEST(what_needs_an_escape_gets_one_wherever_it_stands)
{
	const struct {
		str raw, escaped;
	} rows[] = {
		{ S("\""), S("\\\"") }, { S("\\"), S("\\\\") }, { S("\n"), S("\\n") },
		{ S("\x01"), S("\\u0001") }, { S("\x1f"), S("\\u001f") }, { S("\xed\xa0\x80"), S("\\ud800") },
		{ S(" "), S(" ") }, { S("\xed\x9f\xbf"), S("\xed\x9f\xbf") }, { S("\xff"), S("\xff") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t at = 0; at <= 20; at++) {
			ARENA_SCOPE(a);
			struct str_buf out = str_buf(a, SIZE_MAX);
			str front = str_slice(S("aaaaaaaaaaaaaaaaaaaa"), 0, at),
			    back = str_slice(S("bbbbbbbbbbbbbbbbbbbb"), at, 20);

			json_write_string(&out, str_concat(a, front, str_concat(a, rows[i].raw, back)));
			CHECK_STR(buf_view(&out),
				  str_concat(a, S("\""), str_concat(a, front, str_concat(a, rows[i].escaped,
							  str_concat(a, back, S("\""))))),
				  "row %zu at %zu", i, at);
		}
}

UNIT_TESTS(TESTED(what_needs_an_escape_gets_one_wherever_it_stands), TESTED(documents_are_rewritten_as_json_stringify_would), TESTED(t14_last_duplicate_wins_at_the_first_place),
	   TESTED(t14_tricks_are_refused), TESTED(integer_like_keys_come_first_by_number),
	   TESTED(edits_put_keys_where_javascript_would), TESTED(large_objects_stay_consistent_through_edits),
	   TESTED(t41_large_objects_are_not_quadratic), TESTED(getters_answer_for_any_value),
	   TESTED(equality_ignores_the_order_of_keys), TESTED(numbers_print_as_javascript_prints_them),
	   TESTED(the_layout_of_a_file_is_remembered), TESTED(layout_is_written_back),
	   TESTED(values_can_be_built_and_copied))
