/* SPDX-License-Identifier: MIT
 * Entries in an array in order of insertion; an open-addressing table of indices beside it, at most
 * half full. Deleted entries leave holes that the next growth squeezes out. Up to SMALL entries
 * there is no table: a scan is faster and most maps of a tree (children, edges of one package) stay
 * that small. */
#include "cpm/base/map.h"

#define SMALL 8

void map_init(struct map *m, struct arena *a)
{
	*m = (struct map){ .arena = a };
}

static bool entry_is(const struct map_entry *e, str key, uint64_t hash)
{
	return e->key.p && e->hash == hash && str_eq(e->key, key);
}

/* Index of @key's entry, or SIZE_MAX. */
static size_t find(const struct map *m, str key, uint64_t hash)
{
	if (!m->nslots) {
		for (size_t i = 0; i < m->used; i++)
			if (entry_is(&m->entries[i], key, hash))
				return i;
		return SIZE_MAX;
	}
	for (size_t at = hash & (m->nslots - 1);; at = (at + 1) & (m->nslots - 1)) {
		uint32_t slot = m->slots[at];

		if (!slot)
			return SIZE_MAX;
		if (entry_is(&m->entries[slot - 1], key, hash))
			return slot - 1;
	}
}

static void slot_add(struct map *m, size_t index)
{
	size_t at = m->entries[index].hash & (m->nslots - 1);

	while (m->slots[at])
		at = (at + 1) & (m->nslots - 1);
	m->slots[at] = (uint32_t)index + 1;
}

/* Squeezes holes out, doubles the room when that was not enough, and rebuilds the table. */
static void grow(struct map *m)
{
	size_t room = m->room, kept = 0;
	struct map_entry *entries = m->entries;

	if (m->count >= m->room - m->room / 4) {
		room = m->room ? 2 * m->room : SMALL;
		entries = ARENA_ARRAY(m->arena, struct map_entry, room);
	}
	for (size_t i = 0; i < m->used; i++)
		if (m->entries[i].key.p)
			entries[kept++] = m->entries[i];
	m->entries = entries;
	m->used = kept;
	m->room = room;
	if (room <= SMALL)
		return;
	if (m->nslots < 2 * room) {
		m->nslots = 2 * room;
		m->slots = ARENA_ARRAY(m->arena, uint32_t, m->nslots);
	} else {
		memset(m->slots, 0, m->nslots * sizeof(*m->slots));
	}
	for (size_t i = 0; i < kept; i++)
		slot_add(m, i);
}

void *map_get(const struct map *m, str key)
{
	size_t at = m->count ? find(m, key, str_hash(key)) : SIZE_MAX;

	return at == SIZE_MAX ? NULL : m->entries[at].val;
}

bool map_has(const struct map *m, str key)
{
	return m->count && find(m, key, str_hash(key)) != SIZE_MAX;
}

static void append(struct map *m, str key, uint64_t hash, void *val)
{
	if (m->used == m->room)
		grow(m);
	m->entries[m->used] = (struct map_entry){ .key = key.p ? key : S(""),
						  .val = val,
						  .hash = hash };
	if (m->nslots)
		slot_add(m, m->used);
	m->used++;
	m->count++;
}

void *map_put(struct map *m, str key, void *val)
{
	uint64_t hash = str_hash(key);
	size_t at = find(m, key, hash);
	void *old;

	if (at == SIZE_MAX) {
		append(m, key, hash, val);
		return NULL;
	}
	old = m->entries[at].val;
	m->entries[at].val = val;
	return old;
}

void *map_put_last(struct map *m, str key, void *val)
{
	void *old = map_del(m, key);

	append(m, key, str_hash(key), val);
	return old;
}

/* The hole keeps its hash and its slot, so that probing past it still works; grow() clears both. */
void *map_del(struct map *m, str key)
{
	size_t at = find(m, key, str_hash(key));
	void *old;

	if (at == SIZE_MAX)
		return NULL;
	old = m->entries[at].val;
	m->entries[at].key = STR_NULL;
	m->entries[at].val = NULL;
	m->count--;
	return old;
}
