/* SPDX-License-Identifier: MIT
 * gunzip: members, trailers, padding, caps. The gzip data is made here, from stored blocks, so that every byte of it can
 * be told wrong; the bomb is one DEFLATE block written by hand. */
#include "cpm/base/gunzip.h"

#include "check.h"

static uint32_t crc32_of(str bytes)
{
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < bytes.len; i++) {
		crc ^= (unsigned char)bytes.p[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void add_le(struct str_buf *out, uint32_t n, int bytes)
{
	for (; bytes--; n >>= 8)
		buf_add_char(out, (char)(n & 0xff));
}

/* Appends a member with @text in stored blocks. */
static void add_member(struct str_buf *out, str text)
{
	str rest = text;

	buf_add(out, str_of("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10));
	do {
		str block = str_slice(rest, 0, 60000);

		rest = str_from(rest, block.len);
		buf_add_char(out, rest.len == 0);
		add_le(out, (uint32_t)block.len, 2);
		add_le(out, ~(uint32_t)block.len & 0xffff, 2);
		buf_add(out, block);
	} while (rest.len);
	add_le(out, crc32_of(text), 4);
	add_le(out, (uint32_t)text.len, 4);
}

static str member(struct arena *a, str text)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	add_member(&out, text);
	return buf_view(&out);
}

static str inflated(struct arena *a, str bytes)
{
	char *out = NULL;
	size_t len = 0;
	str copy;

	CHECK_OK(gunzip(bytes, 1 << 30, false, &out, &len));
	CHECK_EQ(out[len], '\0');
	copy = str_dup(a, str_of(out, len));
	free(out);
	return copy;
}

static enum err_code refused(str bytes, uint64_t cap)
{
	char *out = NULL;
	size_t len = 0;
	struct err *e = gunzip(bytes, cap, false, &out, &len);
	enum err_code code;

	CHECK(e != NULL);
	CHECK(out == NULL);
	code = e->code;
	err_free(e);
	return code;
}

TEST(one_member_of_any_size)
{
	ARENA_SCOPE(a);
	struct str_buf text = str_buf(a, SIZE_MAX);
	const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 60000, 60001, 1000000 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		while (text.len < sizes[i])
			buf_add_char(&text, (char)('a' + text.len % 26));
		CHECK_STR(inflated(a, member(a, buf_view(&text))), buf_view(&text), "size %zu", sizes[i]);
	}
}

TEST(header_fields_are_skipped)
{
	ARENA_SCOPE(a);
	struct str_buf out = str_buf(a, 1000);
	str plain = member(a, S("text"));

	/* FEXTRA, FNAME, FCOMMENT */
	buf_add(&out, str_of("\x1f\x8b\x08\x1c\1\2\3\4\2\3", 10));
	buf_add(&out, str_of("\2\0xx", 4));
	buf_add(&out, str_of("name\0comment\0", 13));
	buf_add(&out, str_from(plain, 10));
	CHECK_STR(inflated(a, buf_view(&out)), S("text"));
}

TEST(t11_members_follow_each_other)
{
	ARENA_SCOPE(a);
	struct str_buf out = str_buf(a, SIZE_MAX);
	struct str_buf big = str_buf(a, SIZE_MAX);

	buf_add_repeat(&big, S("0123456789"), 10000);
	add_member(&out, S(""));
	add_member(&out, buf_view(&big));
	add_member(&out, S("end"));
	CHECK_STR(inflated(a, buf_view(&out)), str_concat(a, buf_view(&big), S("end")));
	buf_reset(&out);
	for (int i = 0; i < 20000; i++)
		add_member(&out, S(""));
	CHECK_STR(inflated(a, buf_view(&out)), S(""));
}

/* What npm 12.2.0 did with each of these was looked at: zero bytes behind the data are padding. */
TEST(t11_what_stands_behind_the_data)
{
	ARENA_SCOPE(a);
	str good = member(a, S("text"));
	const struct {
		str behind;
		bool ok;
	} rows[] = {
		{ S(""), true },	{ str_of("\0", 1), true },	    { str_of("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16), true },
		{ S("garbage"), false }, { S("g"), false },		    { S("\x1f"), false },
		{ S("\x1f\x8b"), false }, { S("\x1f\x8b\x08"), false },	    { str_of("\0\0xx", 4), false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		str bytes = str_concat(a, good, rows[i].behind);

		if (rows[i].ok)
			CHECK_STR(inflated(a, bytes), S("text"), "row %zu", i);
		else
			CHECK_EQ(refused(bytes, 1000), E_BAD_ARCHIVE, "row %zu", i);
	}
	CHECK_EQ(refused(str_concat(a, str_concat(a, good, str_of("\0\0", 2)), good), 1000), E_BAD_ARCHIVE);
}

TEST(t11_damage_is_found)
{
	ARENA_SCOPE(a);
	str good = member(a, S("some text"));

	for (size_t len = 2; len < good.len; len++)
		CHECK_EQ(refused(str_slice(good, 0, len), 1000), E_BAD_ARCHIVE, "cut at %zu", len);
	for (size_t at = good.len - 17; at < good.len; at++) {
		char *bad = str_cstr(a, good);

		bad[at] ^= 1;
		CHECK_EQ(refused(str_of(bad, good.len), 1000), E_BAD_ARCHIVE, "flipped at %zu", at);
	}
}

TEST(t11_other_kinds_are_named)
{
	const struct {
		str bytes, kind;
	} rows[] = {
		{ S("PK\x03\x04..."), S("a zip archive") },  { S("<!DOCTYPE html>"), S("HTML or XML") },
		{ S("{\"error\":1}"), S("JSON") },	     { S("\xfd" "7zXZ"), S("xz data") },
		{ S("BZh9"), S("bzip2 data") },		     { S("\x28\xb5\x2f\xfd"), S("zstd data") },
		{ S(""), S("nothing") },		     { S("package/a"), S("something else") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_EQ(refused(rows[i].bytes, 1000), E_BAD_ARCHIVE, "row %zu", i);
		CHECK_STR(gunzip_kind(rows[i].bytes), rows[i].kind, "row %zu", i);
	}
}

TEST(plain_bytes_pass_when_allowed)
{
	char *out = NULL;
	size_t len = 99;

	CHECK_OK(gunzip(S("plain"), 5, true, &out, &len));
	CHECK_STR(str_of(out, len), S("plain"));
	free(out);
	CHECK_OK(gunzip(STR_NULL, 5, true, &out, &len));
	CHECK_EQ(len, 0);
	free(out);
	CHECK_FAILS(gunzip(S("plain!"), 5, true, &out, &len), E_TOO_BIG);
	CHECK_FAILS(gunzip(S("\x1f\x8b broken"), 50, true, &out, &len), E_BAD_ARCHIVE);
}

TEST(t10_the_cap_holds_to_the_byte)
{
	ARENA_SCOPE(a);
	struct str_buf text = str_buf(a, SIZE_MAX), two = str_buf(a, SIZE_MAX);
	char *out = NULL;
	size_t len = 0;
	str good;

	buf_add_repeat(&text, S("x"), 10000);
	good = member(a, buf_view(&text));
	CHECK_OK(gunzip(good, 10000, false, &out, &len));
	free(out);
	CHECK_EQ(refused(good, 9999), E_TOO_BIG);
	CHECK_EQ(refused(good, 1), E_TOO_BIG);
	CHECK_EQ(refused(good, 0), E_TOO_BIG);
	add_member(&two, buf_view(&text));
	add_member(&two, buf_view(&text));
	CHECK_EQ(refused(buf_view(&two), 19999), E_TOO_BIG);
	CHECK_OK(gunzip(buf_view(&two), 20000, false, &out, &len));
	free(out);
}

TEST(t10_a_trailer_that_lies_costs_no_memory)
{
	ARENA_SCOPE(a);
	char *bad = str_cstr(a, member(a, S("text")));
	size_t len = member(a, S("text")).len;

	memset(bad + len - 4, 0xff, 4);
	CHECK_EQ(refused(str_of(bad, len), (uint64_t)8 << 30), E_BAD_ARCHIVE);
}

static void put_bits(struct str_buf *out, uint64_t *bits, unsigned *count, unsigned value, unsigned n)
{
	*bits |= (uint64_t)value << *count;
	for (*count += n; *count >= 8; *count -= 8, *bits >>= 8)
		buf_add_char(out, (char)(*bits & 0xff));
}

/* The densest member there is: one dynamic block in which a match of 258 zeros takes two bits, 1032:1. Codes: match "0",
 * zero byte "10", end "11", distance "0". */
static str bomb(struct arena *a, size_t matches)
{
	static const struct {
		unsigned char value, bits;
	} header[] = {
		{ 1, 1 },   { 2, 2 },	{ 29, 5 }, { 0, 5 }, { 14, 4 },	 /* last, dynamic, 286 + 1 codes, 18 lengths */
		{ 0, 3 },   { 0, 3 },	{ 1, 3 },			 /* lengths of the codes 16 17 18, */
		{ 0, 3 },   { 0, 3 },	{ 0, 3 },  { 0, 3 }, { 0, 3 },	 /* 0 8 7 9 6, */
		{ 0, 3 },   { 0, 3 },	{ 0, 3 },  { 0, 3 }, { 0, 3 },	 /* 10 5 11 4 12, */
		{ 0, 3 },   { 0, 3 },	{ 2, 3 },  { 0, 3 }, { 2, 3 },	 /* 3 13 2 14 1 */
		{ 3, 2 },   { 0, 1 },	{ 127, 7 }, { 0, 1 }, { 106, 7 }, /* 2, then 138 + 117 times none, */
		{ 3, 2 },   { 0, 1 },	{ 17, 7 }, { 1, 2 }, { 1, 2 },	 /* 2, 28 times none, 1; distance 1 */
		{ 1, 2 },						 /* the zero byte that all matches repeat */
	};
	struct str_buf out = str_buf(a, SIZE_MAX), zeros = str_buf(a, SIZE_MAX);
	uint64_t bits = 0;
	unsigned count = 0;

	buf_add(&out, str_of("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10));
	for (size_t i = 0; i < ARRAY_LEN(header); i++)
		put_bits(&out, &bits, &count, header[i].value, header[i].bits);
	for (size_t i = 0; i < matches; i++)
		put_bits(&out, &bits, &count, 0, 2);
	put_bits(&out, &bits, &count, 3, 2);
	put_bits(&out, &bits, &count, 0, 7);
	buf_add_repeat(&zeros, str_of("\0", 1), 258 * matches + 1);
	add_le(&out, crc32_of(buf_view(&zeros)), 4);
	add_le(&out, (uint32_t)zeros.len, 4);
	return buf_view(&out);
}

TEST(t10_bombs_are_stopped_by_their_ratio_once_16_mib_are_out)
{
	ARENA_SCOPE(a);

	CHECK_EQ(inflated(a, bomb(a, 10000)).len, 2580001, "1000:1, but small");
	CHECK_EQ(refused(bomb(a, 70000), 1 << 30), E_TOO_BIG);
	CHECK_EQ(refused(bomb(a, 70000), 1 << 20), E_TOO_BIG);
}

UNIT_TESTS(TESTED(one_member_of_any_size), TESTED(header_fields_are_skipped), TESTED(t11_members_follow_each_other),
	   TESTED(t11_what_stands_behind_the_data), TESTED(t11_damage_is_found), TESTED(t11_other_kinds_are_named),
	   TESTED(plain_bytes_pass_when_allowed), TESTED(t10_the_cap_holds_to_the_byte),
	   TESTED(t10_a_trailer_that_lies_costs_no_memory), TESTED(t10_bombs_are_stopped_by_their_ratio_once_16_mib_are_out))
