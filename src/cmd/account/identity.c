/* SPDX-License-Identifier: MIT
 * The user's name, from the credential itself or from the registry. */
#include "identity.h"

#include "cpm/registry/auth.h"
#include "cpm/registry/endpoints.h"

static struct err *not_logged_in(void)
{
	return err_new(E_NEED_AUTH, "This command requires you to be logged in.");
}

static struct err *ask(struct cmd_ctx *ctx, str registry, str *name)
{
	struct registry_call call = { .url = str_concat(ctx->arena, registry, S("-/whoami")) };
	struct http *http;
	struct json *answer;

	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_call(ctx->arena, ctx->cfg, http, &call, &answer));
	if (json_is(answer, JSON_NULL))
		return err_new(E_BAD_RESPONSE, "invalid json response body at " STR_FMT,
			       STR_ARG(call.url));
	*name = json_get_text(answer, "username");
	return str_is_null(*name) ? not_logged_in() : NULL;
}

struct err *identity_find(struct cmd_ctx *ctx, str *name)
{
	str registry = cfg_registry_for(ctx->cfg, S(""));
	struct auth auth = auth_for_url(ctx->arena, ctx->cfg, registry, S(""));

	*name = auth.username;
	if (!str_is_empty(*name))
		return NULL;
	if (str_is_null(auth.header) && str_is_null(auth.certfile))
		return not_logged_in();
	return ask(ctx, registry, name);
}
