/* SPDX-License-Identifier: MIT
 * Patches in the unified format (diff -u, git diff), as text in, text out. Nothing is forgiven: a line that is not what
 * the patch expects fails it, but a hunk may have moved, as with patch(1). */
#pragma once
#include "cpm/base/err.h"
#include "cpm/base/vec.h"

struct diff_hunk {
	size_t old_start;	/* line it should be at, from 1 */
	size_t old_lines;
	VEC(str) lines;		/* each with its ' ', '+', '-' or '\\' in front */
};

struct file_diff {
	str old_name, new_name;	/* without "a/" and "b/"; null for /dev/null */
	VEC(struct diff_hunk) hunks;
};
typedef VEC(struct file_diff) file_diff_vec;

/* The parts of a patch, one for each file; views of @text. E_GENERIC with the line that is none. */
MUST_CHECK_ERR unified_diff_parse(struct arena *a, str text, file_diff_vec *out);
/* @source after @d; false when some hunk does not fit. Line ends of a patch become those of the file. */
bool unified_diff_apply(struct arena *a, const struct file_diff *d, str source, str *out);

struct diff_style {
	size_t context;		/* lines around an edit */
	bool ignores_space;	/* white space around a line does not make it another */
};

/**
 * unified_diff_make - appends the hunks that make @new_text of @old_text; nothing where there is no difference.
 *
 * The caller writes what stands above them: the two names. Cost: O((lines + edits) * edits); texts that have more than
 * 2,500 edits between them are replaced as a whole.
 */
void unified_diff_make(struct arena *scratch, str old_text, str new_text, const struct diff_style *style,
		       struct str_buf *out);
