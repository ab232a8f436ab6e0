/* SPDX-License-Identifier: MIT
 * The map: order of insertion is the only order there is, at every size. */
#include "cpm/base/map.h"

#include "check.h"

#define VALUE(n) ((void *)(uintptr_t)(n))

static str keys_of(struct arena *a, const struct map *m)
{
	struct str_buf out = str_buf(a, 1 << 20);

	for (struct map_iter it = map_iter(m); map_next(&it);) {
		buf_add(&out, it.key);
		buf_add_char(&out, ' ');
	}
	return buf_view(&out);
}

TEST(an_empty_map_answers)
{
	ARENA_SCOPE(a);
	struct map m;

	map_init(&m, a);
	CHECK(!map_get(&m, S("a")));
	CHECK(!map_has(&m, S("a")));
	CHECK(!map_del(&m, S("a")));
	CHECK_STR(keys_of(a, &m), S(""));
}

TEST(old_keys_keep_their_place_and_new_ones_go_last)
{
	ARENA_SCOPE(a);
	struct map m;

	map_init(&m, a);
	CHECK(!map_put(&m, S("b"), VALUE(1)));
	CHECK(!map_put(&m, S("a"), VALUE(2)));
	CHECK(!map_put(&m, S(""), VALUE(3)));
	CHECK(map_put(&m, S("b"), VALUE(4)) == VALUE(1));
	CHECK_STR(keys_of(a, &m), S("b a  "));
	CHECK(map_put_last(&m, S("b"), VALUE(5)) == VALUE(4));
	CHECK(!map_put_last(&m, S("c"), VALUE(6)));
	CHECK_STR(keys_of(a, &m), S("a  b c "));
	CHECK(map_del(&m, S("a")) == VALUE(2));
	CHECK(!map_del(&m, S("a")));
	CHECK(!map_put(&m, S("a"), VALUE(7)));
	CHECK_STR(keys_of(a, &m), S(" b c a "));
	CHECK_EQ(m.count, 4);
	CHECK(map_get(&m, S("")) == VALUE(3));
	CHECK(map_get(&m, STR_NULL) == VALUE(3));
}

TEST(a_null_value_is_there_all_the_same)
{
	ARENA_SCOPE(a);
	struct map m;

	map_init(&m, a);
	map_put(&m, S("k"), NULL);
	CHECK(!map_get(&m, S("k")));
	CHECK(map_has(&m, S("k")));
}

TEST(keys_are_told_apart_by_every_byte)
{
	ARENA_SCOPE(a);
	struct map m;

	map_init(&m, a);
	map_put(&m, str_of("a\0b", 3), VALUE(1));
	CHECK(!map_has(&m, S("a")));
	CHECK(map_has(&m, str_of("a\0b", 3)));
	CHECK(!map_has(&m, S("A")));
}

/* Against a plain array that is searched from end to end: random puts, moves and deletions through every growth. */
TEST(it_behaves_as_a_list_of_pairs_would)
{
	enum { KEYS = 60, STEPS = 20000 };
	ARENA_SCOPE(a);
	struct map m;
	str names[KEYS];
	unsigned order[KEYS], count = 0, seed = 7;
	uintptr_t values[KEYS] = { 0 };

	map_init(&m, a);
	for (unsigned i = 0; i < KEYS; i++)
		names[i] = str_printf(a, "key-%u", i);
	for (unsigned step = 1; step <= STEPS; step++) {
		unsigned k, what, at = 0;
		void *old;

		seed = seed * 1103515245 + 12345;
		k = (seed >> 16) % (step % 1000 < 500 ? KEYS : 6);
		what = (seed >> 8) % 4;
		while (at < count && order[at] != k)
			at++;
		old = what == 0 ? map_del(&m, names[k]) :
		      what == 1 ? map_put_last(&m, names[k], VALUE(step)) :
				  map_put(&m, names[k], VALUE(step));
		CHECK(old == VALUE(values[k]), "step %u", step);
		if (what <= 1 && at < count) {
			memmove(order + at, order + at + 1, (count - at - 1) * sizeof(*order));
			at = --count;
		}
		if (what >= 1 && at == count)
			order[count++] = k;
		values[k] = what == 0 ? 0 : step;
		CHECK_EQ(m.count, count, "step %u", step);
		at = 0;
		for (struct map_iter it = map_iter(&m); map_next(&it); at++) {
			CHECK_STR(it.key, names[order[at]], "step %u at %u", step, at);
			CHECK(it.val == VALUE(values[order[at]]), "step %u at %u", step, at);
		}
		CHECK_EQ(at, count, "step %u", step);
	}
}

TEST(deleting_while_iterating_is_fine)
{
	ARENA_SCOPE(a);
	struct map m;
	size_t seen = 0;

	map_init(&m, a);
	for (int i = 0; i < 100; i++)
		map_put(&m, str_printf(a, "%d", i), VALUE(i + 1));
	for (struct map_iter it = map_iter(&m); map_next(&it); seen++)
		if ((uintptr_t)it.val % 2)
			map_del(&m, it.key);
	CHECK_EQ(seen, 100);
	CHECK_EQ(m.count, 50);
	CHECK(!map_has(&m, S("0")) && map_has(&m, S("1")));
}

TEST(many_keys_are_all_found)
{
	ARENA_SCOPE(a);
	struct map m;

	map_init(&m, a);
	for (int i = 0; i < 20000; i++)
		map_put(&m, str_printf(a, "node_modules/%d", i), VALUE(i + 1));
	CHECK_EQ(m.count, 20000);
	for (int i = 0; i < 20000; i++)
		CHECK(map_get(&m, str_printf(a, "node_modules/%d", i)) == VALUE(i + 1), "%d", i);
	CHECK(!map_has(&m, S("node_modules/20000")));
}

UNIT_TESTS(TESTED(an_empty_map_answers), TESTED(old_keys_keep_their_place_and_new_ones_go_last),
	   TESTED(a_null_value_is_there_all_the_same), TESTED(keys_are_told_apart_by_every_byte),
	   TESTED(it_behaves_as_a_list_of_pairs_would), TESTED(deleting_while_iterating_is_fine),
	   TESTED(many_keys_are_all_found))
