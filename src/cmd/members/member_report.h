/* SPDX-License-Identifier: MIT
 * How a run in many members went: a table for people, a document for programs. */
#pragma once
#include "member_run.h"

/* The table, on stderr unless notices are not wanted; failures come last, where they are seen. */
void member_report_text(const struct member_run *run);
struct json *member_report_json(struct arena *a, const struct member_run *run);
/* "12 ms", "0.4 s", "2 m 05 s". */
str member_duration(struct arena *a, int64_t ms);
