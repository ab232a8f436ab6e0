/* SPDX-License-Identifier: MIT
 * Versions as node-semver 7 reads and orders them (npm-tree.md 3.1). */
#pragma once
#include "cpm/base/str.h"

struct semver {
	uint64_t major, minor, patch;	/* each <= 2^53 - 1 */
	str pre;	/* "beta.1", normalised (loose "beta.01" -> "beta.1"); null when it is a release */
	str build;	/* without '+'; null when absent */
	str text;	/* normalised: "1.2.3-beta.1", without build */
};

enum semver_flags { SEMVER_STRICT = 0, SEMVER_LOOSE = 1, SEMVER_INCLUDE_PRE = 2 };

/* False when @text is not a version (over 256 bytes, bad grammar). Texts live in @a or borrow @text. */
bool semver_parse(struct arena *a, str text, unsigned flags, struct semver *out);
int semver_compare(const struct semver *a, const struct semver *b);		/* build ignored */
int semver_compare_build(const struct semver *a, const struct semver *b);	/* build breaks ties */
/* Of two texts, loose; an unparsable one is smaller. */
int semver_compare_text(str a, str b);
bool semver_is_valid(str text, unsigned flags);

enum semver_release { SEMVER_MAJOR, SEMVER_MINOR, SEMVER_PATCH, SEMVER_PREMAJOR, SEMVER_PREMINOR, SEMVER_PREPATCH, SEMVER_PRERELEASE };
/* node-semver's inc() in loose mode, as npm calls it; @preid may be null or empty. Null when @preid cannot be part of a
 * version. */
str semver_increment(struct arena *a, const struct semver *v, enum semver_release kind, str preid);
