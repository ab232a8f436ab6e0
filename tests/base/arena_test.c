/* SPDX-License-Identifier: MIT
 * Regions: alignment, growth, and what is left when they are gone. */
#include "cpm/base/arena.h"

#include "check.h"

TEST(memory_is_zeroed_aligned_and_distinct)
{
	ARENA_SCOPE(a);
	const size_t sizes[] = { 0, 1, 15, 16, 17, 4000, 40000, 70000, 1 << 20 };
	char *last = NULL;

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			char *p = arena_alloc(a, sizes[i]);

			CHECK_EQ((uintptr_t)p % 16, 0, "size %zu", sizes[i]);
			CHECK(p != last, "size %zu", sizes[i]);
			for (size_t k = 0; k < sizes[i]; k++)
				CHECK_EQ(p[k], 0, "size %zu byte %zu", sizes[i], k);
			memset(p, 0xff, sizes[i]);
			last = p;
		}
	}
}

TEST(nothing_is_left_after_the_brace)
{
	size_t before = arena_total_bytes();
	{
		ARENA_SCOPE(a);
		ARENA_SCOPE(nested);

		arena_alloc(a, 100);
		arena_alloc(nested, 100000);
		arena_alloc(a, 200000);
		CHECK(arena_total_bytes() >= before + 300000);
	}
	CHECK_EQ(arena_total_bytes(), before);
	CHECK(arena_peak_bytes() >= before + 300000);
}

TEST(an_emptied_arena_is_usable)
{
	struct arena a = { 0 };

	for (int i = 0; i < 3; i++) {
		memset(arena_alloc(&a, 100), 1, 100);
		memset(arena_alloc(&a, 100000), 1, 100000);
		CHECK(a.used_bytes >= 100100);
		arena_fini(&a);
		CHECK_EQ(a.used_bytes, 0);
	}
}

TEST(growing_keeps_the_bytes)
{
	ARENA_SCOPE(a);
	size_t size = 1;
	unsigned char *p = arena_grow(a, NULL, 0, size);

	p[0] = 0;
	while (size < (1 << 18)) {
		p = arena_grow(a, p, size, size * 2);
		for (size_t i = 0; i < size; i++)
			CHECK_EQ(p[i], i & 0xff, "size %zu", size);
		for (size_t i = size; i < size * 2; i++)
			p[i] = i & 0xff;
		size *= 2;
		arena_alloc(a, size % 5 ? 16 : 24);
	}
	p = arena_grow(a, p, size, 10);
	CHECK_EQ(p[9], 9);
}

TEST(growing_does_not_touch_what_came_after)
{
	ARENA_SCOPE(a);
	char *first = arena_alloc(a, 16), *second = arena_alloc(a, 16), *moved;

	memset(first, 1, 16);
	memset(second, 2, 16);
	moved = arena_grow(a, first, 16, 64);
	memset(moved, 3, 64);
	for (int i = 0; i < 16; i++)
		CHECK_EQ(second[i], 2, "byte %d", i);
}

TEST(arrays_are_typed_and_zeroed)
{
	ARENA_SCOPE(a);
	uint64_t *numbers = ARENA_ARRAY(a, uint64_t, 1000);
	struct arena *one = ARENA_NEW(a, struct arena);

	CHECK(numbers[0] == 0 && numbers[999] == 0);
	CHECK(one->head == NULL);
}

UNIT_TESTS(TESTED(memory_is_zeroed_aligned_and_distinct), TESTED(nothing_is_left_after_the_brace),
	   TESTED(an_emptied_arena_is_usable), TESTED(growing_keeps_the_bytes),
	   TESTED(growing_does_not_touch_what_came_after), TESTED(arrays_are_typed_and_zeroed))
