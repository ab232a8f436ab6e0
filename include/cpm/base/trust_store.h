/* SPDX-License-Identifier: MIT
 * Whom TLS connections trust: certificates, each of which is parsed when somebody claims to come from it. */
#pragma once
#include "cpm/base/str.h"

struct trust_store;

/**
 * trust_store_new - a store of the certificates in @pem, which is not needed afterwards.
 *
 * Only their subjects are read. NULL where the text holds anything but certificates, or none, or a damaged one: OpenSSL's
 * own reader then knows best what to say. The caller frees the store after the last connection that uses it.
 * Cost: 8 us for each certificate; parsing them whole takes 110.
 */
struct trust_store *trust_store_new(str pem);
void trust_store_free(struct trust_store *store);

/* Connections of @ssl_context (an SSL_CTX) trust what is in @store too. Cost: 0.1 ms for each handshake. Threads: one at
 * a time for each store. */
void trust_store_lend(struct trust_store *store, void *ssl_context);

/* What Node.js calls a chain that OpenSSL did not accept ("CERT_HAS_EXPIRED"), by OpenSSL's number for why; NULL for others. */
const char *trust_failure_name(long verify_result);
