/* SPDX-License-Identifier: MIT
 * policy: what cpm-policy.json lets pass, whether that still holds, and adding to it. */
#include "policy_run.h"

#include <time.h>

#define EXPIRED_STATUS 5 /* as with audit: see audit_run.h */

/* ---- ls ---- */

static struct json *entry_json(struct arena *a, const struct policy_entry *e)
{
	struct json *out = json_new(a, JSON_OBJECT);

	json_set_text(a, out, "kind", policy_kind_name(e->kind));
	json_set_text(a, out, "what", e->what);
	if (!str_is_null(e->path))
		json_set_text(a, out, "path", e->path);
	json_set_text(a, out, "reason", e->reason);
	json_set_text(a, out, "owner", e->owner);
	json_set_text(a, out, "expires", e->expires);
	if (!str_is_null(e->state))
		json_set_text(a, out, "state", e->state);
	if (!str_is_null(e->justification))
		json_set_text(a, out, "justification", e->justification);
	return out;
}

static void show_entry(struct cmd_ctx *ctx, const struct policy_entry *e)
{
	out_line(ctx->out,
		 STR_FMT " " STR_FMT "%s" STR_FMT ": %s " STR_FMT " (" STR_FMT "): " STR_FMT,
		 STR_ARG(policy_kind_name(e->kind)), STR_ARG(e->what),
		 str_is_null(e->path) ? "" : " at ",
		 STR_ARG(str_is_null(e->path) ? S("") : e->path),
		 e->is_expired ? "expired" : "until", STR_ARG(e->expires), STR_ARG(e->owner),
		 STR_ARG(e->reason));
}

static void list(struct cmd_ctx *ctx, const struct policy *p, bool only_expired)
{
	struct json *all = json_new(ctx->arena, JSON_ARRAY);

	for (size_t i = 0; p && i < p->entries.len; i++) {
		const struct policy_entry *e = &p->entries.items[i];
		struct json *o = entry_json(ctx->arena, e);

		if (only_expired && !e->is_expired)
			continue;
		json_set(ctx->arena, o, S("expired"), json_new_bool(ctx->arena, e->is_expired));
		json_append(ctx->arena, all, o);
		if (!ctx->out->is_json)
			show_entry(ctx, e);
	}
	if (ctx->out->is_json)
		out_json(ctx->out, all);
}

/* ---- check ---- */

static void check(struct cmd_ctx *ctx, const struct policy *p, int *exit_status)
{
	size_t count = p ? p->entries.len : 0, expired = 0;

	for (size_t i = 0; i < count; i++)
		expired += p->entries.items[i].is_expired;
	list(ctx, p, true);
	if (!ctx->out->is_json)
		out_line(ctx->out, "%zu exception%s, %zu expired", count, count == 1 ? "" : "s",
			 expired);
	if (expired)
		*exit_status = str_eq(cfg_text(ctx->cfg, CFG_EXIT_CODES), S("strict"))
				       ? EXPIRED_STATUS
				       : 1;
}

/* ---- edits ---- */

static struct err *save(struct cmd_ctx *ctx, const struct json *doc, struct json_style style)
{
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);
	struct policy *checked;

	json_write(&text, doc, style);
	buf_add(&text, style.newline);
	/* Nothing is written that could not be read again. */
	TRY(policy_parse(ctx->arena, buf_view(&text), policy_today(ctx->arena), &checked));
	return fs_write_atomic(ctx->dirfd, POLICY_NAME, buf_view(&text), 0666);
}

static struct json *new_document(struct arena *a)
{
	struct json *doc = json_new(a, JSON_OBJECT);

	json_set(a, doc, S("version"), json_new_number(a, 1));
	return doc;
}

static bool is_settable(str key)
{
	static const str keys[] = { S("path"),    S("reason"), S("owner"),
				    S("expires"), S("state"),  S("justification") };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (str_eq(key, keys[i]))
			return true;
	return false;
}

/* "reason=not reachable" and the like. */
static struct err *set_members(struct cmd_ctx *ctx, struct json *entry, const str *args,
			       size_t nargs)
{
	for (size_t i = 0; i < nargs; i++) {
		size_t at = str_find_char(args[i], '=');
		str key = at == STR_NPOS ? S("") : str_slice(args[i], 0, at);

		if (!is_settable(key))
			return cmd_usage_error(ctx,
					       "'" STR_FMT "' is none of path=, reason=, owner=, "
					       "expires=, state=, justification=",
					       STR_ARG(args[i]));
		json_set(ctx->arena, entry, key,
			 json_new_string(ctx->arena, str_from(args[i], at + 1)));
	}
	return NULL;
}

static struct err *allow(struct cmd_ctx *ctx, const struct policy *p, const str *args, size_t nargs)
{
	struct arena *a = ctx->arena;
	struct json *doc = p ? p->doc : new_document(a), *exceptions, *entry;
	enum policy_kind kind;

	if (nargs < 2 || !policy_kind_find(args[0], &kind))
		return cmd_usage_error(ctx, "allow needs a kind and what it is for, as in: "
					    "allow advisory GHSA-... reason=... owner=... "
					    "expires=2027-01-31");
	entry = json_new(a, JSON_OBJECT);
	json_set_text(a, entry, "kind", args[0]);
	json_set_text(a, entry, "what", args[1]);
	TRY(set_members(ctx, entry, args + 2, nargs - 2));
	exceptions = json_get(doc, "exceptions");
	if (!exceptions) {
		exceptions = json_new(a, JSON_ARRAY);
		json_set(a, doc, S("exceptions"), exceptions);
	}
	json_append(a, exceptions, entry);
	return save(ctx, doc, p ? p->style : JSON_STYLE_DEFAULT);
}

/* The day before today is the last one on which they counted. */
static str yesterday(struct arena *a)
{
	time_t then = time(NULL) - 24 * 60 * 60;
	struct tm tm;

	gmtime_r(&then, &tm);
	return str_printf(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static struct err *expire(struct cmd_ctx *ctx, const struct policy *p, const str *args,
			  size_t nargs)
{
	struct json *exceptions = p ? json_get(p->doc, "exceptions") : NULL;
	size_t count = 0;

	if (nargs != 1)
		return cmd_usage_error(
			ctx, "expire needs what the exception is for, as `policy ls` shows it");
	for (size_t i = 0; i < (p ? p->entries.len : 0); i++) {
		const struct policy_entry *e = &p->entries.items[i];

		if (!str_eq(e->what, args[0]) || e->is_expired)
			continue;
		json_set(ctx->arena, exceptions->items[i], S("expires"),
			 json_new_string(ctx->arena, yesterday(ctx->arena)));
		count++;
	}
	if (count == 0)
		return err_new(E_GENERIC,
			       POLICY_NAME " has no exception for '" STR_FMT
					   "' that counts; `policy ls` shows what it has",
			       STR_ARG(args[0]));
	return save(ctx, p->doc, p->style);
}

/* ---- the command ---- */

static struct err *policy_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
				  int *exit_status)
{
	str what = nargs ? args[0] : S("ls");
	struct policy *p;

	TRY(cmd_ctx_policy(ctx, &p));
	if (str_eq(what, S("allow")))
		return allow(ctx, p, args + 1, nargs - 1);
	if (str_eq(what, S("expire")))
		return expire(ctx, p, args + 1, nargs - 1);
	if (nargs > 1 || (!str_eq(what, S("ls")) && !str_eq(what, S("check"))))
		return cmd_usage_error(ctx, "'" STR_FMT "' is none of ls, check, allow, expire",
				       STR_ARG(nargs > 1 ? args[1] : what));
	if (str_eq(what, S("ls")))
		list(ctx, p, false);
	else
		check(ctx, p, exit_status);
	return NULL;
}

const struct cmd cmd_policy = {
	.name = "policy",
	.summary = "Show and change what cpm-policy.json lets pass",
	.synopsis = (const char *const[]){ "ls", "check",
					   "allow <kind> <what> [path=<pattern>] reason=<text> "
					   "owner=<who> expires=<day>",
					   "expire <what>", NULL },
	.keys = (const enum cfg_key[]){ CFG_EXIT_CODES, CFG_JSON, CFG_END },
	.needs = CMD_NEEDS_FOLDER | CMD_OWN,
	.doc = "policy",
	.run = policy_command,
};
