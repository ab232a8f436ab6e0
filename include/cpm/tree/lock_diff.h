/* SPDX-License-Identifier: MIT
 * Two lockfiles of one project side by side, as a reviewer wants them: by package and version, wherever those lie. */
#pragma once
#include "cpm/tree/node.h"

enum lock_change_kind {
	LOCK_ADDED,
	LOCK_REMOVED,
	LOCK_CHANGED,	/* another version in the place of one that went */
	LOCK_REPLACED,	/* the same version, but other bytes or from elsewhere */
};

struct lock_change {
	enum lock_change_kind kind;
	str name;		/* the package's own */
	const struct node *before, *after; /* NULL: was not, is not there */
	int direction;		/* of CHANGED: 1 up, -1 down, 0 not comparable */
	bool gains_script;	/* it has install scripts, and what it replaces had none; or it has them and is new */
	bool keeps_script;	/* both have: what they do may have changed */
	bool has_other_bytes;	/* the integrity of one version is another */
	bool has_other_license;	/* compared as text; only when both say something */
	str license_before, license_after; /* null: nothing is said */
	str new_host;		/* no package came from there before; null: the host is known */
};

struct lock_diff {
	VEC(struct lock_change) changes; /* by name, then version */
	VEC(str) hosts;		/* new ones, each once */
};

/**
 * lock_diff_make - what is different in @after, for somebody who knows @before.
 *
 * The project, its members and links are passed over, and so is a package that merely lies elsewhere now. When
 * versions of a package came and went, the highest that came replaces the highest that went, and so on down. Lives in
 * @a. Cost: O(n log n).
 */
void lock_diff_make(struct arena *a, struct tree *before, struct tree *after, struct lock_diff *out);
