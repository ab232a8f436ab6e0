/* SPDX-License-Identifier: MIT
 * The folder that `cpm deploy` makes: a member as a project that needs no other folder. */
#pragma once
#include "cmd_priv.h"
#include "cpm/tree/lock_extract.h"
#include "cpm/tree/package_file.h"

#define DEPLOY_PACKAGES "local_packages" /* where the members' tarballs go */

struct deployment {
	struct cmd_ctx *ctx;
	const struct manifest *root;	/* of the project it comes from */
	const struct node *member;	/* of the lockfile's tree */
	const struct json *packages;	/* of that lockfile, as it is written */
	struct lock_extract extract;
	str dir;			/* to fill: absolute, exists and is empty */
	struct package_file manifest;	/* of @dir */
	struct map tarballs;		/* location of a folder that is needed -> struct deploy_tarball * */
};

/**
 * deploy_fill - files, package.json, package-lock.json and node_modules of the member.
 *
 * The member's own files are those that would be published. Other folders it needs become tarballs, which the lockfile
 * names, so that they can be installed again where no other folder is. No script is run. The same input gives the same
 * bytes.
 * Errors: those of an install; E_GENERIC when the lockfile and the manifests do not fit, or a folder is asked for by its
 * path.
 */
MUST_CHECK_ERR deploy_fill(struct deployment *d);
