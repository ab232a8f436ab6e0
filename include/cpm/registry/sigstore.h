/* SPDX-License-Identifier: MIT
 * Attestations of packages: statements that a build signed with a certificate of minutes, and a public log keeps. What is
 * trusted stands in a document of its own, the trusted root: certificate authorities, logs of signatures, logs of
 * certificates. */
#pragma once
#include "cpm/registry/signed_package.h"

/* A log that signs with a key of its own, while that was in use. */
struct trusted_log {
	str id;		/* 32 bytes */
	str base_url;
	str spki;
	int64_t from_ms, to_ms;
};

struct trusted_authority {
	str *chain;	/* DER, the root last */
	size_t nchain;
	int64_t from_ms, to_ms;
};

struct trusted_root {
	struct trusted_authority *authorities; /* that issue certificates */
	struct trusted_log *logs;	/* of signatures */
	struct trusted_log *ct_logs;	/* of certificates */
	struct trusted_authority *clocks; /* that sign times */
	size_t nauthorities, nlogs, nct_logs, nclocks;
};

/* Errors: E_JSON_PARSE, or E_GENERIC when the document trusts nobody. Lives in @a. */
MUST_CHECK_ERR trusted_root_parse(struct arena *a, str text, struct trusted_root *out);

/**
 * sigstore_verify - holds a bundle (media types v0.1 to v0.3, with a DSSE envelope) against what is trusted.
 * @spki: the key that a bundle without a certificate names; null when there is none
 *
 * Checked are: the times, from the log's promise and from authorities that sign times (RFC 3161); the certificate's chain at these times, and that it was published; that the log has the
 * entry (its promise, its proof up to a signed checkpoint); that the entry is about this envelope; the envelope's signature.
 * Errors: E_GENERIC with sigstore's message. Cost: about 2 ms. Source: sigstore's client specification; RFC 6962.
 */
MUST_CHECK_ERR sigstore_verify(struct arena *a, const struct json *bundle, const struct trusted_root *root, str spki);

/* The address of @p's attestations on its own registry; null when there is none. */
str attestations_url(struct arena *a, const struct signed_package *p, str registry);

/**
 * attestations_verify - each of the attestations of @p in @answer, as its registry gave it.
 * @out: EATTESTATIONVERIFY when one is no proof
 *
 * Errors: EATTESTATIONSUBJECT when one is about something else; EMISSINGSIGNATUREKEY, EEXPIREDSIGNATUREKEY for those of the
 * registry itself; E_BAD_RESPONSE. Source: pacote's registry.js.
 */
MUST_CHECK_ERR attestations_verify(struct arena *a, const struct signed_package *p, const struct signing_keys *keys,
				   const struct trusted_root *root, const struct json *answer, struct signature_fault *out);
