/* SPDX-License-Identifier: MIT
 * Any bytes: no more comes out than the cap allows, and nothing leaks when it fails. */
#include "cpm/base/gunzip.h"

#define CAP_BYTES ((uint64_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int allow_plain = 0; allow_plain < 2; allow_plain++) {
		char *out = NULL;
		size_t len = 0;
		struct err *e = gunzip(str_of((const char *)data, size), CAP_BYTES, allow_plain, &out, &len);

		if (e ? out != NULL : len > CAP_BYTES || out[len])
			abort();
		err_free(e);
		free(out);
	}
	return 0;
}
