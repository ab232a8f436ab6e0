/* SPDX-License-Identifier: MIT
 * The part of a lockfile that one member uses: what it would find when it asks for each of its dependencies, and they
 * for theirs. Two lockfiles in which that is the same are one to the member, whatever else they hold. */
#pragma once
#include "cpm/base/digest.h"
#include "cpm/tree/node.h"

/* What is remembered between members of one tree. */
struct lock_part {
	struct arena *arena;
	struct tree *tree;
	const struct map *members; /* location -> anything but NULL: where the walk ends */
	struct map texts;	/* location -> str *: what a node finds, once made */
};

void lock_part_init(struct lock_part *p, struct arena *a, struct tree *t, const struct map *members);

/**
 * lock_part_digest - a SHA-256 over the packages that the node at @location needs, of any kind of dependency.
 *
 * Name, version, origin, integrity and patch of each package count, and which one each of them finds; places do not.
 * Folders are followed, but not other members: what those need is theirs. A location that the tree does not have needs
 * nothing. Cost: O(n log n) for the n packages of the part.
 */
struct digest lock_part_digest(struct lock_part *p, str location);
