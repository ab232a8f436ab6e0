/* SPDX-License-Identifier: MIT
 * What we pack ourselves is kept compressed, as everything else in the cache is. */
#include "cpm/base/gzip.h"

#include <libdeflate.h>

static const int levels[] = { [GZIP_QUICK] = 6, [GZIP_BEST] = 9 };

struct err *gzip(str bytes, enum gzip_effort effort, char **out, size_t *out_len)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(levels[effort]);
	size_t room = c ? libdeflate_gzip_compress_bound(c, bytes.len) : 0, len;
	char *p = c ? malloc(room) : NULL;

	if (!p)
		out_of_memory();
	len = libdeflate_gzip_compress(c, bytes.p, bytes.len, p, room);
	libdeflate_free_compressor(c);
	if (!len) {
		free(p);
		return err_new(E_GENERIC, "cannot compress %zu bytes", bytes.len);
	}
	*out = p;
	*out_len = len;
	return NULL;
}
