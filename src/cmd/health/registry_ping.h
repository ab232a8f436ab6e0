/* SPDX-License-Identifier: MIT
 * Asking the registry whether it is there. */
#pragma once
#include "cmd_priv.h"

#include "cpm/registry/endpoints.h"

/* What the default registry says of itself: any JSON, an empty object when it says nothing. Errors: those of
 * registry_call(). */
MUST_CHECK_ERR registry_ping(struct cmd_ctx *ctx, struct json **details);
