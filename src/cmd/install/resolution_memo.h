/* SPDX-License-Identifier: MIT
 * A resolution whose outcome is known already (ADR 13): the same package.json under the same settings, by the same
 * packuments, with neither a lockfile nor anything installed to start from. */
#pragma once
#include "install_stages.h"

/**
 * resolution_recall - the tree that the last resolution of this project ended in, if doing it again would end there.
 *
 * It is a tree to start from that leaves nothing to be resolved. NULL: resolve. Cost: one look-up for each packument.
 */
struct tree *resolution_recall(struct install *in);
/* in->ideal was resolved from nothing: keeps it for resolution_recall(), in the cache, before packuments are let go. */
void resolution_remember(struct install *in);
