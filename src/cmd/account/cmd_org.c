/* SPDX-License-Identifier: MIT
 * `cpm org`: who belongs to an organization, and as what. Source: npm's org.js, libnpmorg. */
#include "registry_write.h"

#include "cpm/ui/ui_js_text.h"

/* "o" of "@o": how a registry knows it. */
static str without_at(str name)
{
	return str_starts(name, S("@")) ? str_from(name, 1) : name;
}

/* The same as it is told. */
static str plain_name(str name)
{
	return str_starts(name, S("~")) ? str_from(name, 1) : without_at(name);
}

static str members_path(struct arena *a, str org)
{
	return str_printf(a, "-/org/" STR_FMT "/user",
			  STR_ARG(str_encode(a, without_at(org), URL_COMPONENT)));
}

static struct err *need(str value, const char *which)
{
	return value.len ? NULL : err_new(E_GENERIC, "%s is required.", which);
}

static struct err *need_both(str org, str user)
{
	TRY(need(org, "First argument `orgname`"));
	return need(user, "Second argument `username`");
}

/* ---- ls ---- */

/* Name to role; an object in any case. */
static struct err *fetch_members(struct cmd_ctx *ctx, str org, struct json **out)
{
	TRY(registry_tell(ctx, "GET", members_path(ctx->arena, org), NULL, out));
	if (!json_is(*out, JSON_OBJECT))
		*out = json_new(ctx->arena, JSON_OBJECT);
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct json_member *)a)->key, ((const struct json_member *)b)->key);
}

static void show_members(struct cmd_ctx *ctx, struct json *members)
{
	struct arena *a = ctx->arena;

	qsort(members->members, members->count, sizeof(*members->members), by_name);
	for (size_t i = 0; i < members->count; i++) {
		struct str_buf role = str_buf(a, SIZE_MAX);

		paint_text(&role, ctx->screen->term.out_color, PAINT_CYAN,
			   ui_js_text(a, members->members[i].val));
		out_text(ctx->out,
			 str_printf(a, STR_FMT " - " STR_FMT,
				    STR_ARG(log_escape(a, log_redact(a, members->members[i].key))),
				    STR_ARG(buf_view(&role))));
	}
}

static struct err *list(struct cmd_ctx *ctx, str org, str user)
{
	struct json *members, *all;

	TRY(need(org, "First argument `orgname`"));
	TRY(fetch_members(ctx, org, &all));
	members = all;
	if (user.len) {
		members = json_new(ctx->arena, JSON_OBJECT);
		if (json_is_truthy(json_get_str(all, user)))
			json_set(ctx->arena, members, user, json_get_str(all, user));
	}
	out_json(ctx->out, members);
	if (ctx->out->is_json)
		return NULL;
	if (!cfg_bool(ctx->cfg, CFG_PARSEABLE)) {
		if (!cmd_ctx_is_silent(ctx))
			show_members(ctx, members);
		return NULL;
	}
	out_line(ctx->out, "user\trole");
	for (size_t i = 0; i < members->count; i++)
		out_line(ctx->out, STR_FMT "\t" STR_FMT, STR_ARG(members->members[i].key),
			 STR_ARG(ui_js_text(ctx->arena, members->members[i].val)));
	return NULL;
}

/* ---- set ---- */

static void tell_set(struct cmd_ctx *ctx, struct json *answer)
{
	struct arena *a = ctx->arena;
	const struct json *org = json_get(answer, "org");
	str name = ui_js_member(a, org, "name"), size = ui_js_member(a, org, "size"),
	    user = ui_js_member(a, answer, "user"), role = ui_js_member(a, answer, "role");

	out_json(ctx->out, answer);
	if (ctx->out->is_json)
		return;
	if (cfg_bool(ctx->cfg, CFG_PARSEABLE))
		out_line(ctx->out,
			 "org\torgsize\tuser\trole\n" STR_FMT "\t" STR_FMT "\t" STR_FMT
			 "\t" STR_FMT,
			 STR_ARG(name), STR_ARG(size), STR_ARG(user), STR_ARG(role));
	else if (!cmd_ctx_is_silent(ctx))
		out_line(ctx->out,
			 "Added " STR_FMT " as " STR_FMT " to " STR_FMT ". You now have " STR_FMT
			 " member%s in this org.",
			 STR_ARG(user), STR_ARG(role), STR_ARG(name), STR_ARG(size),
			 str_eq(size, S("1")) ? "" : "s");
}

static struct err *set(struct cmd_ctx *ctx, str org, str user, str role)
{
	struct json *body = json_new(ctx->arena, JSON_OBJECT), *answer;

	role = role.len ? role : S("developer");
	TRY(need_both(org, user));
	if (!str_eq(role, S("owner")) && !str_eq(role, S("admin")) && !str_eq(role, S("developer")))
		return err_new(E_GENERIC,
			       "Third argument `role` must be one of `owner`, `admin`, or "
			       "`developer`, with `developer` being the default value if "
			       "omitted.");
	json_set_text(ctx->arena, body, "user", without_at(user));
	json_set_text(ctx->arena, body, "role", role);
	TRY(registry_tell(ctx, "PUT", members_path(ctx->arena, org), body, &answer));
	tell_set(ctx, answer);
	return NULL;
}

/* ---- rm ---- */

static void tell_removed(struct cmd_ctx *ctx, str org, str user, size_t left)
{
	struct arena *a = ctx->arena;
	struct json *document = json_new(a, JSON_OBJECT);

	json_set_text(a, document, "user", user);
	json_set_text(a, document, "org", org);
	json_set(a, document, S("userCount"), json_new_number(a, (double)left));
	json_set(a, document, S("deleted"), json_new_bool(a, true));
	out_json(ctx->out, document);
	if (ctx->out->is_json)
		return;
	if (cfg_bool(ctx->cfg, CFG_PARSEABLE))
		out_line(ctx->out,
			 "user\torg\tuserCount\tdeleted\n" STR_FMT "\t" STR_FMT "\t%zu\ttrue",
			 STR_ARG(user), STR_ARG(org), left);
	else if (!cmd_ctx_is_silent(ctx))
		out_line(ctx->out,
			 "Successfully removed " STR_FMT " from " STR_FMT
			 ". You now have %zu member%s in this org.",
			 STR_ARG(user), STR_ARG(org), left, left == 1 ? "" : "s");
}

static struct err *take_out(struct cmd_ctx *ctx, str org, str user)
{
	struct json *body = json_new(ctx->arena, JSON_OBJECT), *left;

	TRY(need_both(org, user));
	json_set_text(ctx->arena, body, "user", without_at(user));
	TRY(registry_tell(ctx, "DELETE", members_path(ctx->arena, org), body, NULL));
	TRY(fetch_members(ctx, org, &left));
	tell_removed(ctx, plain_name(org), plain_name(user), left->count);
	return NULL;
}

/* ---- the command ---- */

static struct err *org_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str word = nargs > 0 ? args[0] : S(""), org = nargs > 1 ? args[1] : S(""),
	    user = nargs > 2 ? args[2] : S(""), role = nargs > 3 ? args[3] : S("");

	(void)exit_status;
	if (str_eq(word, S("add")) || str_eq(word, S("set")))
		return set(ctx, org, user, role);
	if (str_eq(word, S("rm")))
		return take_out(ctx, org, user);
	if (str_eq(word, S("ls")))
		return list(ctx, org, user);
	return cmd_usage_error(ctx, "%s", "");
}

const struct cmd cmd_org = {
	.name = "org",
	.summary = "Manage orgs",
	.synopsis = (const char *const[]){ "set orgname username [developer | admin | owner]",
					   "rm orgname username", "ls orgname [<username>]", NULL },
	.aliases = (const char *const[]){ "ogr", NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_OTP, CFG_JSON, CFG_PARSEABLE, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "org",
	.run = org_run,
};
