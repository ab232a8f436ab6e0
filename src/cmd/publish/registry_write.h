/* SPDX-License-Identifier: MIT
 * Requests that change what a registry holds. */
#pragma once
#include "cmd_priv.h"
#include "cpm/registry/endpoints.h"

/**
 * registry_write - a call; asks for a one-time password when the registry wants one and somebody is there
 * to give it, and then tries once more. What was given serves for later calls of this run, too.
 * @cfg: ctx->cfg, or one made of it
 *
 * Errors: those of registry_call().
 */
MUST_CHECK_ERR registry_write(struct cmd_ctx *ctx, const struct cfg *cfg, const struct registry_call *call,
			      struct json **out);

/* What the default registry answers at @path ("-/npm/v1/user"), or at a whole address. Errors: as above. */
MUST_CHECK_ERR registry_ask(struct cmd_ctx *ctx, str path, struct json **out);
/* A registry_write() there. @body: or NULL. @out: may be NULL. */
MUST_CHECK_ERR registry_tell(struct cmd_ctx *ctx, const char *method, str path, const struct json *body,
			     struct json **out);

/* ENEEDAUTH: there is no credential for @registry. */
struct err *registry_need_auth(str registry) MUST_CHECK;
