/* SPDX-License-Identifier: MIT
 * The licence that a package names, in the forms that twenty years of package.json files have. */
#pragma once
#include "cpm/base/json.h"

/* As npm reads it: `license` as text or {"type"}, else the list `licenses`, joined by OR. Null when there is none. */
str license_of_doc(struct arena *a, const struct json *doc);

/* The same, and what npm passes over: `license` as a list, `licenses` as text or object, the spelling "licence", objects
 * that have a name for a type. Trimmed; null when nothing is said. */
str license_guess(struct arena *a, const struct json *doc);
