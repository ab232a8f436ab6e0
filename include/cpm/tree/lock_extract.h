/* SPDX-License-Identifier: MIT
 * One member out of a lockfile's tree, with what it needs to run, laid out as a project of its own: what `cpm deploy`
 * writes down. Versions stay those of the lockfile; only places are new. */
#pragma once
#include "cpm/tree/node.h"

/* A package in its new place. */
struct extracted {
	str location;			/* "node_modules/a/node_modules/b"; "" for the member itself */
	const struct node *node;	/* what lies there: of the lockfile's tree, links followed */
};

struct lock_extract {
	VEC(struct extracted) items;	/* the member first, what is needed after what needs it */
};

/**
 * lock_extract_member - lays out @member, a node of a lockfile's tree, and all it needs when it runs.
 *
 * Development dependencies are left out, and so are optional peers that nothing else needs. A package goes as high up as
 * it can without coming in between somebody else and what that one finds, so that everybody finds exactly what the
 * lockfile gives it. Same tree, same answer; what @member does not need has no part in it.
 * Errors: E_GENERIC when the lockfile lacks something that is needed. Cost: O(packages * depth).
 */
MUST_CHECK_ERR lock_extract_member(struct arena *a, const struct node *member, struct lock_extract *out);
