/* SPDX-License-Identifier: MIT
 * The ideal tree: what node_modules should become (npm-tree.md 8). Twin of arborist's build-ideal-tree.js. */
#pragma once
#include "cpm/registry/source.h"
#include "cpm/tree/engine.h"
#include "cpm/tree/lockfile.h"
#include "cpm/tree/pick.h"

enum install_strategy { STRATEGY_HOISTED, STRATEGY_NESTED, STRATEGY_SHALLOW, STRATEGY_LINKED };
enum save_type { SAVE_INFER, SAVE_PROD, SAVE_DEV, SAVE_OPTIONAL, SAVE_PEER };

struct ideal_opts {
	struct source *source;
	struct pick_opts pick;
	struct platform platform;	/* with --os --cpu --libc applied, for optional packages */
	struct platform real_platform;
	enum install_strategy strategy;
	bool legacy_peer_deps, strict_peer_deps, force, prefer_dedupe, engine_strict, install_links;
	bool save;			/* false under ci */
	bool prune;
	bool complete;			/* lock only or dry run: bundles are looked into */
	bool update_all;
	bool omit_dev, omit_optional, omit_peer;
	str allow_git, allow_remote, allow_file, allow_directory; /* "all", "root", "none" */
	const str *update_names;
	size_t nupdate_names;
	const str *add;			/* arguments as typed */
	size_t nadd;
	enum save_type add_type;
	const str *rm;
	size_t nrm;
};

/**
 * ideal_build - the tree that satisfies the root manifest, starting from @start.
 * @start: the lockfile's tree, or the actual one, or NULL; consumed: it becomes the ideal tree
 * @from_scratch: @start is NULL or empty, so nothing is pruned at the end (npm-tree.md 9)
 *
 * Deterministic: packuments arrive in any order, the result does not depend on it. Work is counted: see ideal_work().
 * Errors: E_RESOLVE, E_TARGET, E_NOT_FOUND, E_BAD_PLATFORM, E_BAD_ENGINE, E_UNSUPPORTED, whatever the source reports.
 * Cost: proportional to edges visited times depth.
 */
MUST_CHECK_ERR ideal_build(struct arena *a, str dir, struct manifest *root, struct tree *start, bool from_scratch,
			   const struct ideal_opts *opts, struct tree **out);
