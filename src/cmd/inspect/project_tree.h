/* SPDX-License-Identifier: MIT
 * The project as the commands see it that only read: its manifest, its tree, and the members a run is for. */
#pragma once
#include "cmd_priv.h"
#include "workspaces.h"

enum project_tree_flags {
	TREE_WITH_PEERS = 1,	/* peer edges count even under --legacy-peer-deps */
	TREE_FROM_DISK = 2,	/* every package.json is read: what the hidden lockfile remembers is not enough */
};

struct project_tree {
	struct tree *tree;
	struct workspace_choice choice;
	bool is_lock;		/* of package-lock.json, not of node_modules */
};

/**
 * project_tree_open - node_modules, or with --package-lock-only the lockfile, as a tree.
 *
 * Fills ctx->dirfd and ctx->manifest as well; a project without a package.json has an empty one.
 * Errors: E_GENERIC (ENOLOCK) when there is no lockfile to read; those of actual_load(), lockfile_load() and
 * workspaces_choose().
 */
MUST_CHECK_ERR project_tree_open(struct cmd_ctx *ctx, unsigned flags, struct project_tree *out);

/* E_GENERIC (ENOLOCK): there is no lockfile. */
MUST_CHECK_ERR project_tree_no_lock(struct cmd_ctx *ctx);

/* The same for commands to which --package-lock-only without a lockfile is EUSAGE. */
MUST_CHECK_ERR project_tree_open_for_usage(struct cmd_ctx *ctx, unsigned flags, struct project_tree *out);

/* The nodes of the chosen members; members without a folder are warned about. */
node_vec project_tree_members(struct cmd_ctx *ctx, const struct project_tree *p);

/**
 * project_tree_filter - what the chosen members need, or with --no-workspaces what the project itself needs.
 * @with_root: --include-workspace-root adds what the project itself asks for
 * @out: node -> itself, keyed by location; empty when nothing is left out
 */
void project_tree_filter(struct cmd_ctx *ctx, const struct project_tree *p, bool with_root, struct map *out);
/* True for every node when @filter is empty. */
bool project_tree_has(const struct map *filter, const struct node *n);
