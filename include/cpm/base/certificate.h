/* SPDX-License-Identifier: MIT
 * X.509 certificates as those need them who must know who signed something long ago, over OpenSSL's libcrypto.
 * Certificates are DER everywhere. */
#pragma once
#include "cpm/base/str.h"

/**
 * certificate_is_trusted - claims that @leaf was issued, at @time_sec (since 1970), by way of @chain.
 * @chain: certificate authorities that are trusted; the last is the root
 *
 * Names, key identifiers, validity at that time, basic constraints and signatures are checked as RFC 5280 says. Cost: about
 * 0.3 ms. Threads: any.
 */
bool certificate_is_trusted(str leaf, const str *chain, size_t nchain, int64_t time_sec);

/* The public key (SubjectPublicKeyInfo); null when @der is no certificate. */
str certificate_public_key(struct arena *a, str der);

/* What a certificate says about its own publication (RFC 6962, 3.3). */
struct certificate_proof {
	str timestamps;	/* the list of signed certificate timestamps, in TLS encoding */
	str tbs;	/* what was signed: the certificate without that list */
};
/* False when there is no such list in it. */
bool certificate_read_proof(struct arena *a, str der, struct certificate_proof *out);
