/* SPDX-License-Identifier: MIT
 * Why our own reader: npm's answer to "which files are in this archive" is node-tar's, oddities
 * included, and general readers answer differently for hostile input (T3). The order in which
 * node-tar decides things is kept, because the oddities live in the order:
 *
 *   block -> numbers (a bad base-256 number skips the block) -> zero block? -> checksum -> name
 *         -> rules for link names
 *         -> an extension header: its body changes what follows
 *            anything else: name and size with the overrides, then the body
 *
 * A header that is skipped does not take its body along: the body's blocks are looked at as headers
 * in turn. */
#include "tar.h"

#define BLOCK            512
#define META_MAX_BYTES   (1024 * 1024) /* node-tar's limit for PAX and GNU bodies */
#define SAFE_INTEGER_MAX 9007199254740991

/* Where the fields of a header block begin. */
enum {
	NAME_AT = 0,
	MODE_AT = 100,
	UID_AT = 108,
	GID_AT = 116,
	SIZE_AT = 124,
	MTIME_AT = 136,
	CKSUM_AT = 148,
	TYPE_AT = 156,
	LINK_AT = 157,
	MAGIC_AT = 257,
	DEVMAJOR_AT = 329,
	DEVMINOR_AT = 337,
	PREFIX_AT = 345,
	ATIME_AT = 476,
	CTIME_AT = 488
};
enum { CKSUM_LEN = 8 };

struct tar tar_open(struct arena *a, str bytes)
{
	return (struct tar){ .arena = a, .bytes = bytes, .local.size = -1, .global.size = -1 };
}

struct tar tar_open_source(struct arena *a, struct tar_source *source)
{
	struct tar t = tar_open(a, S(""));

	t.source = source;
	return t;
}

/* Claims that @need bytes are there at the cursor; a failure of the source is the archive's. */
static bool has_bytes(struct tar *t, uint64_t need)
{
	if (t->bytes.len - t->at >= need)
		return true;
	if (!t->source || t->err)
		return false;
	t->err = t->source->fill(t->source, &t->bytes, &t->at, need);
	return !t->err && t->bytes.len - t->at >= need;
}

/* Text that must outlive the window of a source. */
static str keep(struct tar *t, str s)
{
	return t->source && !str_is_null(s) ? str_dup(t->arena, s) : s;
}

/* ---- text and numbers as JavaScript sees them ---- */

/* Length of the UTF-8 sequence at @p, or 0 with the bytes to replace in *bad when malformed. */
static size_t utf8_sequence(const unsigned char *p, size_t len, size_t *bad)
{
	unsigned char min = 0x80, max = 0xbf;
	size_t need;

	if (p[0] < 0x80)
		return 1;
	*bad = 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		min = 0xa0;
	if (p[0] == 0xf0)
		min = 0x90;
	if (p[0] == 0xed)
		max = 0x9f;
	if (p[0] == 0xf4)
		max = 0x8f;
	for (size_t i = 1; i < need; i++) {
		if (i == len || p[i] < min || p[i] > max)
			return 0;
		*bad = i + 1;
		min = 0x80;
		max = 0xbf;
	}
	return need;
}

/* Bytes decoded as a TextDecoder would: each malformed run becomes U+FFFD. Borrows when there is
 * none. */
static str to_utf8(struct arena *a, str s)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.len;
	struct str_buf out;

	if (str_is_utf8(s))
		return s;
	out = str_buf(a, 3 * s.len);
	while (p < end) {
		size_t bad = 0, len = utf8_sequence(p, (size_t)(end - p), &bad);

		if (len)
			buf_add(&out, str_of((const char *)p, len));
		else
			buf_add(&out, S("\xef\xbf\xbd"));
		p += len ? len : bad;
	}
	return buf_view(&out);
}

/* First line terminator of JavaScript's: LF, CR, U+2028, U+2029. */
static size_t find_line_end(str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\n' || s.p[i] == '\r')
			return i;
		if (s.len - i >= 3 && memcmp(s.p + i, "\xe2\x80", 2) == 0 &&
		    (s.p[i + 2] & ~1) == (char)0xa8)
			return i;
	}
	return STR_NPOS;
}

/* node-tar cuts a text at its first NUL, but only up to the end of that line: what stands on the
 * next line stays. */
static str cut_at_nul(struct arena *a, str s)
{
	size_t nul = str_find_char(s, '\0'), end;

	if (nul == STR_NPOS)
		return s;
	end = find_line_end(str_from(s, nul));
	if (end == STR_NPOS)
		return str_slice(s, 0, nul);
	return str_concat(a, str_slice(s, 0, nul), str_from(s, nul + end));
}

static str field_text(struct arena *a, const char *block, size_t at, size_t len)
{
	str field = str_of(block + at, len);
	size_t used = strnlen(field.p, len);

	/* The common case: text, then nothing but NULs. */
	if (used < len && field.p[len - 1] == '\0' &&
	    memcmp(field.p + used, field.p + used + 1, len - used - 1) == 0)
		field.len = used;
	return cut_at_nul(a, to_utf8(a, field));
}

enum number_state { NUMBER_NONE, NUMBER_OK, NUMBER_INVALID };

static enum number_state base256_number(const unsigned char *p, size_t len, int64_t *out)
{
	bool is_negative = p[0] == 0xff;
	uint64_t value = 0;

	if (p[0] != 0x80 && !is_negative)
		return NUMBER_INVALID;
	for (size_t i = 1; i < len; i++) {
		unsigned char byte = is_negative ? (unsigned char)~p[i] : p[i];

		if (value > (SAFE_INTEGER_MAX >> 8))
			return NUMBER_INVALID;
		value = value << 8 | byte;
	}
	if (value + is_negative > SAFE_INTEGER_MAX)
		return NUMBER_INVALID;
	*out = is_negative ? -(int64_t)value - 1 : (int64_t)value;
	return NUMBER_OK;
}

/* A numeric field: octal text as parseInt(text, 8) reads it, or base-256 when the high bit is set.
 */
static enum number_state field_number(const char *block, size_t at, size_t len, int64_t *out)
{
	const char *p = block + at, *end = p + len;
	bool is_negative = false;
	int64_t value = 0;

	*out = 0;
	if (*p & 0x80)
		return base256_number((const unsigned char *)p, len, out);
	while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
		p++;
	if (p < end && (*p == '-' || *p == '+'))
		is_negative = *p++ == '-';
	if (p == end || *p < '0' || *p > '7')
		return NUMBER_NONE;
	for (; p < end && *p >= '0' && *p <= '7'; p++)
		value = value << 3 | (*p - '0'); /* at most 12 digits: 36 bits */
	*out = is_negative ? -value : value;
	return NUMBER_OK;
}

/* ---- extension headers ---- */

static bool is_text_key(str key, str want, str value, str *slot)
{
	if (!str_eq(key, want))
		return false;
	*slot = value;
	return true;
}

/* JavaScript's Number() for what honest archives hold: plain decimal digits. */
static struct err *pax_size(str value, int64_t *size)
{
	uint64_t n;

	if (!str_to_u64(str_trim(value), &n) || n > SAFE_INTEGER_MAX)
		return err_new(E_BAD_ARCHIVE, "the archive has an entry with size '" STR_FMT "'",
			       STR_ARG(value));
	*size = (int64_t)n;
	return NULL;
}

static struct err *pax_set(struct tar_extension *ext, str key, str value)
{
	if (is_text_key(key, S("path"), value, &ext->path) ||
	    is_text_key(key, S("linkpath"), value, &ext->link_path))
		return NULL;
	if (str_eq(key, S("size")))
		return str_starts(value, S("-")) ? NULL : pax_size(value, &ext->size);
	ext->has_uid |= str_eq(key, S("uid"));
	ext->has_gid |= str_eq(key, S("gid"));
	ext->has_mtime |= str_eq(key, S("mtime"));
	ext->has_atime |= str_eq(key, S("atime"));
	ext->has_ctime |= str_eq(key, S("ctime"));
	return NULL;
}

/* "<length> <key>=<value>" with the length counting itself and the newline; a record that lies
 * about it is ignored. The length is read as parseInt does, and the key starts behind as many
 * characters as the length has digits, plus one. */
static bool pax_record(str line, str *key, str *value)
{
	size_t at = 0, digits = 1, equals;
	uint64_t length = 0;

	while (at < line.len && (line.p[at] == ' ' || (line.p[at] >= '\t' && line.p[at] <= '\r')))
		at++;
	at += at < line.len && line.p[at] == '+';
	for (; at < line.len && line.p[at] >= '0' && line.p[at] <= '9' && length <= META_MAX_BYTES;
	     at++)
		length = 10 * length + (uint64_t)(line.p[at] - '0');
	if (length != line.len + 1)
		return false;
	for (uint64_t rest = length; rest >= 10; rest /= 10)
		digits++;
	line = str_from(line, digits + 1);
	equals = str_find_char(line, '=');
	*key = str_slice(line, 0, equals);
	*value = equals == STR_NPOS ? S("") : str_from(line, equals + 1);
	return key->len > 0;
}

/* node-tar's line-by-line reading: a value with a newline in it is not understood, and so is not
 * here. */
static struct err *pax_parse(struct arena *a, str body, struct tar_extension *ext)
{
	str rest = to_utf8(a, body), key, value;

	if (str_ends(rest, S("\n")))
		rest.len--;
	for (str line; str_cut(&rest, '\n', &line);)
		if (pax_record(line, &key, &value))
			TRY(pax_set(ext, key, cut_at_nul(a, value)));
	return NULL;
}

static bool is_extension(char type)
{
	return type != '\0' && strchr("xgXLKN", type) != NULL;
}

/* Takes over what an extension header of @type with this body says. */
static struct err *apply_extension(struct tar *t, char type, str body)
{
	switch (type) {
	case 'g':
		return pax_parse(t->arena, body, &t->global);
	case 'L':
	case 'N':
		t->local.path = cut_at_nul(t->arena, to_utf8(t->arena, body));
		return NULL;
	case 'K':
		t->local.link_path = cut_at_nul(t->arena, to_utf8(t->arena, body));
		return NULL;
	default:
		return pax_parse(t->arena, body, &t->local);
	}
}

/* ---- headers ---- */

/* What one block says, before anything is decided. */
struct header {
	char type;     /* 0: unknown */
	bool is_plain; /* a thing of the file system, to which extensions apply */
	str path, link_path;
	int64_t mode, size;
	bool has_mode;
	enum number_state checksum_state;
	int64_t checksum;
};

static unsigned block_sum(const char *block)
{
	unsigned sum = 0, field = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	for (size_t i = 0; i < CKSUM_LEN; i++)
		field += (unsigned char)block[CKSUM_AT + i];
	return sum - field + CKSUM_LEN * ' ';
}

static str full_name(struct tar *t, const char *block, str name)
{
	str prefix;

	if (memcmp(block + MAGIC_AT, "ustar\00000", 8) != 0)
		return name;
	/* A byte at the very end of the prefix field tells the 155 byte form from the one with
	 * times behind 130 bytes. */
	if (block[PREFIX_AT + 130] != '\0')
		prefix = field_text(t->arena, block, PREFIX_AT, 155);
	else
		prefix = field_text(t->arena, block, PREFIX_AT, 130);
	if (block[PREFIX_AT + 130] == '\0' && str_is_empty(prefix))
		return name;
	return str_concat(t->arena, prefix, str_concat(t->arena, S("/"), name));
}

/* Numbers nobody needs still matter: a malformed base-256 number makes node-tar skip the block. */
static bool numbers_are_valid(const struct tar *t, const char *block, bool is_plain)
{
	const struct tar_extension *l = &t->local, *g = &t->global;
	bool is_ustar = memcmp(block + MAGIC_AT, "ustar\00000", 8) == 0;
	bool has_times = is_ustar && block[PREFIX_AT + 130] == '\0';
	const struct {
		size_t at, len;
		bool is_read;
	} fields[] = {
		{ UID_AT, 8, !(is_plain && (l->has_uid || g->has_uid)) },
		{ GID_AT, 8, !(is_plain && (l->has_gid || g->has_gid)) },
		{ MTIME_AT, 12, !(is_plain && (l->has_mtime || g->has_mtime)) },
		{ DEVMAJOR_AT, 8, is_ustar },
		{ DEVMINOR_AT, 8, is_ustar },
		{ ATIME_AT, 12, has_times && !l->has_atime && !g->has_atime },
		{ CTIME_AT, 12, has_times && !l->has_ctime && !g->has_ctime },
	};
	int64_t ignored;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].is_read &&
		    field_number(block, fields[i].at, fields[i].len, &ignored) == NUMBER_INVALID)
			return false;
	return true;
}

static char entry_type(char raw)
{
	return raw == '\0' ? '0' : strchr("01234567gxADIKLMNSVX", raw) ? raw : 0;
}

/* False when the block has a number that cannot be read. */
static bool header_read(struct tar *t, const char *block, struct header *h)
{
	char raw = block[TYPE_AT];
	enum number_state mode_state;

	*h = (struct header){ .type = entry_type(raw) };
	h->is_plain = raw == '\0' || (strchr("01234567D", raw) != NULL);

	mode_state = field_number(block, MODE_AT, 8, &h->mode);
	if (mode_state == NUMBER_INVALID || !numbers_are_valid(t, block, h->is_plain))
		return false;
	h->has_mode = mode_state == NUMBER_OK;
	if (h->is_plain && t->local.size >= 0)
		h->size = t->local.size;
	else if (h->is_plain && t->global.size >= 0)
		h->size = t->global.size;
	else if (field_number(block, SIZE_AT, 12, &h->size) == NUMBER_INVALID)
		return false;
	h->size = MAX(h->size, 0);
	/* The checksum's text may run into the type and link name when nothing ends it. */
	h->checksum_state = field_number(block, CKSUM_AT, 12, &h->checksum);
	if (h->checksum_state == NUMBER_INVALID)
		return false;

	h->path = field_text(t->arena, block, NAME_AT, 100);
	if (h->is_plain && !str_is_null(t->local.path))
		h->path = t->local.path;
	if (h->type == '0' && str_ends(h->path, S("/")))
		h->type = '5';
	if (h->type == '5')
		h->size = 0;
	h->path = full_name(t, block, h->path);
	h->link_path = field_text(t->arena, block, LINK_AT, 100);
	return true;
}

/* A header that node-tar takes for an entry; the others are stepped over. */
static bool header_is_valid(const struct header *h, unsigned sum)
{
	bool is_link = h->type == '1' || h->type == '2';

	if (h->checksum_state != NUMBER_OK || h->checksum != sum || str_is_empty(h->path))
		return false;
	if (is_link)
		return !str_is_empty(h->link_path);
	return str_is_empty(h->link_path) || h->type == 'x' || h->type == 'g';
}

static uint64_t padded(uint64_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

/* @count of the @size bytes that are left of a body, and the cursor behind them and their padding.
 */
static struct err *take_bytes(struct tar *t, uint64_t count, uint64_t size, str *bytes)
{
	if (!has_bytes(t, padded(count))) {
		struct err *err = t->err;

		t->err = NULL;
		if (err)
			return err;
		return err_new(E_BAD_ARCHIVE,
			       "the archive is cut short: %llu more bytes were expected",
			       (unsigned long long)(padded(size) - (t->bytes.len - t->at)));
	}
	*bytes = str_of(t->bytes.p + t->at, (size_t)count);
	t->at += padded(count);
	return NULL;
}

/* As much of the body at hand as comes at once. */
static struct err *take_piece(struct tar *t, str *piece)
{
	uint64_t count = t->source ? MIN(t->rest, t->source->piece_bytes) : t->rest;

	TRY(take_bytes(t, count, t->rest, piece));
	t->rest -= count;
	return NULL;
}

bool tar_next_piece(struct tar *t, str *piece)
{
	if (!t->rest || t->err)
		return false;
	t->err = take_piece(t, piece);
	return !t->err;
}

/* An extension's own body. Oddity: node-tar judges its length by an override that was meant for the
 * file behind it; where that would make it read the body as headers, we refuse. */
static struct err *read_extension(struct tar *t, const struct header *h)
{
	int64_t seen = t->global.size >= 0  ? t->global.size
		       : t->local.size >= 0 ? t->local.size
					    : h->size;
	str body;

	if (seen == 0 && h->size > 0)
		return err_new(E_BAD_ARCHIVE, "the archive has an extension header of two sizes");
	if (seen == 0)
		return NULL;
	TRY(take_bytes(t, (uint64_t)h->size, (uint64_t)h->size, &body));
	return seen > META_MAX_BYTES ? NULL : apply_extension(t, h->type, keep(t, body));
}

/* A file may carry a link name from an extension; node-tar drops such a file when the link would
 * leave. */
static struct err *check_stray_link(const struct tar *t, const struct header *h)
{
	str link = str_is_null(t->global.link_path) ? t->local.link_path : t->global.link_path;

	if (h->type == '1' || h->type == '2' || str_is_null(link) ||
	    str_find(link, S("..")) == STR_NPOS)
		return NULL;
	return err_new(E_BAD_ARCHIVE, "the archive has a file with a link target: '" STR_FMT "'",
		       STR_ARG(link));
}

static struct err *read_entry(struct tar *t, const struct header *h, struct tar_entry *out)
{
	*out = (struct tar_entry){ .type = h->type,
				   .path = h->path,
				   .mode = (uint32_t)h->mode & 07777,
				   .has_mode = h->has_mode,
				   .size = (uint64_t)h->size };
	if (!str_is_null(t->local.path))
		out->path = t->local.path;
	out->path = keep(t, out->path);
	TRY(check_stray_link(t, h));
	t->local = (struct tar_extension){ .size = -1 };
	t->rest = out->size;
	return take_piece(t, &out->body);
}

/* Looks at the block at the cursor. True when it gave an entry in *out. */
static bool read_block(struct tar *t, struct tar_entry *out)
{
	const char *block = t->bytes.p + t->at;
	unsigned sum = block_sum(block);
	struct header h;

	t->at += BLOCK;
	if (!header_read(t, block, &h))
		return false;
	if (h.checksum_state == NUMBER_NONE && sum == CKSUM_LEN * ' ') {
		t->is_over = t->saw_null_block;
		t->saw_null_block = true;
		return false;
	}
	t->saw_null_block = false;
	if (!header_is_valid(&h, sum))
		return false;
	t->saw_entry = true;
	if (is_extension(h.type)) {
		t->err = read_extension(t, &h);
		return false;
	}
	t->err = read_entry(t, &h, out);
	return t->err == NULL;
}

bool tar_next(struct tar *t, struct tar_entry *out)
{
	for (str rest; tar_next_piece(t, &rest);)
		;
	while (!t->is_over && !t->err && has_bytes(t, BLOCK))
		if (read_block(t, out))
			return true;
	return false;
}

struct err *tar_finish(struct tar *t)
{
	struct err *err = t->err;

	t->err = NULL;
	if (!err && !t->saw_entry)
		return err_new(E_BAD_ARCHIVE, "TAR_BAD_ARCHIVE: Unrecognized archive format");
	return err;
}
