/* SPDX-License-Identifier: MIT
 * The report for a reader. */
#pragma once
#include "timing_report.h"

#include "cpm/ui/term.h"

struct timing_style {
	bool is_unicode;
	unsigned columns; /* room; 0: as much as it takes */
};

/* For a stream of the program: what it can show, with @used columns of it taken by a prefix. */
struct timing_style timing_style_of(const struct term *term, bool is_tty, unsigned used);

/* Several lines, none behind the last. @path: the trace file; null: not written. */
void timing_text(struct str_buf *out, const struct timing_report *r, struct timing_style style, str path);
