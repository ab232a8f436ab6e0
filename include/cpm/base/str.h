/* SPDX-License-Identifier: MIT
 * Text as pointer plus length: borrowed, not terminated, cheap to cut. The capped builder beside it is how text is
 * made. Bytes are UTF-8 unless said otherwise. */
#pragma once
#include <limits.h>
#include <stdarg.h>

#include "cpm/base/arena.h"

typedef struct {
	const char *p;
	size_t len;
} str;

#define S(literal)	((str){ "" literal, sizeof(literal) - 1 })
#define STR_FMT		"%.*s"
#define STR_ARG(s)	(int)((s).len < INT_MAX ? (s).len : INT_MAX), (s).p
#define STR_NULL	((str){ NULL, 0 })

/* A view of a C string; NULL gives the null string. */
static inline str str_view(const char *c)
{
	return (str){ c, c ? strlen(c) : 0 };
}

static inline str str_of(const char *p, size_t len)
{
	return (str){ p, len };
}

static inline bool str_is_empty(str s)
{
	return s.len == 0;
}

/* Null means "absent", which is not the same as empty. */
static inline bool str_is_null(str s)
{
	return s.p == NULL;
}

static inline bool str_eq(str a, str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool str_eq_nocase(str a, str b);		/* ASCII folding */
int str_cmp(str a, str b);			/* by byte, shorter first */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);
bool str_starts_nocase(str s, str prefix);
bool str_ends_nocase(str s, str suffix);
bool str_is_one_of(str s, const char *const *words); /* the last of which is NULL */
uint64_t str_hash(str s);			/* differs from run to run: never let it out */

#define STR_NPOS SIZE_MAX
size_t str_find(str s, str needle);		/* STR_NPOS when absent */
size_t str_find_char(str s, char c);
size_t str_rfind_char(str s, char c);
size_t str_find_any(str s, const char *chars);	/* first byte that is one of chars */

/* [from, to) clamped to the string. */
str str_slice(str s, size_t from, size_t to);
str str_from(str s, size_t from);
str str_trim(str s);				/* ASCII white space on both sides */
str str_trim_js(str s);				/* as JavaScript's trim(): also U+FEFF, U+00A0 and the Unicode spaces */
size_t str_js_space(str s);			/* bytes of the JavaScript white space @s starts with, or 0 */

/* Cuts *rest at the first @sep: returns the part before it and moves *rest behind it. False when *rest was null;
 * the last part leaves *rest null. `for (str part; str_cut(&rest, ',', &part);)` visits every part. */
bool str_cut(str *rest, char sep, str *part);

str str_dup(struct arena *a, str s);
char *str_cstr(struct arena *a, str s);		/* terminated copy, for system calls */
str str_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
str str_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
str str_concat(struct arena *a, str first, str second);
str str_lower(struct arena *a, str s);		/* ASCII */
str str_join(struct arena *a, const str *parts, size_t count, str sep);
str str_replace_all(struct arena *a, str s, str from, str to);

/* Bytes that are neither ASCII letters and digits nor in @plain, as "%2F". */
str str_encode(struct arena *a, str s, const char *plain);
#define URL_WHOLE     ";,/?:@&=+$-_.!~*'()#" /* encodeURI() */
#define URL_COMPONENT "-_.!~*'()"	     /* encodeURIComponent() */

/* Whole string as an unsigned decimal; false on anything else or on overflow. */
bool str_to_u64(str s, uint64_t *out);

/* True when @s is well-formed UTF-8. */
bool str_is_utf8(str s);
/* @s as Node.js decodes a file: itself when it is well-formed UTF-8, else a copy with U+FFFD for each broken sequence.
 * Old packages carry Latin-1 in their package.json, and npm installs them. */
str str_to_utf8(struct arena *a, str s);

/**
 * str_collate - order of two strings as npm's own sorting sees them: an ICU collator for English.
 *
 * Exact for ASCII (npm-tree.md 1.1); bytes beyond ASCII sort after all of it, by code point.
 * Source: string-locale-compare('en') as npm uses it.
 */
int str_collate(str a, str b);
/* The same, but runs of digits count as numbers: "a9" comes before "a10". */
int str_collate_numeric(str a, str b);

/* For qsort(): array of str. */
int str_collate_qsort(const void *a, const void *b);

/* ---- builder ---- */

/* Text under construction. Born with a ceiling; what would pass it is dropped and `overflow` stays set. */
struct str_buf {
	struct arena *arena;
	char *p;
	size_t len, room;
	size_t cap_bytes;
	bool overflow;
};

struct str_buf str_buf(struct arena *a, size_t cap_bytes);
/* Room for @more bytes and a NUL, for those who know how much will come; false once the ceiling is reached. */
bool buf_reserve(struct str_buf *b, size_t more);
void buf_add(struct str_buf *b, str s);
void buf_add_char(struct str_buf *b, char c);
void buf_add_cstr(struct str_buf *b, const char *c);
void buf_printf(struct str_buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_add_repeat(struct str_buf *b, str s, size_t times);
/* What was written so far; borrowed, valid until the next buf_ call. */
str buf_view(const struct str_buf *b);
/* As buf_view(), with a terminating NUL behind it. */
const char *buf_cstr(struct str_buf *b);
void buf_reset(struct str_buf *b);
