/* SPDX-License-Identifier: MIT
 * audit signatures: do the registries vouch for what is installed (npm-cli.md 6.7). */
#pragma once
#include "cmd_priv.h"
#include "cpm/registry/sigstore.h"

/* Exit status 1 when something is missing or invalid. Errors: EAUDITGLOBAL; E_GENERIC when there is nothing to audit; those
 * of signing_keys_fetch(), signed_package_read() and signed_package_verify(). */
MUST_CHECK_ERR audit_signatures(struct cmd_ctx *ctx, int *exit_status);

/* ---- what was found ---- */

/* A package in one place. */
struct signature_finding {
	str name, version, location, registry;
	str type;		/* "devDependencies": of the edge that led to it */
	str lock_integrity;	/* of what is installed; or null */
	const struct signing_keys *keys;
	struct signed_package package;
	struct signature_fault fault;
	struct json *answer;	/* its attestations, as the registry gave them; NULL: not asked for */
};
typedef VEC(struct signature_finding) signature_findings;

struct signature_report {
	size_t audited;			/* whose registry has keys */
	size_t signed_count, attested_count;
	signature_findings missing, invalid, attested;
	int64_t elapsed_ms;
};

/* ---- audit_attestations.c ---- */

/* The trusted root that the settings name; NULL when they name none. Errors: what kept it from being read, with its place. */
MUST_CHECK_ERR attestations_load_root(struct cmd_ctx *ctx, struct http *http, struct trusted_root **out);
/* Fetches the attestations of all packages that have some, side by side. Errors: the first that came; E_INTERRUPTED. */
MUST_CHECK_ERR attestations_fetch(struct cmd_ctx *ctx, struct http *http, signature_findings *list);
/* That some are attested, and nobody looked. */
void attestations_warn_unread(const signature_findings *list);

/* ---- signatures_output.c ---- */

/* npm's lines, for people. */
str signature_report_text(struct arena *a, const struct signature_report *r, bool names_attestations, bool is_colored);
/* { invalid, missing } and, when wanted, the attestations of what is verified. */
struct json *signature_report_json(struct arena *a, const struct signature_report *r, bool with_attestations);
