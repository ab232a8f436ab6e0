/* SPDX-License-Identifier: MIT
 * Growable arrays of any type. */
#include "cpm/base/vec.h"

#include "check.h"

typedef VEC(int) int_vec;

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void check_is(const int_vec *v, const int *want, size_t count)
{
	CHECK_EQ(v->len, count);
	for (size_t i = 0; i < count; i++)
		CHECK_EQ(v->items[i], want[i], "item %zu", i);
}

TEST(pushing_grows_and_keeps_order)
{
	ARENA_SCOPE(a);
	int_vec v = { 0 };
	long sum = 0;

	for (int i = 0; i < 10000; i++)
		VEC_PUSH(a, &v, i);
	CHECK_EQ(v.len, 10000);
	for (int i = 0; i < 10000; i++)
		CHECK_EQ(v.items[i], i);
	VEC_EACH(int, it, &v)
		sum += *it;
	CHECK_EQ(sum, 10000L * 9999 / 2);
	CHECK_EQ(VEC_LAST(&v), 9999);
	CHECK_EQ(VEC_POP(&v), 9999);
	CHECK_EQ(v.len, 9999);
	VEC_RESET(&v);
	CHECK_EQ(v.len, 0);
}

TEST(structs_are_pushed_as_literals)
{
	ARENA_SCOPE(a);
	struct pair {
		int x;
		str s;
	};
	VEC(struct pair) v = { 0 };

	VEC_PUSH(a, &v, (struct pair){ 1, S("a") });
	CHECK_EQ(v.items[0].x, 1);
	CHECK_STR(v.items[0].s, S("a"));
}

TEST(removing_closes_the_gap)
{
	ARENA_SCOPE(a);
	int_vec v = { 0 };

	for (int i = 0; i < 5; i++)
		VEC_PUSH(a, &v, i);
	VEC_REMOVE_AT(&v, 4);
	check_is(&v, (int[]){ 0, 1, 2, 3 }, 4);
	VEC_REMOVE_AT(&v, 0);
	check_is(&v, (int[]){ 1, 2, 3 }, 3);
	VEC_REMOVE_AT(&v, 1);
	check_is(&v, (int[]){ 1, 3 }, 2);
}

TEST(sorting_takes_any_length)
{
	ARENA_SCOPE(a);
	int_vec v = { 0 };

	VEC_SORT(&v, compare_ints);
	VEC_PUSH(a, &v, 3);
	VEC_SORT(&v, compare_ints);
	VEC_PUSH(a, &v, 1);
	VEC_PUSH(a, &v, 2);
	VEC_SORT(&v, compare_ints);
	check_is(&v, (int[]){ 1, 2, 3 }, 3);
}

TEST(the_empty_vector_has_nothing_to_visit)
{
	int_vec v = { 0 };
	int visits = 0;

	VEC_EACH(int, it, &v)
		visits++;
	CHECK_EQ(visits, 0);
}

UNIT_TESTS(TESTED(pushing_grows_and_keeps_order), TESTED(structs_are_pushed_as_literals),
	   TESTED(removing_closes_the_gap), TESTED(sorting_takes_any_length),
	   TESTED(the_empty_vector_has_nothing_to_visit))
