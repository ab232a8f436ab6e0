/* SPDX-License-Identifier: MIT
 * Single questions to a registry, for commands that show what it answers. Nothing here goes through
 * the resolver's source or its cache. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/registry/http.h"

/**
 * registry_fetch_document - the whole packument of @name as its registry sends it.
 *
 * Always asks: npm revalidates what it shows to people. Lives in @a.
 * Errors: E_BAD_NAME, E_NOT_CACHED with `offline`, E_BAD_RESPONSE when the answer is no JSON
 * object; those of http_fetch(). Cost: one request and a parsed document, up to 256 MiB of text.
 */
MUST_CHECK_ERR registry_fetch_document(struct arena *a, const struct cfg *cfg, struct http *http,
				       str name, struct json **out);

/* E_NOT_FOUND as npm reports it: the message, and that @what could not be found. */
struct err *registry_not_found(str what, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;
