/* SPDX-License-Identifier: MIT */
#include "cpm/base/fingerprint.h"

#include "check.h"

TEST(every_bit_of_a_text_counts)
{
	char text[67];
	memset(text, 'x', sizeof(text));
	struct fingerprint was = fingerprint_of(str_of(text, sizeof(text)));

	for (size_t bit = 0; bit < sizeof(text) * 8; bit++) {
		text[bit / 8] ^= (char)(1 << bit % 8);
		struct fingerprint is = fingerprint_of(str_of(text, sizeof(text)));
		CHECK(was.a != is.a && was.b != is.b);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
	CHECK(fingerprint_eq(was, fingerprint_of(str_of(text, sizeof(text)))));
}

TEST(length_counts_even_where_the_bytes_are_zero)
{
	static const char zeros[40];

	for (size_t i = 0; i < sizeof(zeros); i++)
		for (size_t j = 0; j < i; j++)
			CHECK(!fingerprint_eq(fingerprint_of(str_of(zeros, i)), fingerprint_of(str_of(zeros, j))));
}

TEST(parts_of_a_sequence_do_not_run_together)
{
	struct fingerprint one = { 0 }, other = { 0 };

	fingerprint_add(&one, S("ab"));
	fingerprint_add(&one, S("c"));
	fingerprint_add(&other, S("a"));
	fingerprint_add(&other, S("bc"));
	CHECK(!fingerprint_eq(one, other));
}

TEST(order_of_parts_counts)
{
	struct fingerprint one = { 0 }, other = { 0 };

	fingerprint_add(&one, S("a"));
	fingerprint_add(&one, S("b"));
	fingerprint_add(&other, S("b"));
	fingerprint_add(&other, S("a"));
	CHECK(!fingerprint_eq(one, other));
}

UNIT_TESTS(TESTED(every_bit_of_a_text_counts),
	   TESTED(length_counts_even_where_the_bytes_are_zero),
	   TESTED(parts_of_a_sequence_do_not_run_together), TESTED(order_of_parts_counts))
