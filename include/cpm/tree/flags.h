/* SPDX-License-Identifier: MIT
 * dev, optional, peer, extraneous marks (npm-tree.md 9). */
#pragma once
#include "cpm/tree/node.h"

/* Recomputes the flags of every node from scratch. Cost: O(nodes + edges). */
void flags_calc(struct tree *t);
/* Clears what @from clears, and leaves all other marks as they are: after something was added below it. Cost: what it
 * reaches. */
void flags_spread(struct node *from);
