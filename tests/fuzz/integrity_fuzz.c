/* SPDX-License-Identifier: MIT
 * Any bytes as an integrity string: each hash that is read is written again exactly as it stood there, so that nothing
 * malformed is ever taken for a hash (T23). */
#include "cpm/base/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(tmp);
	str text = str_of((const char *)data, size), bytes;
	struct integrity integrity;

	integrity_parse(tmp, text, &integrity);
	for (size_t i = 0; i < integrity.count; i++)
		if (str_find(text, integrity_format(tmp, &integrity.items[i])) == STR_NPOS)
			abort();
	base64_decode(tmp, text, &bytes);
	integrity_from_shasum(tmp, text);
	return 0;
}
