/* SPDX-License-Identifier: MIT
 * The second factor of a registry's user. */
#pragma once
#include "cmd_priv.h"

/* Sends @change to the user's profile at the registry. @out: what it is now. Errors: those of registry_write(). */
MUST_CHECK_ERR profile_change(struct cmd_ctx *ctx, struct json *change, struct json **out);
MUST_CHECK_ERR profile_fetch(struct cmd_ctx *ctx, struct json **out);

/* @mode: "auth-only", "auth-and-writes" or empty. Asks for the password and for a code. */
MUST_CHECK_ERR profile_enable_2fa(struct cmd_ctx *ctx, str mode);
MUST_CHECK_ERR profile_disable_2fa(struct cmd_ctx *ctx);
