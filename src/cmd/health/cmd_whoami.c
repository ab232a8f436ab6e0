/* SPDX-License-Identifier: MIT
 * `cpm whoami`: the name behind the credential for the registry. A name and a password say it
 * themselves; for a token or a certificate the registry has to. */
#include "cmd_priv.h"

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

static struct err *whoami_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str registry = cfg_registry_for(ctx->cfg, S(""));
	struct auth auth = auth_for_url(ctx->arena, ctx->cfg, registry, S(""));
	str name = auth.username;

	(void)args, (void)nargs, (void)exit_status;
	if (str_is_empty(name)) {
		if (str_is_null(auth.header) && str_is_null(auth.certfile))
			return not_logged_in();
		TRY(ask(ctx, registry, &name));
	}
	out_json(ctx->out, json_new_string(ctx->arena, name));
	if (!ctx->out->is_json)
		out_line(ctx->out, STR_FMT, STR_ARG(name));
	return NULL;
}

const struct cmd cmd_whoami = {
	.name = "whoami",
	.summary = "Display npm username",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_JSON, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "whoami",
	.run = whoami_run,
};
