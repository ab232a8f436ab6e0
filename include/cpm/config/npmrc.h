/* SPDX-License-Identifier: MIT
 * The .npmrc file: its grammar, its ${VAR} expansion, and edits (npm-cli.md 3.2). Knows nothing about keys. */
#pragma once
#include "cpm/base/str.h"
#include "cpm/base/vec.h"

/* A value as the file has it: literals are typed already, everything else is text with quotes and comments gone. */
struct npmrc_value {
	enum { NPMRC_TEXT, NPMRC_TRUE, NPMRC_FALSE, NPMRC_NULL } kind;
	str text;		/* TEXT: the value; literals: how they are spelt */
};

#define NPMRC_VALUE(s)	((struct npmrc_value){ .kind = NPMRC_TEXT, .text = (s) })
#define NPMRC_BOOL(b)	((b) ? (struct npmrc_value){ NPMRC_TRUE, S("true") } : (struct npmrc_value){ NPMRC_FALSE, S("false") })

typedef VEC(struct npmrc_value) npmrc_values;

struct npmrc_entry {
	str key;
	npmrc_values values;	/* at least one */
	bool is_list;		/* "key[] = value" */
	bool is_section;	/* "[key]": what stands below it is not at the top level */
};

typedef VEC(struct npmrc_entry) npmrc_entries;

/* Keys in order of first appearance; a key that comes again replaces its value, or extends its list. Texts live in @a
 * or borrow @text. Never fails: lines that make no sense are skipped, as npm does. Cost: O(bytes + keys^2) for few keys. */
void npmrc_parse(struct arena *a, str text, npmrc_entries *out);

/* ${VAR} becomes its value, ${VAR?} also when unset; an unset ${VAR} stays; a backslash in front keeps it as it is. */
str npmrc_expand(struct arena *a, str text, const char *const *environ);
bool npmrc_has_variable(str text);

/* The value of a variable in an environment block; null when unset. */
str npmrc_getenv(const char *const *environ, const char *name);

/**
 * npmrc_set - the file's text with @key set to @values, one "key[]=" line each when @is_list.
 *
 * Comments, order and other lines stay: the key's own line is replaced (further ones go), a new key goes to the end of
 * the top level. No values: the key is removed. npm drops comments here; we see no reason to.
 */
str npmrc_set(struct arena *a, str text, str key, const str *values, size_t count, bool is_list);
