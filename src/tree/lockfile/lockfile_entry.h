/* SPDX-License-Identifier: MIT
 * What a lockfile says of one package. */
#pragma once
#include "lockfile_emit.h"

/* The member for @n: its key, and its fields or where the link leads. False when there is nothing to say, which only
 * happens to the root. */
bool lockfile_entry_emit(struct emitter *w, struct node *n);
