/* SPDX-License-Identifier: MIT
 * Who signed what: public keys and signatures, over OpenSSL's libcrypto. */
#pragma once
#include "cpm/base/str.h"

/**
 * signature_is_valid - claims that the holder of @key signed @message.
 * @key: a SubjectPublicKeyInfo in DER: ECDSA or RSA, both with SHA-256, or Ed25519
 * @sig: as the algorithm writes it; ECDSA's is DER
 *
 * A key or signature that is none is not valid either. Cost: about 0.1 ms. Threads: any.
 */
bool signature_is_valid(str key, str message, str sig);
