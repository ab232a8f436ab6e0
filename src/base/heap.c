/* SPDX-License-Identifier: MIT
 * Settings of the C library's allocator that only the environment or a call can reach. Threads share
 * one heap, which grows in large steps and keeps what is freed: most of it is wanted again a moment
 * later, and giving pages back costs a fault for each when they are.
 *
 * Huge pages were tried here, and were taken out again. Where the system has some at hand they save
 * 2 % of an install; where the machine is a virtual one whose host has taken unused memory back, each
 * of them waits for two megabytes of the host's, 2 ms, and an install took a tenth longer. */
#include "cpm/base/heap.h"

#include "cpm/base/compiler.h"

#include <stdint.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#define HEAP_GROWS_BYTES (4 << 20)
#define OWN_MAP_BYTES    (4 << 20) /* larger pieces come and go on their own */

void heap_give_back(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void heap_expect_much(void)
{
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, OWN_MAP_BYTES);
	mallopt(M_TRIM_THRESHOLD, INT32_MAX);
	mallopt(M_TOP_PAD, HEAP_GROWS_BYTES);
#endif
}
