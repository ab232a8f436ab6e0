/* SPDX-License-Identifier: MIT
 * The order of keys in a lockfile: values that are no objects first, a short list of favourites
 * first among their group (package names that happen to be spelled like one included), then as a
 * person would sort, and whatever looks like an array index in front of everything, because
 * JavaScript objects are like that. Twin of json-stringify-nice. */
#include "cpm/tree/lockfile.h"
#include "lockfile_priv.h"

#include <stdlib.h>

static const str favourites[] = {
	{ "name", 4 },      { "version", 7 },  { "lockfileVersion", 15 }, { "resolved", 8 },
	{ "integrity", 9 }, { "requires", 8 }, { "packages", 8 },         { "dependencies", 12 },
};

static size_t favour_of(str key)
{
	for (size_t i = 0; i < ARRAY_LEN(favourites); i++)
		if (str_eq(key, favourites[i]))
			return i;
	return ARRAY_LEN(favourites);
}

/* The number of an index-like key, else UINT64_MAX. */
static uint64_t index_of(str key)
{
	uint64_t n;

	if (!key.len || key.p[0] > '9' || key.p[0] < '0' || key.len > 10 ||
	    (key.p[0] == '0' && key.len > 1))
		return UINT64_MAX;
	return str_to_u64(key, &n) && n < UINT32_MAX ? n : UINT64_MAX;
}

static int compare_sizes(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Everything that decides before the letters do is found out once. */
struct slot {
	str key;
	uint64_t index;
	bool is_object;
	size_t favour, at;
};

static struct slot slot_of(str key, bool is_object, size_t at)
{
	return (struct slot){ key, index_of(key), is_object, favour_of(key), at };
}

/* First by number, then objects last, then favourites, then as people sort. */
static int compare(const struct slot *a, const struct slot *b)
{
	int order = compare_sizes(a->index, b->index);

	if (!order)
		order = a->is_object - b->is_object;
	if (!order)
		order = compare_sizes(a->favour, b->favour);
	return order ? order : str_collate(a->key, b->key);
}

int lockfile_compare_keys(str a, str b)
{
	struct slot x = slot_of(a, false, 0), y = slot_of(b, false, 0);

	return compare(&x, &y);
}

static int compare_slots(const void *x, const void *y)
{
	const struct slot *a = x, *b = y;
	int order = compare(a, b);

	return order ? order : compare_sizes(a->at, b->at);
}

/* What npm wrote is in order already. */
static bool are_sorted(const struct slot *slots, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (compare_slots(&slots[i - 1], &slots[i]) > 0)
			return false;
	return true;
}

static void sort_slots(struct slot *slots, size_t count)
{
	if (!are_sorted(slots, count))
		qsort(slots, count, sizeof(*slots), compare_slots);
}

size_t *lockfile_order_keys(struct arena *a, const str *keys, size_t count)
{
	struct slot *slots = ARENA_ARRAY(a, struct slot, count);
	size_t *order = ARENA_ARRAY(a, size_t, count);

	for (size_t i = 0; i < count; i++)
		slots[i] = slot_of(keys[i], false, i);
	sort_slots(slots, count);
	for (size_t i = 0; i < count; i++)
		order[i] = slots[i].at;
	return order;
}

static struct json *sort_nice(struct arena *a, struct json *v);

static struct slot member_slot(const struct json *v, size_t at)
{
	const struct json_member *m = &v->members[at];

	return slot_of(m->key, json_is(m->val, JSON_OBJECT), at);
}

static struct json *sort_object(struct arena *a, const struct json *v)
{
	struct slot *slots = ARENA_ARRAY(a, struct slot, v->count);
	struct json *sorted = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < v->count; i++)
		slots[i] = member_slot(v, i);
	sort_slots(slots, v->count);
	for (size_t i = 0; i < v->count; i++)
		json_set(a, sorted, slots[i].key, sort_nice(a, v->members[slots[i].at].val));
	return sorted;
}

/* All the way down. Most values are: what npm wrote, and what has one member. */
static bool is_nice(const struct json *v)
{
	struct slot last = { 0 };

	if (json_is(v, JSON_ARRAY)) {
		for (size_t i = 0; i < v->count; i++)
			if (!is_nice(v->items[i]))
				return false;
		return true;
	}
	for (size_t i = 0; json_is(v, JSON_OBJECT) && i < v->count; i++) {
		struct slot slot = member_slot(v, i);

		if (!is_nice(v->members[i].val) || (i && compare(&last, &slot) > 0))
			return false;
		last = slot;
	}
	return true;
}

static struct json *sort_nice(struct arena *a, struct json *v)
{
	struct json *sorted;

	if (json_is(v, JSON_OBJECT))
		return sort_object(a, v);
	if (!json_is(v, JSON_ARRAY))
		return v;
	sorted = json_new(a, JSON_ARRAY);
	for (size_t i = 0; i < v->count; i++)
		json_append(a, sorted, sort_nice(a, v->items[i]));
	return sorted;
}

struct json *lockfile_sort_nice(struct arena *a, struct json *v)
{
	return is_nice(v) ? v : sort_nice(a, v);
}
