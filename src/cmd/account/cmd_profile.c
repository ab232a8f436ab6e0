/* SPDX-License-Identifier: MIT
 * `cpm profile`: what a registry knows of its user. Source: npm's profile.js. */
#include "profile_2fa.h"
#include "registry_write.h"
#include "user_info.h"

#include "cpm/ui/ui_js_text.h"

#define PROFILE_PATH "-/npm/v1/user"
#define TFA_KEY      "two-factor auth"

struct err *profile_fetch(struct cmd_ctx *ctx, struct json **out)
{
	TRY(registry_ask(ctx, S(PROFILE_PATH), out));
	if (!json_is(*out, JSON_OBJECT))
		return err_new(E_BAD_RESPONSE, "the registry's answer is no profile");
	return NULL;
}

/* Keys may not be empty texts, but they may be null. */
struct err *profile_change(struct cmd_ctx *ctx, struct json *change, struct json **out)
{
	for (size_t i = 0; i < change->count; i++)
		if (json_is(change->members[i].val, JSON_STRING) &&
		    !change->members[i].val->string.len)
			change->members[i].val = json_new(ctx->arena, JSON_NULL);
	return registry_tell(ctx, "POST", S(PROFILE_PATH), change, out);
}

/* ---- get ---- */

/* What people see: known keys first and in this order, empty texts for what is not there. */
static struct json *shown_profile(struct arena *a, const struct json *profile)
{
	static const char *const known[] = { "name",     "email",  TFA_KEY,   "fullname",
					     "homepage", "github", "created", "updated" };
	const struct json *tfa = json_get(profile, "tfa");
	bool has_tfa = json_is_truthy(tfa) && !json_is_truthy(json_get(tfa, "pending"));
	struct json *out = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const struct json *v = json_get(profile, known[i]);

		json_set_text(a, out, known[i], json_is_truthy(v) ? ui_js_text(a, v) : S(""));
	}
	for (size_t i = 0; i < profile->count; i++) {
		const struct json_member *m = &profile->members[i];
		bool is_elsewhere = str_eq(m->key, S("tfa")) || str_eq(m->key, S("email_verified"));

		if (!is_elsewhere && !json_get_str(out, m->key))
			json_set(a, out, m->key,
				 json_new_string(a, json_is_truthy(m->val) ? ui_js_text(a, m->val)
									   : S("")));
	}
	json_set_text(a, out, "email",
		      str_concat(a, json_get_text(out, "email"),
				 json_is_truthy(json_get(profile, "email_verified"))
					 ? S(" (verified)")
					 : S("(unverified)")));
	json_set_text(a, out, TFA_KEY, has_tfa ? ui_js_member(a, tfa, "mode") : S("disabled"));
	return out;
}

/* The values of the keys that are asked for, which may be separated by commas. */
static void show_some(struct cmd_ctx *ctx, const struct json *shown, const str *keys, size_t count)
{
	str rest = str_join(ctx->arena, keys, count, S(",")), key;
	VEC(str) values = { 0 };

	while (str_cut(&rest, ',', &key))
		if (str_trim_js(key).len)
			VEC_PUSH(ctx->arena, &values,
				 json_get_text(shown, str_cstr(ctx->arena, key)));
	out_line(ctx->out, STR_FMT,
		 STR_ARG(str_join(ctx->arena, values.items, values.len, S("\t"))));
}

static struct err *get(struct cmd_ctx *ctx, const str *keys, size_t count)
{
	struct arena *a = ctx->arena;
	bool is_parseable = cfg_bool(ctx->cfg, CFG_PARSEABLE);
	struct json *profile, *shown;
	const struct json *all;

	TRY(profile_fetch(ctx, &profile));
	if (!json_is_truthy(json_get(profile, "cidr_whitelist")))
		json_del(profile, S("cidr_whitelist"));
	out_json(ctx->out, profile);
	if (ctx->out->is_json)
		return NULL;
	shown = shown_profile(a, profile);
	if (count) {
		show_some(ctx, shown, keys, count);
		return NULL;
	}
	all = is_parseable ? profile : shown;
	for (size_t i = 0; i < all->count; i++) {
		const struct json_member *m = &all->members[i];
		str value = str_eq(m->key, S("tfa")) ? json_get_text(shown, TFA_KEY)
						     : ui_js_text(a, m->val);

		out_line(ctx->out, STR_FMT "%s" STR_FMT, STR_ARG(m->key),
			 is_parseable ? "\t" : ": ", STR_ARG(value));
	}
	return NULL;
}

/* ---- set ---- */

static const char *const writable[] = { "email", "password", "fullname", "homepage", "github" };

static struct err *check_property(str property, bool has_value)
{
	bool is_password = str_eq(property, S("password")), is_writable = false;

	for (size_t i = 0; i < ARRAY_LEN(writable); i++)
		is_writable |= str_eq(property, str_view(writable[i]));
	if (!is_password && !has_value)
		return err_new(E_GENERIC, "npm profile set <prop> <value>");
	if (is_password && has_value)
		return err_new(E_GENERIC,
			       "npm profile set password\n"
			       "Do not include your current or new passwords on the command "
			       "line.");
	return is_writable
		       ? NULL
		       : err_new(E_GENERIC,
				 "\"" STR_FMT "\" is not a property we can set. Valid properties "
				 "are: email, password, fullname, homepage, github",
				 STR_ARG(property));
}

/* {"old":...,"new":...}; the new one is typed twice. */
static struct err *ask_passwords(struct cmd_ctx *ctx, struct json **out)
{
	str current, fresh, again;

	TRY(user_info_password(ctx, "Current password:", S(""), &current));
	for (;;) {
		TRY(user_info_password(ctx, "New password:", S(""), &fresh));
		TRY(user_info_password(ctx, "Again:", S(""), &again));
		if (str_eq(fresh, again))
			break;
		log_warn("profile", "Passwords do not match, please try again.");
	}
	*out = json_new(ctx->arena, JSON_OBJECT);
	json_set_text(ctx->arena, *out, "old", current);
	json_set_text(ctx->arena, *out, "new", fresh);
	return NULL;
}

static void tell_set(struct cmd_ctx *ctx, str property, const struct json *result)
{
	struct arena *a = ctx->arena;
	struct json *value = json_get_str(result, property), *shown = json_new(a, JSON_OBJECT);
	str text = ui_js_text(a, value);

	if (value)
		json_set(a, shown, property, value);
	out_json(ctx->out, shown);
	if (ctx->out->is_json)
		return;
	if (cfg_bool(ctx->cfg, CFG_PARSEABLE))
		out_line(ctx->out, STR_FMT "\t" STR_FMT, STR_ARG(property), STR_ARG(text));
	else if (value && value->type != JSON_NULL)
		out_line(ctx->out, "Set " STR_FMT " to " STR_FMT, STR_ARG(property), STR_ARG(text));
	else
		out_line(ctx->out, "Set " STR_FMT, STR_ARG(property));
}

/* The registry clears what it is not told, so it is told all that may be set. */
static struct err *set(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	struct arena *a = ctx->arena;
	str property = nargs ? str_trim_js(str_lower(a, args[0])) : S("");
	struct json *value, *profile, *change = json_new(a, JSON_OBJECT), *result;

	TRY(check_property(property, nargs > 1));
	if (nargs > 1)
		value = json_new_string(a, str_join(a, args + 1, nargs - 1, S(" ")));
	else
		TRY(ask_passwords(ctx, &value));
	TRY(profile_fetch(ctx, &profile));
	for (size_t i = 0; i < ARRAY_LEN(writable); i++)
		if (json_get(profile, writable[i]))
			json_set(a, change, str_view(writable[i]), json_get(profile, writable[i]));
	json_set(a, change, property, value);
	TRY(profile_change(ctx, change, &result));
	tell_set(ctx, property, result);
	return NULL;
}

/* ---- the command ---- */

/* "enable-2fa", "enable-tfa", "enable2fa", "enabletfa" */
static bool is_2fa_word(str word, const char *verb)
{
	if (!str_starts(word, str_view(verb)))
		return false;
	word = str_from(word, strlen(verb));
	if (str_starts(word, S("-")))
		word = str_from(word, 1);
	return str_eq(word, S("2fa")) || str_eq(word, S("tfa"));
}

static struct err *profile_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)exit_status;
	if (!nargs)
		return cmd_usage_error(ctx, "%s", "");
	if (str_eq(args[0], S("get")))
		return get(ctx, args + 1, nargs - 1);
	if (str_eq(args[0], S("set")))
		return set(ctx, args + 1, nargs - 1);
	if (is_2fa_word(args[0], "enable"))
		return nargs > 2 ? err_new(E_GENERIC,
					   "npm profile enable-2fa [auth-and-writes|auth-only]")
				 : profile_enable_2fa(ctx, nargs > 1 ? args[1] : S(""));
	if (is_2fa_word(args[0], "disable"))
		return profile_disable_2fa(ctx);
	return err_new(E_GENERIC, "Unknown profile command: " STR_FMT, STR_ARG(args[0]));
}

const struct cmd cmd_profile = {
	.name = "profile",
	.summary = "Change settings on your registry profile",
	.synopsis = (const char *const[]){ "enable-2fa [auth-only|auth-and-writes]", "disable-2fa",
					   "get [<key>]", "set <key> <value>", NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_JSON, CFG_PARSEABLE, CFG_OTP, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "profile",
	.run = profile_run,
};
