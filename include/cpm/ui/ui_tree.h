/* SPDX-License-Identifier: MIT
 * A tree as text: branches in box-drawing characters, or in ASCII where the terminal has no others. */
#pragma once
#include "cpm/base/str.h"
#include "cpm/base/vec.h"

struct ui_branch {
	str label;			/* may have several lines */
	VEC(struct ui_branch *) kids;
};

/**
 * ui_tree_format - @root and all below it, a line each, with a newline behind the last.
 *
 * Iterative: how deep a tree is comes from outside. Cost: O(text).
 * Source: the drawing of npm's archy.
 */
void ui_tree_format(struct str_buf *out, const struct ui_branch *root, bool is_unicode);
