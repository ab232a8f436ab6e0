/* SPDX-License-Identifier: MIT
 * Tarballs by digest. */
#include "store_priv.h"

#include "cpm/base/trace.h"

str blob_key(const struct digest *d, char room[BLOB_KEY_BYTES])
{
	size_t size = digest_size(d->algo);

	room[0] = (char)d->algo;
	memcpy(room + 1, d->bytes, size);
	return str_of(room, 1 + size);
}

bool blob_key_parse(str key, struct digest *out)
{
	*out = (struct digest){ 0 };
	if (key.len < 2 || key.p[0] <= DIGEST_NONE || key.p[0] > DIGEST_SHA512 ||
	    key.len != 1 + digest_size((enum digest_algo)key.p[0]))
		return false;
	out->algo = (enum digest_algo)key.p[0];
	memcpy(out->bytes, key.p + 1, key.len - 1);
	return true;
}

bool store_get_blob(struct store *s, const struct digest *key, char **bytes, size_t *len)
{
	char room[BLOB_KEY_BYTES];
	AUTO_QUERY q = { 0 };
	str found;
	TRACE(READ);

	if (!entry_view(s, ENTRY_BLOB, blob_key(key, room), &q, &found))
		return false;
	*bytes = malloc(found.len + 1);
	if (!*bytes)
		return false;
	memcpy(*bytes, found.p, found.len);
	*len = found.len;
	TRACE_BYTES(found.len);
	return true;
}

bool store_has_blob(struct store *s, const struct digest *key)
{
	char room[BLOB_KEY_BYTES];

	return entry_has(s, ENTRY_BLOB, blob_key(key, room));
}

void store_put_blob(struct store *s, const struct digest *key, str bytes)
{
	char room[BLOB_KEY_BYTES];

	if (key->algo != DIGEST_NONE)
		entry_put(s, ENTRY_BLOB, blob_key(key, room), bytes);
}

void store_give_blob(struct store *s, const struct digest *key, char *bytes, size_t len)
{
	char room[BLOB_KEY_BYTES];

	if (key->algo == DIGEST_NONE)
		free(bytes);
	else
		entry_give(s, ENTRY_BLOB, blob_key(key, room), bytes, len);
}

void store_drop_blob(struct store *s, const struct digest *key)
{
	char room[BLOB_KEY_BYTES];

	entry_drop(s, ENTRY_BLOB, blob_key(key, room));
}
