/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/config/npmrc.h"

static str shown(struct arena *a, const struct npmrc_entry *e)
{
	static const char *const kinds[] = { "", "!true", "!false", "!null" };
	struct str_buf out = str_buf(a, 4096);

	buf_printf(&out, STR_FMT "%s", STR_ARG(e->key),
		   e->is_section ? "{}"
		   : e->is_list  ? "[]"
				 : "");
	VEC_EACH (struct npmrc_value, v, &e->values)
		buf_printf(&out, "|%s" STR_FMT, kinds[v->kind],
			   STR_ARG(v->kind == NPMRC_TEXT ? v->text : S("")));
	return buf_view(&out);
}

static str parsed(struct arena *a, str text)
{
	npmrc_entries entries = { 0 };
	struct str_buf out = str_buf(a, 1 << 16);

	npmrc_parse(a, text, &entries);
	VEC_EACH (struct npmrc_entry, e, &entries)
		buf_printf(&out, "%s" STR_FMT, out.len ? " & " : "", STR_ARG(shown(a, e)));
	return buf_view(&out);
}

TEST(every_corner_of_the_grammar_is_the_ini_packages)
{
	const struct {
		str text, want;
	} rows[] = {
		{ S("a=1\nb = two words \n"), S("a|1 & b|two words") },
		{ S("\xef\xbb\xbf"
		    "a=1"),
		  S("a|1") },
		{ S("a=1\r\nb=2\rc=3"), S("a|1 & b|2 & c|3") },
		{ S("; no\n# no\n  ; no\n\na=1"), S("a|1") },
		{ S("flag"), S("flag|!true") },
		{ S("a=true\nb=false\nc=null"), S("a|!true & b|!false & c|!null") },
		{ S("a='true'\nb=\"true\""), S("a|!true & b|true") },
		{ S("a='5'\nb='x y'"), S("a|5 & b|x y") },
		{ S("a=\"tab\\there\""), S("a|tab\there") },
		{ S("a=b=c"), S("a|b=c") },
		{ S("a=1 ; comment\nb=2#no"), S("a|1 & b|2") },
		{ S("a=1\\;2\\#3\\\\4\\5"), S("a|1;2#3\\4\\5") },
		{ S("a="), S("a|") },
		{ S("a=1\na=2"), S("a|2") },
		{ S("a[]=1\na[]=2"), S("a[]|1|2") },
		{ S("a=1\na[]=2"), S("a[]|1|2") },
		{ S("a[]=1\na=2"), S("a[]|1|2") },
		{ S("x=1\n[s]\na=1"), S("x|1 & s{}|") },
		{ S("__proto__=1\na=1"), S("a|1") },
		{ S("//host/:_authToken=abc"), S("//host/:_authToken|abc") },
		{ S("=x"), S("") },
		{ S("\"quoted key\"=1"), S("quoted key|1") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		CHECK_STR(parsed(tmp, rows[i].text), rows[i].want, "row %zu: " STR_FMT, i,
			  STR_ARG(rows[i].text));
	}
}

TEST(variables_expand_as_npm_expands_them)
{
	const char *const environ_[] = { "A=one", "EMPTY=", "B_2=two", NULL };
	const struct {
		str text, want;
	} rows[] = {
		{ S("plain"), S("plain") },
		{ S("${A}"), S("one") },
		{ S("x${A}y${B_2}z"), S("xoneytwoz") },
		{ S("${EMPTY}"), S("") },
		{ S("${NONE}"), S("${NONE}") },
		{ S("${NONE?}"), S("") },
		{ S("${A?}"), S("one") },
		{ S("\\${A}"), S("${A}") },
		{ S("\\\\${A}"), S("\\one") },
		{ S("\\\\\\${A}"), S("\\${A}") },
		{ S("$A ${} ${A"), S("$A ${} ${A") },
		{ S("${A${B_2}}"), S("${Atwo}") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		CHECK_STR(npmrc_expand(tmp, rows[i].text, environ_), rows[i].want, "row %zu", i);
	}
}

TEST(an_edit_changes_its_own_lines_only)
{
	const struct {
		str text, key, value, want;
	} rows[] = {
		{ S(""), S("a"), S("1"), S("a=1\n") },
		{ S("; mine\nb=2"), S("a"), S("1"), S("; mine\nb=2\na=1\n") },
		{ S("a=0\n; why\nb=2\na=9\n"), S("a"), S("1"), S("a=1\n; why\nb=2\n") },
		{ S("b=2\n[s]\na=0\n"), S("a"), S("1"), S("b=2\na=1\n[s]\na=0\n") },
		{ S("a=1\nb=2\n"), S("a"), S(""), S("b=2\n") },
		{ S("a[]=1\na[]=2\n"), S("a"), S("x"), S("a=x\n") },
		{ S(""), S("a"), S("x=y"), S("a=\"x=y\"\n") },
		{ S(""), S("a"), S("x;y#z"), S("a=x\\;y\\#z\n") },
		{ S(""), S("a"), S(" x "), S("a=\" x \"\n") },
		{ S(""), S("a"), S("${V}"), S("a=${V}\n") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		str got = npmrc_set(tmp, rows[i].text, rows[i].key, &rows[i].value,
				    rows[i].value.len > 0, false);
		CHECK_STR(got, rows[i].want, "row %zu", i);
	}
}

TEST(what_was_written_is_read_back)
{
	const str values[] = { S("plain"), S("a=b"),   S(";x"),   S("#"), S("[x]"),
			       S("'q'"),   S("\"q\""), S("a\nb"), S(" s") };

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		ARENA_SCOPE(tmp);
		npmrc_entries entries = { 0 };
		npmrc_parse(tmp, npmrc_set(tmp, S(""), S("k"), &values[i], 1, false), &entries);
		CHECK_EQ(entries.len, 1, "row %zu", i);
		CHECK_STR(entries.items[0].values.items[0].text, values[i], "row %zu", i);
	}
}

UNIT_TESTS(TESTED(every_corner_of_the_grammar_is_the_ini_packages),
	   TESTED(variables_expand_as_npm_expands_them), TESTED(an_edit_changes_its_own_lines_only),
	   TESTED(what_was_written_is_read_back))
