/* SPDX-License-Identifier: MIT
 * node_modules as it is on disk, as a tree (npm-tree.md 7.5, 12). */
#pragma once
#include "cpm/tree/lockfile.h"

/**
 * actual_load - the tree below @dir.
 *
 * Trusts node_modules/.package-lock.json when it proves fresh (12), else walks the disk. @root: the project's manifest.
 * Never fails for odd content: what cannot be read counts as absent. Cost: one stat per directory when trusted.
 */
MUST_CHECK_ERR actual_load(struct arena *a, int dirfd, str dir, struct manifest *root, bool legacy_peer_deps, struct tree **out);
