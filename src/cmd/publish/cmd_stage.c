/* SPDX-License-Identifier: MIT
 * `cpm stage`: packages that wait at the registry until somebody with a second factor approves
 * them. Source: npm's stage folder. */
#include "published.h"
#include "registry_write.h"
#include "stage_download.h"

#include "cpm/ui/ui_js_text.h"

#include <ctype.h>

#define PAGE_ITEMS 100
#define PAGES_MAX  1000

/* ---- showing ---- */

/* Ids look like secrets, and are what is asked for: nothing is hidden. */
static void tell_document(struct cmd_ctx *ctx, const struct json *value)
{
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);

	json_write(&text, value, JSON_STYLE_DEFAULT);
	out_whole_line(ctx->out, STR_FMT, STR_ARG(buf_view(&text)));
}

static void add_row(struct cmd_ctx *ctx, struct str_buf *text, str title, str value)
{
	bool color = ctx->screen->term.out_color;

	buf_printf(text, "%s%s" STR_FMT "%s: %s" STR_FMT "%s", text->len ? "\n" : "",
		   paint(color, PAINT_CYAN), STR_ARG(log_escape(ctx->arena, title)),
		   paint(color, PAINT_RESET), paint(color, PAINT_GREEN),
		   STR_ARG(log_escape(ctx->arena, value)), paint(color, PAINT_RESET));
}

static bool is_there(const struct json *v)
{
	return v && v->type != JSON_NULL;
}

static str staged_by(struct arena *a, const struct json *item)
{
	str actor = ui_js_member(a, item, "actor");
	const struct json *type = json_get(item, "actorType");

	return json_is_truthy(type) ? str_printf(a, STR_FMT " (" STR_FMT ")", STR_ARG(actor),
						 STR_ARG(ui_js_text(a, type)))
				    : actor;
}

static void tell_item(struct cmd_ctx *ctx, const struct json *item)
{
	static const struct {
		const char *key, *title;
	} rows[] = {
		{ "id", "id" },           { "packageName", "package name" },
		{ "version", "version" }, { "status", "status" },
		{ "tag", "tag" },         { "createdAt", "date staged" },
		{ "actor", "staged by" }, { "shasum", "shasum" },
		{ "actorType", NULL },
	};
	struct arena *a = ctx->arena;
	struct str_buf text = str_buf(a, SIZE_MAX);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct json *v = json_get(item, rows[i].key);
		bool is_actor = strcmp(rows[i].key, "actor") == 0;

		if (rows[i].title && is_there(v))
			add_row(ctx, &text, str_view(rows[i].title),
				is_actor ? staged_by(a, item) : ui_js_text(a, v));
	}
	for (size_t i = 0; json_is(item, JSON_OBJECT) && i < item->count; i++) {
		bool is_known = false;

		for (size_t j = 0; j < ARRAY_LEN(rows); j++)
			is_known |= str_eq(item->members[i].key, str_view(rows[j].key));
		if (!is_known && is_there(item->members[i].val))
			add_row(ctx, &text, item->members[i].key,
				ui_js_text(a, item->members[i].val));
	}
	if (text.len)
		out_text(ctx->out, buf_view(&text));
}

/* ---- list ---- */

static struct err *fetch_page(struct cmd_ctx *ctx, size_t page, str package, struct json **out)
{
	struct arena *a = ctx->arena;
	str filter = package.len
			     ? str_concat(a, S("&package="), str_encode(a, package, URL_COMPONENT))
			     : S("");

	return registry_ask(ctx,
			    str_printf(a, "-/stage?page=%zu&perPage=%d" STR_FMT, page, PAGE_ITEMS,
				       STR_ARG(filter)),
			    out);
}

static struct err *fetch_all(struct cmd_ctx *ctx, str package, struct json **all)
{
	*all = json_new(ctx->arena, JSON_ARRAY);
	for (size_t page = 0; page < PAGES_MAX; page++) {
		const struct json *items, *total;
		struct json *answer;

		TRY(fetch_page(ctx, page, package, &answer));
		items = json_get(answer, "items");
		total = json_get(answer, "total");
		if (!json_is(items, JSON_ARRAY))
			return err_new(E_BAD_RESPONSE,
				       "the registry's answer is no list of staged packages");
		for (size_t i = 0; i < items->count; i++)
			json_append(ctx->arena, *all, items->items[i]);
		if (items->count < PAGE_ITEMS ||
		    (json_is(total, JSON_NUMBER) && (double)(*all)->count >= total->number))
			break;
	}
	return NULL;
}

static struct err *list(struct cmd_ctx *ctx, str arg)
{
	str package = S("");
	struct json *all;

	if (arg.len) {
		struct spec *spec;

		TRY(spec_parse_arg(ctx->arena, arg, cfg_cwd(ctx->cfg), &spec));
		if (!spec_is_registry(spec) || !published_is_bare(spec))
			return cmd_usage_error(ctx,
					       "Version specifiers are not supported for listing "
					       "staged packages");
		package = spec->name;
	}
	TRY(fetch_all(ctx, package, &all));
	if (ctx->out->is_json)
		tell_document(ctx, all);
	else if (!all->count && package.len)
		out_line(ctx->out, "No staged versions of package name \"" STR_FMT "\".",
			 STR_ARG(package));
	else if (!all->count)
		out_line(ctx->out, "No staged packages found.");
	for (size_t i = 0; !ctx->out->is_json && i < all->count; i++) {
		if (i)
			out_line(ctx->out, "%s", "");
		tell_item(ctx, all->items[i]);
	}
	return NULL;
}

/* ---- one package ---- */

static str path_of(struct arena *a, str id, const char *behind)
{
	return str_printf(a, "-/stage/" STR_FMT "%s", STR_ARG(id), behind);
}

static struct err *view(struct cmd_ctx *ctx, str id)
{
	struct json *item;

	TRY(registry_ask(ctx, path_of(ctx->arena, id, ""), &item));
	(ctx->out->is_json ? tell_document : tell_item)(ctx, item);
	return NULL;
}

static struct err *approve(struct cmd_ctx *ctx, str id)
{
	log_notice("", "Approving staged package " STR_FMT, STR_ARG(id));
	TRY(registry_tell(ctx, "POST", path_of(ctx->arena, id, "/approve"), NULL, NULL));
	out_whole_line(ctx->out, "Staged package " STR_FMT " approved and published successfully.",
		       STR_ARG(id));
	return NULL;
}

static struct err *reject(struct cmd_ctx *ctx, str id)
{
	log_notice("", "Rejecting staged package " STR_FMT, STR_ARG(id));
	log_warn(
		"",
		"Rejecting will permanently delete this staged publish record and tarball from the "
		"registry.");
	TRY(registry_tell(ctx, "DELETE", path_of(ctx->arena, id, ""), NULL, NULL));
	out_whole_line(ctx->out, "Staged package " STR_FMT " has been rejected.", STR_ARG(id));
	return NULL;
}

/* ---- the command ---- */

static const struct {
	const char *word;
	struct err *(*run)(struct cmd_ctx *ctx, str id);
} actions[] = {
	{ "view", view },
	{ "approve", approve },
	{ "reject", reject },
	{ "download", stage_download },
};

/* 8-4-4-4-12 hexadecimal digits. */
static bool is_uuid(str text)
{
	const str form = S("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");

	if (text.len != form.len)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (form.p[i] == '-' ? text.p[i] != '-' : !isxdigit((unsigned char)text.p[i]))
			return false;
	return true;
}

static struct err *stage_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str arg = nargs > 1 ? args[1] : S("");

	(void)exit_status;
	if (!nargs)
		return cmd_usage_error(ctx, "%s", "");
	if (str_eq(args[0], S("list")))
		return list(ctx, arg);
	if (str_eq(args[0], S("publish")))
		return err_new(E_GENERIC,
			       "cpm cannot stage a package, it publishes at once: 'npm stage "
			       "publish' stages it, 'cpm publish' publishes it");
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!str_eq(args[0], str_view(actions[i].word)))
			continue;
		if (!arg.len)
			return cmd_usage_error(ctx, "Missing required <stage-id>");
		if (!is_uuid(arg))
			return err_new(E_GENERIC, "stage-id must be a valid UUID");
		return actions[i].run(ctx, arg);
	}
	return cmd_usage_error(ctx, "Unknown subcommand: " STR_FMT, STR_ARG(args[0]));
}

const struct cmd cmd_stage = {
	.name = "stage",
	.summary = "Look at, approve and reject packages that wait to be published",
	.synopsis = (const char *const[]){ "list [<package-spec>]", "view <stage-id>",
					   "approve <stage-id>", "reject <stage-id>",
					   "download <stage-id>", NULL },
	.keys = (const enum cfg_key[]){ CFG_JSON, CFG_OTP, CFG_REGISTRY, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "stage",
	.run = stage_run,
};
