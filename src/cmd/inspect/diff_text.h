/* SPDX-License-Identifier: MIT
 * Two packages' files as one text of differences. */
#pragma once
#include "cmd_priv.h"

struct diff_file {
	str path; /* in the package */
	uint32_t mode;
	str text;
};

/* One of the two packages. */
struct diff_side {
	str version;
	VEC(struct diff_file) files; /* in the archive's order */
};

/**
 * diff_text_make - what leads from @a to @b, in git's form, as the `diff-*` settings want it.
 * @wanted: only these files: names, folders, patterns; none: all
 *
 * The files of @a come first. Source: libnpmdiff.
 */
str diff_text_make(const struct cmd_ctx *ctx, const struct diff_side *a, const struct diff_side *b, const str *wanted,
		   size_t nwanted);
