/* SPDX-License-Identifier: MIT
 * One-time passwords around a request. Source: npm's auth.js. */
#include "registry_write.h"

#include "prompt.h"

#include <unistd.h>

static bool is_somebody_there(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static struct err *ask_password(struct cmd_ctx *ctx, str *out)
{
	screen_write(ctx->screen, STDOUT_FILENO,
		     S("This operation requires a one-time password.\nEnter OTP: "));
	return prompt_read_line(ctx->arena, out);
}

struct err *registry_write(struct cmd_ctx *ctx, const struct cfg *cfg,
			   const struct registry_call *call, struct json **out)
{
	struct registry_call with_otp = *call;
	struct http *http;
	struct err *e, *asked;

	TRY(cmd_ctx_http(ctx, &http));
	e = registry_call(ctx->arena, cfg, http, &with_otp, out);
	if (!e || !str_eq(err_code_shown(e), S("EOTP")) || !is_somebody_there())
		return e;
	asked = ask_password(ctx, &with_otp.otp);
	if (asked || !with_otp.otp.len) {
		err_ignore(asked);
		return e;
	}
	err_free(e);
	return registry_call(ctx->arena, cfg, http, &with_otp, out);
}

struct err *registry_need_auth(str registry)
{
	return err_new(E_NEED_AUTH, "This command requires you to be logged in to " STR_FMT,
		       STR_ARG(registry));
}
