/* SPDX-License-Identifier: MIT
 * The system hands memory out in pages of 4 KiB, each at the price of a fault when it is first
 * touched, unless it was told that a range wants huge pages. The allocator has a setting for that
 * which only the environment can reach; what it does is one call, which we make ourselves: the heap
 * is made to grow once by more than is ever needed, which is address space and not memory, and the
 * call is made for that range. For all of the memory to come from there, threads share this one
 * heap and what is freed is not given back page by page. */
#include "cpm/base/heap.h"

#include "cpm/base/compiler.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#define HUGE_PAGE_BYTES  ((uintptr_t)2 << 20)
#define HEAP_ROOM_BYTES  (64 << 20)
#define HEAP_GROWS_BYTES (2 << 20) /* once that is used up */
#define FIRST_BYTES      (2 << 20) /* more than is left of what the heap began with */
/* Larger pieces come and go on their own, page by page: the C library allows no higher limit. */
#define OWN_MAP_BYTES (32 << 20)

void heap_expect_filled(void *p, unsigned long size)
{
#ifdef MADV_HUGEPAGE
	uintptr_t begin = ((uintptr_t)p + HUGE_PAGE_BYTES - 1) & ~(HUGE_PAGE_BYTES - 1),
		  end = ((uintptr_t)p + size) & ~(HUGE_PAGE_BYTES - 1);

	if (begin < end)
		(void)madvise((void *)begin, end - begin, MADV_HUGEPAGE);
#else
	(void)p;
	(void)size;
#endif
}

void heap_give_back(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void heap_expect_much(void)
{
#ifdef __GLIBC__
	static bool is_done;
	char *first;

	if (is_done)
		return;
	is_done = true;
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, OWN_MAP_BYTES);
	mallopt(M_TRIM_THRESHOLD, INT32_MAX);
	mallopt(M_TOP_PAD, HEAP_ROOM_BYTES);
	first = malloc(FIRST_BYTES);
	mallopt(M_TOP_PAD, HEAP_GROWS_BYTES);
	if (first && (char *)sbrk(0) > first &&
	    (size_t)((char *)sbrk(0) - first) >= HEAP_ROOM_BYTES)
		heap_expect_filled(first, (size_t)((char *)sbrk(0) - first));
	free(first);
#endif
}
