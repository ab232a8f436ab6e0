/* SPDX-License-Identifier: MIT
 * outdated: dependencies for which there is something newer, in npm's three forms
 * (npm-cli.md 2.3.7). */
#include "outdated.h"

#include "cpm/ui/ui_table.h"

#define COLUMNS      6
#define LONG_COLUMNS 9

/* ---- document ---- */

static void set_text(struct arena *a, struct json *out, const char *key, str text)
{
	if (!str_is_null(text))
		json_set_text(a, out, key, text);
}

static struct json *item_json(struct arena *a, const struct outdated_item *item, bool is_long)
{
	struct json *out = json_new(a, JSON_OBJECT);

	set_text(a, out, "current", item->current);
	set_text(a, out, "wanted", item->wanted);
	set_text(a, out, "latest", item->latest);
	set_text(a, out, "dependent", item->dependent);
	set_text(a, out, "location", item->path);
	if (!is_long)
		return out;
	set_text(a, out, "type", item->type);
	set_text(a, out, "homepage", item->homepage);
	set_text(a, out, "dependedByLocation", item->dependent_location);
	return out;
}

/* Keyed by name; several under one name are a list. */
static struct json *list_json(struct arena *a, const struct outdated_list *list, bool is_long)
{
	struct json *out = json_new(a, JSON_OBJECT);

	VEC_EACH (struct outdated_item, item, &list->items) {
		struct json *value = item_json(a, item, is_long),
			    *before = json_get_str(out, item->name), *several = before;

		if (json_is(before, JSON_OBJECT)) {
			several = json_new(a, JSON_ARRAY);
			json_append(a, several, before);
		}
		if (several)
			json_append(a, several, value);
		json_set(a, out, item->name, several ? several : value);
	}
	return out;
}

/* ---- table ---- */

struct painter {
	struct arena *arena;
	bool is_on;
};

static str painted(const struct painter *p, enum paint color, str text)
{
	struct str_buf out = str_buf(p->arena, SIZE_MAX);

	paint_text(&out, p->is_on, color, text);
	return buf_view(&out);
}

static str or_else(str text, str other)
{
	return str_is_null(text) ? other : text;
}

static void add_row(const struct painter *p, const struct outdated_item *item, bool is_long,
		    str *cells)
{
	bool is_wanted = str_eq(item->current, item->wanted),
	     is_member = !str_is_null(item->member_id);
	const struct {
		enum paint color;
		str text;
	} row[LONG_COLUMNS] = {
		{ is_wanted ? PAINT_YELLOW : PAINT_RED, item->name },
		{ PAINT_RESET, or_else(item->current, S("MISSING")) },
		{ PAINT_CYAN, item->wanted },
		{ PAINT_BLUE, item->latest },
		{ PAINT_RESET, or_else(item->location, S("-")) },
		{ is_member ? PAINT_BLUE : PAINT_RESET, or_else(item->member_id, item->dependent) },
		{ PAINT_RESET, item->type },
		{ PAINT_BLUE, or_else(item->homepage, S("")) },
		{ PAINT_RESET, item->dependent_location },
	};

	for (size_t i = 0; i < (is_long ? LONG_COLUMNS : COLUMNS); i++)
		cells[i] = painted(p, row[i].color, row[i].text);
}

static str format_table(struct cmd_ctx *ctx, const struct outdated_list *list, bool is_long)
{
	static const char *const titles[LONG_COLUMNS] = {
		"Package",      "Current",  "Wanted",
		"Latest",       "Location", "Depended by",
		"Package Type", "Homepage", "Depended By Location"
	};
	const struct painter p = { ctx->arena, ctx->screen->term.out_color };
	size_t ncols = is_long ? LONG_COLUMNS : COLUMNS, nrows = list->items.len + 1;
	str *cells = ARENA_ARRAY(ctx->arena, str, nrows * ncols);
	struct str_buf out = str_buf(ctx->arena, SIZE_MAX);

	for (size_t i = 0; i < ncols; i++)
		cells[i] = painted(&p, PAINT_BOLD_UNDERLINE, str_view(titles[i]));
	for (size_t i = 0; i < list->items.len; i++)
		add_row(&p, &list->items.items[i], is_long, &cells[(i + 1) * ncols]);
	ui_table_format(&out, cells, nrows, ncols, "lrrrl");
	return buf_view(&out);
}

/* ---- a line each ---- */

static str format_lines(struct arena *a, const struct outdated_list *list, bool is_long)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	VEC_EACH (struct outdated_item, item, &list->items) {
		str n = item->name;

		buf_add(&out, out.len ? S("\n") : S(""));
		buf_printf(&out, STR_FMT ":" STR_FMT "@" STR_FMT ":", STR_ARG(item->path),
			   STR_ARG(n), STR_ARG(item->wanted));
		if (str_is_empty(item->current))
			buf_add(&out, S("MISSING"));
		else
			buf_printf(&out, STR_FMT "@" STR_FMT, STR_ARG(n), STR_ARG(item->current));
		buf_printf(&out, ":" STR_FMT "@" STR_FMT ":" STR_FMT, STR_ARG(n),
			   STR_ARG(item->latest), STR_ARG(item->dependent));
		if (is_long)
			buf_printf(&out, ":" STR_FMT ":" STR_FMT ":" STR_FMT, STR_ARG(item->type),
				   STR_ARG(item->homepage), STR_ARG(item->dependent_location));
	}
	return buf_view(&out);
}

/* ---- the command ---- */

static struct err *outdated_run(struct cmd_ctx *ctx, const str *args, size_t nargs,
				int *exit_status)
{
	bool is_long = cfg_bool(ctx->cfg, CFG_LONG);
	struct outdated_list list;

	TRY(outdated_find(ctx, args, nargs, &list));
	*exit_status = list.items.len > 0;
	if (ctx->out->is_json)
		out_json(ctx->out, list_json(ctx->arena, &list, is_long));
	else if (list.items.len && cfg_bool(ctx->cfg, CFG_PARSEABLE))
		out_line(ctx->out, STR_FMT, STR_ARG(format_lines(ctx->arena, &list, is_long)));
	else if (list.items.len)
		out_text(ctx->out, format_table(ctx, &list, is_long));
	return NULL;
}

const struct cmd cmd_outdated = {
	.name = "outdated",
	.summary = "Check for outdated packages",
	.synopsis = (const char *const[]){ "[<package-spec> ...]", NULL },
	.keys = (const enum cfg_key[]){ CFG_GLOBAL, CFG_ALL, CFG_JSON, CFG_LONG, CFG_PARSEABLE,
					CFG_OMIT, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_INCLUDE_WORKSPACE_ROOT, CFG_BEFORE, CFG_MIN_RELEASE_AGE,
					CFG_MIN_RELEASE_AGE_EXCLUDE, CFG_END },
	.needs = CMD_CHECKS_ENGINES | CMD_WORKSPACES | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK,
	.doc = "outdated",
	.run = outdated_run,
};
