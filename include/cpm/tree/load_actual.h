/* SPDX-License-Identifier: MIT
 * node_modules as it is on disk, as a tree (npm-tree.md 7.5, 12). */
#pragma once
#include "cpm/tree/lockfile.h"

/**
 * actual_load - the tree below @dir.
 * @dirfd: the project's directory, @dir its absolute real path; @root: the project's manifest
 *
 * Trusts node_modules/.package-lock.json when it proves fresh (12), else walks the disk. Never fails for odd content:
 * whatever lies in node_modules under a name that does not begin with a dot is a node, and what cannot be read as a
 * package is one without a version, so that it is extraneous and goes. A node_modules that is a link counts as empty.
 * Errors: E_WORKSPACES_CONFIG and E_DUPLICATE_WORKSPACE of the root; E_TOO_BIG over 200,000 nodes.
 * Cost: two system calls per package when trusted, else a package.json to parse for each.
 */
MUST_CHECK_ERR actual_load(struct arena *a, int dirfd, str dir, struct manifest *root, bool legacy_peer_deps, struct tree **out);
/**
 * actual_load_global - the global packages below @dir, which belong to no project.
 * @wanted: the packages to look at, all when NULL; names as keys
 *
 * The tree's root is made to depend on whatever is there. No lockfile is read. Errors: E_TOO_BIG.
 */
MUST_CHECK_ERR actual_load_global(struct arena *a, int dirfd, str dir, const struct map *wanted, bool legacy_peer_deps,
				  struct tree **out);
/* actual_load() without trust: every package.json is read, for those who need what a lockfile does not keep. */
MUST_CHECK_ERR actual_walk(struct arena *a, int dirfd, str dir, struct manifest *root, bool legacy_peer_deps, struct tree **out);
/* Linked layouts have no link for a member that the root does not depend on; gives the tree one all the same, so that the
 * root's edges lead somewhere. */
void actual_link_members(struct tree *t);
