/* SPDX-License-Identifier: MIT
 * Values as JavaScript puts them into a text, which is how npm's lines show what a registry says. */
#pragma once
#include "cpm/base/json.h"

/* String(v): "undefined" for NULL, lists joined by commas, "[object Object]" for objects. Lists in lists stay empty. */
str ui_js_text(struct arena *a, const struct json *v);
/* The same of a member. */
str ui_js_member(struct arena *a, const struct json *object, const char *key);
