/* SPDX-License-Identifier: MIT
 * Sizes and ages in the words npm uses. */
#pragma once
#include "cpm/base/str.h"

/* "532 B", "1.5 kB", "2.0 MB": decimal units. */
str ui_bytes(struct arena *a, double bytes);
/* "just now", "3 hours ago", "yesterday", "a year from now". Milliseconds since 1970; days are
 * counted in local time. */
str ui_age(struct arena *a, int64_t now_ms, int64_t then_ms);
