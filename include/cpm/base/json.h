/* SPDX-License-Identifier: MIT
 * JSON documents as immutable-by-habit values in an arena. Parsing stands on cJSON behind our own strict check
 * (json_scan.h), so that what we accept is what JSON.parse accepts; printing is JSON.stringify's to the byte. */
#pragma once
#include "cpm/base/err.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_member;
struct map;

struct json {
	enum json_type type;
	bool boolean;
	double number;
	str string;
	/* array: items, count. object: members, count, in JavaScript's order (integer-like keys first, then insertion) */
	struct json **items;
	struct json_member *members;
	size_t count, room;
	struct map *index;	/* of a large object: key to position + 1; json.c's own */
};

struct json_member {
	str key;
	struct json *val;
};

/* How a file was laid out, so that it can be written back alike (npm-tree.md 1.2). */
struct json_style {
	str indent;	/* "" for one line */
	str newline;	/* "\n", "\r\n", or a whole run of newlines; "" for one line */
};
#define JSON_STYLE_DEFAULT ((struct json_style){ S("  "), S("\n") })

/**
 * json_parse - strict JSON text (a leading BOM is tolerated) into a value that lives in @a.
 *
 * Duplicate keys: last value, first position. At most JSON_MAX_DEPTH levels. Strings with an escaped NUL are refused
 * (T14). Bytes that are not UTF-8 become U+FFFD, as in every file Node.js reads. A lone surrogate stays itself (three
 * bytes that are not UTF-8) and is written back as the \udxxx it was.
 * Errors: E_JSON_PARSE with line and column, never with content (T25).
 * Cost: O(bytes), about 150 MB/s: large documents are better scanned (json_scan.h).
 */
#define JSON_MAX_DEPTH 1000
MUST_CHECK_ERR json_parse(struct arena *a, str text, struct json **out);
struct json_style json_style_of(str text);

/* NULL (C's) when @v is no object, or has no such key. Exact case. Cost: O(1), small objects by a short walk. */
struct json *json_get(const struct json *v, const char *key);
struct json *json_get_str(const struct json *v, str key);
/* The member's text when it is a string, else the null string. */
str json_get_text(const struct json *v, const char *key);
bool json_get_bool(const struct json *v, const char *key);	/* true only for the literal true */
bool json_is(const struct json *v, enum json_type type);	/* false for C's NULL */
/* JavaScript's truthiness; C's NULL is false. */
bool json_is_truthy(const struct json *v);
bool json_equal(const struct json *a, const struct json *b);	/* key order ignored */

struct json *json_new(struct arena *a, enum json_type type);
struct json *json_new_string(struct arena *a, str s);		/* the bytes are borrowed */
struct json *json_new_number(struct arena *a, double n);
struct json *json_new_bool(struct arena *a, bool b);
struct json *json_dup(struct arena *a, const struct json *v);	/* deep, text included */
/* Edits of a value one owns. A new key goes where JavaScript would put it; an old one keeps its place. */
void json_set(struct arena *a, struct json *object, str key, struct json *val);
void json_set_text(struct arena *a, struct json *object, const char *key, str val);
bool json_del(struct json *object, str key);
void json_append(struct arena *a, struct json *array, struct json *val);

/* JSON.stringify(v, null, indent), with each newline replaced by style.newline; no newline at the end. */
void json_write(struct str_buf *out, const struct json *v, struct json_style style);
/* One JSON string literal, quotes included. */
void json_write_string(struct str_buf *out, str s);
/* A number as JavaScript prints it. */
void json_write_number(struct str_buf *out, double n);
