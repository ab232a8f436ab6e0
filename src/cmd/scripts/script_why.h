/* SPDX-License-Identifier: MIT
 * Two keys compared, in words: which part of what a script depends on is another one than last time. */
#pragma once
#include "cpm/base/json.h"

/* "files: src/a.js changed, b.js is new; env: TARGET changed"; "" when the parts are the same. At most a few names of each
 * part. Lives in @a. */
str script_why_differs(struct arena *a, const struct json *was, const struct json *is);
