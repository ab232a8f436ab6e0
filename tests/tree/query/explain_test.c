/* SPDX-License-Identifier: MIT
 * Ways up to the project, in the order npm finds and cuts them. */
#include "cpm/tree/explain.h"

#include "check.h"

static struct node *put(struct arena *a, struct node *parent, const char *name, const char *json)
{
	struct manifest *m;
	struct json *doc;
	struct node *n;

	CHECK_OK(json_parse(a, str_view(json), &doc));
	CHECK_OK(manifest_from_json(a, doc, true, &m));
	m->name = str_view(name);
	if (str_is_null(m->version))
		m->version = S("1.0.0");
	n = node_new(a, m->name, m);
	if (parent)
		node_set_parent(n, parent);
	return n;
}

static struct tree *project(struct arena *a, const char *json)
{
	struct tree *t = tree_new(a, S("/project"));

	node_set_root(t, put(a, NULL, "project", json));
	return t;
}

/* "a(prod a@^1<b(...))": the package, and behind each dependent what explains it; "!" where a
 * circle was cut. */
static void show(struct str_buf *out, const struct explanation *x)
{
	if (x->is_root) {
		buf_add(out, S("/"));
		return;
	}
	buf_add(out, x->name);
	buf_add(out, x->is_cut ? S("!") : S(""));
	for (size_t i = 0; i < x->dependents.len; i++) {
		const struct explained_edge *e = x->dependents.items[i];
		str type = edge_type_name(e->edge->type);

		buf_printf(out, "%s" STR_FMT " " STR_FMT "<", i ? ", " : "(", STR_ARG(type),
			   STR_ARG(e->edge->raw_spec));
		show(out, e->from);
	}
	buf_add(out, x->dependents.len ? S(")") : S(""));
	for (size_t i = 0; i < x->links_in.len; i++) {
		buf_add(out, S(" link:"));
		show(out, x->links_in.items[i]);
	}
}

static str explain(struct arena *a, struct tree *t, const char *location)
{
	struct node *n = tree_at(t, str_view(location));
	struct explanation *x;
	struct str_buf out = str_buf(a, 1 << 16);

	explain_nodes(a, &n, 1, &x);
	show(&out, x);
	return buf_view(&out);
}

TEST(every_dependent_is_a_way_up)
{
	ARENA_SCOPE(a);
	struct tree *t = project(
		a, "{\"dependencies\":{\"a\":\"^1\"},\"devDependencies\":{\"c\":\"*\"}}");

	put(a, t->root, "a", "{\"dependencies\":{\"c\":\"1\"}}");
	put(a, t->root, "c", "{}");
	CHECK_STR(explain(a, t, "node_modules/c"), S("c(dev *</, prod 1<a(prod ^1</))"));
	CHECK_STR(explain(a, t, ""), S("/"));
}

TEST(what_does_not_fit_is_no_way_unless_the_project_wants_it)
{
	ARENA_SCOPE(a);
	struct tree *t = project(a, "{\"dependencies\":{\"a\":\"^2\",\"b\":\"1\"}}");

	put(a, t->root, "a", "{}");
	put(a, t->root, "b", "{\"dependencies\":{\"a\":\"^3\"}}");
	CHECK_STR(explain(a, t, "node_modules/a"), S("a(prod ^2</)"));
}

TEST(circles_are_cut_where_they_close)
{
	ARENA_SCOPE(a);
	struct tree *t = project(a, "{\"dependencies\":{\"a\":\"1\"}}");

	put(a, t->root, "a", "{\"dependencies\":{\"b\":\"1\"}}");
	put(a, t->root, "b", "{\"dependencies\":{\"a\":\"1\"}}");
	CHECK_STR(explain(a, t, "node_modules/b"), S("b(prod 1<a(prod 1</, prod 1<b!))"));
	CHECK_STR(explain(a, t, "node_modules/a"), S("a(prod 1</, prod 1<b(prod 1<a!))"));
}

TEST(links_lead_on_to_what_links_them)
{
	ARENA_SCOPE(a);
	struct tree *t = project(a, "{\"dependencies\":{\"lib\":\"file:lib\"}}");
	struct node *lib = put(a, NULL, "lib", "{\"dependencies\":{\"a\":\"1\"}}"),
		    *link = node_new_link(a, S("lib"), S("/project/lib"));

	node_place(t, lib, S("/project/lib"));
	node_set_target(link, lib);
	node_set_parent(link, t->root);
	put(a, t->root, "a", "{}");
	CHECK_STR(explain(a, t, "node_modules/a"), S("a(prod 1<lib link:lib(prod file:lib</))"));
}

TEST(long_chains_are_no_matter)
{
	ARENA_SCOPE(a);
	enum { LENGTH = 5000 };
	struct tree *t = project(a, "{\"dependencies\":{\"p0\":\"*\"}}");
	struct node *last = NULL;
	struct explanation *x;
	const struct explanation *at;
	int steps = 0;

	for (int i = 0; i < LENGTH; i++)
		last = put(a, t->root, str_printf(a, "p%d", i).p,
			   str_printf(a, "{\"dependencies\":{\"p%d\":\"*\"}}", i + 1).p);
	explain_nodes(a, &last, 1, &x);
	for (at = x; !at->is_root; at = at->dependents.items[0]->from)
		steps++;
	CHECK_EQ(steps, LENGTH);
}

UNIT_TESTS(TESTED(every_dependent_is_a_way_up),
	   TESTED(what_does_not_fit_is_no_way_unless_the_project_wants_it),
	   TESTED(circles_are_cut_where_they_close), TESTED(links_lead_on_to_what_links_them),
	   TESTED(long_chains_are_no_matter))
