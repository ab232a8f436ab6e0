/* SPDX-License-Identifier: MIT
 * Named values, offered through the port that registry/ asks for: siblings do not know each other.
 */
#include "store_priv.h"

#include "cpm/base/trace.h"

static struct store *store_of(struct kv_port *kv)
{
	return (struct store *)((char *)kv - offsetof(struct store, kv));
}

static str get(struct kv_port *kv, struct arena *a, str key)
{
	AUTO_QUERY q = { 0 };
	str bytes;
	TRACE(READ);

	if (!entry_view(store_of(kv), ENTRY_NAMED, key, &q, &bytes))
		return STR_NULL;
	TRACE_BYTES(bytes.len);
	return str_dup(a, bytes);
}

static void put(struct kv_port *kv, str key, str value)
{
	entry_put(store_of(kv), ENTRY_NAMED, key, value);
}

static str get_body(struct kv_port *kv, struct arena *a, str key, size_t at, size_t len)
{
	AUTO_QUERY q = { 0 };
	str bytes;

	return entry_view_part(store_of(kv), ENTRY_BODY, key, at, len, &q, &bytes)
		       ? str_dup(a, bytes)
		       : STR_NULL;
}

static bool give_body(struct kv_port *kv, str key, char *body, size_t len)
{
	struct store *s = store_of(kv);

	if (!entry_can_keep(s, len))
		return false;
	entry_give(s, ENTRY_BODY, key, body, len);
	return true;
}

static void rest(struct kv_port *kv)
{
	store_rest(store_of(kv));
}

uint64_t store_proof(struct store *s, str key)
{
	return entry_find_proof(s, ENTRY_NAMED, key);
}

void store_kv_init(struct kv_port *kv)
{
	*kv = (struct kv_port){
		.get = get, .put = put, .get_body = get_body, .give_body = give_body, .rest = rest
	};
}

struct kv_port *store_kv(struct store *s)
{
	return &s->kv;
}
