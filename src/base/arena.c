/* SPDX-License-Identifier: MIT
 * Regions made of blocks. A block is 64 KiB; what would take more than half of one gets a block of
 * its own, put behind the head so that the head's free part is not lost. Under AddressSanitizer
 * everything gets a block of its own, of its exact size: inside a shared block a write past an
 * allocation's end would go unseen (T46). Each thread keeps some emptied blocks for its next
 * scopes: these come and go by the thousand, and the allocator's way there and back, or memory that
 * nobody has touched yet, costs more than what is done in them. */
#include "cpm/base/arena.h"

#include "cpm/base/heap.h"

#include <stdatomic.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)64 * 1024)
#define HUGE_BYTES  ((size_t)4 << 20)
#define ARENA_ALIGN ((size_t)16)
/* What a thread keeps beyond its use of it, of all sizes and of plain blocks. */
#define SPARE_MAX_BYTES  ((size_t)1 << 20)
#define SPARE_MAX_BLOCKS 4
#define EXIT_NO_MEMORY   12

#ifdef __has_feature
#define HAS_ASAN __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#else
#define HAS_ASAN 0
#endif

struct arena_block {
	struct arena_block *below;
	size_t size;
	char data[] __attribute__((aligned(16)));
};

static atomic_size_t total_bytes, peak_bytes;
static _Thread_local struct {
	struct arena_block *newest;
	size_t bytes, nblocks;
} spare;

void out_of_memory(void)
{
	static const char text[] = "cpm: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)ignored;
	_exit(EXIT_NO_MEMORY);
}

static size_t aligned(size_t size)
{
	if (size > SIZE_MAX - BLOCK_BYTES)
		out_of_memory();
	return (size + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
}

/* A spare block of at least @size bytes; NULL when there is none. A large one is not cut up for
 * small things. */
static struct arena_block *take_spare(size_t size)
{
	for (struct arena_block **link = &spare.newest; *link; link = &(*link)->below) {
		struct arena_block *b = *link;

		if (b->size < size || (size == BLOCK_BYTES && b->size > size))
			continue;
		*link = b->below;
		spare.bytes -= b->size;
		spare.nblocks -= b->size == BLOCK_BYTES;
		return b;
	}
	return NULL;
}

/* True when @b is kept. */
static bool keep_spare(struct arena_block *b)
{
	if (HAS_ASAN || b->size < BLOCK_BYTES || spare.bytes + b->size > SPARE_MAX_BYTES ||
	    (b->size == BLOCK_BYTES && spare.nblocks == SPARE_MAX_BLOCKS))
		return false;
	b->below = spare.newest;
	spare.newest = b;
	spare.bytes += b->size;
	spare.nblocks += b->size == BLOCK_BYTES;
	return true;
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b = size >= BLOCK_BYTES ? take_spare(size) : NULL;
	size_t now, peak;

	if (!b) {
		b = malloc(sizeof(*b) + size);
		if (!b)
			out_of_memory();
		if (size >= HUGE_BYTES)
			heap_expect_filled(b, size);
		b->size = size;
	}
	now = atomic_fetch_add(&total_bytes, b->size) + b->size;
	peak = atomic_load(&peak_bytes);
	while (now > peak && !atomic_compare_exchange_weak(&peak_bytes, &peak, now))
		;
	return b;
}

/* A block of its own: goes below the head, whose free part stays in use. */
static void *alloc_large(struct arena *a, size_t size)
{
	struct arena_block *b = block_new(size);

	if (a->head) {
		b->below = a->head->below;
		a->head->below = b;
	} else {
		b->below = NULL;
		a->head = b;
		a->next = a->end = b->data + size;
	}
	return b->data;
}

void *arena_alloc_raw(struct arena *a, size_t size)
{
	size_t exact = size ? size : 1;
	void *p;

	size = aligned(exact);
	a->used_bytes += size;
	if (HAS_ASAN)
		return alloc_large(a, exact);
	if (size <= (size_t)(a->end - a->next)) {
		p = a->next;
		a->next += size;
		return p;
	}
	if (size > BLOCK_BYTES / 2)
		return alloc_large(a, size);

	struct arena_block *b = block_new(BLOCK_BYTES);

	b->below = a->head;
	a->head = b;
	a->next = b->data + size;
	a->end = b->data + b->size;
	return b->data;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_alloc_raw(a, size), 0, size);
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory();
	return arena_alloc(a, bytes);
}

void *arena_grow(struct arena *a, void *p, size_t old_size, size_t new_size)
{
	size_t old_room = aligned(old_size ? old_size : 1), new_room = aligned(new_size);
	void *moved;

	if (!HAS_ASAN && p && (char *)p + old_room == a->next && new_room >= old_room &&
	    new_room - old_room <= (size_t)(a->end - a->next)) {
		a->next += new_room - old_room;
		a->used_bytes += new_room - old_room;
		return p;
	}
	moved = arena_alloc_raw(a, new_size);
	if (p)
		memcpy(moved, p, MIN(old_size, new_size));
	return moved;
}

void arena_fini(struct arena *a)
{
	struct arena_block *b = a->head;

	while (b) {
		struct arena_block *below = b->below;

		atomic_fetch_sub(&total_bytes, b->size);
		if (!keep_spare(b))
			free(b);
		b = below;
	}
	*a = (struct arena){ 0 };
}

size_t arena_total_bytes(void)
{
	return atomic_load(&total_bytes);
}

size_t arena_peak_bytes(void)
{
	return atomic_load(&peak_bytes);
}
