/* SPDX-License-Identifier: MIT
 * The ideal tree: what node_modules should become (npm-tree.md 8). Twin of arborist's build-ideal-tree.js. */
#pragma once
#include "cpm/config/policy.h"
#include "cpm/registry/package_source.h"
#include "cpm/registry/source.h"
#include "cpm/tree/audit.h"
#include "cpm/tree/conflict.h"
#include "cpm/tree/engine.h"
#include "cpm/tree/lockfile.h"
#include "cpm/tree/pick.h"
#include "cpm/tree/yarn_lock.h"

enum install_strategy { STRATEGY_HOISTED, STRATEGY_NESTED, STRATEGY_SHALLOW, STRATEGY_LINKED };
enum save_type { SAVE_INFER, SAVE_PROD, SAVE_DEV, SAVE_OPTIONAL, SAVE_PEER };

/* What building a tree took; for tests that hold it to its promises. */
struct ideal_work {
	size_t steps;			/* nodes whose edges were looked at */
	size_t placed;			/* packages put into the tree */
	size_t can_place_checks;	/* places considered */
	size_t moves, reloads;		/* nodes placed or removed, edges resolved again */
	size_t manifests;		/* manifests parsed */
};

struct ideal_opts {
	struct source *source;
	/* What comes from elsewhere, and into what bundles others when the tree is to be complete. NULL: the former is
	 * E_UNSUPPORTED, the latter fails as npm's does, with E_ALLOW_REMOTE. */
	struct package_source *packages;
	struct pick_opts pick;
	struct platform platform;	/* with --os --cpu --libc applied, for optional packages */
	struct platform real_platform;
	enum install_strategy strategy;
	bool legacy_peer_deps, strict_peer_deps, force, prefer_dedupe, engine_strict, install_links;
	bool is_global;			/* the root is no project, but what global packages hang from */
	bool allow_unused_patches;	/* patches that no package needs are no error */
	bool ignore_extension;		/* .npm-extension is left alone */
	bool save;			/* false under ci */
	bool is_trial;			/* nothing will be installed: no tarball is expected */
	const struct yarn_lock *yarn;	/* hints, where there is no lockfile; or NULL */
	int lockfile_version;		/* that was asked for; 0: none was */
	bool prune;
	bool prune_always;		/* also where nothing else was changed, or everything resolved anew */
	bool complete;			/* lock only or dry run: bundles are looked into */
	bool update_all;
	bool omit_dev, omit_optional, omit_peer;
	struct policy *exceptions; /* sources that may be used whatever the next ones say; or NULL */
	str allow_git, allow_remote, allow_file, allow_directory; /* "all", "root", "none" */
	const str *update_names;
	size_t nupdate_names;
	const str *add;			/* arguments as typed */
	size_t nadd;
	enum save_type add_type;
	const str *rm;
	size_t nrm;
	bool save_bundle;		/* also add what is asked for to bundleDependencies */
	str cwd;			/* where relative arguments start; null: the project */
	const str *workspaces;		/* names of the members that add and rm are for; none: the root */
	size_t nworkspaces;
	bool include_root;		/* with workspaces: the root as well */
	struct audit *audit;		/* of @start: what to get rid of; NULL: nothing */
	bool audit_changes_specs;	/* ... by other specs of the project, too */
	struct ideal_work *work;	/* filled in unless NULL */
	struct conflict *conflict;	/* what E_RESOLVE is about; filled in unless NULL */
};

/**
 * ideal_build - the tree that satisfies the root manifest, starting from @start.
 * @start: the lockfile's tree, or the actual one, or NULL; consumed: it becomes the ideal tree
 * @from_scratch: there was neither a lockfile nor anything in node_modules, so nothing is pruned at the end. False when a
 *   lockfile exists but was not read (update of everything, --no-package-lock): see npm-tree.md 9
 *
 * Deterministic: packuments arrive in any order, the result does not depend on it. What was asked for (opts.add) is in
 * tree.requests afterwards, and @root (or the workspace's manifest) has been edited: see save_manifest.h.
 * Errors: E_RESOLVE, E_TARGET, E_NOT_FOUND, E_BAD_PLATFORM, E_BAD_ENGINE, E_UNSUPPORTED, whatever the source reports.
 * Cost: proportional to edges visited times depth.
 */
MUST_CHECK_ERR ideal_build(struct arena *a, str dir, struct manifest *root, struct tree *start, bool from_scratch,
			   const struct ideal_opts *opts, struct tree **out);
