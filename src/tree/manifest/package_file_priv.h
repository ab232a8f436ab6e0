/* SPDX-License-Identifier: MIT
 * Repairs that fixing and completing a package.json share. package_fix.c */
#pragma once
#include "cpm/tree/package_file.h"

/* `bin` becomes an object of safe names and paths, or goes. */
void package_fix_bin(struct arena *a, struct package_file *f);
/* Everything else that `npm pkg fix` repairs, in its order. */
MUST_CHECK_ERR package_fix_fields(struct arena *a, struct package_file *f);

/* "node-gyp rebuild" for a package with native code and no word of how to build it. package_complete.c */
void package_add_build_script(struct arena *a, struct package_file *f);
/* `types`, when there is a file of them beside the main one. */
void package_add_types(struct arena *a, struct package_file *f);
/* The name of the folder's readme, and its text; null when it has none that can be read. */
str package_read_readme(struct arena *a, const struct package_file *f, str *text);
/* Descriptive fields in the one form that registries know: people as objects, lists as lists, pages of known hosts. */
void package_normalize_data(struct arena *a, struct package_file *f);
