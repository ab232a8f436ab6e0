/* SPDX-License-Identifier: MIT
 * `cpm login`: a token for a registry into the user's .npmrc, got in the browser or for a name and
 * a password. Source: npm's login.js, loginCouch() of npm-profile. */
#include "credentials.h"
#include "registry_write.h"
#include "user_info.h"
#include "web_login.h"

#include "cpm/base/digest.h"
#include "cpm/config/cfg_date.h"
#include "cpm/registry/auth.h"

#include <time.h>

struct login {
	struct cmd_ctx *ctx;
	str scope, registry; /* scope: "@scope" or empty */
	str name, password;
};

/* ---- by name and password ---- */

static str user_url(const struct login *l, str behind)
{
	struct arena *a = l->ctx->arena;

	return str_printf(a, STR_FMT "-/user/org.couchdb.user:" STR_FMT STR_FMT,
			  STR_ARG(l->registry), STR_ARG(str_encode(a, l->name, URL_COMPONENT)),
			  STR_ARG(behind));
}

static struct json *user_document(const struct login *l)
{
	struct arena *a = l->ctx->arena;
	struct json *user = json_new(a, JSON_OBJECT);

	json_set_text(a, user, "_id", str_concat(a, S("org.couchdb.user:"), l->name));
	json_set_text(a, user, "name", l->name);
	json_set_text(a, user, "password", l->password);
	json_set_text(a, user, "type", S("user"));
	json_set(a, user, S("roles"), json_new(a, JSON_ARRAY));
	json_set_text(a, user, "date", cfg_date_days_ago(a, time(NULL), 0));
	return user;
}

static struct err *put_user(const struct login *l, str behind, const struct json *user,
			    str authorization, struct json **answer)
{
	struct str_buf body = str_buf(l->ctx->arena, SIZE_MAX);

	json_write(&body, user, (struct json_style){ S(""), S("") });
	return registry_write(l->ctx, l->ctx->cfg,
			      &(struct registry_call){ .method = "PUT",
						       .url = user_url(l, behind),
						       .body = buf_view(&body),
						       .authorization = authorization },
			      answer);
}

/* The registry knows the user: its document with our words in it is sent back, as that user. */
static struct err *update_user(const struct login *l, struct json *user, struct json **answer)
{
	struct arena *a = l->ctx->arena;
	str secret = str_printf(a, STR_FMT ":" STR_FMT, STR_ARG(l->name), STR_ARG(l->password));
	struct json *known;
	struct http *http;

	TRY(cmd_ctx_http(l->ctx, &http));
	TRY(registry_call(a, l->ctx->cfg, http,
			  &(struct registry_call){ .url = user_url(l, S("?write=true")) }, &known));
	for (size_t i = 0; json_is(known, JSON_OBJECT) && i < known->count; i++) {
		str key = known->members[i].key;

		if (!json_is_truthy(json_get_str(user, key)) || str_eq(key, S("roles")))
			json_set(a, user, key, known->members[i].val);
	}
	return put_user(l, str_concat(a, S("/-rev/"), json_get_text(user, "_rev")), user,
			str_concat(a, S("Basic "), base64_encode(a, secret)), answer);
}

static struct err *log_in_by_name(const struct login *l, str *token)
{
	struct json *user = user_document(l), *answer;
	struct err *e = put_user(l, S(""), user, STR_NULL, &answer);

	if (e && str_eq(err_code_shown(e), S("E409"))) {
		err_free(e);
		e = update_user(l, user, &answer);
	} else if (e && str_eq(err_code_shown(e), S("E400"))) {
		err_free(e);
		e = err_show_as(err_new(E_GENERIC,
					"There is no user with the username \"" STR_FMT "\".",
					STR_ARG(l->name)),
				S("E400"));
	}
	TRY(e);
	*token = json_get_text(answer, "token");
	return token->len ? NULL : err_new(E_GENERIC, "No credentials to set.");
}

/* What is known already is proposed. */
static struct err *ask_who(struct login *l)
{
	struct arena *a = l->ctx->arena;
	struct auth known = auth_for_url(a, l->ctx->cfg, l->registry, S(""));
	str pair = S("");
	size_t colon;

	if (!str_starts(known.header, S("Basic ")) ||
	    !base64_decode(a, str_from(known.header, strlen("Basic ")), &pair))
		pair = S("");
	colon = MIN(str_find_char(pair, ':'), pair.len);
	TRY(user_info_name(l->ctx, str_slice(pair, 0, colon), &l->name));
	return user_info_password(l->ctx, "Password:", str_from(pair, MIN(colon + 1, pair.len)),
				  &l->password);
}

/* ---- the command ---- */

static struct err *get_token(struct login *l, str *token)
{
	*token = S("");
	if (str_eq(cfg_text(l->ctx->cfg, CFG_AUTH_TYPE), S("web")))
		TRY(web_login(l->ctx, l->registry, token));
	if (token->len)
		return NULL;
	TRY(ask_who(l));
	return log_in_by_name(l, token);
}

static struct err *keep(const struct login *l, str token)
{
	struct arena *a = l->ctx->arena;
	setting_edits edits = { 0 };

	credentials_set_token(a, l->registry, token, &edits);
	if (l->scope.len)
		VEC_PUSH(a, &edits,
			 (struct setting_edit){ credentials_scope_key(a, l->scope), l->registry });
	return settings_file_edit(l->ctx, CFG_LAYER_USER, &edits);
}

/* --registry on the command line outweighs what the scope has. */
static str choose_registry(const struct login *l)
{
	const struct cfg *cfg = l->ctx->cfg;
	str of_scope = l->scope.len ? cfg_raw(cfg, credentials_scope_key(l->ctx->arena, l->scope))
				    : S("");

	return of_scope.len && cfg_source(cfg, CFG_REGISTRY) != CFG_LAYER_CLI
		       ? of_scope
		       : cfg_text(cfg, CFG_REGISTRY);
}

static struct err *login_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct login l = { .ctx = ctx, .scope = credentials_scope(ctx) };
	str token;

	(void)args, (void)nargs, (void)exit_status;
	l.registry = choose_registry(&l);
	log_notice("", "Log in on " STR_FMT, STR_ARG(l.registry));
	if (!str_ends(l.registry, S("/")))
		l.registry = str_concat(ctx->arena, l.registry, S("/"));
	TRY(get_token(&l, &token));
	TRY(keep(&l, token));
	out_line(ctx->out, "Logged in%s" STR_FMT " on " STR_FMT ".",
		 l.scope.len ? " to scope " : "", STR_ARG(l.scope), STR_ARG(l.registry));
	return NULL;
}

const struct cmd cmd_login = {
	.name = "login",
	.summary = "Login to a registry user account",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_SCOPE, CFG_AUTH_TYPE, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "login",
	.run = login_run,
};
