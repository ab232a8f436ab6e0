/* SPDX-License-Identifier: MIT */
#include "cpm/ui/out.h"

#include "capture.h"

static struct json *parse(struct arena *a, str text)
{
	struct json *v;
	CHECK_OK(json_parse(a, text, &v));
	return v;
}

TEST(a_document_is_printed_once_with_the_error_in_it)
{
	const struct {
		str first, second, error, want;
	} rows[] = {
		{ S("{\"a\":1}"), S("{\"b\":2}"), STR_NULL, S("{\n  \"a\": 1,\n  \"b\": 2\n}\n") },
		{ S("{\"a\":1}"), S("{\"a\":2}"), S("{\"code\":\"E\"}"),
		  S("{\n  \"a\": 2,\n  \"error\": {\n    \"code\": \"E\"\n  }\n}\n") },
		{ S("[1]"), S("{\"b\":2}"), S("{}"), S("[\n  1\n]\n") },
		{ STR_NULL, STR_NULL, S("{\"code\":\"E\"}"),
		  S("{\n  \"error\": {\n    \"code\": \"E\"\n  }\n}\n") },
		{ STR_NULL, STR_NULL, STR_NULL, S("") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct screen screen = { 0 };
		struct out o;
		out_init(&o, tmp, &screen, true);
		struct capture c = capture_begin(STDOUT_FILENO);
		if (!str_is_null(rows[i].first))
			out_json(&o, parse(tmp, rows[i].first));
		if (!str_is_null(rows[i].second))
			out_json(&o, parse(tmp, rows[i].second));
		out_finish(&o, str_is_null(rows[i].error) ? NULL : parse(tmp, rows[i].error));
		CHECK_STR(capture_end(tmp, &c), rows[i].want, "row %zu", i);
	}
}

TEST(lines_are_harmless_and_hold_no_secrets)
{
	ARENA_SCOPE(tmp);
	struct screen screen = { 0 };
	struct out o;

	out_init(&o, tmp, &screen, false);
	struct capture c = capture_begin(STDOUT_FILENO);
	out_line(&o, "%s", "see https://me:s3cret@host/ \033]0;x\007");
	str got = capture_end(tmp, &c);
	CHECK(str_find(got, S("s3cret")) == STR_NPOS, STR_FMT, STR_ARG(got));
	CHECK(str_find_char(got, '\033') == STR_NPOS, STR_FMT, STR_ARG(got));
}

TEST(of_escape_sequences_our_colours_alone_stay_and_only_where_there_is_colour)
{
	for (int color = 0; color < 2; color++) {
		ARENA_SCOPE(tmp);
		struct screen screen = { .term = { .out_color = color } };
		struct out o;

		out_init(&o, tmp, &screen, false);
		struct capture c = capture_begin(STDOUT_FILENO);
		out_line(&o, "%sred%s \033[2J\033", paint(true, PAINT_RED), paint(true, PAINT_RESET));
		CHECK_STR(capture_end(tmp, &c),
			  color ? S("\033[31mred\033[0m ^[[2J^[\n") : S("^[[31mred^[[0m ^[[2J^[\n"),
			  "color %d", color);
	}
}

UNIT_TESTS(TESTED(a_document_is_printed_once_with_the_error_in_it),
	   TESTED(lines_are_harmless_and_hold_no_secrets),
	   TESTED(of_escape_sequences_our_colours_alone_stay_and_only_where_there_is_colour))
