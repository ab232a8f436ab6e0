/* SPDX-License-Identifier: MIT
 * Known answers, and the stream against the whole. */
#include "cpm/base/digest.h"

#include "check.h"

TEST(digests_of_abc_are_the_published_ones)
{
	const struct {
		enum digest_algo algo;
		str name, hex;
	} rows[] = {
		{ DIGEST_MD5, S("md5"), S("900150983cd24fb0d6963f7d28e17f72") },
		{ DIGEST_SHA1, S("sha1"), S("a9993e364706816aba3e25717850c26c9cd0d89d") },
		{ DIGEST_SHA256, S("sha256"), S("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") },
		{ DIGEST_SHA384, S("sha384"),
		  S("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7") },
		{ DIGEST_SHA512, S("sha512"),
		  S("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
		    "454d4423643ce80e2a9ac94fa54ca49f") },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct digest d;

		digest_of(rows[i].algo, S("abc"), &d);
		CHECK_STR(digest_hex(a, &d), rows[i].hex, "row %zu", i);
		CHECK_STR(digest_algo_name(rows[i].algo), rows[i].name, "row %zu", i);
		CHECK_EQ(digest_size(rows[i].algo) * 2, rows[i].hex.len, "row %zu", i);
	}
}

TEST(a_stream_gives_the_digest_of_the_whole)
{
	static const char text[1000] = { 1, 2, 3 };
	struct digest whole, streamed;
	struct digest_stream s;

	digest_of(DIGEST_SHA512, str_of(text, sizeof(text)), &whole);
	digest_init(&s, DIGEST_SHA512);
	for (size_t at = 0; at < sizeof(text); at += 10)
		digest_update(&s, text + at, 10);
	digest_final(&s, &streamed);
	CHECK(digest_eq(&whole, &streamed));
}

TEST(digests_differ_by_algorithm_and_by_byte)
{
	struct digest a, b, none = { 0 };

	digest_of(DIGEST_SHA1, S("a"), &a);
	digest_of(DIGEST_SHA1, S("b"), &b);
	CHECK(digest_eq(&a, &a));
	CHECK(!digest_eq(&a, &b));
	b = a;
	b.algo = DIGEST_SHA256;
	CHECK(!digest_eq(&a, &b));
	CHECK(!digest_eq(&none, &none));
}

TEST(shake256_is_as_long_as_asked_for)
{
	ARENA_SCOPE(a);
	struct digest d = { 0 };

	digest_shake256(S("abc"), d.bytes, 16);
	d.algo = DIGEST_MD5; /* for its length */
	CHECK_STR(digest_hex(a, &d), S("483366601360a8771c6863080cc4114d"));
}

TEST(an_unknown_algorithm_equals_nothing)
{
	struct digest d = { .algo = DIGEST_SHA1 };

	digest_of(DIGEST_NONE, S("abc"), &d);
	CHECK_EQ(d.algo, DIGEST_NONE, "no digest");
}

UNIT_TESTS(TESTED(digests_of_abc_are_the_published_ones), TESTED(a_stream_gives_the_digest_of_the_whole),
	   TESTED(digests_differ_by_algorithm_and_by_byte), TESTED(shake256_is_as_long_as_asked_for), TESTED(an_unknown_algorithm_equals_nothing))
