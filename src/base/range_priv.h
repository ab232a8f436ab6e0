/* SPDX-License-Identifier: MIT
 * What range_parse.c and range_text.c share. */
#pragma once
#include "cpm/base/range.h"
#include "semver_priv.h"

#define RANGE_MAX_TEXT ((size_t)64 * 1024)

/* A copy in which runs of JavaScript white space are one space, with none at the ends. */
str range_collapse_space(struct arena *a, str text);
str range_strip_builds(struct arena *a, str s);
/* One alternative such that its pieces are what stands between spaces. */
str range_rewrite(struct arena *a, str alternative, unsigned flags);

/* Length of the operator < > <= >= = that @s starts with, or 0. */
size_t range_operator_len(str s);
/* Claims that a number of a version is left open: absent, or x X *. */
bool range_is_x(str part);

/* The number after @digits as JavaScript prints it: beyond 2^53 not exact, from 1e21 on with an
 * exponent ("1e+21"). Later steps read that text, and some such texts are even versions to them. */
str range_bump(struct arena *a, str digits);
