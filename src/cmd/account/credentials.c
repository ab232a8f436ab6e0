/* SPDX-License-Identifier: MIT
 * Which lines of an .npmrc are a credential. Source: clearCredentialsByURI() and
 * setCredentialsByURI() of @npmcli/config. */
#include "credentials.h"

#include "cpm/registry/auth.h"

str credentials_scope(struct cmd_ctx *ctx)
{
	str scope = cfg_text(ctx->cfg, CFG_SCOPE);

	return !scope.len || str_starts(scope, S("@")) ? scope
						       : str_concat(ctx->arena, S("@"), scope);
}

str credentials_scope_key(struct arena *a, str scope)
{
	return str_concat(a, scope, S(":registry"));
}

static void edit(struct arena *a, str prefix, const char *key, str value, setting_edits *edits)
{
	VEC_PUSH(
		a, edits,
		(struct setting_edit){ str_printf(a, STR_FMT ":%s", STR_ARG(prefix), key), value });
}

void credentials_remove(struct arena *a, str prefix, setting_edits *edits)
{
	static const char *const keys[] = { "_authToken", "_auth",    "_password", "username",
					    "email",      "certfile", "keyfile" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		edit(a, prefix, keys[i], S(""), edits);
}

void credentials_set_token(struct arena *a, str registry, str token, setting_edits *edits)
{
	str prefix = auth_nerf_dart(a, registry);

	edit(a, prefix, "always-auth", S(""), edits);
	edit(a, prefix, "_authToken", token, edits);
	edit(a, prefix, "_password", S(""), edits);
	edit(a, prefix, "username", S(""), edits);
}
