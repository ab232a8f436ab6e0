/* SPDX-License-Identifier: MIT
 * Integrity strings: "sha512-<base64>", several apart by white space. The grammar is strict (T23):
 * an entry with an unknown algorithm, a wrong length or base64 that is not the canonical one is as
 * good as absent, so that a lockfile cannot weaken a check by being vague. */
#include "cpm/base/digest.h"

#include "cpm/base/vec.h"

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

str base64_encode(struct arena *a, str bytes)
{
	const unsigned char *in = (const unsigned char *)bytes.p;
	size_t groups = (bytes.len + 2) / 3;
	char *out = arena_alloc_raw(a, groups * 4 + 1);

	for (size_t g = 0; g < groups; g++) {
		size_t at = 3 * g, left = bytes.len - at;
		uint32_t n = (uint32_t)in[at] << 16;

		n |= left > 1 ? (uint32_t)in[at + 1] << 8 : 0;
		n |= left > 2 ? (uint32_t)in[at + 2] : 0;
		out[4 * g] = base64_digits[n >> 18];
		out[4 * g + 1] = base64_digits[n >> 12 & 63];
		out[4 * g + 2] = left > 1 ? base64_digits[n >> 6 & 63] : '=';
		out[4 * g + 3] = left > 2 ? base64_digits[n & 63] : '=';
	}
	out[groups * 4] = '\0';
	return str_of(out, groups * 4);
}

/* Value + 1 of each digit of both alphabets; 0: no digit. */
/* clang-format off */
static const unsigned char base64_values[256] = {
	['A'] =  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	['+'] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64,
};
/* clang-format on */

bool base64_decode(struct arena *a, str text, str *out)
{
	unsigned char *bytes = arena_alloc_raw(a, text.len / 4 * 3 + 3);
	uint32_t bits = 0;
	size_t len = 0;

	for (size_t pads = 0; pads < 2 && str_ends(text, S("=")); pads++)
		text.len--;
	if (text.len % 4 == 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint32_t value = base64_values[(unsigned char)text.p[i]];

		if (!value)
			return false;
		bits = bits << 6 | (value - 1);
		if (i % 4)
			bytes[len++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
	}
	*out = str_of((char *)bytes, len);
	return true;
}

static enum digest_algo algo_by_name(str name)
{
	for (enum digest_algo algo = DIGEST_SHA512; algo > DIGEST_NONE; algo--)
		if (str_eq(name, digest_algo_name(algo)))
			return algo;
	return DIGEST_NONE;
}

/* One "algorithm-base64?options". */
static bool parse_hash(struct arena *a, str text, struct digest *out)
{
	size_t dash = str_find_char(text, '-');
	str encoded = str_slice(text, dash == STR_NPOS ? text.len : dash + 1,
				str_find_char(text, '?')),
	    bytes;

	*out = (struct digest){ .algo = algo_by_name(str_slice(text, 0, dash)) };
	if (out->algo == DIGEST_NONE || !base64_decode(a, encoded, &bytes))
		return false;
	if (bytes.len != digest_size(out->algo) || !str_eq(base64_encode(a, bytes), encoded))
		return false;
	memcpy(out->bytes, bytes.p, bytes.len);
	return true;
}

void integrity_parse(struct arena *a, str text, struct integrity *out)
{
	VEC(struct digest) items = { 0 };
	enum digest_algo strongest = DIGEST_NONE;
	ARENA_SCOPE(tmp);

	for (str rest = str_trim(text); rest.len; rest = str_trim(rest)) {
		size_t end = str_find_any(rest, " \t\n\v\f\r");
		struct digest d;

		if (parse_hash(tmp, str_slice(rest, 0, end), &d)) {
			VEC_PUSH(a, &items, d);
			strongest = MAX(strongest, d.algo);
		}
		rest = str_from(rest, end);
	}
	*out = (struct integrity){ .items = items.items,
				   .count = items.len,
				   .strongest = strongest };
}

bool integrity_has(const struct integrity *i, const struct digest *d)
{
	for (size_t n = 0; n < i->count; n++)
		if (i->items[n].algo == i->strongest && digest_eq(&i->items[n], d))
			return true;
	return false;
}

str integrity_format(struct arena *a, const struct digest *d)
{
	str encoded = base64_encode(a, str_of((const char *)d->bytes, digest_size(d->algo)));

	return str_printf(a, STR_FMT "-" STR_FMT, STR_ARG(digest_algo_name(d->algo)),
			  STR_ARG(encoded));
}

str digest_hex(struct arena *a, const struct digest *d)
{
	size_t size = digest_size(d->algo);
	char *hex = arena_alloc_raw(a, 2 * size + 1);

	for (size_t i = 0; i < size; i++) {
		hex[2 * i] = "0123456789abcdef"[d->bytes[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[d->bytes[i] & 15];
	}
	hex[2 * size] = '\0';
	return str_of(hex, 2 * size);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

str integrity_from_shasum(struct arena *a, str hex)
{
	struct digest d = { .algo = DIGEST_SHA1 };

	if (hex.len != 2 * digest_size(d.algo))
		return STR_NULL;
	for (size_t i = 0; i < hex.len; i++) {
		int value = hex_value(hex.p[i]);

		if (value < 0)
			return STR_NULL;
		d.bytes[i / 2] = (unsigned char)(d.bytes[i / 2] << 4 | value);
	}
	return integrity_format(a, &d);
}
