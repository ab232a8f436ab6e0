/* SPDX-License-Identifier: MIT
 * A new access token: what the settings say about it, sent to the registry, which answers with the
 * token. This is the only time that it is seen. */
#include "token_create.h"

#include "registry_write.h"
#include "user_info.h"

#include "cpm/ui/ui_js_text.h"

#include <arpa/inet.h>

#define DIRECT_PUBLISH_ADVICE                                                                     \
	"Creating a token that can publish directly to the registry. Consider "                   \
	"`--packages-and-scopes-permission=read-write-stage-only` instead — with a stage-only " \
	"token, your releases go to a staging queue for you to approve before they go public. "   \
	"Bypass-2FA tokens with direct-publish access will stop working in January 2027. See "    \
	"https://gh.io/bypass-2fa-tokens-no-longer-publish."

/* ---- address ranges ---- */

static bool is_range(struct arena *a, str text, int family, uint64_t bits_max)
{
	size_t slash = str_find_char(text, '/');
	unsigned char address[sizeof(struct in6_addr)];
	uint64_t bits;

	if (slash == STR_NPOS || !str_to_u64(str_from(text, slash + 1), &bits) || bits > bits_max)
		return false;
	if (text.p[slash + 1] == '0' && text.len > slash + 2)
		return false;
	return inet_pton(family, str_cstr(a, str_slice(text, 0, slash)), address) == 1;
}

static struct err *check_range(struct arena *a, str text)
{
	if (is_range(a, text, AF_INET, 32))
		return NULL;
	return err_show_as(
		is_range(a, text, AF_INET6, 128)
			? err_new(E_GENERIC,
				  "CIDR whitelist can only contain IPv4 addresses, " STR_FMT
				  " is IPv6",
				  STR_ARG(text))
			: err_new(E_GENERIC, "CIDR whitelist contains invalid CIDR entry: " STR_FMT,
				  STR_ARG(text)),
		S("EINVALIDCIDR"));
}

/* One text may hold several, separated by commas. */
static struct err *read_ranges(struct cmd_ctx *ctx, struct json *out)
{
	size_t count;
	const str *texts = cfg_list(ctx->cfg, CFG_CIDR, &count);

	for (size_t i = 0; i < count; i++) {
		str rest = texts[i];

		for (str one; str_cut(&rest, count == 1 ? ',' : '\0', &one);) {
			one = count == 1 ? str_trim_js(one) : one;
			TRY(check_range(ctx->arena, one));
			json_append(ctx->arena, out, json_new_string(ctx->arena, one));
		}
	}
	return NULL;
}

/* ---- what is asked for ---- */

static void add_text(struct cmd_ctx *ctx, struct json *body, const char *key, enum cfg_key from)
{
	if (cfg_text(ctx->cfg, from).len)
		json_set_text(ctx->arena, body, key, cfg_text(ctx->cfg, from));
}

static void add_flag(struct cmd_ctx *ctx, struct json *body, const char *key, enum cfg_key from)
{
	if (cfg_bool(ctx->cfg, from))
		json_set(ctx->arena, body, str_view(key), json_new_bool(ctx->arena, true));
}

static void add_list(struct cmd_ctx *ctx, struct json *body, const char *key, enum cfg_key from)
{
	struct json *list = json_new(ctx->arena, JSON_ARRAY);
	size_t count;
	const str *items = cfg_list(ctx->cfg, from, &count);

	for (size_t i = 0; i < count; i++)
		json_append(ctx->arena, list, json_new_string(ctx->arena, items[i]));
	if (count)
		json_set(ctx->arena, body, str_view(key), list);
}

static struct json *request(struct cmd_ctx *ctx, str password, struct json *ranges)
{
	struct arena *a = ctx->arena;
	struct json *body = json_new(a, JSON_OBJECT);
	double days = cfg_number(ctx->cfg, CFG_EXPIRES);

	json_set(a, body, S("name"), json_new(a, JSON_NULL));
	add_text(ctx, body, "name", CFG_NAME);
	json_set_text(a, body, "password", password);
	add_text(ctx, body, "description", CFG_TOKEN_DESCRIPTION);
	add_list(ctx, body, "packages", CFG_PACKAGES);
	add_flag(ctx, body, "packages_all", CFG_PACKAGES_ALL);
	add_list(ctx, body, "scopes", CFG_SCOPES);
	add_list(ctx, body, "orgs", CFG_ORGS);
	add_text(ctx, body, "packages_and_scopes_permission", CFG_PACKAGES_AND_SCOPES_PERMISSION);
	add_text(ctx, body, "orgs_permission", CFG_ORGS_PERMISSION);
	if (days != 0)
		json_set(a, body, S("expires"), json_new_number(a, (double)(int64_t)days));
	if (ranges->count)
		json_set(a, body, S("cidr_whitelist"), ranges);
	add_flag(ctx, body, "bypass_2fa", CFG_BYPASS_2FA);
	return body;
}

/* ---- what came of it ---- */

static void tell(struct cmd_ctx *ctx, const struct json *token)
{
	struct arena *a = ctx->arena;
	const struct json *ranges = json_get(token, "cidr_whitelist");

	out_whole_line(ctx->out, "Created token " STR_FMT,
		       STR_ARG(ui_js_member(a, token, "token")));
	if (json_is(ranges, JSON_ARRAY) && ranges->count) {
		struct str_buf text = str_buf(a, SIZE_MAX);

		paint_text(&text, ctx->screen->term.out_color, PAINT_GREEN, ui_js_text(a, ranges));
		out_text(ctx->out, str_concat(a, S("with IP whitelist: "), buf_view(&text)));
	}
	if (json_is_truthy(json_get(token, "expires")))
		out_line(ctx->out, "expires: " STR_FMT, STR_ARG(ui_js_member(a, token, "expires")));
}

static void tell_members(struct cmd_ctx *ctx, const struct json *token)
{
	for (size_t i = 0; i < token->count; i++)
		out_line(ctx->out, STR_FMT "\t" STR_FMT, STR_ARG(token->members[i].key),
			 STR_ARG(ui_js_text(ctx->arena, token->members[i].val)));
}

struct err *token_create(struct cmd_ctx *ctx)
{
	struct json *ranges = json_new(ctx->arena, JSON_ARRAY), *token;
	str password = cfg_text(ctx->cfg, CFG_PASSWORD);

	TRY(read_ranges(ctx, ranges));
	if (str_eq(cfg_text(ctx->cfg, CFG_PACKAGES_AND_SCOPES_PERMISSION), S("read-write")))
		log_warn("token", DIRECT_PUBLISH_ADVICE);
	if (!password.len)
		TRY(user_info_password(ctx, "npm password:", S(""), &password));
	log_info("token", "creating");
	TRY(registry_tell(ctx, "POST", S("-/npm/v1/tokens"), request(ctx, password, ranges),
			  &token));
	if (!json_is(token, JSON_OBJECT))
		return err_new(E_BAD_RESPONSE, "the registry's answer is no token");
	json_del(token, S("key"));
	json_del(token, S("updated"));
	out_json(ctx->out, token);
	if (ctx->out->is_json)
		return NULL;
	(cfg_bool(ctx->cfg, CFG_PARSEABLE) ? tell_members : tell)(ctx, token);
	return NULL;
}
