/* SPDX-License-Identifier: MIT
 * The `dependencies` of lockfile versions 1 and 2: the tree as nested objects, as npm 6 had it (npm-tree.md 7.3, 10.7). */
#pragma once
#include "lockfile_emit.h"

/* Writes the member `dependencies`, or nothing when the root has no children. */
void legacy_emit(struct emitter *w);
