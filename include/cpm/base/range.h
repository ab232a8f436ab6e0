/* SPDX-License-Identifier: MIT
 * Version ranges as node-semver 7 reads them (npm-tree.md 3.2, 3.3): alternatives of comparators, parsed once. */
#pragma once
#include "cpm/base/semver.h"

enum comparator_op { CMP_ANY, CMP_LT, CMP_LE, CMP_GT, CMP_GE, CMP_EQ };

struct comparator {
	enum comparator_op op;
	struct semver version;
};

struct comparator_set {
	struct comparator *items;
	size_t count;		/* at least 1 */
	str text;		/* the alternative as written, without builds */
};

struct range {
	struct comparator_set *sets;	/* any of them */
	size_t count;			/* at least 1 */
	unsigned flags;			/* as parsed */
	bool is_any;
};

/**
 * range_parse - NULL when @text is not a range (npm then takes it for a tag). Lives in @a.
 * Limits: 64 KiB of text, 10,000 alternatives of 1,024 comparators (T41). Linear, no backtracking.
 */
struct range *range_parse(struct arena *a, str text, unsigned flags);
bool range_has(const struct range *r, const struct semver *v);
/* Both parsed with @flags; false when either is not what it should be. */
bool range_satisfies(str version, str range, unsigned flags);
/* Both parsed with the same flags, here and below. */
bool range_intersects(const struct range *a, const struct range *b);
/* Every version in @sub is in @dom (node-semver's subset()). */
bool range_is_subset(const struct range *sub, const struct range *dom);
/* As node-semver prints it: ">=1.2.3 <2.0.0-0||1.0.0"; "" for any version (its validRange() then says "*"). */
str range_format(struct arena *a, const struct range *r);
/* Lowest version that can match; false when none can. */
bool range_min_version(struct arena *a, const struct range *r, struct semver *out);
