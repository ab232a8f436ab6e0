/* SPDX-License-Identifier: MIT
 * The packuments that an answer was worked out from, as they stand in the cache. Kept beside the answer they tell whether
 * working it out again would begin from the same. */
#pragma once
#include "cmd_priv.h"
#include "cpm/registry/packument.h"

struct packument_proofs {
	uint64_t count;
	int64_t made_sec, fresh_until_sec; /* between the two no registry is asked */
	struct str_buf list;
};

void packument_proofs_init(struct arena *a, struct packument_proofs *p);
/* Cost: one look-up in the cache. @packument: NULL: there is none of that name. */
void packument_proofs_add(struct packument_proofs *p, struct cmd_ctx *ctx, str name,
			  const struct packument *packument);
/* In a form that can be kept. */
void packument_proofs_write(struct str_buf *out, const struct packument_proofs *p);
/* Takes what packument_proofs_write() wrote off the front of @rest. True when all packuments are in the cache as they were, and
 * the settings let them be used without asking. Cost: one look-up for each. */
bool packument_proofs_hold(struct cmd_ctx *ctx, str *rest);
