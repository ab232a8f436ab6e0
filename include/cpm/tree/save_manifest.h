/* SPDX-License-Identifier: MIT
 * What was installed goes into package.json (npm-tree.md 11): first into the manifests in memory, which the lockfile is
 * written from, then into the files, whose layout and key order stay. */
#pragma once
#include "cpm/tree/ideal.h"

/**
 * save_requests - replaces the specs of what was asked for by what is saved: prefix and version, or the range as typed.
 * @opts:   as given to ideal_build(): add, rm, update and the section to save to
 * @prefix: save-prefix; "" saves exact versions
 *
 * Afterwards t->edited names every package whose package.json has to be written. Call it before lockfile_format(), and
 * only when `save` is on. Cost: O(direct dependencies).
 */
MUST_CHECK_ERR save_requests(struct arena *a, struct tree *t, const struct ideal_opts *opts, str prefix);

/* @original with the dependency maps of @m; "" stands for a file that does not exist. *out is null when nothing but
 * white space at the ends would change. Errors: E_JSON_PARSE. */
MUST_CHECK_ERR save_manifest_text(struct arena *a, const struct manifest *m, str original, str *out);
/* Writes @owner's package.json where that is needed. */
MUST_CHECK_ERR save_manifest(const struct node *owner);
