/* SPDX-License-Identifier: MIT
 * Turning the second factor on and off. The secret goes from the registry to the screen and nowhere
 * else: no log, no error text. npm draws it as a QR code besides; here it is to be typed. Source:
 * npm's profile.js. */
#include "profile_2fa.h"

#include "credentials.h"
#include "registry_write.h"
#include "user_info.h"

#include "cpm/base/digest.h"
#include "cpm/registry/auth.h"
#include "cpm/ui/ui_js_text.h"

static struct err *ask_password(struct cmd_ctx *ctx, str *out)
{
	return user_info_password(ctx, "npm password:", S(""), out);
}

/* {"tfa":{"password":...,"mode":...}} */
static struct json *tfa_change(struct arena *a, str password, str mode)
{
	struct json *tfa = json_new(a, JSON_OBJECT), *change = json_new(a, JSON_OBJECT);

	json_set_text(a, tfa, "mode", mode);
	json_set_text(a, tfa, "password", password);
	json_set(a, change, S("tfa"), tfa);
	return change;
}

static bool is_pending(const struct json *tfa)
{
	return json_is_truthy(json_get(tfa, "pending"));
}

/* ---- enable ---- */

static struct err *check_mode(struct cmd_ctx *ctx, str mode)
{
	bool is_json = cfg_bool(ctx->cfg, CFG_JSON);

	if (!str_eq(mode, S("auth-only")) && !str_eq(mode, S("auth-and-writes")))
		return err_new(
			E_GENERIC,
			"Invalid two-factor authentication mode \"" STR_FMT "\".\n"
			"Valid modes are:\n"
			"  auth-only - Require two-factor authentication only when logging in\n"
			"  auth-and-writes - Require two-factor authentication when logging in "
			"AND when publishing",
			STR_ARG(mode));
	if (is_json || cfg_bool(ctx->cfg, CFG_PARSEABLE))
		return err_new(
			E_GENERIC,
			"Enabling two-factor authentication is an interactive operation and %s "
			"output mode is not available",
			is_json ? "JSON" : "parseable");
	return NULL;
}

/* A name and a password are no longer enough from now on: a token takes their place. */
static struct err *exchange_for_token(struct cmd_ctx *ctx, str registry, str password)
{
	struct arena *a = ctx->arena;
	struct json *body = json_new(a, JSON_OBJECT), *answer;
	setting_edits edits = { 0 };
	str token;

	log_info("profile", "Updating authentication to bearer token");
	json_set_text(a, body, "password", password);
	json_set(a, body, S("readonly"), json_new_bool(a, false));
	json_set(a, body, S("cidr_whitelist"), json_new(a, JSON_ARRAY));
	TRY(registry_tell(ctx, "POST", S("-/npm/v1/tokens"), body, &answer));
	token = json_get_text(answer, "token");
	if (!token.len)
		return err_new(
			E_GENERIC,
			"Your registry " STR_FMT
			" does not seem to support bearer tokens. Bearer tokens are required "
			"for two-factor authentication.",
			STR_ARG(registry));
	credentials_set_token(a, registry, token, &edits);
	return settings_file_edit(ctx, CFG_LAYER_USER, &edits);
}

static struct err *need_token(struct cmd_ctx *ctx)
{
	str registry = cfg_registry_for(ctx->cfg, S("")), pair;
	struct auth auth = auth_for_url(ctx->arena, ctx->cfg, registry, S(""));

	if (auth.token.len)
		return NULL;
	if (!str_starts(auth.header, S("Basic ")) ||
	    !base64_decode(ctx->arena, str_from(auth.header, strlen("Basic ")), &pair))
		return err_new(E_GENERIC,
			       "You need to be logged in to registry " STR_FMT
			       " in order to enable 2fa",
			       STR_ARG(registry));
	return exchange_for_token(ctx, registry,
				  str_from(pair, MIN(str_find_char(pair, ':'), pair.len - 1) + 1));
}

/* "otpauth://totp/...?secret=X&..." */
static struct err *read_secret(const struct json *challenge, str *secret)
{
	str url = json_get_text(challenge, "tfa"), rest, part;

	*secret = STR_NULL;
	if (str_starts(url, S("otpauth://"))) {
		rest = str_from(url, MIN(str_find_char(url, '?'), url.len - 1) + 1);
		while (str_cut(&rest, '&', &part))
			if (str_starts(part, S("secret=")))
				*secret = str_from(part, strlen("secret="));
	}
	return secret->len ? NULL
			   : err_new(E_GENERIC, "Unknown error enabling two-factor authentication. "
						"Expected otpauth URL from the registry.");
}

static struct err *finish(struct cmd_ctx *ctx, str secret)
{
	struct arena *a = ctx->arena;
	struct json *codes = json_new(a, JSON_ARRAY), *change = json_new(a, JSON_OBJECT), *result;
	str code;

	out_whole_line(ctx->out, "Enter this code into your authenticator app: " STR_FMT,
		       STR_ARG(secret));
	TRY(user_info_otp(ctx, "And an OTP code from your authenticator:", &code));
	log_info("profile", "Finalizing two-factor authentication");
	json_append(a, codes, json_new_string(a, code));
	json_set(a, change, S("tfa"), codes);
	TRY(profile_change(ctx, change, &result));
	out_line(
		ctx->out,
		"2FA successfully enabled. Below are your recovery codes, please print these out.\n"
		"You will need these to recover access to your account if you lose your "
		"authentication device.");
	codes = json_get(result, "tfa");
	for (size_t i = 0; json_is(codes, JSON_ARRAY) && i < codes->count; i++)
		out_whole_line(ctx->out, "\t" STR_FMT, STR_ARG(ui_js_text(a, codes->items[i])));
	return NULL;
}

struct err *profile_enable_2fa(struct cmd_ctx *ctx, str mode)
{
	struct arena *a = ctx->arena;
	struct json *profile, *challenge;
	const struct json *tfa;
	str password, secret;

	mode = mode.len ? mode : S("auth-and-writes");
	TRY(check_mode(ctx, mode));
	TRY(profile_fetch(ctx, &profile));
	tfa = json_get(profile, "tfa");
	if (!is_pending(tfa) && str_eq(json_get_text(tfa, "mode"), mode)) {
		out_line(ctx->out,
			 "Two factor authentication is already enabled and set to " STR_FMT,
			 STR_ARG(mode));
		return NULL;
	}
	TRY(need_token(ctx));
	log_notice("profile", "Enabling two factor authentication for " STR_FMT, STR_ARG(mode));
	TRY(ask_password(ctx, &password));
	if (is_pending(tfa)) {
		log_info("profile", "Resetting two-factor authentication");
		TRY(profile_change(ctx, tfa_change(a, password, S("disable")), &challenge));
	}
	log_info("profile", "Setting two-factor authentication to " STR_FMT, STR_ARG(mode));
	TRY(profile_change(ctx, tfa_change(a, password, mode), &challenge));
	if (json_is_truthy(json_get(json_get(challenge, "tfa"), "mode"))) {
		out_line(ctx->out, "Two factor authentication mode changed to: " STR_FMT,
			 STR_ARG(mode));
		return NULL;
	}
	TRY(read_secret(challenge, &secret));
	return finish(ctx, secret);
}

/* ---- disable ---- */

struct err *profile_disable_2fa(struct cmd_ctx *ctx)
{
	struct json *profile, *shown = json_new(ctx->arena, JSON_OBJECT);
	const struct json *tfa;
	str password;

	TRY(profile_fetch(ctx, &profile));
	tfa = json_get(profile, "tfa");
	if (!json_is_truthy(tfa) || is_pending(tfa)) {
		out_line(ctx->out, "Two factor authentication not enabled.");
		return NULL;
	}
	TRY(ask_password(ctx, &password));
	log_info("profile", "disabling tfa");
	TRY(profile_change(ctx, tfa_change(ctx->arena, password, S("disable")), &profile));
	json_set(ctx->arena, shown, S("tfa"), json_new_bool(ctx->arena, false));
	out_json(ctx->out, shown);
	if (!ctx->out->is_json)
		out_line(ctx->out, cfg_bool(ctx->cfg, CFG_PARSEABLE)
					   ? "tfa\tfalse"
					   : "Two factor authentication disabled.");
	return NULL;
}
