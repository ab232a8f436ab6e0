/* SPDX-License-Identifier: MIT
 * What Node.js prints for the same values; the wanted texts were printed by it. */
#include "cpm/ui/ui_inspect.h"

#include "check.h"

static str inspected(struct arena *a, str json, struct inspect_opts opts)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	struct json *v = NULL;

	CHECK_OK(json_parse(a, json, &v));
	ui_inspect(&out, v, &opts);
	return buf_view(&out);
}

TEST(values_are_shown_as_javascript_literals)
{
	const struct {
		str json, want;
	} rows[] = {
		{ S("null"), S("null") },
		{ S("-0"), S("-0") },
		{ S("1e21"), S("1e+21") },
		{ S("\"a\""), S("'a'") },
		{ S("\"it's\""), S("\"it's\"") },
		{ S("\"it's \\\"x\\\"\""), S("`it's \"x\"`") },
		{ S("\"' \\\" `\""), S("'\\' \" `'") },
		{ S("\"\\ud800\""), S("'\\ud800'") },
		{ S("[]"), S("[]") },
		{ S("{}"), S("{}") },
		{ S("{\"a\":1,\"b-c\":2,\"3\":3}"), S("{ '3': 3, a: 1, 'b-c': 2 }") },
		{ S("{\"a\":{\"b\":{\"c\":{}}}}"), S("{ a: { b: { c: {} } } }") },
		{ S("{\"a\":{\"b\":{\"c\":{\"d\":1}}}}"), S("{\n  a: { b: { c: { d: 1 } } }\n}") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		CHECK_STR(inspected(a, rows[i].json, (struct inspect_opts){ .depth = 5 }),
			  rows[i].want, STR_FMT, STR_ARG(rows[i].json));
	}
}

TEST(control_characters_are_escaped)
{
	ARENA_SCOPE(a);

	CHECK_STR(inspected(a, S("\"\\t\\u000b\\u007f\\u0085\\u00a0\\\\\""),
			    (struct inspect_opts){ 0 }),
		  S("'\\t\\x0B\\x7F\\x85\xc2\xa0\\\\'"));
}

TEST(lists_of_many_short_items_become_columns)
{
	ARENA_SCOPE(a);

	CHECK_STR(inspected(a, S("[1,2,3,4,5,6,70]"), (struct inspect_opts){ 0 }),
		  S("[\n  1, 2,  3, 4,\n  5, 6, 70\n]"));
	CHECK_STR(inspected(a,
			    S("[\"1.0.0\",\"1.0.1\",\"1.0.2\",\"1.1.0\",\"1.10.0\",\"2.0.0\",\"2.0."
			      "1\"]"),
			    (struct inspect_opts){ 0 }),
		  S("[\n  '1.0.0',  '1.0.1',\n  '1.0.2',  '1.1.0',\n  '1.10.0', '2.0.0',\n  "
		    "'2.0.1'\n]"));
}

TEST(depth_and_length_have_an_end)
{
	ARENA_SCOPE(a);

	CHECK_STR(inspected(a, S("{\"a\":{\"b\":[1],\"c\":[],\"d\":{}}}"),
			    (struct inspect_opts){ .depth = 1 }),
		  S("{ a: { b: [Array], c: [], d: {} } }"));
	CHECK_STR(inspected(a, S("[1,2,3]"), (struct inspect_opts){ .max_items = 1 }),
		  S("[ 1, ... 2 more items ]"));
}

TEST(numbers_stay_aligned_when_there_are_more)
{
	ARENA_SCOPE(a);

	CHECK_STR(inspected(a, S("[1,2,3,4,5,6,70,8]"), (struct inspect_opts){ .max_items = 7 }),
		  S("[\n  1, 2,  3, 4,\n  5, 6, 70,\n  ... 1 more item\n]"));
}

TEST(long_texts_are_split_at_their_lines)
{
	ARENA_SCOPE(a);
	str line = S("0123456789012345678901234567890123456789");

	CHECK_STR(inspected(a,
			    str_printf(a, "{\"a\":\"" STR_FMT "\\n" STR_FMT "\"}", STR_ARG(line),
				       STR_ARG(line)),
			    (struct inspect_opts){ .depth = 5 }),
		  str_printf(a, "{\n  a: '" STR_FMT "\\n' +\n    '" STR_FMT "'\n}", STR_ARG(line),
			     STR_ARG(line)));
}

TEST(colours_take_no_room)
{
	ARENA_SCOPE(a);
	struct inspect_opts colored = { .depth = 5, .is_colored = true };

	CHECK_STR(inspected(a, S("{\"a\":\"x\"}"), colored), S("{ a: \033[32m'x'\033[0m }"));
}

UNIT_TESTS(TESTED(values_are_shown_as_javascript_literals), TESTED(control_characters_are_escaped),
	   TESTED(lists_of_many_short_items_become_columns), TESTED(depth_and_length_have_an_end),
	   TESTED(numbers_stay_aligned_when_there_are_more),
	   TESTED(long_texts_are_split_at_their_lines), TESTED(colours_take_no_room))
