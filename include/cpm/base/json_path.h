/* SPDX-License-Identifier: MIT
 * Paths into a JSON document as npm's pkg and view commands read them: "a.b[0]", "a[b.c]" for names
 * with dots in them, and "a[]" for one more item. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/base/vec.h"

/* What a path led to. */
struct json_found {
	str label;        /* the path itself, or "list[0].name" for each item of a list */
	struct json *val; /* NULL: an item that has no such member */
};
typedef VEC(struct json_found) json_found_vec;

/**
 * json_path_get - adds to @out what is at @path; nothing when there is nothing.
 * @unwraps: a list of one item counts as that item, an empty one as a value that is not there
 *
 * A name behind a list stands for that member of every item, and the path ends there. A label that
 * is in @out already gets the new value in its old place. Values are borrowed from @doc. Errors:
 * EINVALIDSYNTAX for "[]"; E_GENERIC where the path goes through null. Source: npm's
 * lib/utils/queryable.js.
 */
MUST_CHECK_ERR json_path_get(struct arena *a, const struct json *doc, str path, bool unwraps,
			     json_found_vec *out);

/**
 * json_path_set - puts @val at @path and makes what is missing on the way: lists for numbers, else
 * objects.
 * @force: what is in the way gives way
 *
 * Errors: EFORBIDDENKEY, ENOAPPEND, EOVERRIDEVALUE, ENOADDPROP; E_TOO_BIG for a list position far
 * behind the end. The document may be half-changed then: do not write it.
 */
MUST_CHECK_ERR json_path_set(struct arena *a, struct json *doc, str path, struct json *val,
			     bool force);

/* Removes what is at @path, if anything is. npm also makes what is missing on the way, and takes
 * the first item of a list for a name that lists do not have; neither is what anybody asked for.
 * Errors: EFORBIDDENKEY. */
MUST_CHECK_ERR json_path_del(struct arena *a, struct json *doc, str path);
