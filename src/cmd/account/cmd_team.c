/* SPDX-License-Identifier: MIT
 * `cpm team`: the teams of an organization, and who is in them. Source: npm's team.js, libnpmteam.
 */
#include "registry_write.h"

#include "cpm/ui/ui_js_text.h"

/* "scope:team", without the "@" that may stand in front. */
struct team {
	str entity, scope, name;
};

static struct err *parse_team(str entity, struct team *out)
{
	size_t colon = str_find_char(entity, ':');

	*out = (struct team){ .entity = entity };
	if (colon == STR_NPOS || colon == 0)
		return err_new(E_GENERIC, "team must be in format `scope:team`");
	out->scope = str_slice(entity, 0, colon);
	out->name = str_from(entity, colon + 1);
	return NULL;
}

static str teams_path(struct arena *a, str scope)
{
	return str_printf(a, "-/org/" STR_FMT "/team",
			  STR_ARG(str_encode(a, scope, URL_COMPONENT)));
}

static str team_path(struct arena *a, const struct team *t, const char *behind)
{
	return str_printf(a, "-/team/" STR_FMT "/" STR_FMT "%s",
			  STR_ARG(str_encode(a, t->scope, URL_COMPONENT)),
			  STR_ARG(str_encode(a, t->name, URL_COMPONENT)), behind);
}

/* ---- changes ---- */

/* What has happened: {"created":true,"team":...,"user":...}, a row, or @line. */
static void tell(struct cmd_ctx *ctx, const char *what, const struct team *t, str user, str line)
{
	struct arena *a = ctx->arena;
	struct json *document = json_new(a, JSON_OBJECT);

	json_set(a, document, str_view(what), json_new_bool(a, true));
	json_set_text(a, document, "team", t->entity);
	if (user.p)
		json_set_text(a, document, "user", user);
	out_json(ctx->out, document);
	if (ctx->out->is_json)
		return;
	if (cfg_bool(ctx->cfg, CFG_PARSEABLE))
		out_line(ctx->out, STR_FMT "%s" STR_FMT "\t%s", STR_ARG(user), user.p ? "\t" : "",
			 STR_ARG(t->entity), what);
	else if (!cmd_ctx_is_silent(ctx))
		out_line(ctx->out, STR_FMT, STR_ARG(line));
}

static struct err *create(struct cmd_ctx *ctx, const struct team *t, str user)
{
	struct arena *a = ctx->arena;
	struct json *body = json_new(a, JSON_OBJECT);

	(void)user;
	json_set_text(a, body, "name", t->name);
	TRY(registry_tell(ctx, "PUT", teams_path(a, t->scope), body, NULL));
	tell(ctx, "created", t, STR_NULL, str_concat(a, S("+@"), t->entity));
	return NULL;
}

static struct err *destroy(struct cmd_ctx *ctx, const struct team *t, str user)
{
	struct arena *a = ctx->arena;

	(void)user;
	TRY(registry_tell(ctx, "DELETE", team_path(a, t, ""), NULL, NULL));
	tell(ctx, "deleted", t, STR_NULL, str_concat(a, S("-@"), t->entity));
	return NULL;
}

static struct err *change_user(struct cmd_ctx *ctx, const char *method, const struct team *t,
			       str user)
{
	struct json *body = json_new(ctx->arena, JSON_OBJECT);

	json_set_text(ctx->arena, body, "user", user);
	return registry_tell(ctx, method, team_path(ctx->arena, t, "/user"), body, NULL);
}

static struct err *add(struct cmd_ctx *ctx, const struct team *t, str user)
{
	TRY(change_user(ctx, "PUT", t, user));
	tell(ctx, "added", t, user,
	     str_printf(ctx->arena, STR_FMT " added to @" STR_FMT, STR_ARG(user),
			STR_ARG(t->entity)));
	return NULL;
}

static struct err *take_out(struct cmd_ctx *ctx, const struct team *t, str user)
{
	TRY(change_user(ctx, "DELETE", t, user));
	tell(ctx, "removed", t, user,
	     str_printf(ctx->arena, STR_FMT " removed from @" STR_FMT, STR_ARG(user),
			STR_ARG(t->entity)));
	return NULL;
}

/* ---- ls ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp((*(struct json *const *)a)->string, (*(struct json *const *)b)->string);
}

static struct err *fetch_names(struct cmd_ctx *ctx, str path, struct json **out)
{
	struct json *answer;

	*out = json_new(ctx->arena, JSON_ARRAY);
	TRY(registry_tell(ctx, "GET", str_concat(ctx->arena, path, S("?format=cli")), NULL,
			  &answer));
	for (size_t i = 0; json_is(answer, JSON_ARRAY) && i < answer->count; i++)
		json_append(ctx->arena, *out,
			    json_new_string(ctx->arena, ui_js_text(ctx->arena, answer->items[i])));
	if ((*out)->count)
		qsort((*out)->items, (*out)->count, sizeof(*(*out)->items), by_text);
	return NULL;
}

static struct err *list(struct cmd_ctx *ctx, str entity)
{
	struct arena *a = ctx->arena;
	struct json *names;
	struct team t = { 0 };
	struct err *e = parse_team(entity, &t);
	bool has_team = !e && t.name.len;
	const char *what = has_team ? "user" : "team", *mark = has_team ? "" : "@";

	err_ignore(e);
	TRY(fetch_names(ctx, has_team ? team_path(a, &t, "/user") : teams_path(a, entity), &names));
	out_json(ctx->out, names);
	if (ctx->out->is_json)
		return NULL;
	if (cfg_bool(ctx->cfg, CFG_PARSEABLE))
		mark = "";
	else if (cmd_ctx_is_silent(ctx))
		return NULL;
	else
		out_line(ctx->out, "@" STR_FMT " has %zu %s%s%s", STR_ARG(entity), names->count,
			 what, names->count == 1 ? "" : "s", names->count ? ":" : "");
	for (size_t i = 0; i < names->count; i++)
		out_line(ctx->out, "%s" STR_FMT, mark, STR_ARG(names->items[i]->string));
	return NULL;
}

/* ---- the command ---- */

static const struct {
	const char *word;
	struct err *(*run)(struct cmd_ctx *ctx, const struct team *t, str user);
} changes[] = {
	{ "create", create },
	{ "destroy", destroy },
	{ "add", add },
	{ "rm", take_out },
};

static struct err *team_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str word = nargs > 0 ? args[0] : S(""), entity = nargs > 1 ? args[1] : S(""),
	    user = nargs > 2 ? args[2] : S("");
	struct team t;

	(void)exit_status;
	if (str_starts(entity, S("@")))
		entity = str_from(entity, 1);
	if (str_eq(word, S("ls")))
		return list(ctx, entity);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		if (!str_eq(word, str_view(changes[i].word)))
			continue;
		TRY(parse_team(entity, &t));
		return changes[i].run(ctx, &t, user);
	}
	return cmd_usage_error(ctx, "%s", "");
}

const struct cmd cmd_team = {
	.name = "team",
	.summary = "Manage organization teams and team memberships",
	.synopsis = (const char *const[]){ "create <scope:team> [--otp <otpcode>]",
					   "destroy <scope:team> [--otp <otpcode>]",
					   "add <scope:team> <user> [--otp <otpcode>]",
					   "rm <scope:team> <user> [--otp <otpcode>]",
					   "ls <scope>|<scope:team>", NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_OTP, CFG_PARSEABLE, CFG_JSON, CFG_END },
	.needs = CMD_NEEDS_NETWORK | CMD_REFUSES_WORKSPACE_DIR,
	.doc = "team",
	.run = team_run,
};
