/* SPDX-License-Identifier: MIT
 * Explanations as documents and as text (npm-cli.md 2.3.8). Both unfold a shared structure, and
 * neither recurses. */
#include "explain_output.h"

#include "cpm/base/path.h"
#include "cpm/ui/term.h"

/* ---- documents ---- */

struct unfolding {
	struct package_docs *docs;
	VEC(struct json *) made;                /* by explanation id */
	VEC(const struct explanation *) agenda; /* made, but not filled in */
};

static struct json *document_of(struct unfolding *u, const struct explanation *x)
{
	struct arena *a = u->docs->arena;

	while (u->made.len <= x->id)
		VEC_PUSH(a, &u->made, NULL);
	if (!u->made.items[x->id]) {
		u->made.items[x->id] = json_new(a, JSON_OBJECT);
		VEC_PUSH(a, &u->agenda, x);
	}
	return u->made.items[x->id];
}

static void set_bool(struct arena *a, struct json *out, const char *key, bool value)
{
	json_set(a, out, str_view(key), json_new_bool(a, value));
}

static struct json *edge_document(struct unfolding *u, const struct explained_edge *x)
{
	struct arena *a = u->docs->arena;
	struct json *out = json_new(a, JSON_OBJECT);
	const struct edge *e = x->edge;
	str spec = edge_spec_text(e), error = edge_error_name(edge_error((struct edge *)e));
	str selector, field = edge_extension(e, &selector);

	json_set_text(a, out, "type", edge_type_name(e->type));
	json_set_text(a, out, "name", e->name);
	json_set_text(a, out, "spec", spec);
	if (!str_eq(spec, e->raw_spec)) {
		json_set_text(a, out, "rawSpec", e->raw_spec);
		set_bool(a, out, "overridden", true);
	}
	if (manifest_is_bundled(e->from->manifest, e->name))
		set_bool(a, out, "bundled", true);
	if (!str_is_null(error))
		json_set_text(a, out, "error", error);
	json_set(a, out, S("from"), document_of(u, x->from));
	if (!str_is_null(field)) {
		struct json *rule = json_new(a, JSON_OBJECT);

		json_set_text(a, rule, "selector", selector);
		json_set_text(a, rule, "field", field);
		json_set(a, out, S("packageExtensions"), rule);
	}
	return out;
}

/* npm puts an Error object here, of which JSON shows nothing. */
static void add_complaint(struct unfolding *u, const struct explanation *x, struct json *out)
{
	struct arena *a = u->docs->arena;
	struct json *errors = json_new(a, JSON_ARRAY);

	if (!str_is_empty(node_package_name(x->node)) && !str_is_empty(x->version))
		return;
	json_append(a, errors, json_new(a, JSON_OBJECT));
	json_set(a, out, S("errors"), errors);
	json_set(a, out, S("package"), (struct json *)package_doc(u->docs, x->node));
}

static void add_ways(struct unfolding *u, const struct explanation *x, struct json *out)
{
	struct arena *a = u->docs->arena;
	struct json *dependents = json_new(a, JSON_ARRAY), *links = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < x->dependents.len; i++)
		json_append(a, dependents, edge_document(u, x->dependents.items[i]));
	json_set(a, out, S("dependents"), dependents);
	for (size_t i = 0; i < x->links_in.len; i++)
		json_append(a, links, document_of(u, x->links_in.items[i]));
	if (links->count)
		json_set(a, out, S("linksIn"), links);
}

static void add_marks(struct arena *a, struct node *n, struct json *out)
{
	if (n->extraneous) {
		set_bool(a, out, "extraneous", true);
		return;
	}
	set_bool(a, out, "dev", n->dev);
	set_bool(a, out, "optional", n->optional);
	set_bool(a, out, "devOptional", n->dev_optional);
	set_bool(a, out, "peer", n->peer);
	set_bool(a, out, "bundled", node_in_bundle(n));
	set_bool(a, out, "overridden", node_is_overridden(n));
}

/* npm's null: a member by name, but nothing links to it. */
static struct json *is_workspace_json(struct arena *a, const struct node *n)
{
	const struct edge *e = str_is_empty(node_package_name(n))
				       ? NULL
				       : node_edge(n->tree->root, node_package_name(n));

	if (e && e->type == EDGE_WORKSPACE && !e->to)
		return json_new(a, JSON_NULL);
	return json_new_bool(a, node_is_workspace(n));
}

static void fill_in(struct unfolding *u, const struct explanation *x)
{
	struct arena *a = u->docs->arena;
	struct json *out = u->made.items[x->id];

	if (x->is_root) {
		json_set_text(a, out, "location", x->node->path);
	} else {
		json_set(a, out, S("name"),
			 str_is_null(x->name) ? json_new(a, JSON_NULL)
					      : json_new_string(a, x->name));
		if (!str_is_null(x->version))
			json_set_text(a, out, "version", x->version);
		add_complaint(u, x, out);
		if (!x->is_cut) {
			json_set_text(a, out, "location", x->node->location);
			json_set(a, out, S("isWorkspace"), is_workspace_json(a, x->node));
			add_ways(u, x, out);
		}
	}
	if (x->has_marks)
		add_marks(a, x->node, out);
}

struct json *explain_json(struct package_docs *docs, struct explanation *const *items, size_t count)
{
	struct unfolding u = { .docs = docs };
	struct json *list = json_new(docs->arena, JSON_ARRAY);

	for (size_t i = 0; i < count; i++)
		json_append(docs->arena, list, document_of(&u, items[i]));
	while (u.agenda.len)
		fill_in(&u, VEC_POP(&u.agenda));
	return list;
}

/* ---- text ---- */

struct line {
	const struct explanation *x;
	size_t indent; /* of the lines below its first */
	size_t next_edge, next_link;
	const struct edge *edge; /* by which it was reached: circles end here; NULL: a link */
};

struct writer {
	struct str_buf *out;
	struct arena *scratch;
	bool is_colored;
	VEC(struct line) stack;
};

static void add_plain(struct writer *w, str text)
{
	paint_text(w->out, w->is_colored, PAINT_RESET, text);
}

static void add_word(struct writer *w, str word)
{
	static const struct {
		const char *word;
		enum paint color;
	} rows[] = {
		{ "extraneous", PAINT_RED },         { "dev", PAINT_BLUE },
		{ "bundled", PAINT_CYAN_UNDERLINE }, { "workspace", PAINT_BRIGHT_BLUE },
		{ "overridden", PAINT_DIM },
	};
	enum paint color = PAINT_RESET;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_eq(word, str_view(rows[i].word)))
			color = rows[i].color;
	paint_text(w->out, w->is_colored, color, word);
}

static void start_line(struct writer *w, size_t indent)
{
	buf_add_char(w->out, '\n');
	buf_add_repeat(w->out, S(" "), indent);
}

static void add_mark(struct writer *w, bool is_set, const char *word)
{
	if (!is_set)
		return;
	buf_add_char(w->out, ' ');
	add_word(w, str_view(word));
}

static void add_node(struct writer *w, const struct explanation *x, size_t indent)
{
	struct node *n = x->node;
	bool is_member = !x->is_root && !x->is_cut && node_is_workspace(n),
	     is_needed = x->has_marks && !n->extraneous;
	str name = x->is_root ? S("undefined") : str_is_null(x->name) ? S("null") : x->name;
	str version = str_is_null(x->version) ? S("undefined") : x->version;
	str location = x->is_root ? n->path : x->is_cut ? S("") : n->location;

	paint_text(w->out, w->is_colored, is_member ? PAINT_BRIGHT_BLUE : PAINT_RESET,
		   str_printf(w->scratch, STR_FMT "@" STR_FMT, STR_ARG(name), STR_ARG(version)));
	add_mark(w, x->has_marks && n->extraneous, "extraneous");
	add_mark(w, is_needed && n->dev, "dev");
	add_mark(w, is_needed && n->optional, "optional");
	add_mark(w, is_needed && n->peer, "peer");
	add_mark(w, is_needed && node_in_bundle(n), "bundled");
	add_mark(w, is_needed && node_is_overridden(n), "overridden");
	if (str_is_empty(location))
		return;
	start_line(w, indent);
	paint_text(w->out, w->is_colored, PAINT_DIM, location);
}

/* `dev bundled a@"^1" from `; a member is shown by its folder. */
static void add_edge(struct writer *w, const struct edge *e)
{
	str spec = edge_spec_text(e);
	bool is_overridden = !str_eq(spec, e->raw_spec);

	if (e->type != EDGE_PROD) {
		add_word(w, edge_type_name(e->type));
		buf_add_char(w->out, ' ');
	}
	if (manifest_is_bundled(e->from->manifest, e->name)) {
		add_word(w, S("bundled"));
		buf_add_char(w->out, ' ');
	}
	if (is_overridden) {
		add_word(w, S("overridden"));
		buf_add_char(w->out, ' ');
	}
	if (e->type == EDGE_WORKSPACE)
		paint_text(
			w->out, w->is_colored, PAINT_BOLD,
			path_relative(w->scratch, e->from->path, str_from(spec, strlen("file:"))));
	else
		add_plain(w, str_printf(w->scratch, STR_FMT "@\"" STR_FMT "\"", STR_ARG(e->name),
					STR_ARG(spec)));
	if (is_overridden)
		add_plain(w,
			  str_printf(w->scratch, " (was \"" STR_FMT "\")", STR_ARG(e->raw_spec)));
	buf_add(w->out, S(" from "));
}

/* On the way to here, not merely somewhere else in the text. */
static bool is_on_the_way(const struct writer *w, const struct explanation *x)
{
	for (size_t i = 0; i < w->stack.len; i++) {
		const struct line *at = &w->stack.items[i];
		if (at->edge && at->x->node == x->node && at->x->is_cut == x->is_cut)
			return true;
	}
	return false;
}

/* Behind all that is told of the dependent, as npm has it. */
static void add_extension(struct writer *w, const struct edge *e)
{
	str selector, field = edge_extension(e, &selector);

	if (str_is_null(field))
		return;
	paint_text(w->out, w->is_colored, PAINT_DIM,
		   str_printf(w->scratch,
			      " (added by packageExtensions[\"" STR_FMT "\"]." STR_FMT "." STR_FMT
			      ")",
			      STR_ARG(selector), STR_ARG(field), STR_ARG(e->name)));
}

static void add_dependent(struct writer *w, const struct explained_edge *edge, size_t indent)
{
	const struct explanation *from = edge->from;

	start_line(w, indent);
	add_edge(w, edge->edge);
	if (str_is_empty(from->name) && str_is_empty(from->version)) {
		buf_add(w->out, S("the root project"));
		return;
	}
	add_node(w, from, indent);
	if (is_on_the_way(w, from))
		add_extension(w, edge->edge);
	else
		VEC_PUSH(w->scratch, &w->stack,
			 (struct line){ .x = from, .indent = indent, .edge = edge->edge });
}

static void write_next(struct writer *w)
{
	struct line *at = &VEC_LAST(&w->stack);
	const struct explanation *x = at->x;
	size_t indent = at->indent + 2;

	if (at->next_edge < x->dependents.len) {
		add_dependent(w, x->dependents.items[at->next_edge++], indent);
	} else if (at->next_link < x->links_in.len) {
		const struct explanation *link = x->links_in.items[at->next_link++];
		start_line(w, indent);
		add_node(w, link, indent);
		VEC_PUSH(w->scratch, &w->stack, (struct line){ .x = link, .indent = indent });
	} else {
		const struct edge *e = VEC_POP(&w->stack).edge;

		if (e)
			add_extension(w, e);
	}
}

void explain_text(struct str_buf *out, const struct explanation *x, bool is_colored)
{
	ARENA_SCOPE(scratch);
	struct writer w = { .out = out, .scratch = scratch, .is_colored = is_colored };

	add_node(&w, x, 0);
	VEC_PUSH(scratch, &w.stack, (struct line){ .x = x });
	while (w.stack.len)
		write_next(&w);
}
