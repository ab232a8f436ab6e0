/* SPDX-License-Identifier: MIT
 * Licence expressions: what is one, how it is read, and when it leaves no choice. */
#include "cpm/tree/spdx.h"

#include "check.h"

/* Postfix, with blanks: "MIT ISC OR". */
static str postfix(struct arena *a, str text)
{
	static const char *const ops[] = { [SPDX_AND] = "AND", [SPDX_OR] = "OR" };
	struct str_buf out = str_buf(a, 4096);
	struct spdx x;

	if (!spdx_parse(a, text, &x))
		return STR_NULL;
	for (size_t i = 0; i < x.count; i++) {
		str step = x.steps[i].op == SPDX_LICENSE ? spdx_step_text(a, &x.steps[i])
							 : str_view(ops[x.steps[i].op]);
		buf_printf(&out, "%s" STR_FMT, i ? " " : "", STR_ARG(step));
	}
	return buf_view(&out);
}

TEST(expressions_are_read_as_the_specification_binds_them)
{
	static const struct {
		str text, postfix;
	} rows[] = {
		{ S("MIT"), S("MIT") },
		{ S(" ( MIT ) "), S("MIT") },
		{ S("MIT OR Apache-2.0"), S("MIT Apache-2.0 OR") },
		{ S("MIT or ISC and 0BSD"), S("MIT ISC 0BSD AND OR") },
		{ S("(MIT OR ISC) AND 0BSD"), S("MIT ISC OR 0BSD AND") },
		{ S("MIT AND ISC OR 0BSD"), S("MIT ISC AND 0BSD OR") },
		{ S("GPL-2.0+"), S("GPL-2.0+") },
		{ S("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT"),
		  S("GPL-2.0-only WITH Classpath-exception-2.0 MIT OR") },
		{ S("LicenseRef-ours"), S("LicenseRef-ours") },
		{ S("DocumentRef-d:LicenseRef-x AND MIT"),
		  S("DocumentRef-d:LicenseRef-x MIT AND") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		CHECK_STR(postfix(a, rows[i].text), rows[i].postfix);
	}
}

TEST(what_is_no_expression_is_refused)
{
	static const str rows[] = {
		S(""),
		S("UNLICENSED"),
		S("mit"),
		S("SEE LICENSE IN LICENSE.md"),
		S("MIT OR"),
		S("OR MIT"),
		S("MIT ISC"),
		S("(MIT"),
		S("MIT)"),
		S("()"),
		S("MIT +"),
		S("MIT WITH"),
		S("MIT WITH MIT"),
		S("Classpath-exception-2.0"),
		S("LicenseRef-"),
		S("DocumentRef-d"),
		S("MIT, ISC"),
		S("MIT/ISC"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct spdx x;
		CHECK(!spdx_parse(a, rows[i], &x), "'" STR_FMT "' is taken for one",
		      STR_ARG(rows[i]));
	}
}

TEST(every_identifier_is_found)
{
	static const str rows[] = {
#define SPDX_ID(id) S(id),
#define SPDX_EXCEPTION(id)
#include "spdx_ids.def"
#undef SPDX_ID
#undef SPDX_EXCEPTION
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK(spdx_is_license(rows[i]), STR_FMT " is not in its place", STR_ARG(rows[i]));
}

static bool is_gpl(void *ctx, const struct spdx_step *license)
{
	(void)ctx;
	return str_starts(license->license, S("GPL"));
}

TEST(a_choice_is_bad_only_when_every_way_is)
{
	static const struct {
		str text;
		bool is_bad;
	} rows[] = {
		{ S("GPL-3.0-only"), true },
		{ S("MIT"), false },
		{ S("MIT OR GPL-3.0-only"), false },
		{ S("MIT AND GPL-3.0-only"), true },
		{ S("(GPL-2.0-only OR GPL-3.0-only) AND MIT"), true },
		{ S("(GPL-2.0-only AND MIT) OR ISC"), false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct spdx x;
		CHECK(spdx_parse(a, rows[i].text, &x), STR_FMT, STR_ARG(rows[i].text));
		CHECK(spdx_is_unusable(&x, is_gpl, NULL) == rows[i].is_bad, STR_FMT,
		      STR_ARG(rows[i].text));
	}
}

TEST(depth_from_outside_is_no_danger)
{
	ARENA_SCOPE(a);
	struct str_buf text = str_buf(a, 1 << 20);
	struct spdx x;

	buf_add_repeat(&text, S("("), 100000);
	buf_add_cstr(&text, "MIT");
	buf_add_repeat(&text, S(")"), 100000);
	CHECK(spdx_parse(a, buf_view(&text), &x) && x.count == 1, "100,000 parentheses");
}

UNIT_TESTS(TESTED(expressions_are_read_as_the_specification_binds_them),
	   TESTED(what_is_no_expression_is_refused), TESTED(every_identifier_is_found),
	   TESTED(a_choice_is_bad_only_when_every_way_is), TESTED(depth_from_outside_is_no_danger))
