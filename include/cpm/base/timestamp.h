/* SPDX-License-Identifier: MIT
 * When something was signed, said by an authority that signs times (RFC 3161), over OpenSSL's libcrypto. */
#pragma once
#include "cpm/base/str.h"

/**
 * timestamp_verify - claims that the authority saw @message at *time_sec (since 1970).
 * @response: its TimeStampResp, DER
 * @chain:    certificates that are trusted to sign times; the last is the root
 *
 * Checked are: the response was granted; its hash (SHA-256, SHA-384 or SHA-512) is of @message; the signature, by a certificate
 * that is for signing times and for nothing else, and was valid at that time by way of @chain. Cost: about 0.5 ms. Threads: any.
 */
bool timestamp_verify(str response, str message, const str *chain, size_t nchain, int64_t *time_sec);
