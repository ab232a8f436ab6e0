/* SPDX-License-Identifier: MIT
 * A pull scanner over JSON text: finds members and the spans of their values without building anything. It is the
 * check in front of json_parse() and the fast way through packuments and lockfiles (speed.md 10.5.1).
 *
 * How strict it is:
 *   visited  keys, strings, numbers, literals and the punctuation between them follow the grammar to the letter; of
 *            strings only the UTF-8 is not looked at.
 *   skipped  an object or array that jscan_value() or jscan_skip() passes over is only matched bracket by bracket
 *            outside its strings, at several gigabytes a second: what is inside is checked when it is visited.
 *   checked  jscan_check() goes over the whole document once and accepts what JSON.parse accepts. */
#pragma once
#include "cpm/base/err.h"

/* Position in a text. Caller's storage; copy it to look ahead. */
struct jscan {
	const char *at, *end, *start;
	unsigned depth;
	bool is_fresh;		/* just behind an opening bracket: no comma is due */
	bool bad;		/* sticky: the text is not JSON; at = where */
	const char *why;	/* what was expected there, for jscan_error() */
};

struct jscan jscan_init(str text);	/* skips a BOM and white space */

/* First byte of the next value: one of { [ " t f n - 0-9, or 0 when there is none. */
char jscan_peek(struct jscan *s);

/* Steps into an object or array. False (and bad) when the next value is not one. */
bool jscan_enter(struct jscan *s, char open);

/* Inside an object: reads the next key and stands before its value; false at the closing brace (consumed) and once bad.
 * @key: raw text between the quotes, escapes not yet decoded
 * The caller consumes the value with jscan_value(), jscan_skip() or jscan_enter(). */
bool jscan_key(struct jscan *s, str *key);
/* Inside an array: stands before the next element; false at the closing bracket (consumed) and once bad. */
bool jscan_item(struct jscan *s);

/* Consumes one value and returns its span, white space around it left out; the null string when there is none. */
str jscan_value(struct jscan *s);
void jscan_skip(struct jscan *s);

/* The text of a string literal's span (quotes included), decoded into @a only when it has escapes; the null string
 * when the span is no string. Lone surrogates become U+FFFD; an escaped NUL makes it null. */
str jscan_text(struct arena *a, str span);
/* Decodes the raw text between quotes, as jscan_key() gives it. */
str jscan_unescape(struct arena *a, str raw);

/* The spans of the members of the object @text that are called @keys; the null string where there is none, or where @text
 * ends being JSON before it. Of a key that stands there twice the last one counts. Cost: one pass. */
void jscan_members(struct arena *a, str text, const str *keys, size_t nkeys, str *spans);
str jscan_member(struct arena *a, str text, str key);

/* An object of plain values whose text has no escapes, as nearly all lists of dependencies are: its keys can be searched for
 * as text. */
bool jscan_is_flat(str object);
/* The same in such an object. @hint: where the key was found in the last object like it, and afterwards where it is in this
 * one; of a key that stands there twice, any value may come back. Cost: next to nothing when the hint is good. */
str jscan_flat_member(str object, str key, size_t *hint);

/* After the document: nothing but white space may follow. E_JSON_PARSE with line and column, or NULL. */
MUST_CHECK_ERR jscan_finish(struct jscan *s);
/* E_JSON_PARSE for a scanner that went bad. */
MUST_CHECK_ERR jscan_error(const struct jscan *s);

/* One pass over a whole document: strict grammar, depth at most JSON_MAX_DEPTH, UTF-8, no escaped NUL. */
MUST_CHECK_ERR jscan_check(str text);
