/* SPDX-License-Identifier: MIT
 * node_modules/.package-lock.json: what the last install left, if nobody touched anything since (npm-tree.md 12). */
#pragma once
#include "lockfile_doc.h"

#define HIDDEN_LOCKFILE "node_modules/.package-lock.json"

/* The tree it describes, or NULL when there is none, or it does not prove fresh, or it may not be trusted. */
struct tree *hidden_load(struct arena *a, const struct lock_place *at);
