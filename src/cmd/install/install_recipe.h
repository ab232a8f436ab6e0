/* SPDX-License-Identifier: MIT
 * A ci whose whole tree is shared with other projects (ADR 12): the first one notes the links it ended in, and the next one
 * with the same lockfile, package.json and settings only makes those. */
#pragma once

#include "install_stages.h"

/* After noop_look(). True when node_modules has been made what the lockfile says, what the long way would have warned about
 * has been said, and the report is known. */
bool install_recipe_follow(struct install *in);
/* At the end of a ci that went the long way: leaves a recipe for the next, if its tree allows. */
void install_recipe_note(struct install *in);
