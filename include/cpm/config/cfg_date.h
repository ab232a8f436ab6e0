/* SPDX-License-Identifier: MIT
 * Dates as settings and registries write them. */
#pragma once
#include "cpm/base/str.h"

/* Text as JavaScript's Date reads it, for the forms people write: ISO 8601 in full or in part, and the usual English ones.
 * *out becomes "2024-01-31T00:00:00.000Z". False when it is not a date. */
bool cfg_date_parse(struct arena *a, str text, str *out);
/* The same in milliseconds since 1970. */
bool cfg_date_ms(str text, int64_t *out_ms);
/* @days before @now_sec, in the same form. */
str cfg_date_days_ago(struct arena *a, int64_t now_sec, double days);
