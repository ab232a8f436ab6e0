/* SPDX-License-Identifier: MIT
 * Advisories from a file in the place of the registry's: `audit import` fills it, --db asks it. */
#pragma once
#include "cmd_priv.h"

/* --db names a file: nothing is asked of a registry. */
bool audit_db_is_set(const struct cmd_ctx *ctx);

/**
 * audit_db_answer - what the file knows about {"name":["1.0.0"]}, in the shape of the registry's answer.
 *
 * Of records that are aliases of each other one speaks. Errors: the file cannot be used, or is older than
 * --max-db-age allows; they end an audit with --exit-codes=strict as an endpoint that does not answer.
 */
MUST_CHECK_ERR audit_db_answer(struct cmd_ctx *ctx, const struct json *question, struct json **out);

/* audit import <export>; see audit_import.c. */
MUST_CHECK_ERR audit_import(struct cmd_ctx *ctx, const str *args, size_t nargs);
