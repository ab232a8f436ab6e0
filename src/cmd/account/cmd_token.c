/* SPDX-License-Identifier: MIT
 * `cpm token`: the user's access tokens at a registry. What a token is worth is decided there; here
 * they are listed by the shortest beginning of their key that no other has. */
#include "registry_write.h"
#include "token_create.h"

#include "cpm/ui/ui_js_text.h"

#define TOKENS_PATH "-/npm/v1/tokens"
#define ID_MIN_LEN  6
#define PAGES_MAX   1000

/* ---- what there is ---- */

static struct err *fetch_all(struct cmd_ctx *ctx, struct json **out)
{
	str next = S(TOKENS_PATH);

	*out = json_new(ctx->arena, JSON_ARRAY);
	for (size_t pages = 0; next.len && pages < PAGES_MAX; pages++) {
		struct json *answer, *objects;

		TRY(registry_ask(ctx, next, &answer));
		objects = json_get(answer, "objects");
		for (size_t i = 0; json_is(objects, JSON_ARRAY) && i < objects->count; i++)
			if (!str_is_null(json_get_text(objects->items[i], "key")))
				json_append(ctx->arena, *out, objects->items[i]);
		next = json_get_text(json_get(answer, "urls"), "next");
	}
	return NULL;
}

static bool is_only_beginning(const struct json *tokens, const struct json *token, str beginning)
{
	for (size_t i = 0; i < tokens->count; i++)
		if (tokens->items[i] != token &&
		    str_eq(str_slice(json_get_text(tokens->items[i], "key"), 0, beginning.len),
			   beginning))
			return false;
	return true;
}

static void add_ids(struct arena *a, const struct json *tokens)
{
	for (size_t i = 0; i < tokens->count; i++) {
		str key = json_get_text(tokens->items[i], "key"), id = key;

		for (size_t len = ID_MIN_LEN; len < key.len && id.len == key.len; len++)
			if (is_only_beginning(tokens, tokens->items[i], str_slice(key, 0, len)))
				id = str_slice(key, 0, len);
		json_set_text(a, tokens->items[i], "id", id);
	}
}

/* ---- list ---- */

/* What a list of texts shows of a member: of null and of none nothing. */
static str cell(struct arena *a, const struct json *token, const char *key)
{
	const struct json *v = json_get(token, key);

	return !v || v->type == JSON_NULL ? S("") : ui_js_text(a, v);
}

static void show_row(struct cmd_ctx *ctx, const struct json *token)
{
	struct arena *a = ctx->arena;
	const str cells[] = { cell(a, token, "key"),
			      cell(a, token, "token"),
			      cell(a, token, "id"),
			      cell(a, token, "name"),
			      cell(a, token, "created"),
			      json_is_truthy(json_get(token, "readonly")) ? S("true") : S("false"),
			      cell(a, token, "cidr_whitelist") };

	out_line(ctx->out, STR_FMT, STR_ARG(str_join(a, cells, ARRAY_LEN(cells), S("\t"))));
}

static void show(struct cmd_ctx *ctx, const struct json *token)
{
	struct arena *a = ctx->arena;
	struct str_buf text = str_buf(a, SIZE_MAX);
	bool color = ctx->screen->term.out_color;
	const struct json *ranges = json_get(token, "cidr_whitelist");

	paint_text(&text, color, PAINT_BLUE, S("Token"));
	buf_add_char(&text, ' ');
	paint_text(&text, color, PAINT_RESET, ui_js_member(a, token, "token"));
	buf_add_cstr(&text, "\u2026 with id ");
	paint_text(&text, color, PAINT_CYAN, ui_js_member(a, token, "id"));
	buf_add_cstr(&text, " name ");
	paint_text(&text, color, PAINT_MAGENTA, ui_js_member(a, token, "name"));
	buf_add_cstr(&text, " created ");
	paint_text(&text, color, PAINT_RESET, str_slice(ui_js_member(a, token, "created"), 0, 10));
	buf_add_char(&text, '\n');
	if (json_is_truthy(ranges)) {
		buf_add_cstr(&text, "with IP whitelist: ");
		paint_text(&text, color, PAINT_GREEN, ui_js_text(a, ranges));
		buf_add_char(&text, '\n');
	}
	out_text(ctx->out, buf_view(&text));
}

static struct err *list(struct cmd_ctx *ctx)
{
	bool is_table = cfg_bool(ctx->cfg, CFG_PARSEABLE);
	struct json *tokens;

	log_info("token", "getting list");
	TRY(fetch_all(ctx, &tokens));
	add_ids(ctx->arena, tokens);
	out_json(ctx->out, tokens);
	if (ctx->out->is_json)
		return NULL;
	if (is_table)
		out_line(ctx->out, "key\ttoken\tid\tname\tcreated\treadonly\tCIDR whitelist");
	for (size_t i = 0; i < tokens->count; i++)
		(is_table ? show_row : show)(ctx, tokens->items[i]);
	return NULL;
}

/* ---- revoke ---- */

/* @typed is the beginning of one key, or a token whose beginning the registry shows. */
static struct err *find_key(const struct json *tokens, str typed, str *key)
{
	size_t matches = 0;
	bool is_token = false;

	for (size_t i = 0; i < tokens->count; i++) {
		const struct json *token = tokens->items[i];

		if (str_starts(json_get_text(token, "key"), typed)) {
			*key = json_get_text(token, "key");
			matches++;
		}
		is_token |= !str_is_null(json_get_text(token, "token")) &&
			    str_starts(typed, json_get_text(token, "token"));
	}
	if (matches == 1)
		return NULL;
	if (matches > 1)
		return err_new(E_GENERIC,
			       "Token ID \"" STR_FMT
			       "\" was ambiguous, a new token may have been created "
			       "since you last ran `npm token list`.",
			       STR_ARG(typed));
	*key = typed;
	return is_token ? NULL
			: err_new(E_GENERIC, "Unknown token id or value \"" STR_FMT "\".",
				  STR_ARG(typed));
}

static void tell_removed(struct cmd_ctx *ctx, const str *keys, size_t count)
{
	struct json *list = json_new(ctx->arena, JSON_ARRAY);

	for (size_t i = 0; i < count; i++)
		json_append(ctx->arena, list, json_new_string(ctx->arena, keys[i]));
	out_json(ctx->out, list);
	if (ctx->out->is_json)
		return;
	if (cfg_bool(ctx->cfg, CFG_PARSEABLE))
		out_line(ctx->out, STR_FMT, STR_ARG(str_join(ctx->arena, keys, count, S("\t"))));
	else
		out_line(ctx->out, "Removed %zu token%s", count, count == 1 ? "" : "s");
}

static struct err *remove_tokens(struct cmd_ctx *ctx, const str *typed, size_t count)
{
	struct arena *a = ctx->arena;
	str *keys = ARENA_ARRAY(a, str, count);
	struct json *tokens;

	if (!count)
		return cmd_usage_error(ctx, "`<tokenKey>` argument is required.");
	log_info("token", "removing 0 tokens");
	TRY(fetch_all(ctx, &tokens));
	for (size_t i = 0; i < count; i++)
		TRY(find_key(tokens, typed[i], &keys[i]));
	for (size_t i = 0; i < count; i++)
		TRY(registry_tell(ctx, "DELETE",
				  str_concat(a, S(TOKENS_PATH "/token/"),
					     str_encode(a, keys[i], URL_COMPONENT)),
				  NULL, NULL));
	tell_removed(ctx, keys, count);
	return NULL;
}

/* ---- the command ---- */

static struct err *token_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	static const char *const list_words[] = { "list", "ls", NULL };
	static const char *const rm_words[] = { "rm", "delete", "revoke", "remove", NULL };

	(void)exit_status;
	if (!nargs || str_is_one_of(args[0], list_words))
		return list(ctx);
	if (str_is_one_of(args[0], rm_words))
		return remove_tokens(ctx, args + 1, nargs - 1);
	if (str_eq(args[0], S("create")))
		return token_create(ctx);
	return cmd_usage_error(ctx, STR_FMT " is not a recognized subcommand.", STR_ARG(args[0]));
}

const struct cmd cmd_token = {
	.name = "token",
	.summary = "Manage your authentication tokens",
	.synopsis = (const char *const[]){ "list", "revoke <id|token>", "create", NULL },
	.keys = (const enum cfg_key[]){ CFG_NAME, CFG_TOKEN_DESCRIPTION, CFG_EXPIRES, CFG_PACKAGES,
					CFG_PACKAGES_ALL, CFG_SCOPES, CFG_ORGS,
					CFG_PACKAGES_AND_SCOPES_PERMISSION, CFG_ORGS_PERMISSION,
					CFG_CIDR, CFG_BYPASS_2FA, CFG_PASSWORD, CFG_REGISTRY,
					CFG_OTP, CFG_READ_ONLY, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "token",
	.run = token_run,
};
