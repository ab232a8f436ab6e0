/* SPDX-License-Identifier: MIT
 * From an entry's name in the archive to its place in the package, or to nowhere (T1,
 * npm-tree.md 14.4). Pure text. */
#pragma once
#include "cpm/base/err.h"

/* The path inside the package: first component stripped, roots and drive letters cut, "." and empty
 * parts dropped. Null when npm leaves the entry out: nothing left, a ".." in it (with / or \), over
 * 1024 deep. Borrows when it can. */
str entry_path_inside(struct arena *a, str name);
