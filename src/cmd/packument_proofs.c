/* SPDX-License-Identifier: MIT
 * A packument in the cache is told from another of its name by its proof, which nothing has to be
 * read for. It changes with the time at which the registry was last asked, too: what is the same
 * is as fresh as it was. */
#include "packument_proofs.h"

#include "cpm/registry/source_registry.h"
#include "cpm/store/store.h"

#include <time.h>

struct proofs_header {
	uint64_t count;
	int64_t made_sec, fresh_until_sec;
};

/* @proof: 0 when there was no packument. */
struct proof_header {
	uint64_t proof, key_len;
};

void packument_proofs_init(struct arena *a, struct packument_proofs *p)
{
	*p = (struct packument_proofs){ .made_sec = (int64_t)time(NULL),
					.fresh_until_sec = INT64_MAX,
					.list = str_buf(a, SIZE_MAX) };
}

void packument_proofs_add(struct packument_proofs *p, struct cmd_ctx *ctx, str name,
			  const struct packument *packument)
{
	str key = source_registry_cache_key(ctx->arena, ctx->cfg, name);
	struct proof_header h = { .key_len = key.len };

	if (packument)
		h.proof = store_proof(ctx->store, key);
	p->fresh_until_sec = MIN(p->fresh_until_sec,
				 packument ? packument_fresh_until(packument) : 0);
	p->count++;
	buf_add(&p->list, str_of((const char *)&h, sizeof(h)));
	buf_add(&p->list, key);
}

void packument_proofs_write(struct str_buf *out, const struct packument_proofs *p)
{
	struct proofs_header h = { p->count, p->made_sec, p->fresh_until_sec };

	buf_add(out, str_of((const char *)&h, sizeof(h)));
	buf_add(out, buf_view(&p->list));
}

/* Takes @len bytes off the front of @rest; false when there are not so many. */
static bool take(str *rest, size_t len, str *out)
{
	if (len > rest->len)
		return false;
	*out = str_slice(*rest, 0, len);
	*rest = str_from(*rest, len);
	return true;
}

static bool may_be_used(const struct cfg *cfg, const struct proofs_header *h)
{
	int64_t now = (int64_t)time(NULL);

	if (cfg_bool(cfg, CFG_OFFLINE) || cfg_bool(cfg, CFG_PREFER_OFFLINE))
		return true;
	return !cfg_bool(cfg, CFG_PREFER_ONLINE) && now >= h->made_sec && now < h->fresh_until_sec;
}

static bool are_the_same(struct store *s, uint64_t count, str *rest)
{
	for (uint64_t i = 0; i < count; i++) {
		struct proof_header h;
		str bytes, key;

		if (!take(rest, sizeof(h), &bytes))
			return false;
		memcpy(&h, bytes.p, sizeof(h));
		if (!take(rest, h.key_len, &key) || store_proof(s, key) != h.proof)
			return false;
	}
	return true;
}

bool packument_proofs_hold(struct cmd_ctx *ctx, str *rest)
{
	struct proofs_header h;
	bool hold;
	str bytes;

	if (!take(rest, sizeof(h), &bytes))
		return false;
	memcpy(&h, bytes.p, sizeof(h));
	if (!may_be_used(ctx->cfg, &h))
		return false;
	store_begin_reading(ctx->store);
	hold = are_the_same(ctx->store, h.count, rest);
	store_end_reading(ctx->store);
	return hold;
}
