/* SPDX-License-Identifier: MIT
 * `cpm access`: who may see and who may change a package. Source: npm's access.js, libnpmaccess. */
#include "identity.h"
#include "published.h"
#include "registry_write.h"

#include "cpm/registry/registry_url.h"
#include "cpm/tree/package_file.h"
#include "cpm/ui/ui_js_text.h"

/* ---- names ---- */

/* The package that is named, or the project. */
static struct err *find_package(struct cmd_ctx *ctx, str arg, bool wants_scope, str *name)
{
	struct package_file file;
	struct spec *spec;
	struct err *e;

	if (!arg.len) {
		e = package_file_read(ctx->arena, cfg_local_prefix(ctx->cfg), &file);
		if (e && err_is(e, E_NO_ENTRY)) {
			err_free(e);
			return err_new(E_NO_ENTRY,
				       "no package name given and no package.json found");
		}
		TRY(e);
		arg = json_get_text(file.content, "name");
	}
	TRY(spec_parse_arg(ctx->arena, arg, cfg_cwd(ctx->cfg), &spec));
	if (wants_scope && !str_starts(spec->name, S("@")))
		return cmd_usage_error(ctx, "This command is only available for scoped packages.");
	if (!spec->name.len || !spec_is_registry(spec))
		return err_new(E_GENERIC, "must use package name only");
	*name = spec->name;
	return NULL;
}

/* A question about a package goes to the default registry, whatever the scope has; so does npm's.
 */
static str package_path(struct arena *a, str name, const char *behind)
{
	return str_printf(a, "-/package/" STR_FMT "/%s",
			  STR_ARG(str_replace_all(a, name, S("/"), S("%2f"))), behind);
}

static str team_path(struct arena *a, str scope, str team)
{
	return str_printf(a, "-/team/" STR_FMT "/" STR_FMT "/package",
			  STR_ARG(str_encode(a, scope, URL_COMPONENT)),
			  STR_ARG(str_encode(a, team, URL_COMPONENT)));
}

/* "@scope:team"; the team is null when there is none. */
static void split_team(str text, str *scope, str *team)
{
	text = str_starts(text, S("@")) ? str_from(text, 1) : text;
	*team = STR_NULL;
	if (str_cut(&text, ':', scope) && text.len)
		str_cut(&text, ':', team);
}

/* A change goes to the package's own registry. */
static struct err *change(struct cmd_ctx *ctx, const char *method, str path, str name,
			  const struct json *body)
{
	struct arena *a = ctx->arena;
	struct str_buf text = str_buf(a, 1 << 16);

	json_write(&text, body, (struct json_style){ S(""), S("") });
	return registry_write(ctx, ctx->cfg,
			      &(struct registry_call){
				      .method = method,
				      .url = str_concat(a, cfg_registry_for(ctx->cfg, name), path),
				      .body = buf_view(&text),
				      .subject = str_concat(a, name, S("@*")) },
			      NULL);
}

/* ---- list ---- */

static int by_name(const void *a, const void *b)
{
	return str_collate(((const struct json_member *)a)->key,
			   ((const struct json_member *)b)->key);
}

static str right_of(struct arena *a, const struct json *v)
{
	str text = ui_js_text(a, v);

	if (str_eq(text, S("read")))
		return S("read-only");
	return str_eq(text, S("write")) ? S("read-write") : text;
}

/* @only: the one that is wanted, or empty. */
static void show(struct cmd_ctx *ctx, struct json *items, str only)
{
	struct arena *a = ctx->arena;

	if (!json_is(items, JSON_OBJECT))
		items = json_new(a, JSON_OBJECT);
	for (size_t i = 0; i < items->count; i++)
		items->members[i].val = json_new_string(a, right_of(a, items->members[i].val));
	out_json(ctx->out, items);
	if (ctx->out->is_json || !items->count)
		return;
	qsort(items->members, items->count, sizeof(*items->members), by_name);
	for (size_t i = 0; i < items->count; i++)
		if (!only.len || str_eq(only, items->members[i].key))
			out_line(ctx->out, STR_FMT ": " STR_FMT, STR_ARG(items->members[i].key),
				 STR_ARG(items->members[i].val->string));
}

/* An owner without a team is an organization or, if there is none of that name, a user. */
static struct err *list_packages(struct cmd_ctx *ctx, str owner, str only)
{
	struct arena *a = ctx->arena;
	struct json *packages;
	str scope, team, name;
	struct err *e;

	if (!owner.len)
		TRY(identity_find(ctx, &owner));
	split_team(owner, &scope, &team);
	name = str_encode(a, scope, URL_COMPONENT);
	e = registry_ask(ctx,
			 team.len ? team_path(a, scope, team)
				  : str_printf(a, "-/org/" STR_FMT "/package", STR_ARG(name)),
			 &packages);
	if (e && err_is(e, E_NOT_FOUND)) {
		err_free(e);
		e = registry_ask(ctx, str_printf(a, "-/user/" STR_FMT "/package", STR_ARG(name)),
				 &packages);
	}
	TRY(e);
	show(ctx, packages, only);
	return NULL;
}

static struct err *list(struct cmd_ctx *ctx, str what, str arg, str only)
{
	struct json *people;
	str name;

	if (str_eq(what, S("packages")))
		return list_packages(ctx, arg, only);
	if (!str_eq(what, S("collaborators")))
		return cmd_usage_error(ctx, "list " STR_FMT " is not a valid access command",
				       STR_ARG(what));
	TRY(find_package(ctx, arg, false, &name));
	TRY(registry_ask(ctx, package_path(ctx->arena, name, "collaborators"), &people));
	show(ctx, people, only);
	return NULL;
}

/* ---- get, set ---- */

static struct err *show_status(struct cmd_ctx *ctx, str name)
{
	struct json *answer, *shown = json_new(ctx->arena, JSON_OBJECT);

	TRY(registry_ask(ctx, package_path(ctx->arena, name, "visibility"), &answer));
	json_set_text(ctx->arena, shown, str_cstr(ctx->arena, name),
		      json_is_truthy(json_get(answer, "public")) ? S("public") : S("private"));
	show(ctx, shown, S(""));
	return NULL;
}

static struct err *get(struct cmd_ctx *ctx, str what, str arg)
{
	str name;

	if (!str_eq(what, S("status")))
		return cmd_usage_error(ctx, "get " STR_FMT " is not a valid access command",
				       STR_ARG(what));
	TRY(find_package(ctx, arg, false, &name));
	return show_status(ctx, name);
}

/* What may be set, and what the registry is told then. */
static const struct {
	str word, key; /* of "key=value" the value */
	const char *body;
} settings[] = {
	{ S("public"), S("status"), "{\"access\":\"public\"}" },
	{ S("private"), S("status"), "{\"access\":\"restricted\"}" },
	{ S("none"), S("mfa"), "{\"publish_requires_tfa\":false}" },
	{ S("publish"), S("mfa"),
	  "{\"publish_requires_tfa\":true,\"automation_token_overrides_tfa\":false}" },
	{ S("automation"), S("mfa"),
	  "{\"publish_requires_tfa\":true,\"automation_token_overrides_tfa\":true}" },
};

static struct err *set(struct cmd_ctx *ctx, str what, str arg)
{
	str value = what, key;
	struct json *body;
	str name;

	str_cut(&value, '=', &key);
	if (str_eq(key, S("2fa")))
		key = S("mfa");
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		bool is_status = str_eq(key, S("status"));

		if (!str_eq(settings[i].key, key) || !str_eq(settings[i].word, value))
			continue;
		TRY(find_package(ctx, arg, is_status, &name));
		TRY(json_parse(ctx->arena, str_view(settings[i].body), &body));
		TRY(change(ctx, "POST", package_path(ctx->arena, name, "access"), name, body));
		return is_status ? show_status(ctx, name) : NULL;
	}
	return cmd_usage_error(ctx, "set " STR_FMT " is not a valid access command", STR_ARG(what));
}

/* ---- grant, revoke ---- */

/* @rights: null takes them away. */
static struct err *change_rights(struct cmd_ctx *ctx, str rights, str owner, str arg)
{
	struct arena *a = ctx->arena;
	struct json *body = json_new(a, JSON_OBJECT);
	str name, scope, team;

	TRY(find_package(ctx, arg, false, &name));
	split_team(owner, &scope, &team);
	if (!scope.len || !team.len)
		return err_new(E_GENERIC, "team must be in format `scope:team`");
	json_set_text(a, body, "package", name);
	if (rights.p)
		json_set_text(a, body, "permissions", rights);
	return change(ctx, rights.p ? "PUT" : "DELETE", team_path(a, scope, team), name, body);
}

static struct err *grant(struct cmd_ctx *ctx, str rights, str owner, str arg)
{
	if (!str_eq(rights, S("read-only")) && !str_eq(rights, S("read-write")))
		return cmd_usage_error(ctx, "grant must be either `read-only` or `read-write`");
	if (!owner.len)
		return cmd_usage_error(ctx, "`<scope:team>` argument is required");
	return change_rights(ctx, rights, owner, arg);
}

/* ---- the command ---- */

static struct err *access_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str word = nargs > 0 ? args[0] : S(""), what = nargs > 1 ? args[1] : S(""),
	    first = nargs > 2 ? args[2] : S(""), second = nargs > 3 ? args[3] : S("");
	enum { GET, SET, LIST, GRANT, REVOKE, NONE };
	static const str words[] = { S("get"), S("set"), S("list"), S("grant"), S("revoke") };
	size_t action = 0;

	(void)exit_status;
	while (action < NONE && !str_eq(word, words[action]))
		action++;
	if (word.len && action == NONE)
		return cmd_usage_error(ctx, STR_FMT " is not a valid access command",
				       STR_ARG(word));
	if (!what.len)
		return cmd_usage_error(ctx, "%s", "");
	switch (action) {
	case GET:
		return get(ctx, what, first);
	case SET:
		return set(ctx, what, first);
	case LIST:
		return list(ctx, what, first, second);
	case GRANT:
		return grant(ctx, what, first, second);
	default:
		return change_rights(ctx, STR_NULL, what, first);
	}
}

const struct cmd cmd_access = {
	.name = "access",
	.summary = "Set access level on published packages",
	.synopsis =
		(const char *const[]){ "list packages [<user>|<scope>|<scope:team>] [<package>]",
				       "list collaborators [<package> [<user>]]",
				       "get status [<package>]",
				       "set status=public|private [<package>]",
				       "set mfa=none|publish|automation [<package>]",
				       "grant <read-only|read-write> <scope:team> [<package>]",
				       "revoke <scope:team> [<package>]", NULL },
	.keys = (const enum cfg_key[]){ CFG_JSON, CFG_OTP, CFG_REGISTRY, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "access",
	.run = access_run,
};
