/* SPDX-License-Identifier: MIT
 * What a registry vouches for in one version of a package: its integrity, under signatures of its keys. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/registry/signing_keys.h"

struct signed_package {
	str name, version;
	str integrity;		/* dist.integrity, or made of dist.shasum; null when there is neither */
	str resolved;		/* dist.tarball, or null */
	str published;		/* ISO 8601, or null */
	const struct json *signatures;	 /* dist.signatures; NULL when there is none, or nothing they could be of */
	const struct json *attestations; /* dist.attestations; NULL when there is none */
};

/* Why a package is not what was signed. */
struct signature_fault {
	str code;		/* null: there is none */
	str message, keyid, signature;
	str predicate_type;	/* of an attestation */
};

/* What @document, a whole packument, says of @version. Copies into @a. Errors: E_TARGET when there is no such version. */
MUST_CHECK_ERR signed_package_read(struct arena *a, const struct json *document, str name, str version,
				   struct signed_package *out);

/**
 * signed_package_verify - holds each signature of @p against the registry's keys.
 * @out: EINTEGRITYSIGNATURE when one does not fit
 *
 * Errors: E_GENERIC, shown as EMISSINGSIGNATUREKEY (a key that the registry does not offer) or EEXPIREDSIGNATUREKEY
 * (one that had expired when the version was published). Source: pacote's registry.js.
 */
MUST_CHECK_ERR signed_package_verify(struct arena *a, const struct signed_package *p, const struct signing_keys *keys,
				     struct signature_fault *out);
