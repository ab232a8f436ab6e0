/* SPDX-License-Identifier: MIT
 * What falls with an optional package that cannot be had (npm-tree.md 8.10, 13.3): the resolver
 * leaves it out, and so does reify/ when a download or an unpacking fails. Twin of arborist's
 * optional-set.js. */
#pragma once
#include "cpm/tree/node.h"

/* An optional package that cannot be had, everything that insists on it, and what only they need.
 */
node_vec dep_set_optional(struct arena *a, struct node *n);
