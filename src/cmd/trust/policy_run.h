/* SPDX-License-Identifier: MIT
 * What the project's policy file means for a run. */
#pragma once
#include "cmd_priv.h"
#include "cpm/config/policy.h"
#include "cpm/tree/license_list.h"

/* The policy of the project that the context has open, read once; *out is NULL when there is none. */
MUST_CHECK_ERR cmd_ctx_policy(struct cmd_ctx *ctx, struct policy **out);

/**
 * policy_mark_report - says in an audit report what is excepted.
 *
 * A vulnerability whose advisories are all excepted, in all its places, gets a member "exception"; so does one that is there only
 * because of such. One that an expired exception would have covered gets "expiredException". Counts stay as they are.
 */
void policy_mark_report(struct arena *a, const struct policy *p, struct json *report);
/**
 * policy_license_exception - why @license, which is refused, may be used where @tree has the package that @n is.
 * @is_expired: why it might have been
 *
 * One entry of those that cover all places of that name and version; NULL when one place is not covered.
 */
const struct policy_entry *policy_license_exception(const struct policy *p, const struct license_refusal *refusal,
						    str license, const struct tree *tree, const struct node *n, bool is_expired);
/* The same for its install scripts. */
const struct policy_entry *policy_script_exception(const struct policy *p, const struct tree *tree, const struct node *n);
/* {"what","reason","owner","expires"}. */
struct json *policy_entry_json(struct arena *a, const struct policy_entry *e);
/* "excepted until 2027-01-31 (security): not reachable"; or "no longer excepted since ...". */
str policy_entry_text(struct arena *a, const struct policy_entry *e);
/* Tells of every entry that the run has used, once each. For the end of a run, however it went. */
void policy_tell(const struct cmd_ctx *ctx);
