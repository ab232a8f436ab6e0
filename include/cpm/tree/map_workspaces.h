/* SPDX-License-Identifier: MIT
 * The members of a project: `workspaces` globs of the root manifest into names and folders (npm-tree.md 7.1). Twin of
 * @npmcli/map-workspaces. */
#pragma once
#include "cpm/tree/node.h"

/**
 * map_workspaces - fills @out->workspaces: names with absolute paths, which live in @a.
 * @dir: the project's directory, absolute and real
 *
 * In npm's order: pattern by pattern, by path within each. node_modules is never looked into; folders without a
 * package.json are none.
 * Errors: E_WORKSPACES_CONFIG when the field is neither a list nor { packages: list }, E_DUPLICATE_WORKSPACE with the
 * folders, E_JSON_PARSE of a member, E_TOO_BIG over 100,000 folders. Cost: a scan of the folders that the patterns can
 * match, and the package.json of each member.
 */
MUST_CHECK_ERR map_workspaces(struct arena *a, str dir, const struct manifest *root, struct tree *out);
