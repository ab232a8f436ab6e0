/* SPDX-License-Identifier: MIT
 * One-time passwords around a request: typed by a person, or given in a browser. Source: npm's auth.js. */
#include "registry_write.h"

#include "prompt.h"
#include "user_info.h"
#include "web_login.h"

static struct err *ask_password(struct cmd_ctx *ctx, const struct json *refusal, str *out)
{
	str auth_url = json_get_text(refusal, "authUrl"), done_url = json_get_text(refusal, "doneUrl");

	if (auth_url.len && done_url.len)
		return web_confirm(ctx, S("Authenticate your account at"), auth_url, done_url, out);
	return user_info_otp(ctx, "This operation requires a one-time password.\nEnter OTP:", out);
}

static bool is_otp_wanted(const struct err *e)
{
	return e && str_eq(err_code_shown(e), S("EOTP")) && prompt_is_answered();
}

struct err *registry_write(struct cmd_ctx *ctx, const struct cfg *cfg,
			   const struct registry_call *call, struct json **out)
{
	struct registry_call with_otp = *call;
	struct registry_answer answer;
	struct http *http;
	struct err *asked;

	TRY(cmd_ctx_http(ctx, &http));
	if (!with_otp.otp.len)
		with_otp.otp = ctx->otp;
	TRY(registry_exchange(ctx->arena, cfg, http, &with_otp, &answer));
	if (out)
		*out = answer.body;
	if (!is_otp_wanted(answer.err))
		return answer.err;
	asked = ask_password(ctx, answer.body, &with_otp.otp);
	if (asked) {
		err_ignore(asked);
		return answer.err;
	}
	err_free(answer.err);
	ctx->otp = with_otp.otp;
	return registry_call(ctx->arena, cfg, http, &with_otp, out);
}

static str address_of(const struct cmd_ctx *ctx, str path)
{
	if (web_is_url(path))
		return path;
	if (str_starts(path, S("/")))
		path = str_from(path, 1);
	return str_concat(ctx->arena, cfg_registry_for(ctx->cfg, S("")), path);
}

struct err *registry_ask(struct cmd_ctx *ctx, str path, struct json **out)
{
	struct http *http;

	TRY(cmd_ctx_http(ctx, &http));
	return registry_call(ctx->arena, ctx->cfg, http,
			     &(struct registry_call){ .url = address_of(ctx, path) }, out);
}

struct err *registry_tell(struct cmd_ctx *ctx, const char *method, str path,
			  const struct json *body, struct json **out)
{
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);

	if (body)
		json_write(&text, body, (struct json_style){ S(""), S("") });
	return registry_write(ctx, ctx->cfg,
			      &(struct registry_call){ .method = method,
						       .url = address_of(ctx, path),
						       .body = body ? buf_view(&text) : STR_NULL },
			      out);
}

struct err *registry_need_auth(str registry)
{
	return err_new(E_NEED_AUTH, "This command requires you to be logged in to " STR_FMT,
		       STR_ARG(registry));
}
