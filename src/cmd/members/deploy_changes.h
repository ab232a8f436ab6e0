/* SPDX-License-Identifier: MIT
 * What the project changes of other people's packages, carried along into a deployed folder. */
#pragma once
#include "deploy_folder.h"

/* Where the patches go. */
#define DEPLOY_PATCHES DEPLOY_PACKAGES "/patches"

/**
 * deploy_changes_enter - patchedDependencies and packageExtensions of the folder's package.json: of the project's those
 * that some package here needs, since one that is for nobody would be an error. The patches are copied.
 *
 * Errors: any of fs; E_GENERIC for rules that are none.
 */
MUST_CHECK_ERR deploy_changes_enter(struct deployment *d);
/* @entry of the lockfile: where its patch is now, and for the project itself the proof of its rules. */
MUST_CHECK_ERR deploy_changes_of_entry(const struct deployment *d, const struct extracted *x, struct json *entry);
/* Some package here is patched or extended: the lockfile says so in its version. */
bool deploy_changes_any(const struct deployment *d);
