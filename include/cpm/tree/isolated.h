/* SPDX-License-Identifier: MIT
 * install-strategy=linked: the same packages in another layout (npm-tree.md 13.5). Each package has
 * a place of its own in node_modules/.store, and what it depends on lies beside it as links, so
 * that it sees nothing else:
 *
 *   node_modules/.store/<key>                                    a store entry: a folder, no
 * package node_modules/.store/<key>/node_modules/<name>                the package
 *   node_modules/.store/<key>/node_modules/<dep>                 -> ../../<key of
 * dep>/node_modules/<dep> node_modules/<dep of the project>                            ->
 * .store/<key>/node_modules/<dep>
 *
 * Such a layout is a tree like any other, and is compared, written and recorded like any other. */
#pragma once
#include "cpm/tree/node.h"

struct script_policy;

struct isolated_opts {
	bool omit_dev, omit_optional, omit_peer;
	/* Entries of packages that projects can share are marked (node.is_shared), and have keys that are the same in
	 * every project for which all their files and links are: see shared_key.c. */
	bool shares;
	str share_seed;	/* what else decides about the files, such as settings */
	const struct script_policy *policy; /* packages whose scripts may run are not shared */
	bool runs_all_scripts;
};

/**
 * isolated_tree - the layout that holds what @ideal, a hoisted tree, holds.
 *
 * @ideal stays as it is: the lockfile is written from it. Nodes of the result share its manifests;
 * `stands_for` leads from each copy to the package that it is a copy of. Errors: E_LOCKFILE_PATH
 * for a package whose name and version make no folder name. Cost: for each package a walk of all it
 * needs, since the key is a digest of that. Source: isolated-reifier.js. Where npm loses a package
 * that depends on another of its own name, it is kept here.
 */
MUST_CHECK_ERR isolated_tree(struct arena *a, struct tree *ideal, const struct isolated_opts *opts,
			     struct tree **out);

/* A key says what lies in a place of the store: packages of @actual that are where @isolated wants
 * them, in the version it wants, count as what it wants, although the disk does not say where they
 * came from. */
void isolated_recognise(struct tree *actual, const struct tree *isolated);
