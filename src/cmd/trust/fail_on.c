/* SPDX-License-Identifier: MIT
 * --fail-on as a list of words. In a CI file it is one line, so commas separate as well as
 * repeating does. */
#include "fail_on.h"

#include "cpm/base/vec.h"

const str *fail_on_words(struct arena *a, const struct cfg *cfg, size_t *count)
{
	VEC(str) words = { 0 };
	size_t n;
	const str *values = cfg_list(cfg, CFG_FAIL_ON, &n);

	for (size_t i = 0; i < n; i++) {
		str rest = values[i];
		for (str word; str_cut(&rest, ',', &word);)
			if (str_trim(word).len)
				VEC_PUSH(a, &words, str_trim(word));
	}
	*count = words.len;
	return words.items;
}
