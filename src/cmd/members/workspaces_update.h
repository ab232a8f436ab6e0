/* SPDX-License-Identifier: MIT
 * What follows when members were made or changed: node_modules and the lockfile learn of them. */
#pragma once
#include "cmd_priv.h"

/**
 * workspaces_update - installs the project, whatever members the run itself is for, and looks at
 * @names again.
 *
 * Nothing with --no-workspaces-update or without names. Settings that only this installation needs
 * (no funding, no saving unless asked for) are forced: call it last. Prints the summary of an
 * install.
 */
MUST_CHECK_ERR workspaces_update(struct cmd_ctx *ctx, const str *names, size_t count);
