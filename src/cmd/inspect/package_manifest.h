/* SPDX-License-Identifier: MIT
 * One package's manifest, wherever the package is, for commands that show some of it. */
#pragma once
#include "cmd_priv.h"

/**
 * package_manifest_find - of the package that @arg means: a folder, a name and range in the registry, a tarball, a
 * repository. Folders are taken from the project on.
 *
 * Errors: those of package_file_read(), view_query() and package_tarball_look().
 */
MUST_CHECK_ERR package_manifest_find(struct cmd_ctx *ctx, str arg, struct json **out);
