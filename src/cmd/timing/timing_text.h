/* SPDX-License-Identifier: MIT
 * The report for a reader. */
#pragma once
#include "timing_report.h"

struct timing_style {
	bool is_unicode, is_colored;
	unsigned columns; /* room; 0: as much as it takes */
};

/* Several lines, none behind the last, harmless for terminals. @path: the trace file; null: not written. */
void timing_text(struct str_buf *out, const struct timing_report *r, struct timing_style style, str path);
