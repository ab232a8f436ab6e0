/* SPDX-License-Identifier: MIT
 * What the project's policy file means for a run. */
#pragma once
#include "cmd_priv.h"
#include "cpm/config/policy.h"
#include "cpm/tree/ideal.h"

/* The policy of the project that the context has open, read once; *out is NULL when there is none. */
MUST_CHECK_ERR cmd_ctx_policy(struct cmd_ctx *ctx, struct policy **out);

/**
 * policy_mark_report - says in an audit report what is excepted.
 *
 * A vulnerability whose advisories are all excepted, in all its places, gets a member "exception"; so does one that is there only
 * because of such. One that an expired exception would have covered gets "expiredException". Counts stay as they are.
 */
void policy_mark_report(struct arena *a, const struct policy *p, struct json *report);
/* Release ages and sources: what the resolver is to let pass. */
void policy_set_resolver(struct arena *a, const struct policy *p, struct ideal_opts *opts);
