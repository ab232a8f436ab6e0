/* SPDX-License-Identifier: MIT
 * audit signatures: do the registries vouch for what is installed (npm-cli.md 6.7). */
#pragma once
#include "cmd_priv.h"
#include "cpm/registry/signed_package.h"

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
};
typedef VEC(struct signature_finding) signature_findings;

struct signature_report {
	size_t audited;			/* whose registry has keys */
	size_t signed_count, attested_count;
	signature_findings missing, invalid, attested;
	int64_t elapsed_ms;
};

/* ---- signatures_output.c ---- */

/* npm's lines, for people. */
str signature_report_text(struct arena *a, const struct signature_report *r, bool names_attestations, bool is_colored);
/* { invalid, missing } and, when wanted, the attestations of what is verified. */
struct json *signature_report_json(struct arena *a, const struct signature_report *r, bool with_attestations);
