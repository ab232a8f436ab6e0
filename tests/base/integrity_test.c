/* SPDX-License-Identifier: MIT
 * Integrity strings as registries and lockfiles hold them, and as an attacker would like them to be read (T23). */
#include "cpm/base/digest.h"

#include "check.h"

#define SHA512_ABC                                                                                 \
	"sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="
#define SHA1_ABC "sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
#define MD5_ABC	 "md5-kAFQmDzST7DWlj99KOF/cg=="
#define SHA512_OTHER                                                                               \
	"sha512-AAAAoZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="

TEST(the_strongest_algorithm_decides_and_any_of_its_hashes_may_match)
{
	const struct {
		const char *text;
		enum digest_algo strongest;
		size_t count;
		bool matches;	/* the bytes "abc" */
	} rows[] = {
		{ SHA512_ABC, DIGEST_SHA512, 1, true },
		{ SHA1_ABC, DIGEST_SHA1, 1, true },
		{ MD5_ABC, DIGEST_MD5, 1, true },
		{ SHA1_ABC " " SHA512_ABC, DIGEST_SHA512, 2, true },
		{ SHA1_ABC " " SHA512_OTHER, DIGEST_SHA512, 2, false },
		{ SHA512_OTHER "\n\t" SHA512_ABC, DIGEST_SHA512, 2, true },
		{ "  " SHA512_ABC "?option ", DIGEST_SHA512, 1, true },
		{ "sha999-AAAA " SHA1_ABC, DIGEST_SHA1, 1, true },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct integrity integrity;
		struct digest d;

		integrity_parse(a, str_view(rows[i].text), &integrity);
		CHECK_EQ(integrity.strongest, rows[i].strongest, "row %zu", i);
		CHECK_EQ(integrity.count, rows[i].count, "row %zu", i);
		digest_of(integrity.strongest, S("abc"), &d);
		CHECK_EQ(integrity_has(&integrity, &d), rows[i].matches, "row %zu", i);
	}
}

TEST(malformed_hashes_are_as_good_as_absent)
{
	const char *const rows[] = {
		"", " ", "sha512", "sha512-", "sha512-AAAA", "sha999-AAAA", "SHA1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
		"sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0", "sha1-qZk-NkcGgWq6PiVxeFDCbJzQ2J0=", "sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J1=",
		"sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0==", "sha1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", "sha512-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
		"-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct integrity integrity;

		integrity_parse(a, str_view(rows[i]), &integrity);
		CHECK_EQ(integrity.count, 0, "'%s'", rows[i]);
		CHECK_EQ(integrity.strongest, DIGEST_NONE, "'%s'", rows[i]);
	}
}

TEST(integrity_texts_are_written_as_npm_writes_them)
{
	ARENA_SCOPE(a);
	struct digest d;

	digest_of(DIGEST_SHA512, S("abc"), &d);
	CHECK_STR(integrity_format(a, &d), S(SHA512_ABC), "sha512");
	CHECK_STR(integrity_from_shasum(a, S("a9993e364706816aba3e25717850c26c9cd0d89d")), S(SHA1_ABC), "sha1");
	CHECK_STR(integrity_from_shasum(a, S("A9993E364706816ABA3E25717850C26C9CD0D89D")), S(SHA1_ABC), "sha1");
	CHECK_STR(integrity_from_shasum(a, S("a9993e364706816aba3e25717850c26c9cd0d89")), STR_NULL, "no sha1");
	CHECK_STR(integrity_from_shasum(a, S("z9993e364706816aba3e25717850c26c9cd0d89d")), STR_NULL, "no sha1");
}

TEST(base64_goes_there_and_back)
{
	const struct {
		str plain, encoded;
	} rows[] = {
		{ S(""), S("") },	     { S("f"), S("Zg==") },	    { S("fo"), S("Zm8=") },
		{ S("foo"), S("Zm9v") },     { S("foob"), S("Zm9vYg==") },  { S("fooba"), S("Zm9vYmE=") },
		{ S("foobar"), S("Zm9vYmFy") }, { S("\xfb\xff\0"), S("+/8A") },
	};
	ARENA_SCOPE(a);
	str bytes;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_STR(base64_encode(a, rows[i].plain), rows[i].encoded, "row %zu", i);
		CHECK(base64_decode(a, rows[i].encoded, &bytes), "row %zu", i);
		CHECK_STR(bytes, rows[i].plain, "row %zu", i);
	}
	CHECK(base64_decode(a, S("-_8A"), &bytes) && str_eq(bytes, S("\xfb\xff\0")));
	CHECK(base64_decode(a, S("Zg"), &bytes) && str_eq(bytes, S("f")));
	CHECK(!base64_decode(a, S("Z"), &bytes));
	CHECK(!base64_decode(a, S("Zm9 v"), &bytes));
	CHECK(!base64_decode(a, S("Zm=v"), &bytes));
}

UNIT_TESTS(TESTED(the_strongest_algorithm_decides_and_any_of_its_hashes_may_match),
	   TESTED(malformed_hashes_are_as_good_as_absent), TESTED(integrity_texts_are_written_as_npm_writes_them),
	   TESTED(base64_goes_there_and_back))
