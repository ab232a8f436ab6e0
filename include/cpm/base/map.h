/* SPDX-License-Identifier: MIT
 * A hash map that remembers the order of insertion, so that nothing ever depends on a hash. Keys are strings (copied
 * only if the caller copies them), values are pointers. */
#pragma once
#include "cpm/base/str.h"

struct map_entry {
	str key;		/* null: the entry was deleted */
	void *val;
	uint64_t hash;
};

/* Caller's storage; lives in one arena. All-zero is not valid: use map_init(). */
struct map {
	struct arena *arena;
	struct map_entry *entries;	/* in order of insertion, with holes */
	uint32_t *slots;		/* 0: free, else index + 1 */
	size_t used, room;		/* entries used (holes included), allocated */
	size_t count;			/* live entries */
	size_t nslots;
};

void map_init(struct map *m, struct arena *a);
/* NULL when absent. Cost: O(1). */
void *map_get(const struct map *m, str key);
bool map_has(const struct map *m, str key);
/* Sets @key: a new key goes to the end, an old key keeps its place. The key's bytes are borrowed. Returns the value
 * that was there, or NULL. */
void *map_put(struct map *m, str key, void *val);
/* Sets @key and moves it to the end, as deleting and setting again would. */
void *map_put_last(struct map *m, str key, void *val);
/* Removes @key and returns its value, or NULL. */
void *map_del(struct map *m, str key);

/* Iterators are values. While iterating, deleting is fine; adding is not (holes may be squeezed out).
 *   for (struct map_iter it = map_iter(m); map_next(&it);) use(it.key, it.val); */
struct map_iter {
	const struct map *map;
	size_t at;
	str key;
	void *val;
};

static inline struct map_iter map_iter(const struct map *m)
{
	return (struct map_iter){ .map = m };
}

static inline bool map_next(struct map_iter *it)
{
	while (it->at < it->map->used) {
		const struct map_entry *e = &it->map->entries[it->at++];
		if (e->key.p) {
			it->key = e->key;
			it->val = e->val;
			return true;
		}
	}
	return false;
}
