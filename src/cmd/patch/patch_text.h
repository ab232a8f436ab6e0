/* SPDX-License-Identifier: MIT
 * Two folders into the patch that leads from one to the other. */
#pragma once
#include "cpm/base/err.h"

struct patch_text {
	str text; /* "" when nothing that can be patched has changed */
	bool package_json_changed; /* which no patch may do: the tree is made of what it says unpatched */
};

/**
 * patch_text_make - compares the files of two folders, but for node_modules and .git.
 *
 * Errors: E_GENERIC for a file that has changed and is no text; any of fs. Texts live in @a.
 * Source: npm's patch-diff.js, to the byte.
 */
MUST_CHECK_ERR patch_text_make(struct arena *a, str old_dir, str new_dir, struct patch_text *out);
