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

/* First by number, then objects last, then favourites, then as people sort. */
static int compare(str a, bool a_is_object, str b, bool b_is_object)
{
	int order = compare_sizes(index_of(a), index_of(b));

	if (!order)
		order = a_is_object - b_is_object;
	if (!order)
		order = compare_sizes(favour_of(a), favour_of(b));
	return order ? order : str_collate(a, b);
}

int lockfile_compare_keys(str a, str b)
{
	return compare(a, false, b, false);
}

struct slot {
	str key;
	bool is_object;
	size_t at;
};

static int compare_slots(const void *x, const void *y)
{
	const struct slot *a = x, *b = y;
	int order = compare(a->key, a->is_object, b->key, b->is_object);

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
		slots[i] = (struct slot){ .key = keys[i], .at = i };
	sort_slots(slots, count);
	for (size_t i = 0; i < count; i++)
		order[i] = slots[i].at;
	return order;
}

static struct json *sort_nice(struct arena *a, struct json *v);

static struct json *sort_object(struct arena *a, const struct json *v)
{
	struct slot *slots = ARENA_ARRAY(a, struct slot, v->count);
	struct json *sorted = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < v->count; i++)
		slots[i] = (struct slot){ v->members[i].key,
					  json_is(v->members[i].val, JSON_OBJECT), i };
	sort_slots(slots, v->count);
	for (size_t i = 0; i < v->count; i++)
		json_set(a, sorted, slots[i].key, sort_nice(a, v->members[slots[i].at].val));
	return sorted;
}

/* All the way down. Most values are: what npm wrote, and what has one member. */
static bool is_nice(const struct json *v)
{
	const struct json_member *m = v->members;

	if (json_is(v, JSON_ARRAY)) {
		for (size_t i = 0; i < v->count; i++)
			if (!is_nice(v->items[i]))
				return false;
		return true;
	}
	for (size_t i = 0; json_is(v, JSON_OBJECT) && i < v->count; i++)
		if (!is_nice(m[i].val) ||
		    (i && compare(m[i - 1].key, json_is(m[i - 1].val, JSON_OBJECT), m[i].key,
				  json_is(m[i].val, JSON_OBJECT)) > 0))
			return false;
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
