/* SPDX-License-Identifier: MIT
 * One step through UTF-8, for those who must tell good bytes from bad ones by position. */
#pragma once
#include "cpm/base/str.h"

/* Length of the UTF-8 sequence at @u (Unicode 15, table 3-7), or, when it is broken, of the part
 * that is fit to be replaced by one U+FFFD: its longest start that could have become a sequence, at
 * least one byte. @len is not 0. */
size_t utf8_step(const unsigned char *u, size_t len, bool *is_whole);
