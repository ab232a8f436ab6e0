/* SPDX-License-Identifier: MIT
 * The public keys with which a registry signs what it publishes. */
#pragma once
#include "cpm/registry/http.h"

struct signing_key {
	str id;		/* "SHA256:..." */
	str expires;	/* as the registry has it; null: never */
	str spki;	/* DER; empty when it cannot be read: nothing verifies with it */
};

struct signing_keys {
	struct signing_key *items;
	size_t count;	/* 0: the registry signs nothing */
};

/**
 * signing_keys_fetch - asks @registry, a URL that ends in '/', for its keys. Lives in @a.
 *
 * 404 and 400 mean that there are none. Errors: E_BAD_RESPONSE when the answer holds no list of keys; E_NOT_CACHED with
 * `offline`; those of http_fetch(). Cost: one request.
 */
MUST_CHECK_ERR signing_keys_fetch(struct arena *a, const struct cfg *cfg, struct http *http, str registry,
				  struct signing_keys *out);

/* NULL when there is none of that id. */
const struct signing_key *signing_keys_find(const struct signing_keys *keys, str id);

/* The error about a version that has @what ("attestations") under a key that does not count, shown as EMISSINGSIGNATUREKEY or, with
 * the @expired key, EEXPIREDSIGNATUREKEY. */
struct err *signing_key_error(str name, str version, const char *what, str keyid, const struct signing_key *expired) MUST_CHECK;

/* Not expired yet at that moment, in milliseconds since 1970. */
bool signing_key_holds_at(const struct signing_key *key, int64_t time_ms);
