/* SPDX-License-Identifier: MIT
 * Which members of the project a run is for: --workspace, --workspaces, or the folder it was started in
 * (npm-cli.md 5.2); of what members depend on and in what order, cpm/tree/member_graph.h knows. */
#pragma once
#include "cmd_priv.h"
#include "cpm/tree/node.h"

struct workspace_choice {
	bool is_made;		/* false: the run is for the project as a whole */
	struct workspace *items; /* in the order they were asked for, each once */
	size_t count;		/* at least 1 when made */
};

/**
 * workspaces_choose - the members that the settings select.
 * @t: its .workspaces are known, as after map_workspaces(); @root: the project's manifest
 * @with_root: --include-workspace-root puts the project itself first
 *
 * A filter is a member's name, its folder, a folder that holds members, or a pattern for names or folders; "!" in front
 * takes away what it means. --since leaves of what the filters choose only what has changed; --with-dependents and
 * --with-dependencies add to that, and what "!" means goes last.
 * Errors: E_GENERIC "No workspaces found", with the filters that found none; those of members_since(); E_UNCHANGED, which
 * ends a run well, when --since leaves nobody.
 */
MUST_CHECK_ERR workspaces_choose(const struct cmd_ctx *ctx, const struct tree *t, const struct manifest *root,
				 bool with_root, struct workspace_choice *out);

/* --since was typed: all members are meant where no filter says which. In an .npmrc it means nothing, since every run
 * would be about the members that changed. */
bool workspaces_are_since(const struct cfg *cfg);
