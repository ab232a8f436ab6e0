/* SPDX-License-Identifier: MIT
 * A strict pull scanner over JSON text: finds members and the spans of their values without building anything. It is
 * the check in front of json_parse() and the fast way through packuments and lockfiles (speed.md 10.5.1). */
#pragma once
#include "cpm/base/err.h"

/* Position in a text. Caller's storage; copy it to look ahead. */
struct jscan {
	const char *at, *end, *start;
	unsigned depth;
	bool bad;		/* sticky: the text is not JSON; at = where */
};

struct jscan jscan_init(str text);	/* skips a BOM and white space */

/* First byte of the next value: one of { [ " t f n - 0-9, or 0 when there is none. */
char jscan_peek(struct jscan *s);

/* Steps into an object or array. False (and bad) when the next value is not one. */
bool jscan_enter(struct jscan *s, char open);

/* Inside an object: reads the next key and stands before its value; false at the closing brace (consumed).
 * @key: raw text between the quotes, escapes not yet decoded
 * The caller consumes the value with jscan_value(), jscan_skip() or jscan_enter(). */
bool jscan_key(struct jscan *s, str *key);
/* Inside an array: stands before the next element; false at the closing bracket (consumed). */
bool jscan_item(struct jscan *s);

/* Consumes one value and returns its span, white space around it left out. */
str jscan_value(struct jscan *s);
void jscan_skip(struct jscan *s);

/* The text of a string literal's span (quotes included), decoded into @a only when it has escapes; the null string
 * when the span is no string. Lone surrogates become U+FFFD; an escaped NUL makes it null. */
str jscan_text(struct arena *a, str span);
/* Decodes the raw text between quotes, as jscan_key() gives it. */
str jscan_unescape(struct arena *a, str raw);

/* After the document: nothing but white space may follow. E_JSON_PARSE with line and column, or NULL. */
MUST_CHECK_ERR jscan_finish(struct jscan *s);
/* E_JSON_PARSE for a scanner that went bad. */
MUST_CHECK_ERR jscan_error(const struct jscan *s);

/* One pass over a whole document: strict grammar, depth at most JSON_MAX_DEPTH, UTF-8, no escaped NUL. */
MUST_CHECK_ERR jscan_check(str text);
