/* SPDX-License-Identifier: MIT
 * The scanner: what the grammar allows, where it stops, and how it walks. */
#include "cpm/base/json_scan.h"

#include "check.h"
#include "cpm/base/json.h"

TEST(check_accepts_what_json_parse_accepts)
{
	const str rows[] = {
		S("{}"), S("[]"), S("0"), S("-0"), S("1e5"), S("1E+5"), S("-1.5e-3"), S("true"), S("false"), S("null"),
		S("\"\""), S(" \t\r\n[1 , 2]\n"), S("\xef\xbb\xbf{}"), S("{\"a\":{\"b\":[1,{\"c\":null}]},\"d\":\"\"}"),
		S("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\""), S("\"\\ud800\""), S("\"\x7f\xe2\x80\xa8\""),
		S("[[[]],[]]"), S("{\"\":1,\"\":2}"), S("1e999"), S("[1,\"a\\\\\"]"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_OK(jscan_check(rows[i]));
}

TEST(check_refuses_what_json_parse_refuses)
{
	const str rows[] = {
		S(""), S(" "), S("{"), S("}"), S("[1,]"), S("[,1]"), S("[1 2]"), S("{\"a\"}"), S("{\"a\":}"),
		S("{\"a\":1,}"), S("{a:1}"), S("{'a':1}"), S("01"), S("-"), S("1."), S(".5"), S("1e"), S("+1"), S("1e+"),
		S("tru"), S("nul"), S("True"), S("\"a"), S("\"\\x\""), S("\"\\u12g4\""), S("\"\\u12\""), S("\"a\nb\""),
		S("\"a\tb\""), S("{} x"), S("{}{}"), S("[1}"), S("{\"a\":1]"), S("// c\n1"), S("\"\\"), S("\"\\\""),
		S("\xef\xbb\xbf\xef\xbb\xbf{}"), S("\xc2\xa0{}"), S("NaN"), S("[1,,2]"), S("{,}"), S("{\"a\" 1}"),
		S("{1:1}"), S("\"\x01\""), S("[\x0b]"), S("nullx"), S("1 1"), S("--1"), S("0x1"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err *e = jscan_check(rows[i]);

		CHECK(e != NULL, "row %zu '" STR_FMT "'", i, STR_ARG(rows[i]));
		CHECK_EQ(e->code, E_JSON_PARSE, "row %zu", i);
		err_free(e);
	}
}

TEST(check_refuses_escaped_nul_and_broken_utf8)
{
	CHECK_FAILS(jscan_check(S("\"vic\\u0000tim\"")), E_JSON_PARSE);
	CHECK_FAILS(jscan_check(S("{\"a\\u0000\":1}")), E_JSON_PARSE);
	CHECK_FAILS(jscan_check(S("\"\xff\"")), E_JSON_PARSE);
	CHECK_FAILS(jscan_check(S("\"\xc3\"")), E_JSON_PARSE);
	CHECK_FAILS(jscan_check(S("\"\xed\xa0\x80\"")), E_JSON_PARSE);
	CHECK_FAILS(jscan_check(str_of("\"a\0b\"", 5)), E_JSON_PARSE);
	CHECK_OK(jscan_check(S("\"\\\\u0000\"")));
}

TEST(depth_is_bounded_and_a_million_brackets_are_an_error)
{
	ARENA_SCOPE(a);
	struct str_buf deep = str_buf(a, SIZE_MAX), million = str_buf(a, SIZE_MAX);

	buf_add_repeat(&deep, S("["), JSON_MAX_DEPTH);
	buf_add_repeat(&deep, S("]"), JSON_MAX_DEPTH);
	CHECK_OK(jscan_check(buf_view(&deep)));
	buf_reset(&deep);
	buf_add_repeat(&deep, S("{\"a\":"), JSON_MAX_DEPTH + 1);
	buf_add(&deep, S("1"));
	buf_add_repeat(&deep, S("}"), JSON_MAX_DEPTH + 1);
	CHECK_FAILS(jscan_check(buf_view(&deep)), E_JSON_PARSE);
	buf_add_repeat(&million, S("["), 1000000);
	CHECK_FAILS(jscan_check(buf_view(&million)), E_JSON_PARSE);
}

TEST(errors_name_line_and_column_but_no_content)
{
	const struct {
		str text, want;
	} rows[] = {
		{ S("{\n  \"secret\": oops\n}"), S("invalid JSON at line 2, column 13: expected a value") },
		{ S("{\"a\":1"), S("invalid JSON at line 1, column 7: the text ends too early") },
		{ S("\xef\xbb\xbf[\"\xc3\xa9\" x]"), S("invalid JSON at line 1, column 6: expected ',' or ']'") },
		{ S("[1]\n\n]"), S("invalid JSON at line 3, column 1: the document has ended") },
		{ S(""), S("invalid JSON at line 1, column 1: the text ends too early") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err *e = jscan_check(rows[i].text);

		CHECK(e != NULL, "row %zu", i);
		CHECK_STR(e->message, rows[i].want, "row %zu", i);
		err_free(e);
	}
}

TEST(walk_visits_members_and_elements)
{
	struct jscan s = jscan_init(S(" {\"a\": [1, \"x\", {}], \"b\" : {\"c\":true} , \"d\":-1.5e3}"));
	str key;

	CHECK(jscan_enter(&s, '{'));
	CHECK(jscan_key(&s, &key));
	CHECK_STR(key, S("a"));
	CHECK_EQ(jscan_peek(&s), '[');
	CHECK(jscan_enter(&s, '['));
	CHECK(jscan_item(&s));
	CHECK_STR(jscan_value(&s), S("1"));
	CHECK(jscan_item(&s));
	CHECK_STR(jscan_value(&s), S("\"x\""));
	CHECK(jscan_item(&s));
	CHECK_STR(jscan_value(&s), S("{}"));
	CHECK(!jscan_item(&s));
	CHECK(jscan_key(&s, &key));
	CHECK_STR(key, S("b"));
	CHECK_STR(jscan_value(&s), S("{\"c\":true}"));
	CHECK(jscan_key(&s, &key));
	CHECK_STR(key, S("d"));
	CHECK_STR(jscan_value(&s), S("-1.5e3"));
	CHECK(!jscan_key(&s, &key));
	CHECK_EQ(s.depth, 0);
	CHECK_OK(jscan_finish(&s));
}

TEST(walk_goes_bad_once_and_stays_bad)
{
	struct jscan s = jscan_init(S("{\"a\":1 \"b\":2}"));
	const char *where;
	str key;

	CHECK(jscan_enter(&s, '{'));
	CHECK(jscan_key(&s, &key));
	jscan_skip(&s);
	CHECK(!jscan_key(&s, &key));
	CHECK(s.bad);
	where = s.at;
	CHECK(!jscan_key(&s, &key));
	CHECK(!jscan_item(&s));
	CHECK(!jscan_enter(&s, '{'));
	CHECK_EQ(jscan_peek(&s), 0);
	CHECK_STR(jscan_value(&s), STR_NULL);
	CHECK(s.at == where);
	CHECK_FAILS(jscan_finish(&s), E_JSON_PARSE);
}

TEST(entering_the_wrong_kind_is_bad)
{
	struct jscan s = jscan_init(S("[]"));

	CHECK(!jscan_enter(&s, '{'));
	CHECK_FAILS(jscan_error(&s), E_JSON_PARSE);
}

TEST(a_value_left_behind_is_bad)
{
	struct jscan s = jscan_init(S("{\"a\":1,\"b\":2}"));
	str key;

	CHECK(jscan_enter(&s, '{'));
	CHECK(jscan_key(&s, &key));
	CHECK(!jscan_key(&s, &key));
	CHECK(s.bad);
}

/* Brackets and quotes in strings, runs of backslashes, at every offset within the blocks that containers are skipped
 * in, with padding that moves everything across the block borders. */
TEST(containers_are_skipped_whatever_their_strings_hold)
{
	const str rows[] = {
		S("{\"a\":\"}\",\"b\":\"]\",\"c\":\"[\",\"d\":\"{\"}"), S("[\"\\\"]\",\"\\\\\",\"\\\\\\\"]\"]"),
		S("[[[{}],[]],{\"x\":[{}]}]"), S("{\"\\\\\":\"\\\\\\\\\",\"y\":[\"\\\\\\\\\\\"\"]}"), S("[]"), S("{}"),
		S("[\"\\u005d\\\\\"]"), S("[\"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"]"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t pad = 0; pad < 140; pad++) {
			ARENA_SCOPE(a);
			struct str_buf text = str_buf(a, SIZE_MAX);
			struct jscan s;
			str value;

			buf_add_char(&text, '[');
			buf_add_repeat(&text, S(" "), pad / 2);
			buf_add_char(&text, '"');
			buf_add_repeat(&text, S("x"), pad - pad / 2);
			buf_add(&text, S("\","));
			buf_add(&text, rows[i]);
			buf_add(&text, S(",\"]\"]   "));
			s = jscan_init(buf_view(&text));
			value = jscan_value(&s);
			CHECK_EQ(value.len, text.len - 3, "row %zu pad %zu", i, pad);
			CHECK_OK(jscan_finish(&s));
			CHECK_OK(jscan_check(buf_view(&text)));
			s = jscan_init(buf_view(&text));
			CHECK(jscan_enter(&s, '[') && jscan_item(&s), "row %zu pad %zu", i, pad);
			jscan_skip(&s);
			CHECK(jscan_item(&s), "row %zu pad %zu", i, pad);
			CHECK_STR(jscan_value(&s), rows[i], "pad %zu", pad);
		}
	}
}

TEST(a_container_cut_anywhere_is_bad)
{
	const str text = S("{\"a\":[1,2,{\"b\":\"c\\\"}\"}],\"dddddddddddddddddddddddddddddddddddddddddddddddddddddd\":{}}");

	for (size_t len = 0; len < text.len; len++) {
		struct jscan s = jscan_init(str_slice(text, 0, len));

		CHECK_STR(jscan_value(&s), STR_NULL, "cut at %zu", len);
		CHECK(s.bad, "cut at %zu", len);
	}
}

TEST(text_decodes_escapes)
{
	ARENA_SCOPE(a);
	const struct {
		str span, want;
	} rows[] = {
		{ S("\"plain\""), S("plain") },
		{ S("\"\""), S("") },
		{ S("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), S("\"\\/\b\f\n\r\t") },
		{ S("\"\\u0041\\u00e9\\u20ac\\uD83D\\uDE00\""), S("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") },
		{ S("\"\\ud800x\""), S("\xef\xbf\xbdx") },
		{ S("\"\\udc00\\ud800\""), S("\xef\xbf\xbd\xef\xbf\xbd") },
		{ S("\"\\ud800\\u0041\""), S("\xef\xbf\xbd" "A") },
		{ S("\"a\\u0000b\""), STR_NULL },
		{ S("\"a\\"), STR_NULL },
		{ S("\"a\\q\""), STR_NULL },
		{ S("12"), STR_NULL },
		{ S("\""), STR_NULL },
		{ S("{}"), STR_NULL },
		{ STR_NULL, STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(jscan_text(a, rows[i].span), rows[i].want, "row %zu", i);
	CHECK_STR(jscan_unescape(a, S("a\\/b")), S("a/b"));
}

TEST(text_without_escapes_is_a_view)
{
	ARENA_SCOPE(a);
	str span = S("\"view\"");

	CHECK(jscan_text(a, span).p == span.p + 1);
}

TEST(a_member_is_found_by_its_key_alone)
{
	ARENA_SCOPE(a);
	const struct {
		str text, key, want;
	} rows[] = {
		{ S("{\"a\": \"^1\", \"b\":\"^2\"}"), S("b"), S("\"^2\"") },
		{ S("{\"b\":\"a\",\"a\" : 7 }"), S("a"), S("7") },
		{ S("{\"aa\":1,\"a\":2}"), S("a"), S("2") },
		{ S("{\"a\":1,\"a\":2}"), S("a"), S("2") },
		{ S("{\"b\":\"a\"}"), S("a"), STR_NULL },
		{ S("{\"b\":\" a\"}"), S("a"), STR_NULL },
		{ S("{\"b\":{\"a\":1}}"), S("a"), STR_NULL },
		{ S("{\"b\":[\"a\"],\"a\":[2]}"), S("a"), S("[2]") },
		{ S("{\"b\":\"\\\"a\\\":1\"}"), S("a"), STR_NULL },
		{ S("{\"\\u0061\":1}"), S("a"), S("1") },
		{ S(" {\"a\":1}"), S("a"), S("1") },
		{ S("{\"\":1}"), S(""), S("1") },
		{ S("{}"), S("a"), STR_NULL },
		{ S("{\"a"), S("a"), STR_NULL },
		{ S("{\"a\""), S("a"), STR_NULL },
		{ S("[\"a\",1]"), S("a"), STR_NULL },
		{ S("\"a\""), S("a"), STR_NULL },
		{ STR_NULL, S("a"), STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(jscan_member(a, rows[i].text, rows[i].key), rows[i].want, "row %zu", i);
}

TEST(flat_objects_are_searched_as_text)
{
	const struct {
		str text;
		bool is_flat;
		str want; /* of the key "a" */
	} rows[] = {
		{ S("{\"a\": \"^1\", \"b\":\"^2\"}"), true, S("\"^1\"") },
		{ S("{\"b\":\"a\",\"a\" : 7 }"), true, S("7") },
		{ S("{\"aa\":1,\"ba\":3,\"a\":2}"), true, S("2") },
		{ S("{\"b\":\"a\"}"), true, STR_NULL },
		{ S("{\"b\":\" a\"}"), true, STR_NULL },
		{ S("{}"), true, STR_NULL },
		{ S("{\"a"), true, STR_NULL },
		{ S("{\"a\""), true, STR_NULL },
		{ S("{\"a\":"), true, STR_NULL },
		{ S("{\"b\":{\"a\":1}}"), false, STR_NULL },
		{ S("{\"b\":[\"a\"]}"), false, STR_NULL },
		{ S("{\"b\":\"\\\"a\\\":1\"}"), false, STR_NULL },
		{ S(" {}"), false, STR_NULL },
		{ S("{"), false, STR_NULL },
		{ STR_NULL, false, STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_EQ(jscan_is_flat(rows[i].text), rows[i].is_flat, "row %zu", i);
		for (size_t hint = 0; rows[i].is_flat && hint < 200; hint++) {
			size_t at = hint;
			CHECK_STR(jscan_flat_member(rows[i].text, S("a"), &at), rows[i].want, "row %zu hint %zu", i, hint);
		}
	}
	CHECK_STR(jscan_flat_member(S("{\"\":1}"), S(""), &(size_t){ 0 }), STR_NULL);
}

TEST(members_are_found_in_one_pass)
{
	ARENA_SCOPE(a);
	const str keys[] = { S("a"), S("b"), S("c") };
	str spans[ARRAY_LEN(keys)];

	jscan_members(a, S("{\"c\":{\"a\":0},\"x\":1,\"a\":[1],\"c\":null}"), keys, ARRAY_LEN(keys), spans);
	CHECK_STR(spans[0], S("[1]"));
	CHECK_STR(spans[1], STR_NULL);
	CHECK_STR(spans[2], S("null"));
}

UNIT_TESTS(TESTED(check_accepts_what_json_parse_accepts), TESTED(check_refuses_what_json_parse_refuses),
	   TESTED(check_refuses_escaped_nul_and_broken_utf8),
	   TESTED(depth_is_bounded_and_a_million_brackets_are_an_error),
	   TESTED(errors_name_line_and_column_but_no_content), TESTED(walk_visits_members_and_elements),
	   TESTED(walk_goes_bad_once_and_stays_bad), TESTED(entering_the_wrong_kind_is_bad),
	   TESTED(a_value_left_behind_is_bad), TESTED(containers_are_skipped_whatever_their_strings_hold),
	   TESTED(a_container_cut_anywhere_is_bad), TESTED(text_decodes_escapes), TESTED(text_without_escapes_is_a_view),
	   TESTED(a_member_is_found_by_its_key_alone), TESTED(members_are_found_in_one_pass),
	   TESTED(flat_objects_are_searched_as_text))
