/* SPDX-License-Identifier: MIT
 * Questions to a person, with npm's words and rules. Source: npm's read-user-info.js. */
#include "user_info.h"

#include "prompt.h"

#include <ctype.h>

#define NAME_MAX_LEN      214
#define RECOVERY_CODE_LEN 64

static struct err *nobody(void)
{
	return err_new(E_GENERIC, "canceled: nobody answered.\n"
				  "Run it in a terminal, or pipe the answers in, a line for each.");
}

/* An empty answer means @known, which of a secret is not shown. */
static struct err *ask(struct cmd_ctx *ctx, const char *question, str known, bool is_secret,
		       str *out)
{
	struct arena *a = ctx->arena;
	str proposal = !known.len  ? S("")
		       : is_secret ? S("(<default hidden>) ")
				   : str_printf(a, "(" STR_FMT ") ", STR_ARG(known));
	str shown = log_escape(a, str_printf(a, "%s " STR_FMT, question, STR_ARG(proposal)));

	TRY(is_secret ? prompt_ask_secret(a, ctx->screen, shown, out)
		      : prompt_ask(a, ctx->screen, shown, out));
	if (str_is_null(*out))
		return nobody();
	if (!out->len)
		*out = known;
	return NULL;
}

/* What is wrong with a user's name, or NULL. Source: npm-user-validate. */
static const char *fault_of_name(struct arena *a, str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (isupper((unsigned char)name.p[i]))
			return "Name must be lowercase";
	if (!str_eq(str_encode(a, name, URL_COMPONENT), name))
		return "Name may not contain non-url-safe chars";
	if (name.p[0] == '.')
		return "Name may not start with \".\"";
	if (name.len > NAME_MAX_LEN)
		return "Name length must be less than or equal to 214 characters long";
	return NULL;
}

struct err *user_info_name(struct cmd_ctx *ctx, str known, str *out)
{
	for (;;) {
		const char *fault = NULL;

		TRY(ask(ctx, "Username:", known, false, out));
		if (out->len)
			fault = fault_of_name(ctx->arena, *out);
		if (out->len && !fault)
			return NULL;
		if (fault)
			log_warn(NULL, "%s", fault);
		known = *out;
	}
}

struct err *user_info_password(struct cmd_ctx *ctx, const char *question, str known, str *out)
{
	do
		TRY(ask(ctx, question, known, true, out));
	while (!out->len);
	return NULL;
}

static bool is_otp(str text)
{
	size_t digits = 0, hex = 0, blanks = 0;

	for (size_t i = 0; i < text.len; i++) {
		digits += isdigit((unsigned char)text.p[i]) != 0;
		hex += isxdigit((unsigned char)text.p[i]) != 0;
		blanks += text.p[i] == ' ';
	}
	return digits + blanks == text.len || (hex == text.len && hex == RECOVERY_CODE_LEN);
}

struct err *user_info_otp(struct cmd_ctx *ctx, const char *question, str *out)
{
	do
		TRY(ask(ctx, question, S(""), false, out));
	while (!out->len || !is_otp(*out));
	*out = str_replace_all(ctx->arena, *out, S(" "), S(""));
	return NULL;
}
