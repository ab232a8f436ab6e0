/* SPDX-License-Identifier: MIT
 * Pure path algebra on POSIX paths; nothing here touches the disk. */
#pragma once
#include "cpm/base/err.h"

str path_join(struct arena *a, str dir, str rest);	/* cleaned; an absolute @rest is appended, as npm's join does */
str path_resolve(struct arena *a, str cwd, str path);	/* cleaned and absolute; an absolute @path wins */
str path_clean(struct arena *a, str path);		/* no ".", no "//", ".." resolved where it can be; "" is "." */
str path_dirname(str path);				/* "a/b" -> "a", "/a" -> "/", "a" -> "." */
str path_basename(str path);				/* without trailing slashes */
bool path_is_absolute(str path);
/* From directory @from to @to, both absolute and clean: "../x". Same directory: "". */
str path_relative(struct arena *a, str from, str to);
/* Claims that a clean relative path stays inside its base: not absolute, no "." or ".." (a backslash counts as a
 * separator here), no NUL, at most 4095 bytes in 1 to 1024 components of 1 to 255 each. A path from an archive or a
 * lockfile passes this before it touches the disk. */
bool path_is_inside(str relative);
/* @path, absolute and clean, is @dir or lies below it. */
bool path_is_under(str path, str dir);
