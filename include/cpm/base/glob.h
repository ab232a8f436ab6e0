/* SPDX-License-Identifier: MIT
 * Shell patterns over "/"-paths, as npm's packages match them: workspaces, file lists, name
 * filters. */
#pragma once
#include "cpm/base/str.h"

/**
 * glob_match - does the whole of @path match @pattern?
 *
 * "*" and "?" stay inside one path component and do not match a leading dot; "**" as a component
 * matches any number of components, none that starts with a dot; "[a-z]", "[!a-z]", "{a,b}" and
 * "\\" work as usual. Case matters. Cost: O(pattern * path) per alternative; at most 1,000
 * alternatives are looked at. @scratch holds the alternatives.
 */
bool glob_match(struct arena *scratch, str pattern, str path);
/* The same with some of it changed. */
enum glob_flags {
	GLOB_DOT = 1,    /* wildcards match leading dots too */
	GLOB_NOCASE = 2, /* ASCII letters match either case */
	GLOB_GROUPS = 4, /* ?(a|b) *(a|b) +(a|b) @(a|b) !(a|b) inside of one path component */
};
bool glob_match_with(struct arena *scratch, str pattern, str path, unsigned flags);
/* One path component against one component of a pattern, "*" included; no braces. */
bool glob_match_part(str pattern, str part, unsigned flags);
/* All that the braces of @pattern stand for, at most 1,000. Lives in @a. */
str *glob_expand(struct arena *a, str pattern, size_t *count);
/* The pattern has no group and none of * ? [ { ! and so is a plain path. */
bool glob_is_plain(str pattern);
