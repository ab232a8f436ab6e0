/* SPDX-License-Identifier: MIT
 * Which members a branch has changed: what --since leaves of those that the filters choose. */
#pragma once
#include "cmd_priv.h"
#include "cpm/tree/node.h"

struct members_since {
	struct map changed;	/* path of a member -> that workspace */
	bool is_root_changed;	/* something that belongs to no member */
};

/**
 * members_since - the members of @t that are not what they were where HEAD left @ref.
 * @t: its .workspaces are known; @ref: as git understands it
 *
 * A file changes the innermost member whose folder it is in. A changed package-lock.json changes those whose part of it
 * is another (lock_part.h): a lockfile that cannot be read counts as empty.
 * Errors: those of git_changes_since() and git_history_read().
 */
MUST_CHECK_ERR members_since(const struct cmd_ctx *ctx, const struct tree *t, str ref, struct members_since *out);
