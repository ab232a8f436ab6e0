/* SPDX-License-Identifier: MIT
 * owner: who may publish a package (npm-cli.md 8.5). */
#include "project_members.h"
#include "published.h"
#include "registry_write.h"

#include "cpm/registry/registry_url.h"

/* ---- ls ---- */

static struct err *list(struct cmd_ctx *ctx, str name)
{
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);
	const struct json *owners;
	struct json *document;
	struct http *http;
	struct err *e;

	TRY(cmd_ctx_http(ctx, &http));
	e = registry_fetch_document(ctx->arena, ctx->cfg, http, name, &document);
	if (e) {
		log_error("owner ls", "Couldn't get owner data " STR_FMT, STR_ARG(name));
		return e;
	}
	owners = json_get(document, "maintainers");
	for (size_t i = 0; json_is(owners, JSON_ARRAY) && i < owners->count; i++)
		buf_printf(&text, "%s" STR_FMT " <" STR_FMT ">", i ? "\n" : "",
			   STR_ARG(json_get_text(owners->items[i], "name")),
			   STR_ARG(json_get_text(owners->items[i], "email")));
	out_line(ctx->out, STR_FMT, STR_ARG(text.len ? buf_view(&text) : S("no admin found")));
	return NULL;
}

/* ---- add, rm ---- */

static struct err *find_user(struct cmd_ctx *ctx, str user, str name, struct json **out)
{
	struct arena *a = ctx->arena;
	str url = str_printf(a, STR_FMT "-/user/org.couchdb.user:" STR_FMT,
			     STR_ARG(cfg_registry_for(ctx->cfg, name)),
			     STR_ARG(str_encode(a, user, URL_COMPONENT)));
	struct json *answer;
	struct http *http;
	struct err *e;

	TRY(cmd_ctx_http(ctx, &http));
	e = registry_call(a, ctx->cfg, http, &(struct registry_call){ .url = url, .subject = name },
			  &answer);
	if (e) {
		log_error("owner mutate", "Error getting user data for " STR_FMT, STR_ARG(user));
		return e;
	}
	*out = json_new(a, JSON_OBJECT);
	json_set_text(a, *out, "name", json_get_text(answer, "name"));
	json_set_text(a, *out, "email", json_get_text(answer, "email"));
	return NULL;
}

/* The owners without @user; *found: who that was, or NULL. */
static struct json *others(struct arena *a, const struct json *owners, str user,
			   const struct json **found)
{
	struct json *list = json_new(a, JSON_ARRAY);

	*found = NULL;
	for (size_t i = 0; json_is(owners, JSON_ARRAY) && i < owners->count; i++) {
		if (str_eq(json_get_text(owners->items[i], "name"), user))
			*found = owners->items[i];
		else
			json_append(a, list, owners->items[i]);
	}
	return list;
}

static struct err *send(struct cmd_ctx *ctx, const struct json *document, str name,
			struct json *owners)
{
	struct arena *a = ctx->arena;
	struct json *body = json_new(a, JSON_OBJECT);
	struct str_buf text = str_buf(a, SIZE_MAX);
	str revision = json_get_text(document, "_rev");
	const char *after = str_cstr(a, str_concat(a, S("/-rev/"), str_encode(a, revision, URL_COMPONENT)));
	struct err *e;

	json_set_text(a, body, "_id", json_get_text(document, "_id"));
	json_set_text(a, body, "_rev", revision);
	json_set(a, body, S("maintainers"), owners);
	json_write(&text, body, (struct json_style){ S(""), S("") });
	e = registry_write(ctx, ctx->cfg,
			   &(struct registry_call){
				   .method = "PUT",
				   .url = registry_service_url(a, ctx->cfg, name, "", after),
				   .body = buf_view(&text),
				   .subject = name },
			   NULL);
	if (!e || str_eq(err_code_shown(e), S("EOTP")))
		return e;
	return err_show_as(err_wrap(e, "Failed to update package"), S("EOWNERMUTATE"));
}

static struct err *change(struct cmd_ctx *ctx, str user, str name, bool adds)
{
	struct json *who, *document, *owners;
	const struct json *found;
	struct http *http;

	TRY(find_user(ctx, user, name, &who));
	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_fetch_document(ctx->arena, ctx->cfg, http, name, &document));
	owners = others(ctx->arena, json_get(document, "maintainers"), json_get_text(who, "name"),
			&found);
	if (adds == (found != NULL)) {
		log_info(adds ? "owner add" : "owner rm",
			 adds ? "Already a package owner: " STR_FMT
			      : "Not a package owner: " STR_FMT,
			 STR_ARG(json_get_text(who, "name")));
		return NULL;
	}
	if (adds)
		json_append(ctx->arena, owners, who);
	else if (!owners->count)
		return err_show_as(err_new(E_GENERIC, "Cannot remove all owners of a package. Add "
						      "someone else first."),
				   S("EOWNERRM"));
	TRY(send(ctx, document, name, owners));
	out_line(ctx->out, "%s " STR_FMT " (" STR_FMT ")", adds ? "+" : "-", STR_ARG(user),
		 STR_ARG(name));
	return NULL;
}

/* ---- the command ---- */

enum action { OWNER_NONE, OWNER_LS, OWNER_ADD, OWNER_RM };

static enum action action_of(str word)
{
	if (str_eq(word, S("ls")) || str_eq(word, S("list")))
		return OWNER_LS;
	if (str_eq(word, S("add")))
		return OWNER_ADD;
	return str_eq(word, S("rm")) || str_eq(word, S("remove")) ? OWNER_RM : OWNER_NONE;
}

static struct err *act(struct cmd_ctx *ctx, enum action action, str user, str name)
{
	if (action == OWNER_LS)
		return list(ctx, name);
	if (action == OWNER_NONE || !user.len)
		return cmd_usage_error(ctx, "%s", "");
	return change(ctx, user, name, action == OWNER_ADD);
}

/* The package that is named, or the project itself. */
static struct err *act_on(struct cmd_ctx *ctx, enum action action, str user, str arg)
{
	struct spec *spec;
	str name;

	if (action == OWNER_NONE)
		return cmd_usage_error(ctx, "%s", "");
	if (!arg.len) {
		TRY(published_own_name(ctx, &name));
		return act(ctx, action, user, name);
	}
	TRY(published_spec(ctx, arg, &spec));
	return act(ctx, action, user, spec->name);
}

static struct err *owner_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	enum action action = action_of(nargs ? args[0] : S(""));
	size_t at = action == OWNER_LS ? 1 : 2; /* where the package stands */
	str user = nargs > 1 ? args[1] : S(""), arg = nargs > at ? args[at] : S("");
	struct workspace_choice members;

	(void)exit_status;
	TRY(project_members_choose(ctx, &members));
	if (members.is_made && arg.len)
		log_warn(NULL, "Ignoring specified workspace(s)");
	if (!members.is_made || arg.len)
		return act_on(ctx, action, user, arg);
	for (size_t i = 0; i < members.count; i++)
		TRY(act(ctx, action, user, members.items[i].name));
	return NULL;
}

const struct cmd cmd_owner = {
	.name = "owner",
	.summary = "Manage package owners",
	.synopsis = (const char *const[]){ "add <user> <package-spec>", "rm <user> <package-spec>",
					   "ls <package-spec>", NULL },
	.aliases = (const char *const[]){ "author", NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_OTP, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_END },
	.needs = CMD_WORKSPACES | CMD_NEEDS_NETWORK,
	.doc = "owner",
	.run = owner_run,
};
