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

void store_kv_init(struct kv_port *kv)
{
	*kv = (struct kv_port){ .get = get, .put = put };
}

struct kv_port *store_kv(struct store *s)
{
	return &s->kv;
}
