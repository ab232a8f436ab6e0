/* SPDX-License-Identifier: MIT
 * The grammar under versions and ranges: the texts of a version or of the beginning of one, before
 * they mean anything. Shared by semver.c, semver_scan.c and range_parse.c. */
#pragma once
#include "cpm/base/semver.h"

#define SEMVER_MAX_LEN    256
#define SEMVER_MAX_NUMBER ((1ULL << 53) - 1) /* what JavaScript counts exactly */

/* Everything borrows the scanned text. */
struct semver_parts {
	str prefix;              /* any run of v, = and white space */
	str major, minor, patch; /* digits, or one of x X *; null when left out */
	str pre, build;          /* without '-' and '+'; null when left out */
};

/* Reads as much of a version as @s starts with. Returns its length, 0 when there is none. */
size_t semver_scan(str s, bool loose, struct semver_parts *out);
/* @s is a version, perhaps a partial one, and nothing else. */
bool semver_match(str s, bool loose, struct semver_parts *out);
/* Claims that all three numbers are there. */
bool semver_is_full(const struct semver_parts *p);
/* False when a number is too large. Normalised texts are made in @a only where the text differs
 * from them. */
bool semver_from_parts(struct arena *a, const struct semver_parts *p, struct semver *out);
/* False over SEMVER_MAX_NUMBER. */
bool semver_number(str digits, uint64_t *out);

static inline bool semver_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A letter, digit or hyphen: what identifiers are made of. */
static inline bool semver_is_word(char c)
{
	return semver_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}
