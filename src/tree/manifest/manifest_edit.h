/* SPDX-License-Identifier: MIT
 * Editing the dependencies of a manifest in memory (npm-tree.md 11.2). Twin of arborist's add-rm-pkg-deps.js. */
#pragma once
#include "cpm/tree/ideal.h"

/* Sets @name in a dependency map: an old entry keeps its place, a new one goes to the end. */
void manifest_set_dep(struct arena *a, struct dep_list *list, str name, str spec);
bool manifest_del_dep(struct dep_list *list, str name);
/* The section that has @name already, in npm's order of preference; SAVE_PROD when none has. */
enum save_type manifest_infer_type(const struct manifest *m, str name);
/* Adds @name to the section for @type and takes it out of those that contradict it. "*" keeps a spec that is there. */
void manifest_add_dep(struct arena *a, struct manifest *m, str name, str spec, enum save_type type, bool save_bundle);
/* The package.json of @owner is to be saved; false: that was known. */
bool tree_note_edited(struct tree *t, struct node *owner);
/* Takes @name out of everything. */
void manifest_remove_dep(struct arena *a, struct manifest *m, str name);
