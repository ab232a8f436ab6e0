/* SPDX-License-Identifier: MIT
 * The parts of the verification of a bundle. */
#pragma once
#include "cpm/registry/sigstore.h"

/* What was signed, taken out of the bundle. */
struct sigstore_envelope {
	str payload, type, signature;	/* decoded */
	str encoding;			/* what the signature is over (PAE) */
};

/* An entry of a log of signatures, as the bundle has it. */
struct sigstore_entry {
	const struct json *said;
	str log_id, body;		/* decoded */
	str promise;			/* signed entry timestamp; null when there is none */
	int64_t time_sec;		/* 0: not said */
	const struct json *proof;	/* NULL when there is none */
};

/* The bytes that a member has in base64; empty when it has none. */
str sigstore_bytes(struct arena *a, const struct json *v, const char *key);
/* The next log from *at on of that id that was in use then, or NULL. */
const struct trusted_log *sigstore_next_log(const struct trusted_log *logs, size_t count, str id, int64_t time_ms, size_t *at);
/* A whole number, written as such or as text. */
bool sigstore_number(const struct json *v, const char *key, uint64_t *out);

/* sigstore_log.c: the log has the entry, and it is about the envelope. */
MUST_CHECK_ERR sigstore_verify_inclusion(struct arena *a, const struct sigstore_entry *e, const struct trusted_root *root);
MUST_CHECK_ERR sigstore_verify_body(struct arena *a, const struct sigstore_entry *e, const struct sigstore_envelope *env);

/* sigstore_certificate.c: @leaf was issued by somebody trusted at each of the times, and published. */
MUST_CHECK_ERR sigstore_verify_certificate(struct arena *a, str leaf, const int64_t *times_sec, size_t ntimes,
					   const struct trusted_root *root);
