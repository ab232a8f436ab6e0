/* SPDX-License-Identifier: MIT
 * A new access token. */
#pragma once
#include "cmd_priv.h"

/* What `token create` does; asks for the password unless --password has it. Errors: EINVALIDCIDR; those of
 * registry_write(). */
MUST_CHECK_ERR token_create(struct cmd_ctx *ctx);
