/* SPDX-License-Identifier: MIT
 * Regions. Everything that is allocated belongs to one of three lifetimes (run, job, scratch) and is released with
 * it, never alone. A function that allocates takes the arena as its first parameter. */
#pragma once
#include "cpm/base/compiler.h"

struct arena_block;

/* Caller's storage. All-zero is a valid empty arena. Not shared between threads. */
struct arena {
	struct arena_block *head;
	char *next, *end;	/* free part of the head block */
	size_t used_bytes;	/* handed out since the last reset; for budgets and tests */
};

/**
 * arena_alloc - zeroed memory that lives as long as the arena, aligned to 16 bytes.
 * @size: bytes; 0 gives a unique pointer
 *
 * Never NULL: when memory is exhausted the process ends with a clear message and status 12. A size that came from
 * outside is checked against a named cap by the caller before it gets here.
 * Cost: a pointer bump; a new block every 64 KiB; sizes over half a block get a block of their own.
 */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, alloc_size(2), returns_nonnull));

/* As arena_alloc(), but the bytes are not cleared: for text that is written at once. */
void *arena_alloc_raw(struct arena *a, size_t size) __attribute__((malloc, alloc_size(2), returns_nonnull));

/* count * size, checked for overflow. */
void *arena_alloc_array(struct arena *a, size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* Grows the newest allocation in place where it can, else copies. @p may be NULL. */
void *arena_grow(struct arena *a, void *p, size_t old_size, size_t new_size) __attribute__((returns_nonnull));

/* Releases everything; the arena is empty and usable again. */
void arena_fini(struct arena *a);

#define ARENA_NEW(a, type)	 ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n)	 ((type *)arena_alloc_array((a), (n), sizeof(type)))

/* ARENA_SCOPE(tmp): declares `struct arena *tmp`, empty, released at the closing brace. Nesting is free. */
#define ARENA_SCOPE(name)                                                                          \
	struct arena name##_storage_ __attribute__((cleanup(arena_fini))) = { 0 };                 \
	struct arena *const name = &name##_storage_

/* What happens when memory is exhausted: a message and the end of the process. For the few who call malloc() themselves. */
NORETURN void out_of_memory(void);

/* Bytes held by all arenas of this process now, and the most it ever was. */
size_t arena_total_bytes(void);
size_t arena_peak_bytes(void);
