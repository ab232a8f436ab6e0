/* SPDX-License-Identifier: MIT
 * What a folder leaves out of its package besides what it says itself. */
#pragma once
#include "cpm/store/pack.h"
#include "workspaces.h"

/**
 * pack_rules_read - the rules of the machine, and those that members and their project have for each other.
 *
 * A member that the run is for leaves out what the folders between the project and itself ignore; the project leaves
 * out the members that are packed beside it. Errors: any of fs for a file that is there and cannot be read.
 * Source: npm-packlist's constructor.
 */
MUST_CHECK_ERR pack_rules_read(struct cmd_ctx *ctx, str folder, const struct workspace_choice *members,
			       struct pack_opts *out);
