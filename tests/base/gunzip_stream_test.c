/* SPDX-License-Identifier: MIT
 * Piece by piece comes what comes whole. Where the library for it is not installed there is nothing
 * to claim, and each test is over at once. */
#include "cpm/base/gunzip.h"
#include "cpm/base/gzip.h"

#include "check.h"

#define PLAIN_BYTES ((size_t)300 * 1000)

/* Text that packs, but not to nothing. */
static str plain_text(struct arena *a)
{
	char *p = arena_alloc_raw(a, PLAIN_BYTES);
	unsigned seed = 1;

	for (size_t i = 0; i < PLAIN_BYTES; i++) {
		seed = seed * 1103515245 + 12345;
		p[i] = (char)('a' + (seed >> 16) % 9);
	}
	return str_of(p, PLAIN_BYTES);
}

static str packed(struct arena *a, str plain)
{
	char *bytes;
	size_t len;
	str copy;

	CHECK_OK(gzip(plain, GZIP_QUICK, &bytes, &len));
	copy = str_dup(a, str_of(bytes, len));
	free(bytes);
	return copy;
}

/* All of it, in pieces of @piece bytes. *is_possible: false when there is nothing to test. */
static struct err *read_all(struct arena *a, str bytes, uint64_t cap, size_t piece, str *out,
			    bool *is_possible)
{
	struct str_buf text = str_buf(a, SIZE_MAX);
	char *room = arena_alloc_raw(a, piece);
	struct gunzip_stream *s;
	size_t made;

	*is_possible = true;
	TRY(gunzip_stream_open(a, bytes, cap, &s));
	*is_possible = s != NULL;
	while (s) {
		TRY(gunzip_stream_read(s, room, piece, &made));
		if (!made)
			break;
		buf_add(&text, str_of(room, made));
	}
	*out = buf_view(&text);
	return NULL;
}

TEST(pieces_of_any_size_make_the_whole)
{
	ARENA_SCOPE(a);
	str plain = plain_text(a), bytes = packed(a, plain), got;
	const size_t pieces[] = { 1000, 4096, 100 * 1000, 2 * PLAIN_BYTES };
	bool is_possible;

	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		CHECK_OK(read_all(a, bytes, UINT64_MAX, pieces[i], &got, &is_possible));
		if (is_possible)
			CHECK(str_eq(got, plain), "pieces of %zu", pieces[i]);
	}
}

TEST(members_follow_each_other_and_zeros_end_them)
{
	ARENA_SCOPE(a);
	str one = packed(a, S("one")), two = packed(a, S("two")), got;
	const struct {
		str bytes, plain;
		enum err_code code;
	} rows[] = {
		{ str_concat(a, one, two), S("onetwo"), 0 },
		{ str_concat(a, one, str_of("\0\0\0", 3)), S("one"), 0 },
		{ str_concat(a, one, S("x")), STR_NULL, E_BAD_ARCHIVE },
		{ str_concat(a, one, str_slice(two, 0, two.len - 2)), STR_NULL, E_BAD_ARCHIVE },
		{ S("not gzip data at all, but long"), STR_NULL, E_BAD_ARCHIVE },
	};
	bool is_possible;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err *err = read_all(a, rows[i].bytes, UINT64_MAX, 100, &got, &is_possible);

		if (!is_possible) {
			err_ignore(err);
		} else if (rows[i].code) {
			CHECK_FAILS(err, rows[i].code);
		} else {
			CHECK_OK(err);
			CHECK_STR(got, rows[i].plain, "row %zu", i);
		}
	}
}

TEST(t10_no_more_comes_than_is_allowed)
{
	ARENA_SCOPE(a);
	str bytes = packed(a, plain_text(a)), got;
	bool is_possible;
	struct err *err = read_all(a, bytes, PLAIN_BYTES - 1, 4096, &got, &is_possible);

	if (is_possible)
		CHECK_FAILS(err, E_TOO_BIG);
	CHECK_OK(read_all(a, bytes, PLAIN_BYTES, 4096, &got, &is_possible));
}

/* The last bytes are the checksum and the length: both are looked at. */
TEST(damage_anywhere_is_found_by_the_end)
{
	ARENA_SCOPE(a);
	str bytes = packed(a, plain_text(a)), got;
	const size_t places[] = { 2, bytes.len / 3, bytes.len - 8, bytes.len - 1 };
	bool is_possible;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		str spoilt = str_dup(a, bytes);
		struct err *err;

		((char *)spoilt.p)[places[i]] ^= 0x15;
		err = read_all(a, spoilt, UINT64_MAX, 4096, &got, &is_possible);
		if (is_possible)
			CHECK_FAILS(err, E_BAD_ARCHIVE);
	}
}

UNIT_TESTS(TESTED(pieces_of_any_size_make_the_whole),
	   TESTED(members_follow_each_other_and_zeros_end_them),
	   TESTED(t10_no_more_comes_than_is_allowed), TESTED(damage_anywhere_is_found_by_the_end))
