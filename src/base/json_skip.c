/* SPDX-License-Identifier: MIT
 * Strings and brackets are found sixteen bytes at a time where SSE2 is there (every x86-64), eight
 * at a time elsewhere.
 *
 * Passing over a container works on blocks of 64 bytes as bit masks, one bit a byte:
 *
 *   text      { " a \ " { " : [ ] }
 *   quote     . 1 . . . . 1 . . . .      quotes that no backslash escapes
 *   in_string . 1 1 1 1 1 . . . . .      prefix XOR of quote, carried into the next block
 *   open      1 . . . . . . . 1 . .      brackets outside strings
 *
 * so a block costs a few dozen instructions however many strings it holds. */
#include "json_scan_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK        ((size_t)64)
#define ONES         0x0101010101010101u
#define HIGHS        0x8080808080808080u
#define ALL_BYTES(c) (ONES * (unsigned char)(c))

/* One bit per byte of a block. */
struct block {
	uint64_t quote, backslash, open, close;
};

#ifdef __SSE2__
static void block_load(const char *p, struct block *b)
{
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
	const __m128i fold = _mm_set1_epi8(0x20), open = _mm_set1_epi8('{'),
		      close = _mm_set1_epi8('}');

	*b = (struct block){ 0 };
	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(p + i));
		__m128i folded = _mm_or_si128(v, fold); /* '[' to '{', ']' to '}' */

		b->quote |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, quote)) << i;
		b->backslash |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, backslash)) << i;
		b->open |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, open)) << i;
		b->close |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, close)) << i;
	}
}

/* First byte that is a quote, a backslash or below 0x20; @end when there is none. */
const char *jscan_string_stop(const char *p, const char *end)
{
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'),
		      last_control = _mm_set1_epi8(0x1f);

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)p);
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash));
		int bits = _mm_movemask_epi8(
			_mm_or_si128(hit, _mm_cmpeq_epi8(_mm_min_epu8(v, last_control), v)));

		if (bits)
			return p + __builtin_ctz((unsigned)bits);
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}
#else
/* High bit of each byte of @v that equals @c; exact for every byte. */
static uint64_t bytes_equal(uint64_t v, char c)
{
	uint64_t x = v ^ ALL_BYTES(c);

	return ~(((x & ~HIGHS) + ~HIGHS) | x) & HIGHS;
}

/* Gathers the high bits of eight bytes into eight bits, first byte lowest. */
static uint64_t gather(uint64_t highs)
{
	return ((highs >> 7) * 0x0102040810204080u) >> 56;
}

static uint64_t load_word(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap64(v);
}

static void block_load(const char *p, struct block *b)
{
	*b = (struct block){ 0 };
	for (unsigned i = 0; i < BLOCK; i += 8) {
		uint64_t v = load_word(p + i), folded = v | ALL_BYTES(0x20);

		b->quote |= gather(bytes_equal(v, '"')) << i;
		b->backslash |= gather(bytes_equal(v, '\\')) << i;
		b->open |= gather(bytes_equal(folded, '{')) << i;
		b->close |= gather(bytes_equal(folded, '}')) << i;
	}
}

const char *jscan_string_stop(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t v = load_word(p);
		uint64_t below_space = ~(((v & ~HIGHS) + ALL_BYTES(0x60)) | v) & HIGHS;
		uint64_t hit = bytes_equal(v, '"') | bytes_equal(v, '\\') | below_space;

		if (hit)
			return p + (__builtin_ctzll(hit) >> 3);
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}
#endif

/* Bits behind an unescaped backslash. @carry: the last byte of the block before was one. */
static uint64_t escaped_bits(uint64_t backslash, bool *carry)
{
	uint64_t escaped = *carry;

	backslash &= ~escaped;
	*carry = false;
	while (backslash) {
		uint64_t lowest = backslash & -backslash;

		*carry = lowest >> 63;
		escaped |= lowest << 1;
		backslash &= ~(lowest | lowest << 1);
	}
	return escaped;
}

static uint64_t prefix_xor(uint64_t x)
{
	for (unsigned shift = 1; shift < 64; shift *= 2)
		x ^= x << shift;
	return x;
}

/* Goes through the brackets of one block; the offset behind the one that closes the container, or
 * 0. */
static size_t closing_offset(uint64_t open, uint64_t close, size_t *depth)
{
	for (uint64_t rest = open | close; rest; rest &= rest - 1) {
		uint64_t lowest = rest & -rest;

		if (open & lowest)
			++*depth;
		else if (--*depth == 0)
			return (size_t)__builtin_ctzll(lowest) + 1;
	}
	return 0;
}

/* @p stands on an opening bracket: the first byte behind the matching one, or NULL when the text
 * ends before. */
const char *jscan_container_end(const char *p, const char *end)
{
	bool escape_carry = false;
	uint64_t string_carry = 0; /* all ones while inside a string */
	size_t depth = 0;

	for (; p < end; p += BLOCK) {
		char padded[BLOCK] = { 0 };
		const char *from = p;
		struct block b;

		if ((size_t)(end - p) < BLOCK)
			from = memcpy(padded, p, (size_t)(end - p));
		block_load(from, &b);
		if (b.backslash || escape_carry)
			b.quote &= ~escaped_bits(b.backslash, &escape_carry);

		uint64_t in_string = prefix_xor(b.quote) ^ string_carry;
		size_t stop = closing_offset(b.open & ~in_string, b.close & ~in_string, &depth);

		if (stop)
			return p + stop;
		string_carry = in_string >> 63 ? ~(uint64_t)0 : 0;
	}
	return NULL;
}
