/* SPDX-License-Identifier: MIT
 * Which two packages a difference is asked for between. */
#pragma once
#include "cmd_priv.h"

/**
 * diff_specs_choose - the two specs that --diff means; what it leaves open is the package in @dir, what is installed of a
 * name, and the newest version that the project's range has.
 *
 * Errors: EUSAGE for what cannot be compared; those of project_tree_open() and pick_version().
 * Source: npm's diff.js.
 */
MUST_CHECK_ERR diff_specs_choose(struct cmd_ctx *ctx, str dir, str *a, str *b);
