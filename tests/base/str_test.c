/* SPDX-License-Identifier: MIT
 * Slices, conversions and the capped builder. */
#include "cpm/base/str.h"

#include "check.h"

TEST(null_is_absent_and_empty_is_not)
{
	CHECK(str_is_null(STR_NULL) && str_is_empty(STR_NULL));
	CHECK(!str_is_null(S("")) && str_is_empty(S("")));
	CHECK(str_is_null(str_view(NULL)));
	CHECK(str_eq(STR_NULL, S("")));
	CHECK(!str_eq(S("a"), S("")));
}

TEST(null_strings_can_be_cut_and_searched)
{
	CHECK(str_is_null(str_slice(STR_NULL, 0, 5)));
	CHECK(str_is_null(str_from(STR_NULL, 3)));
	CHECK(str_is_null(str_trim(STR_NULL)));
	CHECK(str_is_null(str_trim_js(STR_NULL)));
	CHECK_EQ(str_find(STR_NULL, S("x")), STR_NPOS);
	CHECK_EQ(str_find(STR_NULL, S("")), 0);
	CHECK_EQ(str_find_char(STR_NULL, 'x'), STR_NPOS);
	CHECK_EQ(str_rfind_char(STR_NULL, 'x'), STR_NPOS);
	CHECK_EQ(str_find_any(STR_NULL, "x"), STR_NPOS);
	CHECK(str_starts(STR_NULL, S("")) && str_ends(STR_NULL, S("")));
	CHECK(str_is_utf8(STR_NULL));
}

TEST(comparison_is_by_unsigned_byte_then_length)
{
	const struct {
		str a, b;
		int want;
	} rows[] = {
		{ S(""), S(""), 0 },	{ S("a"), S("a"), 0 },	    { S("a"), S("b"), -1 },
		{ S("a"), S("ab"), -1 }, { S("\xc3"), S("z"), 1 },  { S(""), S("a"), -1 },
		{ str_of("\0a", 2), str_of("\0", 1), 1 }, { S("B"), S("a"), -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int got = str_cmp(rows[i].a, rows[i].b), back = str_cmp(rows[i].b, rows[i].a);

		CHECK_EQ((got > 0) - (got < 0), rows[i].want, "row %zu", i);
		CHECK_EQ((back > 0) - (back < 0), -rows[i].want, "row %zu", i);
	}
}

TEST(a_word_is_one_of_a_list)
{
	const char *const words[] = { "a", "bc", NULL };

	CHECK(str_is_one_of(S("bc"), words) && str_is_one_of(S("a"), words));
	CHECK(!str_is_one_of(S("b"), words) && !str_is_one_of(S(""), words));
}

TEST(prefixes_and_suffixes)
{
	CHECK(str_starts(S("abc"), S("ab")) && !str_starts(S("abc"), S("b")) && !str_starts(S("a"), S("ab")));
	CHECK(str_ends(S("abc"), S("bc")) && !str_ends(S("abc"), S("b")) && !str_ends(S("c"), S("bc")));
	CHECK(str_starts_nocase(S("FILE:x"), S("file:")) && !str_starts_nocase(S("fil"), S("file:")));
	CHECK(str_ends_nocase(S("a.TGZ"), S(".tgz")) && !str_ends_nocase(S("gz"), S(".tgz")));
	CHECK(str_eq_nocase(S("aZ-9"), S("Az-9")) && !str_eq_nocase(S("a"), S("b")) && !str_eq_nocase(S("a"), S("aa")));
	CHECK(!str_eq_nocase(S("@"), S("`")) && !str_eq_nocase(S("["), S("{")));
}

TEST(searching)
{
	CHECK_EQ(str_find(S("abcabc"), S("ca")), 2);
	CHECK_EQ(str_find(S("abc"), S("")), 0);
	CHECK_EQ(str_find(S("abc"), S("abcd")), STR_NPOS);
	CHECK_EQ(str_find_char(S("abcb"), 'b'), 1);
	CHECK_EQ(str_rfind_char(S("abcb"), 'b'), 3);
	CHECK_EQ(str_find_any(S("abc"), "xc"), 2);
	CHECK_EQ(str_find_any(str_of("a\0b", 3), "b"), 2);
	CHECK_EQ(str_find_any(S("abc"), ""), STR_NPOS);
}

TEST(slices_are_clamped)
{
	CHECK_STR(str_slice(S("abc"), 1, 2), S("b"));
	CHECK_STR(str_slice(S("abc"), 2, 9), S("c"));
	CHECK_STR(str_slice(S("abc"), 9, 9), S(""));
	CHECK_STR(str_slice(S("abc"), 2, 1), S(""));
	CHECK_STR(str_from(S("abc"), 1), S("bc"));
	CHECK_STR(str_from(S("abc"), 4), S(""));
}

TEST(trimming)
{
	const struct {
		str text, ascii, js;
	} rows[] = {
		{ S(" \t\n\v\f\r a b \n"), S("a b"), S("a b") },
		{ S(""), S(""), S("") },
		{ S("   "), S(""), S("") },
		{ S("\xc2\xa0x\xef\xbb\xbf"), S("\xc2\xa0x\xef\xbb\xbf"), S("x") },
		{ S("\xe2\x80\x83x\xe2\x80\xa8\xe3\x80\x80"), S("\xe2\x80\x83x\xe2\x80\xa8\xe3\x80\x80"), S("x") },
		{ S("\xe1\x9a\x80x\xe2\x81\x9f"), S("\xe1\x9a\x80x\xe2\x81\x9f"), S("x") },
		{ S("\xe2\x80\x8bx\xc2\x85"), S("\xe2\x80\x8bx\xc2\x85"), S("\xe2\x80\x8bx\xc2\x85") },
		/* Latin-1 that only looks like U+3000 when its bytes are not checked */
		{ S("\xe3@@x\xe3@@"), S("\xe3@@x\xe3@@"), S("\xe3@@x\xe3@@") },
		{ S("x\xa0"), S("x\xa0"), S("x\xa0") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_STR(str_trim(rows[i].text), rows[i].ascii, "row %zu", i);
		CHECK_STR(str_trim_js(rows[i].text), rows[i].js, "row %zu", i);
	}
}

TEST(cutting_visits_every_part)
{
	const struct {
		str text, joined;
		size_t parts;
	} rows[] = {
		{ S("a,b,c"), S("a|b|c|"), 3 }, { S("a,,b"), S("a||b|"), 3 }, { S(",a,"), S("|a||"), 3 },
		{ S(""), S("|"), 1 },		{ S(","), S("||"), 2 },	      { STR_NULL, S(""), 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct str_buf out = str_buf(a, 100);
		str rest = rows[i].text;
		size_t parts = 0;

		for (str part; str_cut(&rest, ',', &part); parts++) {
			buf_add(&out, part);
			buf_add_char(&out, '|');
		}
		CHECK_STR(buf_view(&out), rows[i].joined, "row %zu", i);
		CHECK_EQ(parts, rows[i].parts, "row %zu", i);
	}
}

TEST(copies_are_terminated_and_null_stays_null)
{
	ARENA_SCOPE(a);
	str copy = str_dup(a, S("abc"));

	CHECK_STR(copy, S("abc"));
	CHECK_EQ(copy.p[3], '\0');
	CHECK(str_is_null(str_dup(a, STR_NULL)));
	CHECK_STR(str_dup(a, S("")), S(""));
	CHECK_EQ(strlen(str_cstr(a, STR_NULL)), 0);
	CHECK_EQ(strcmp(str_cstr(a, str_slice(S("abcd"), 1, 3)), "bc"), 0);
}

TEST(text_is_made)
{
	ARENA_SCOPE(a);
	const str parts[] = { S("a"), S(""), STR_NULL, S("b") };

	CHECK_STR(str_printf(a, "%s-%d-" STR_FMT, "x", 7, STR_ARG(S("yz"))), S("x-7-yz"));
	CHECK_STR(str_concat(a, S("ab"), S("cd")), S("abcd"));
	CHECK_STR(str_concat(a, STR_NULL, STR_NULL), S(""));
	CHECK_STR(str_lower(a, S("AbC@[`{Z\xc3\x84")), S("abc@[`{z\xc3\x84"));
	CHECK_STR(str_join(a, parts, 4, S(", ")), S("a, , , b"));
	CHECK_STR(str_join(a, parts, 0, S(", ")), S(""));
	CHECK_STR(str_replace_all(a, S("aXbXX"), S("X"), S("yy")), S("ayybyyyy"));
	CHECK_STR(str_replace_all(a, S("aaa"), S("aa"), S("b")), S("ba"));
	CHECK_STR(str_replace_all(a, S("abc"), S(""), S("x")), S("abc"));
}

TEST(numbers_are_whole_and_bounded)
{
	const struct {
		str text;
		bool ok;
		uint64_t want;
	} rows[] = {
		{ S("0"), true, 0 },	 { S("007"), true, 7 },	 { S("18446744073709551615"), true, UINT64_MAX },
		{ S(""), false, 0 },	 { S("-1"), false, 0 },	 { S("18446744073709551616"), false, 0 },
		{ S("1 "), false, 0 },	 { S("+1"), false, 0 },	 { S("99999999999999999999999"), false, 0 },
		{ S("1a"), false, 0 },	 { S("0x1"), false, 0 }, { STR_NULL, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t got = 0;

		CHECK_EQ(str_to_u64(rows[i].text, &got), rows[i].ok, "row %zu", i);
		CHECK(got == rows[i].want, "row %zu", i);
	}
}

TEST(utf8_is_told_from_other_bytes_and_repaired_as_node_does)
{
	ARENA_SCOPE(a);
#define BAD "\xef\xbf\xbd"
	const struct {
		str text;
		bool ok;
		str repaired;
	} rows[] = {
		{ S("plain ascii, longer than a word"), true, STR_NULL },
		{ S("\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true, STR_NULL },
		{ S("caf\xe9"), false, S("caf" BAD) },
		{ S("\xe9t\xe9"), false, S(BAD "t" BAD) },
		{ S("\xc0\x80"), false, S(BAD BAD) },
		{ S("\xed\xa0\x80"), false, S(BAD BAD BAD) },
		{ S("\xe2\x82"), false, S(BAD) },
		{ S("\xe2\x82x"), false, S(BAD "x") },
		{ S("\xf0\x9f\x98"), false, S(BAD) },
		{ S("\xf0\x9f\x98\xe2\x82\xac"), false, S(BAD "\xe2\x82\xac") },
		{ S("\xf5\x80\x80\x80"), false, S(BAD BAD BAD BAD) },
		{ S("\xf4\x90\x80\x80"), false, S(BAD BAD BAD BAD) },
		{ S("12345678\x80"), false, S("12345678" BAD) },
		{ S("\xe0\x9f\xbf"), false, S(BAD BAD BAD) },
	};
#undef BAD

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		str want = rows[i].ok ? rows[i].text : rows[i].repaired;

		CHECK_EQ(str_is_utf8(rows[i].text), rows[i].ok, "row %zu", i);
		CHECK_STR(str_to_utf8(a, rows[i].text), want, "row %zu", i);
	}
}

TEST(equal_strings_hash_alike_and_others_spread)
{
	ARENA_SCOPE(a);
	unsigned char seen[1 << 14] = { 0 };
	unsigned worst = 0;

	CHECK(str_hash(str_dup(a, S("some/longer/key"))) == str_hash(S("some/longer/key")));
	CHECK(str_hash(S("")) == str_hash(STR_NULL));
	CHECK(str_hash(str_of("a\0", 2)) != str_hash(S("a")));
	for (int i = 0; i < (1 << 14); i++) {
		unsigned slot = str_hash(str_printf(a, "node_modules/package-%d", i)) & ((1 << 14) - 1);

		worst = MAX(worst, (unsigned)++seen[slot]);
	}
	CHECK(worst < 12, "%u keys in one slot", worst);
}

TEST(builder_grows_and_views)
{
	ARENA_SCOPE(a);
	struct str_buf b = str_buf(a, 100000);

	CHECK_STR(buf_view(&b), S(""));
	CHECK_EQ(strlen(buf_cstr(&b)), 0);
	buf_add(&b, S("ab"));
	buf_add(&b, STR_NULL);
	buf_add_char(&b, 'c');
	buf_add_cstr(&b, "de");
	buf_printf(&b, "%d", 42);
	buf_add_repeat(&b, S("-="), 3);
	CHECK_STR(buf_view(&b), S("abcde42-=-=-="));
	CHECK_EQ(buf_cstr(&b)[b.len], '\0');
	for (int i = 0; i < 5000; i++)
		buf_printf(&b, "%d,", i);
	CHECK(!b.overflow);
	CHECK(str_starts(buf_view(&b), S("abcde42-=-=-=0,1,2,")) && str_ends(buf_view(&b), S("4998,4999,")));
	buf_reset(&b);
	CHECK_STR(buf_view(&b), S(""));
}

TEST(builder_drops_what_would_pass_its_ceiling)
{
	ARENA_SCOPE(a);
	struct str_buf b = str_buf(a, 4);

	buf_add(&b, S("abc"));
	buf_add(&b, S("de"));
	CHECK(b.overflow);
	CHECK_STR(buf_view(&b), S("abc"));
	buf_add_char(&b, 'x');
	CHECK_STR(buf_view(&b), S("abc"), "overflow is sticky");
	CHECK_EQ(strcmp(buf_cstr(&b), "abc"), 0);
	CHECK(b.overflow);
	buf_reset(&b);
	buf_printf(&b, "%s", "12345");
	CHECK(b.overflow);
	buf_reset(&b);
	buf_add(&b, S("abcd"));
	CHECK(!b.overflow);
	CHECK_EQ(strcmp(buf_cstr(&b), "abcd"), 0);
}

TEST(addresses_are_encoded_as_javascript_does)
{
	ARENA_SCOPE(a);

	CHECK_STR(str_encode(a, S("a b/c?d=\xc3\xa9"), URL_WHOLE), S("a%20b/c?d=%C3%A9"));
	CHECK_STR(str_encode(a, S("@s/x y'!"), URL_COMPONENT), S("%40s%2Fx%20y'!"));
}

UNIT_TESTS(TESTED(addresses_are_encoded_as_javascript_does), TESTED(null_is_absent_and_empty_is_not), TESTED(null_strings_can_be_cut_and_searched),
	   TESTED(comparison_is_by_unsigned_byte_then_length), TESTED(prefixes_and_suffixes), TESTED(a_word_is_one_of_a_list), TESTED(searching),
	   TESTED(slices_are_clamped), TESTED(trimming), TESTED(cutting_visits_every_part),
	   TESTED(copies_are_terminated_and_null_stays_null), TESTED(text_is_made),
	   TESTED(numbers_are_whole_and_bounded), TESTED(utf8_is_told_from_other_bytes_and_repaired_as_node_does),
	   TESTED(equal_strings_hash_alike_and_others_spread), TESTED(builder_grows_and_views),
	   TESTED(builder_drops_what_would_pass_its_ceiling))
