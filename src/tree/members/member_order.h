/* SPDX-License-Identifier: MIT
 * The second half of member_graph_build(). */
#pragma once
#include "cpm/tree/member_graph.h"

/* Fills in ranks, order, cycles, and which links are broken, from the links. */
void member_order_find(struct arena *a, struct member_graph *g);
