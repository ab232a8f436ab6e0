/* SPDX-License-Identifier: MIT
 * Repairs that fixing and completing a package.json share. package_fix.c */
#pragma once
#include "cpm/tree/package_file.h"

/* `bin` becomes an object of safe names and paths, or goes. */
void package_fix_bin(struct arena *a, struct package_file *f);
/* Everything else that `npm pkg fix` repairs, in its order. */
MUST_CHECK_ERR package_fix_fields(struct arena *a, struct package_file *f);
