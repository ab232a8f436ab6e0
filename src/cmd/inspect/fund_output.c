/* SPDX-License-Identifier: MIT
 * Drawing the tree of fund. A package whose address was met before joins those of that address, and
 * what hangs below it is looked at but not drawn, as in npm. */
#include "fund_output.h"

#include "cpm/tree/funding.h"
#include "cpm/ui/ui_tree.h"

/* A line of the drawing: an address with its packages, or a package without one. */
struct place {
	struct ui_branch branch;
	str url;
	VEC(str) packages;
};

struct pending {
	str name;
	const struct json *item;
	struct ui_branch *above; /* NULL: not drawn */
};

struct drawing {
	struct cmd_ctx *ctx;
	struct map places; /* url -> struct place * */
	VEC(struct place *) order;
	VEC(struct pending) stack;
};

static str package_text(struct arena *a, str name, const struct json *item)
{
	str version = json_get_text(item, "version");

	return str_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(name), version.len ? "@" : "",
			  STR_ARG(version));
}

/* The branch of a package; NULL when it joined one that is there. */
static struct ui_branch *visit(struct drawing *d, const struct pending *t)
{
	struct arena *a = d->ctx->arena;
	str package = package_text(a, t->name, t->item);
	size_t count;
	const struct funding_place *places = funding_places(a, json_get(t->item, "funding"),
							    &count);
	str url = count ? places[0].url : STR_NULL;
	struct place *p = count ? map_get(&d->places, url) : NULL;
	bool is_new = !p;

	if (is_new)
		p = ARENA_NEW(a, struct place);
	p->url = url;
	VEC_PUSH(a, &p->packages, package);
	if (!is_new)
		return NULL;
	VEC_PUSH(a, &d->order, p);
	if (count)
		map_put(&d->places, url, p);
	if (t->above)
		VEC_PUSH(a, &t->above->kids, &p->branch);
	return &p->branch;
}

/* The next to visit is on top, so that all is met in order. */
static void push_kids(struct drawing *d, const struct json *item, struct ui_branch *branch)
{
	const struct json *kids = json_get(item, "dependencies");

	for (size_t i = json_is(kids, JSON_OBJECT) ? kids->count : 0; i-- > 0;)
		VEC_PUSH(d->ctx->arena, &d->stack,
			 (struct pending){ kids->members[i].key, kids->members[i].val, branch });
}

/* Once it is known who shares an address. */
static str label(const struct drawing *d, const struct place *p)
{
	struct arena *a = d->ctx->arena;
	bool is_colored = d->ctx->screen->term.out_color;
	const char *end = d->ctx->screen->term.is_unicode ? "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80"
							  : "`--";
	struct str_buf out = str_buf(a, SIZE_MAX);

	if (p->url.len) {
		paint_text(&out, is_colored, PAINT_BLUE, p->url);
		buf_printf(&out, "\n%s ", end);
	}
	for (size_t i = 0; i < p->packages.len; i++) {
		if (i)
			buf_printf(&out, "%s,%s ", paint(is_colored, PAINT_DIM),
				   paint(is_colored, PAINT_RESET));
		paint_text(&out, false, PAINT_RESET, p->packages.items[i]);
	}
	return buf_view(&out);
}

str fund_human(struct cmd_ctx *ctx, const struct json *report)
{
	struct drawing d = { .ctx = ctx };
	struct ui_branch *root = NULL;
	struct str_buf out = str_buf(ctx->arena, SIZE_MAX);

	map_init(&d.places, ctx->arena);
	VEC_PUSH(ctx->arena, &d.stack,
		 (struct pending){ json_get_text(report, "name"), report, NULL });
	while (d.stack.len) {
		struct pending t = VEC_POP(&d.stack);
		struct ui_branch *branch = visit(&d, &t);

		if (!root)
			root = branch;
		push_kids(&d, t.item, branch);
	}
	for (size_t i = 0; i < d.order.len; i++)
		d.order.items[i]->branch.label = label(&d, d.order.items[i]);
	ui_tree_format(&out, root, ctx->screen->term.is_unicode);
	return buf_view(&out);
}
