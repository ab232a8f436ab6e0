/* SPDX-License-Identifier: MIT
 * A word to the allocator must not change what it gives. */
#include "cpm/base/heap.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

#define PIECES 64
#define PIECE_BYTES ((size_t)300 * 1000)

/* Most of what this process ever held, in KiB. */
static long peak_kib(void)
{
	char line[128];
	long kib = 0;
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return kib;
}

TEST(expecting_much_takes_no_memory)
{
	long before = peak_kib();

	heap_expect_much();
	heap_expect_much();
	CHECK(peak_kib() - before < 8 * 1024, "%ld KiB before, %ld after", before, peak_kib());
}

TEST(memory_is_what_it_was)
{
	char *pieces[PIECES];

	heap_expect_much();
	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = malloc(PIECE_BYTES);
		CHECK(pieces[i] != NULL);
		heap_expect_filled(pieces[i], PIECE_BYTES);
		memset(pieces[i], (int)i, PIECE_BYTES);
	}
	for (size_t i = 0; i < PIECES; i++) {
		CHECK_EQ(pieces[i][0], (char)i, "first");
		CHECK_EQ(pieces[i][PIECE_BYTES - 1], (char)i, "last");
		free(pieces[i]);
	}
	heap_expect_filled(NULL, 0);
}

UNIT_TESTS(TESTED(expecting_much_takes_no_memory), TESTED(memory_is_what_it_was))
