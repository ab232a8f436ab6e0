/* SPDX-License-Identifier: MIT
 * The three forms of `ls`: a document, a drawing, a line for each package. */
#include "ls_walk.h"

#include "cpm/base/path.h"
#include "cpm/ui/ui_tree.h"

/* ---- document ---- */

static struct json *text(struct arena *a, str s)
{
	return json_new_string(a, s);
}

static struct json *texts(struct arena *a, const str *items, size_t count)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < count; i++)
		json_append(a, list, text(a, items[i]));
	return list;
}

static str resolved_of(struct arena *a, const struct node *n)
{
	return n->is_link ? node_link_resolved(a, n) : n->resolved;
}

static void add_members(struct arena *a, struct json *to, const struct json *from)
{
	for (size_t i = 0; json_is(from, JSON_OBJECT) && i < from->count; i++)
		json_set(a, to, from->members[i].key, from->members[i].val);
}

static struct json *or_empty(struct arena *a, struct json *map)
{
	return map ? map : json_new(a, JSON_OBJECT);
}

/* --long: all of package.json, with the dependencies under another name because the tree takes
 * theirs. */
static void add_package(struct package_docs *docs, struct json *out, const struct ls_item *item)
{
	struct arena *a = docs->arena;
	const struct json *doc = package_doc(docs, item->node);
	struct json *needs = json_new(a, JSON_OBJECT);

	json_set(a, out, S("name"), text(a, item->name));
	for (size_t i = 0; i < doc->count; i++)
		if (!str_eq(doc->members[i].key, S("dependencies")))
			json_set(a, out, doc->members[i].key, doc->members[i].val);
	json_set(a, out, S("extraneous"), json_new_bool(a, false));
	json_set(a, out, S("path"), text(a, item->node->path));
	add_members(a, needs, json_get(doc, "dependencies"));
	add_members(a, needs, json_get(doc, "optionalDependencies"));
	json_set(a, out, S("_dependencies"), needs);
	json_set(a, out, S("devDependencies"), or_empty(a, json_get(doc, "devDependencies")));
	json_set(a, out, S("peerDependencies"), or_empty(a, json_get(doc, "peerDependencies")));
}

/* Where it is met first, all that is known; a repeat has its version only. */
static void add_place(struct package_docs *docs, struct json *out, const struct ls_item *item,
		      bool is_long)
{
	struct arena *a = docs->arena;
	const struct node *n = item->node;
	str version = node_version(n), resolved = item->is_repeat ? STR_NULL : resolved_of(a, n);

	if (version.len)
		json_set(a, out, S("version"), text(a, version));
	if (resolved.len)
		json_set(a, out, S("resolved"), text(a, resolved));
	if (!item->is_repeat && !n->is_root)
		json_set(a, out, S("overridden"), json_new_bool(a, node_is_overridden(n)));
	if (!item->is_repeat && n->extended_by)
		json_set(a, out, S("packageExtensionsApplied"), n->extended_by);
	if (n->is_root && (package_doc(docs, n)->count || n->tree->is_global))
		json_set(a, out, S("name"),
			 text(a, str_is_empty(n->manifest->name) ? n->name : n->manifest->name));
	if (is_long)
		add_package(docs, out, item);
	if (!item->is_repeat && n->extraneous)
		json_set(a, out, S("extraneous"), json_new_bool(a, true));
}

static struct json *item_json(struct package_docs *docs, const struct ls_item *item, bool is_long)
{
	struct arena *a = docs->arena;
	struct json *out = json_new(a, JSON_OBJECT);
	bool is_unmet = !item->node && !item->is_optional;

	if (item->node)
		add_place(docs, out, item, is_long);
	if (!str_is_null(item->invalid))
		json_set(a, out, S("invalid"), text(a, item->invalid));
	if (item->node && !item->is_repeat && item->node->patched)
		json_set_text(a, out, "patched", json_get_text(item->node->patched, "path"));
	if (is_unmet && !str_is_null(item->required))
		json_set(a, out, S("required"), text(a, item->required));
	if (is_unmet)
		json_set(a, out, S("missing"), json_new_bool(a, true));
	if (item->is_match && item->problems.len)
		json_set(a, out, S("problems"), texts(a, item->problems.items, item->problems.len));
	return out;
}

/* The items come parents first, so each finds the document of its parent. */
struct json *ls_json(struct package_docs *docs, const struct ls_result *r, bool is_long)
{
	struct arena *a = docs->arena;
	struct json **made = ARENA_ARRAY(a, struct json *, r->items.len);

	for (size_t i = 0; i < r->items.len; i++)
		made[i] = item_json(docs, r->items.items[i], is_long);
	if (r->problems.len)
		json_set(a, made[0], S("problems"), texts(a, r->problems.items, r->problems.len));
	for (size_t i = 1; i < r->items.len; i++) {
		const struct ls_item *item = r->items.items[i];
		struct json *parent = made[item->parent->at];

		if (!item->is_shown)
			continue;
		if (!json_get(parent, "dependencies"))
			json_set(a, parent, S("dependencies"), json_new(a, JSON_OBJECT));
		json_set(a, json_get(parent, "dependencies"), item->name, made[i]);
	}
	return made[0];
}

/* ---- drawing ---- */

struct drawing {
	struct arena *arena;
	struct package_docs *docs;
	bool is_colored, has_args, is_long;
};

static void add_note(const struct drawing *d, struct str_buf *out, enum paint color,
		     const char *word, str more)
{
	buf_add_char(out, ' ');
	paint_text(out, d->is_colored, color, str_concat(d->arena, str_view(word), more));
}

/* The project: its id and folder, or the folder alone when there is no package.json. */
static str title_of(const struct drawing *d, const struct ls_item *item)
{
	const struct node *n = item->node;

	if (!n->is_root)
		return item->id;
	if (!package_doc(d->docs, n)->count)
		return n->path;
	return str_printf(d->arena, STR_FMT "%c" STR_FMT, STR_ARG(item->id),
			  d->is_long ? '\n' : ' ', STR_ARG(n->path));
}

static bool is_from_git(struct arena *a, const struct node *n)
{
	struct spec *spec;
	struct err *e;

	if (n->is_link || str_find_char(n->resolved, ':') == STR_NPOS ||
	    str_starts(n->resolved, S("http")))
		return false;
	e = spec_parse_arg(a, n->resolved, S("/"), &spec);
	if (!e)
		return spec->type == SPEC_GIT;
	err_ignore(e);
	return false;
}

/* "dependencies.a, peerDependencies.b": what packageExtensions added. */
static str extensions_text(struct arena *a, const struct json *applied)
{
	VEC(str) out = { 0 };

	for (size_t i = 0; i < applied->count; i++) {
		const struct json_member *m = &applied->members[i];

		for (size_t j = 0; m->val->type == JSON_ARRAY && j < m->val->count; j++)
			VEC_PUSH(a, &out,
				 str_printf(a, STR_FMT "." STR_FMT, STR_ARG(m->key),
					    STR_ARG(m->val->items[j]->string)));
	}
	return str_join(a, out.items, out.len, S(", "));
}

static void add_place_notes(const struct drawing *d, struct str_buf *out,
			    const struct ls_item *item)
{
	struct arena *a = d->arena;
	const struct node *n = item->node;

	if (!item->is_repeat && n->extraneous)
		add_note(d, out, PAINT_RED, "extraneous", STR_NULL);
	if (!item->is_repeat && node_is_overridden(n))
		add_note(d, out, PAINT_DIM, "overridden", STR_NULL);
	if (!item->is_repeat && n->patched)
		add_note(d, out, PAINT_CYAN, "",
			 str_printf(a, "[patched: " STR_FMT "]",
				    STR_ARG(json_get_text(n->patched, "path"))));
	if (!item->is_repeat && n->extended_by)
		add_note(d, out, PAINT_DIM, "packageExtensions: ", extensions_text(a, n->extended_by));
	if (!item->is_repeat && is_from_git(a, n))
		add_note(d, out, PAINT_RESET, "",
			 str_printf(a, "(" STR_FMT ")", STR_ARG(n->resolved)));
	if (n->is_link)
		add_note(d, out, PAINT_RESET, "-> ./", n->target->location);
	if (d->is_long)
		paint_text(out, d->is_colored, PAINT_RESET,
			   str_concat(a, S("\n"),
				      json_get_text(package_doc(d->docs, n), "description")));
}

static str label_of(const struct drawing *d, const struct ls_item *item)
{
	const struct node *n = item->node;
	struct str_buf out = str_buf(d->arena, SIZE_MAX);
	bool is_member = n && !item->is_repeat && node_is_workspace(n);
	bool is_found = d->has_args && item->is_match;

	if (!n) {
		paint_text(&out, d->is_colored, item->is_optional ? PAINT_YELLOW : PAINT_RED,
			   item->is_optional ? S("UNMET OPTIONAL DEPENDENCY")
					     : S("UNMET DEPENDENCY"));
		buf_add_char(&out, ' ');
	}
	paint_text(&out, d->is_colored,
		   is_found    ? PAINT_YELLOW
		   : is_member ? PAINT_BRIGHT_BLUE
			       : PAINT_RESET,
		   n ? title_of(d, item) : item->id);
	if (item->is_repeat)
		add_note(d, &out, PAINT_DIM, "deduped", STR_NULL);
	if (!str_is_null(item->invalid))
		add_note(d, &out, PAINT_RED, "invalid: ", item->invalid);
	if (n)
		add_place_notes(d, &out, item);
	else if (d->is_long)
		buf_add_char(&out, '\n');
	return buf_view(&out);
}

str ls_human(struct cmd_ctx *ctx, struct package_docs *docs, const struct ls_result *r,
	     bool has_args, bool is_long)
{
	const struct drawing d = { ctx->arena, docs, ctx->screen->term.out_color, has_args,
				   is_long };
	struct ui_branch *made = ARENA_ARRAY(d.arena, struct ui_branch, r->items.len);
	struct ui_branch nothing = { .label = S("(empty)") };
	struct str_buf out = str_buf(d.arena, SIZE_MAX);

	for (size_t i = 0; i < r->items.len; i++) {
		const struct ls_item *item = r->items.items[i];

		if (i && !item->is_shown)
			continue;
		made[i].label = label_of(&d, item);
		if (i)
			VEC_PUSH(d.arena, &made[item->parent->at].kids, &made[i]);
	}
	if (!made[0].kids.len)
		VEC_PUSH(d.arena, &made[0].kids, &nothing);
	ui_tree_format(&out, &made[0], ctx->screen->term.is_unicode);
	return buf_view(&out);
}

/* ---- a line each ---- */

str ls_parseable(struct arena *a, const struct ls_result *r, bool is_long)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	VEC_EACH (struct ls_item *, at, &r->firsts) {
		const struct ls_item *item = *at;
		const struct node *n = item->node;

		if (!item->is_match)
			continue;
		buf_add(&out, out.len ? S("\n") : S(""));
		buf_add(&out, n->path);
		if (!is_long)
			continue;
		buf_printf(&out, ":" STR_FMT, STR_ARG(item->id));
		if (!str_eq(n->path, n->real_path))
			buf_printf(&out, ":" STR_FMT, STR_ARG(n->real_path));
		buf_add(&out, n->extraneous ? S(":EXTRANEOUS") : S(""));
		buf_add(&out, item->ends_invalid ? S(":INVALID") : S(""));
		buf_add(&out, node_is_overridden(n) ? S(":OVERRIDDEN") : S(""));
	}
	return buf_view(&out);
}
