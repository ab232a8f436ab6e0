/* SPDX-License-Identifier: MIT
 * `cpm logout`: the registry forgets the token, and so does the file that it came from. The
 * registry comes first: a token that is still good elsewhere must not look as if it were gone. */
#include "credentials.h"

#include "cpm/registry/auth.h"
#include "cpm/registry/endpoints.h"

static struct err *ask_to_forget(struct cmd_ctx *ctx, str registry, str token)
{
	struct arena *a = ctx->arena;
	struct http *http;

	TRY(cmd_ctx_http(ctx, &http));
	return registry_call(
		a, ctx->cfg, http,
		&(struct registry_call){
			.method = "DELETE",
			.url = str_printf(a, STR_FMT "%s-/user/token/" STR_FMT, STR_ARG(registry),
					  str_ends(registry, S("/")) ? "" : "/",
					  STR_ARG(str_encode(a, token, URL_COMPONENT))) },
		NULL);
}

/* The file that has the credential. What the command line or the environment says is nobody's to
 * delete. */
static struct err *find_layer(struct cmd_ctx *ctx, str key, enum cfg_layer *layer)
{
	struct cfg_entry entry;

	if (!cfg_entry_of(ctx->arena, ctx->cfg, key, &entry))
		return err_new(E_GENERIC, "cannot find what sets '" STR_FMT "'", STR_ARG(key));
	*layer = entry.layer;
	if (entry.layer >= CFG_LAYER_PROJECT && entry.layer <= CFG_LAYER_GLOBAL)
		return NULL;
	return err_new(E_GENERIC,
		       "the registry has forgotten the credential, but it is set by the " STR_FMT
		       " configuration and not by a file: remove '" STR_FMT "' there",
		       STR_ARG(cfg_layer_name(entry.layer)), STR_ARG(key));
}

static struct err *forget(struct cmd_ctx *ctx, str scope, str registry, str key)
{
	struct arena *a = ctx->arena;
	enum cfg_layer layer = CFG_LAYER_USER;
	setting_edits edits = { 0 };

	TRY(find_layer(ctx, key, &layer));
	if (scope.len)
		VEC_PUSH(a, &edits,
			 (struct setting_edit){ credentials_scope_key(a, scope), S("") });
	credentials_remove(a, auth_nerf_dart(a, registry), &edits);
	credentials_remove(a, str_slice(key, 0, str_rfind_char(key, ':')), &edits);
	return settings_file_edit(ctx, layer, &edits);
}

static struct err *logout_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct arena *a = ctx->arena;
	str scope = credentials_scope(ctx);
	str registry = scope.len ? cfg_raw(ctx->cfg, credentials_scope_key(a, scope)) : S("");
	struct auth auth;

	(void)args, (void)nargs, (void)exit_status;
	if (!registry.len)
		registry = cfg_text(ctx->cfg, CFG_REGISTRY);
	auth = auth_for_url(a, ctx->cfg, registry, S(""));
	if (auth.token.len) {
		log_verbose("logout", "clearing token for " STR_FMT, STR_ARG(registry));
		TRY(ask_to_forget(ctx, registry, auth.token));
	} else if (str_ends(auth.key, S(":username")))
		log_verbose("logout", "clearing user credentials for " STR_FMT, STR_ARG(registry));
	else
		return err_new(E_NEED_AUTH, "not logged in to " STR_FMT ", so can't log out!",
			       STR_ARG(registry));
	return forget(ctx, scope, registry, auth.key);
}

const struct cmd cmd_logout = {
	.name = "logout",
	.summary = "Log out of the registry",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_SCOPE, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "logout",
	.run = logout_run,
};
