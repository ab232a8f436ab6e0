/* SPDX-License-Identifier: MIT
 * Command lines as one text, to be compared. */
#pragma once
#include "cpm/base/str.h"

/* NULL-terminated @words with blanks between them. */
static inline str words_joined(struct arena *a, const char *const *words)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; words[i]; i++)
		buf_printf(&out, "%s%s", i ? " " : "", words[i]);
	return buf_view(&out);
}
