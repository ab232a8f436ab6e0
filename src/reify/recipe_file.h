/* SPDX-License-Identifier: MIT
 * Recipes as files in the place that projects share. */
#pragma once
#include "cpm/reify/recipe.h"

void recipe_write(int shared_fd, struct fingerprint key, const struct recipe *r);
/* False when there is none, or it is damaged. Its texts end with a zero each. */
bool recipe_read(struct arena *a, int shared_fd, struct fingerprint key, struct recipe *out);
