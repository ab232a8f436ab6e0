/* SPDX-License-Identifier: MIT
 * Two lanes that fold each word in with a 64 by 64 bit multiplication, whose halves are then mixed:
 * every bit of the word reaches every bit of the lane. The lanes differ in how a word goes in, so
 * that what blinds one (a product with zero) is seen by the other. */
#include "cpm/base/fingerprint.h"

/* Odd, with about as many ones as zeros. */
#define FACTOR_A 0x9e3779b97f4a7c15u
#define FACTOR_B 0xc2b2ae3d27d4eb4fu

static uint64_t fold(uint64_t x, uint64_t y)
{
	__uint128_t product = (__uint128_t)x * y;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void add_word(struct fingerprint *f, uint64_t word)
{
	f->a = fold(f->a ^ word, FACTOR_A) + word;
	f->b = fold(f->b + word, FACTOR_B) ^ f->a;
}

void fingerprint_add(struct fingerprint *f, str part)
{
	uint64_t word;
	size_t at = 0;

	add_word(f, part.len + 1);
	for (; at + sizeof(word) <= part.len; at += sizeof(word)) {
		memcpy(&word, part.p + at, sizeof(word));
		add_word(f, word);
	}
	word = 0;
	if (at < part.len) {
		memcpy(&word, part.p + at, part.len - at);
		add_word(f, word);
	}
}

struct fingerprint fingerprint_of(str bytes)
{
	struct fingerprint f = { 0 };

	fingerprint_add(&f, bytes);
	return f;
}
