/* SPDX-License-Identifier: MIT
 * What a registry wants to know of a person: asked until there is an answer. */
#pragma once
#include "cmd_priv.h"

/* @known: what is proposed, or empty. Errors: E_GENERIC when nobody answers; E_INTERRUPTED. */
MUST_CHECK_ERR user_info_name(struct cmd_ctx *ctx, str known, str *out);
MUST_CHECK_ERR user_info_password(struct cmd_ctx *ctx, const char *question, str known, str *out);
/* A one-time password: digits, or a recovery code. */
MUST_CHECK_ERR user_info_otp(struct cmd_ctx *ctx, const char *question, str *out);
