/* SPDX-License-Identifier: MIT
 * The members of a project: `workspaces` globs of the root manifest into names and folders (npm-tree.md 7.1). Twin of
 * @npmcli/map-workspaces. */
#pragma once
#include "cpm/tree/node.h"

/**
 * map_workspaces - fills @out->workspaces, in npm's order; names and paths live in @a.
 * @dir: the project's directory, absolute and real
 *
 * Errors: E_WORKSPACES_CONFIG, E_DUPLICATE_WORKSPACE. Cost: a walk of the directories that the patterns can match.
 */
MUST_CHECK_ERR map_workspaces(struct arena *a, str dir, const struct manifest *root, struct tree *out);
