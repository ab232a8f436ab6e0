/* SPDX-License-Identifier: MIT
 * Who the user is to the registry. */
#pragma once
#include "cmd_priv.h"

/**
 * identity_find - the name behind the credential for the default registry.
 *
 * A name and a password say it themselves; for a token or a certificate the registry is asked.
 * Errors: ENEEDAUTH without a credential; those of registry_call(). Source: npm's get-identity.js.
 */
MUST_CHECK_ERR identity_find(struct cmd_ctx *ctx, str *name);
