/* SPDX-License-Identifier: MIT
 * What keeping costs, in bytes that the kernel counts: not in time, which is another on each machine. */
#include "cpm/store/store.h"

#include <stdio.h>

#include "store_fixture.h"

#define BLOBS      300
#define BLOB_BYTES ((size_t)50 * 1000) /* some pages each, the last of them half full */

/* Bytes this process has written so far; 0 where the kernel does not say. */
static unsigned long long bytes_written(void)
{
	unsigned long long count = 0;
	char line[128];
	FILE *io = fopen("/proc/self/io", "r");

	while (io && fgets(line, sizeof(line), io))
		if (strncmp(line, "wchar:", 6) == 0)
			count = strtoull(line + 6, NULL, 10);
	if (io)
		fclose(io);
	return count;
}

TEST(keeping_blobs_writes_them_once)
{
	FIXTURE(f);
	ARENA_SCOPE(a);
	char *bytes = arena_alloc(a, BLOB_BYTES);
	unsigned long long before = bytes_written(), written;

	for (size_t i = 0; i < BLOBS; i++) {
		memcpy(bytes, &i, sizeof(i));
		fixture_keep(&f, str_of(bytes, BLOB_BYTES));
	}
	store_flush(f.store);
	written = bytes_written() - before;
	CHECK(written < 2 * BLOBS * BLOB_BYTES, "%llu bytes for %zu", written, BLOBS * BLOB_BYTES);
}

UNIT_TESTS(TESTED(keeping_blobs_writes_them_once))
