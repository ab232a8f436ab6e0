/* SPDX-License-Identifier: MIT
 * Between the two files that match one path component. */
#pragma once
#include "cpm/base/glob.h"

/* One pattern character, or class, or escaped character, against one byte; moves both on a match. */
bool glob_match_one(str *pattern, str *text, unsigned flags);
/* Bytes of the pattern that glob_match_one() would look at. */
size_t glob_one_length(str pattern);

/* "@(a|b)" and its kin are somewhere in it. */
bool glob_has_groups(str pattern);
bool glob_match_groups(str pattern, str part, unsigned flags);
