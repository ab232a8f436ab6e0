/* SPDX-License-Identifier: MIT
 * libdeflate inflates whole buffers three times as fast as zlib streams them, and checks each
 * member's CRC and length. What is left to us is the size of the output: the trailer's word for it
 * is a hint, the caps decide (T10), and what stands between and behind the members (T11). There
 * npm's zlib binding sets the rule: a zero byte behind a member begins padding, anything else must
 * be another member. */
#include "cpm/base/gunzip.h"

#include "cpm/base/trace.h"

#include "gunzip_rules.h"

#include <libdeflate.h>

#include <errno.h>

/* Below this no ratio is suspicious; above, output may be 1000 times the input, as node-tar has it.
 */
#define RATIO_FREE_BYTES ((uint64_t)16 << 20)
#define RATIO_MAX        1000
#define MIN_GUESS_BYTES  ((size_t)4096)

struct output {
	struct arena *arena; /* NULL: @p is on the heap */
	char *p;
	size_t len, room, cap;
	uint64_t caller_cap;
};

bool gunzip_is_gzip(str bytes)
{
	return str_starts(bytes, S("\x1f\x8b"));
}

str gunzip_kind(str bytes)
{
	const struct {
		str magic, kind;
	} rows[] = {
		{ S("\x1f\x8b"), S("gzip data") },
		{ S("PK\x03\x04"), S("a zip archive") },
		{ S("\xfd"
		    "7zXZ"),
		  S("xz data") },
		{ S("BZh"), S("bzip2 data") },
		{ S("\x28\xb5\x2f\xfd"), S("zstd data") },
		{ S("<"), S("HTML or XML") },
		{ S("{"), S("JSON") },
	};

	if (!bytes.len)
		return S("nothing");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_starts(bytes, rows[i].magic))
			return rows[i].kind;
	return S("something else");
}

struct err *gunzip_too_big(uint64_t cap, uint64_t caller_cap)
{
	if (cap < caller_cap)
		return err_new(E_TOO_BIG, "the archive inflates to more than %d times its size",
			       RATIO_MAX);
	return err_new(E_TOO_BIG, "the archive inflates to more than %llu bytes",
		       (unsigned long long)cap);
}

struct err *gunzip_damaged(void)
{
	return err_new(E_BAD_ARCHIVE, "the gzip data is damaged or cut short");
}

uint64_t gunzip_cap(str bytes, uint64_t cap_bytes)
{
	return MIN(cap_bytes, MAX(RATIO_FREE_BYTES, (uint64_t)bytes.len * RATIO_MAX));
}

/* Room for at least one byte more, up to the cap. */
static struct err *output_grow(struct output *out, size_t room)
{
	char *moved;

	room = MIN(room, out->cap);
	if (room <= out->room)
		return gunzip_too_big(out->cap, out->caller_cap);
	moved = out->arena ? arena_grow(out->arena, out->p, out->p ? out->room + 1 : 0, room + 1)
			   : realloc(out->p, room + 1);
	if (!moved)
		return err_sys(ENOMEM, "allocate", S("archive contents"));
	out->p = moved;
	out->room = room;
	return NULL;
}

/* The last member's length as its trailer gives it, modulo 2^32; with one member that is all there
 * is. */
static size_t guess_size(str bytes)
{
	const unsigned char *t = (const unsigned char *)bytes.p + bytes.len - 4;
	size_t said = (size_t)t[0] | (size_t)t[1] << 8 | (size_t)t[2] << 16 | (size_t)t[3] << 24;

	/* DEFLATE cannot do better than 1032:1, so more than that is a lie or padding. */
	return said > bytes.len * 1032 ? 4 * bytes.len : MAX(said, MIN_GUESS_BYTES);
}

uint64_t gunzip_guess(str bytes)
{
	return gunzip_is_gzip(bytes) && bytes.len >= GUNZIP_MIN_MEMBER_BYTES ? guess_size(bytes)
									     : bytes.len;
}

/* Inflates the member at the start of *rest behind what is there and moves *rest behind it. */
static struct err *inflate_member(struct libdeflate_decompressor *d, str *rest, struct output *out)
{
	for (;;) {
		size_t used = 0, made = 0;
		enum libdeflate_result result = libdeflate_gzip_decompress_ex(
			d, rest->p, rest->len, out->p + out->len, out->room - out->len, &used,
			&made);

		if (result == LIBDEFLATE_SUCCESS) {
			out->len += made;
			*rest = str_from(*rest, used);
			return NULL;
		}
		if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
			return gunzip_damaged();
		TRY(output_grow(out, 2 * out->room));
	}
}

struct err *gunzip_check_padding(str rest)
{
	for (size_t i = 0; i < rest.len; i++)
		if (rest.p[i])
			return err_new(E_BAD_ARCHIVE,
				       "the gzip data is followed by something else");
	return NULL;
}

static struct err *inflate_all(struct libdeflate_decompressor *d, str bytes, struct output *out)
{
	TRY(output_grow(out, guess_size(bytes)));
	do {
		TRY(inflate_member(d, &bytes, out));
	} while (gunzip_is_gzip(bytes));
	return gunzip_check_padding(bytes);
}

static struct err *copy_plain(str bytes, struct output *out)
{
	if (bytes.len > out->caller_cap)
		return err_new(E_TOO_BIG, "the archive is larger than %llu bytes",
			       (unsigned long long)out->caller_cap);
	out->cap = MAX(bytes.len, (size_t)1);
	TRY(output_grow(out, out->cap));
	memcpy(out->p, bytes.p ? bytes.p : "", bytes.len);
	out->len = bytes.len;
	return NULL;
}

static struct err *fill(str bytes, bool allow_plain, struct output *out)
{
	struct libdeflate_decompressor *d;
	struct err *e;
	TRACE(GUNZIP);

	if (!gunzip_is_gzip(bytes)) {
		if (allow_plain)
			return copy_plain(bytes, out);
		return err_new(E_BAD_ARCHIVE, "not gzip data but " STR_FMT,
			       STR_ARG(gunzip_kind(bytes)));
	}
	if (bytes.len < GUNZIP_MIN_MEMBER_BYTES)
		return gunzip_damaged();
	d = libdeflate_alloc_decompressor();
	if (!d)
		return err_sys(ENOMEM, "allocate", S("decompressor"));
	e = inflate_all(d, bytes, out);
	TRACE_BYTES(out->len);
	libdeflate_free_decompressor(d);
	return e;
}

static struct output output_begin(struct arena *a, str bytes, uint64_t cap_bytes)
{
	return (struct output){ .arena = a,
				.caller_cap = cap_bytes,
				.cap = (size_t)gunzip_cap(bytes, cap_bytes) };
}

struct err *gunzip(str bytes, uint64_t cap_bytes, bool allow_plain, char **out, size_t *out_len)
{
	struct output result = output_begin(NULL, bytes, cap_bytes);
	struct err *e = fill(bytes, allow_plain, &result);

	if (e) {
		free(result.p);
		return e;
	}
	result.p[result.len] = '\0';
	*out = result.p;
	*out_len = result.len;
	return NULL;
}

struct err *gunzip_into(struct arena *a, str bytes, uint64_t cap_bytes, bool allow_plain, str *out)
{
	struct output result = output_begin(a, bytes, cap_bytes);

	TRY(fill(bytes, allow_plain, &result));
	result.p[result.len] = '\0';
	*out = str_of(result.p, result.len);
	return NULL;
}
