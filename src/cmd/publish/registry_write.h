/* SPDX-License-Identifier: MIT
 * Requests that change what a registry holds. */
#pragma once
#include "cmd_priv.h"
#include "cpm/registry/endpoints.h"

/**
 * registry_write - a call; asks for a one-time password when the registry wants one and somebody is there
 * to give it, and then tries once more.
 * @cfg: ctx->cfg, or one made of it
 *
 * Errors: those of registry_call().
 */
MUST_CHECK_ERR registry_write(struct cmd_ctx *ctx, const struct cfg *cfg, const struct registry_call *call,
			      struct json **out);

/* ENEEDAUTH: there is no credential for @registry. */
struct err *registry_need_auth(str registry) MUST_CHECK;
