/* SPDX-License-Identifier: MIT
 * search: asks the registry for packages by words (npm-cli.md 8.5). What the registry finds is shown in its order. */
#include "search_output.h"

#include "cpm/registry/endpoints.h"

/* ---- the question ---- */

static str encoded(struct arena *a, str text)
{
	return str_replace_all(a, str_encode(a, text, "*-._ "), S(" "), S("+"));
}

/* What --searchopts ("from=20&sortBy=quality") says of @key; else @usual. */
static str option(const struct cmd_ctx *ctx, const char *key, str usual)
{
	str rest = cfg_text(ctx->cfg, CFG_SEARCHOPTS);

	for (str part; str_cut(&rest, '&', &part);) {
		size_t is = str_find_char(part, '=');

		if (is != STR_NPOS && str_eq(str_slice(part, 0, is), str_view(key)))
			return str_from(part, is + 1);
	}
	return usual;
}

/* How much each of a package's scores counts. */
static void choose_weights(const struct cmd_ctx *ctx, str weights[3])
{
	static const struct {
		const char *name;
		str weights[3];
	} sorts[] = {
		{ "optimal", { S("0.65"), S("0.98"), S("0.5") } },
		{ "quality", { S("1"), S("0"), S("0") } },
		{ "popularity", { S("0"), S("1"), S("0") } },
		{ "maintenance", { S("0"), S("0"), S("1") } },
	};
	static const char *const keys[] = { "quality", "popularity", "maintenance" };
	str sort = option(ctx, "sortBy", S(""));

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		weights[i] = option(ctx, keys[i], sorts[0].weights[i]);
	for (size_t i = 0; i < ARRAY_LEN(sorts); i++)
		if (str_eq(sort, str_view(sorts[i].name)))
			memcpy(weights, sorts[i].weights, sizeof(sorts[i].weights));
}

static str question_url(struct cmd_ctx *ctx, const str *words, size_t nwords)
{
	struct arena *a = ctx->arena;
	str weights[3], text = str_join(a, words, nwords, S(" "));

	choose_weights(ctx, weights);
	return str_printf(a,
			  STR_FMT "-/v1/search?text=" STR_FMT "&size=%.0f&from=" STR_FMT
				  "&quality=" STR_FMT "&popularity=" STR_FMT
				  "&maintenance=" STR_FMT,
			  STR_ARG(cfg_registry_for(ctx->cfg, S("x"))), STR_ARG(encoded(a, text)),
			  cfg_number(ctx->cfg, CFG_SEARCHLIMIT),
			  STR_ARG(encoded(a, option(ctx, "from", S("0")))),
			  STR_ARG(encoded(a, weights[0])), STR_ARG(encoded(a, weights[1])),
			  STR_ARG(encoded(a, weights[2])));
}

/* ---- the answer ---- */

static void show_json(struct cmd_ctx *ctx, const struct json *package, bool is_first)
{
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);

	json_write(&text, package, (struct json_style){ S(""), S("") });
	out_line(ctx->out, "%s", is_first ? "[\n" : "\n,\n");
	out_line(ctx->out, STR_FMT, STR_ARG(buf_view(&text)));
}

static void tell_none(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);

	for (size_t i = 0; i < nargs; i++) {
		buf_add_char(&text, ' ');
		json_write_string(&text, args[i]);
	}
	out_line(ctx->out, "No matches found for" STR_FMT, STR_ARG(buf_view(&text)));
}

static struct err *search_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	bool is_json = ctx->out->is_json, is_parseable = cfg_bool(ctx->cfg, CFG_PARSEABLE);
	struct search_words words = search_words_make(ctx->arena, args, nargs);
	const struct json *objects;
	struct json *answer;
	struct http *http;
	size_t shown = 0;

	(void)exit_status;
	if (!words.count)
		return err_new(E_GENERIC, "search must be called with arguments");
	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_call(ctx->arena, ctx->cfg, http,
			  &(struct registry_call){ .url = question_url(ctx, words.items,
								       words.count) },
			  &answer));
	objects = json_get(answer, "objects");
	for (size_t i = 0; json_is(objects, JSON_ARRAY) && i < objects->count; i++) {
		const struct json *package = json_get(objects->items[i], "package");

		if (search_is_excluded(ctx, package))
			continue;
		if (is_json)
			show_json(ctx, package, !shown);
		else
			out_text(ctx->out, is_parseable ? search_row(ctx->arena, package)
							: search_card(ctx, package, &words));
		shown++;
	}
	if (is_json)
		out_line(ctx->out, "%s", shown ? "]\n" : "\n[]\n");
	else if (!shown && !is_parseable)
		tell_none(ctx, args, nargs);
	return NULL;
}

const struct cmd cmd_search = {
	.name = "search",
	.summary = "Search for packages",
	.synopsis = (const char *const[]){ "<search term> [<search term> ...]", NULL },
	.aliases = (const char *const[]){ "find", "s", "se", NULL },
	.keys = (const enum cfg_key[]){ CFG_JSON, CFG_COLOR, CFG_PARSEABLE, CFG_DESCRIPTION,
					CFG_SEARCHLIMIT, CFG_SEARCHOPTS, CFG_SEARCHEXCLUDE,
					CFG_REGISTRY, CFG_PREFER_ONLINE, CFG_PREFER_OFFLINE,
					CFG_OFFLINE, CFG_END },
	.needs = CMD_NEEDS_NETWORK,
	.doc = "search",
	.run = search_run,
};
