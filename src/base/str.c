/* SPDX-License-Identifier: MIT
 * Slices and the capped builder. Sorting as npm sorts is in collate.c. */
#include "cpm/base/str.h"

#include "str_priv.h"

#include <ctype.h>
#include <stdatomic.h>
#include <sys/auxv.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_nocase(str a, str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

int str_cmp(str a, str b)
{
	size_t common = MIN(a.len, b.len);
	int order = common ? memcmp(a.p, b.p, common) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(str s, str prefix)
{
	return s.len >= prefix.len && str_eq(str_of(s.p, prefix.len), prefix);
}

bool str_ends(str s, str suffix)
{
	return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

bool str_starts_nocase(str s, str prefix)
{
	return s.len >= prefix.len && str_eq_nocase(str_of(s.p, prefix.len), prefix);
}

bool str_ends_nocase(str s, str suffix)
{
	return s.len >= suffix.len && str_eq_nocase(str_from(s, s.len - suffix.len), suffix);
}

bool str_is_one_of(str s, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(s, str_view(*words)))
			return true;
	return false;
}

/* Sixteen random bytes that the kernel gives every process, so that nobody can prepare keys that
 * collide (T41). Nothing may depend on a hash: it differs from run to run. */
static uint64_t hash_seed(void)
{
	static _Atomic uint64_t known;
	uint64_t seed = atomic_load_explicit(&known, memory_order_relaxed);
	const void *random;

	if (LIKELY(seed))
		return seed;
	random = (const void *)getauxval(AT_RANDOM);
	if (random)
		memcpy(&seed, random, sizeof(seed));
	seed |= 1;
	atomic_store_explicit(&known, seed, memory_order_relaxed);
	return seed;
}

/* Both halves of the product, folded. */
static uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes a multiplication: most keys are paths of some forty bytes. */
uint64_t str_hash(str s)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t h = hash_seed() ^ s.len, word;

	for (; s.len >= sizeof(word); s = str_from(s, sizeof(word))) {
		memcpy(&word, s.p, sizeof(word));
		h = hash_mix(h ^ word, odd);
	}
	word = 0;
	if (s.len)
		memcpy(&word, s.p, s.len);
	return hash_mix(h ^ word, odd);
}

size_t str_find(str s, str needle)
{
	const char *hit;

	if (needle.len > s.len)
		return STR_NPOS;
	if (!needle.len)
		return 0;
	hit = memmem(s.p, s.len, needle.p, needle.len);
	return hit ? (size_t)(hit - s.p) : STR_NPOS;
}

size_t str_find_char(str s, char c)
{
	const char *hit = s.len ? memchr(s.p, c, s.len) : NULL;

	return hit ? (size_t)(hit - s.p) : STR_NPOS;
}

size_t str_rfind_char(str s, char c)
{
	const char *hit = s.len ? memrchr(s.p, c, s.len) : NULL;

	return hit ? (size_t)(hit - s.p) : STR_NPOS;
}

size_t str_find_any(str s, const char *chars)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] && strchr(chars, s.p[i]))
			return i;
	return STR_NPOS;
}

str str_slice(str s, size_t from, size_t to)
{
	to = MIN(to, s.len);
	from = MIN(from, to);
	return str_of(s.p ? s.p + from : NULL, to - from);
}

str str_from(str s, size_t from)
{
	return str_slice(s, from, s.len);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

str str_trim(str s)
{
	while (s.len && is_space(s.p[0]))
		s = str_from(s, 1);
	while (s.len && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

size_t str_js_space(str s)
{
	const unsigned char *u = (const unsigned char *)s.p;

	if (s.len >= 1 && is_space(s.p[0]))
		return 1;
	if (s.len >= 2 && u[0] == 0xc2 && u[1] == 0xa0)
		return 2;
	if (s.len < 3 || (u[0] & 0xf0) != 0xe0 || (u[1] & 0xc0) != 0x80 || (u[2] & 0xc0) != 0x80)
		return 0;
	unsigned code = (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);

	return code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
			       code == 0x2029 || code == 0x202f || code == 0x205f ||
			       code == 0x3000 || code == 0xfeff
		       ? 3
		       : 0;
}

str str_trim_js(str s)
{
	size_t n;

	while ((n = str_js_space(s)))
		s = str_from(s, n);
	for (;;) {
		for (n = 1; n <= 3 && n <= s.len; n++)
			if (str_js_space(str_from(s, s.len - n)) == n)
				break;
		if (n > 3 || n > s.len)
			return s;
		s.len -= n;
	}
}

bool str_cut(str *rest, char sep, str *part)
{
	size_t at;

	if (str_is_null(*rest))
		return false;
	at = str_find_char(*rest, sep);
	*part = str_slice(*rest, 0, at);
	*rest = at == STR_NPOS ? STR_NULL : str_from(*rest, at + 1);
	return true;
}

str str_dup(struct arena *a, str s)
{
	char *p;

	if (str_is_null(s))
		return s;
	p = arena_alloc_raw(a, s.len + 1);
	memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return str_of(p, s.len);
}

char *str_cstr(struct arena *a, str s)
{
	char *p = arena_alloc_raw(a, s.len + 1);

	if (s.len)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return p;
}

str str_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	int len;
	char *p;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return S("");
	p = arena_alloc_raw(a, (size_t)len + 1);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	return str_of(p, (size_t)len);
}

str str_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	str s;

	va_start(ap, fmt);
	s = str_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

str str_concat(struct arena *a, str first, str second)
{
	const str parts[] = { first, second };

	return str_join(a, parts, 2, S(""));
}

str str_lower(struct arena *a, str s)
{
	char *p = str_cstr(a, s);

	for (size_t i = 0; i < s.len; i++)
		p[i] = lower(p[i]);
	return str_of(p, s.len);
}

str str_join(struct arena *a, const str *parts, size_t count, str sep)
{
	size_t len = count ? sep.len * (count - 1) : 0, at = 0;
	char *p;

	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	p = arena_alloc_raw(a, len + 1);
	for (size_t i = 0; i < count; i++) {
		if (i && sep.len) {
			memcpy(p + at, sep.p, sep.len);
			at += sep.len;
		}
		if (parts[i].len)
			memcpy(p + at, parts[i].p, parts[i].len);
		at += parts[i].len;
	}
	p[at] = '\0';
	return str_of(p, len);
}

str str_replace_all(struct arena *a, str s, str from, str to)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	size_t at;

	while (from.len && (at = str_find(s, from)) != STR_NPOS) {
		buf_add(&out, str_slice(s, 0, at));
		buf_add(&out, to);
		s = str_from(s, at + from.len);
	}
	buf_add(&out, s);
	return buf_view(&out);
}

bool str_to_u64(str s, uint64_t *out)
{
	uint64_t n = 0;

	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(s.p[i] - '0'), &n))
			return false;
	*out = n;
	return true;
}

size_t utf8_step(const unsigned char *u, size_t len, bool *is_whole)
{
	static const struct {
		unsigned char first_lo, first_hi, second_lo, second_hi, len;
	} rows[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	*is_whole = u[0] < 0x80;
	if (*is_whole)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = 1;

		if (u[0] < rows[i].first_lo || u[0] > rows[i].first_hi)
			continue;
		if (len < 2 || u[1] < rows[i].second_lo || u[1] > rows[i].second_hi)
			return 1;
		for (n = 2; n < rows[i].len && n < len && (u[n] & 0xc0) == 0x80;)
			n++;
		*is_whole = n == rows[i].len;
		return n;
	}
	return 1;
}

/* Bytes at the start of @s that are ASCII, eight at a time. */
static size_t ascii_len(str s)
{
	size_t i = 0;
	uint64_t word;

	for (; i + sizeof(word) <= s.len; i += sizeof(word)) {
		memcpy(&word, s.p + i, sizeof(word));
		if (word & 0x8080808080808080u)
			break;
	}
	while (i < s.len && !(s.p[i] & 0x80))
		i++;
	return i;
}

/* Bytes at the start of @s that are well-formed UTF-8. */
static size_t utf8_prefix_len(str s)
{
	size_t i = 0;

	for (;;) {
		bool is_whole;
		size_t n;

		i += ascii_len(str_from(s, i));
		if (i == s.len)
			return i;
		n = utf8_step((const unsigned char *)s.p + i, s.len - i, &is_whole);
		if (!is_whole)
			return i;
		i += n;
	}
}

bool str_is_utf8(str s)
{
	return utf8_prefix_len(s) == s.len;
}

str str_to_utf8(struct arena *a, str s)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	size_t good = utf8_prefix_len(s);

	if (good == s.len)
		return s;
	while (good < s.len) {
		bool is_whole;

		buf_add(&out, str_slice(s, 0, good));
		buf_add(&out, S("\xef\xbf\xbd"));
		s = str_from(s, good);
		s = str_from(s, utf8_step((const unsigned char *)s.p, s.len, &is_whole));
		good = utf8_prefix_len(s);
	}
	buf_add(&out, s);
	return buf_view(&out);
}

struct str_buf str_buf(struct arena *a, size_t cap_bytes)
{
	return (struct str_buf){ .arena = a, .cap_bytes = cap_bytes };
}

bool buf_reserve(struct str_buf *b, size_t more)
{
	size_t need, room;

	if (b->overflow || more > b->cap_bytes - b->len) {
		b->overflow = true;
		return false;
	}
	need = b->len + more + 1;
	if (need <= b->room)
		return true;
	room = MAX(need, 2 * b->room);
	room = MAX(room, (size_t)64);
	b->p = arena_grow(b->arena, b->p, b->room, room);
	b->room = room;
	return true;
}

void buf_add(struct str_buf *b, str s)
{
	if (!s.len || !buf_reserve(b, s.len))
		return;
	memcpy(b->p + b->len, s.p, s.len);
	b->len += s.len;
}

void buf_add_char(struct str_buf *b, char c)
{
	if (buf_reserve(b, 1))
		b->p[b->len++] = c;
}

void buf_add_cstr(struct str_buf *b, const char *c)
{
	buf_add(b, str_view(c));
}

void buf_printf(struct str_buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len > 0 && buf_reserve(b, (size_t)len)) {
		vsnprintf(b->p + b->len, (size_t)len + 1, fmt, ap);
		b->len += (size_t)len;
	}
	va_end(ap);
}

void buf_add_repeat(struct str_buf *b, str s, size_t times)
{
	while (times--)
		buf_add(b, s);
}

str buf_view(const struct str_buf *b)
{
	return b->p ? str_of(b->p, b->len) : S("");
}

const char *buf_cstr(struct str_buf *b)
{
	bool was_full = b->overflow;

	b->overflow = false;
	if (!buf_reserve(b, 0))
		return "";
	b->overflow = was_full;
	b->p[b->len] = '\0';
	return b->p;
}

void buf_reset(struct str_buf *b)
{
	b->len = 0;
	b->overflow = false;
}

str str_encode(struct arena *a, str s, const char *plain)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool is_plain = c && c < 0x80 && (isalnum(c) || strchr(plain, c));

		buf_printf(&out, is_plain ? "%c" : "%%%02X", c);
	}
	return buf_view(&out);
}
