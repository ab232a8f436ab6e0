/* SPDX-License-Identifier: MIT
 * What certificates and timestamps share: OpenSSL's own forms of them. certificate.c */
#pragma once
#include "cpm/base/str.h"

#include <openssl/x509.h>

/* NULL when @der is no certificate and nothing else. The caller frees it. */
X509 *certificate_parse(str der);
/* The last of @chain to @roots, the others to @between. False: there is none, or one is no
 * certificate. */
bool certificate_add_chain(X509_STORE *roots, STACK_OF(X509) * between, const str *chain,
			   size_t nchain);
void certificate_free(X509 *cert);
