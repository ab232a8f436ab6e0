/* SPDX-License-Identifier: MIT
 * The members a run is for, for commands that do the same in each of their folders and need no
 * tree. */
#pragma once
#include "workspaces.h"

/* Reads the project's package.json only when the settings select members. Errors: those of
 * manifest_read(), map_workspaces() and workspaces_choose(). */
MUST_CHECK_ERR project_members_choose(struct cmd_ctx *ctx, struct workspace_choice *out);
