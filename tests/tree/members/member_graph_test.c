/* SPDX-License-Identifier: MIT */
#include "cpm/tree/member_graph.h"

#include "check.h"
#include "temp_dir.h"

/* "a@1.0.0 b:^1 dev:c:2 | b@1.0.0": members with what they need. */
static void make_member(const struct temp_dir *dir, struct arena *a, str text, struct workspace *w)
{
	str rest = text, id, dep, name, version;
	struct json *doc = json_new(a, JSON_OBJECT);

	(void)str_cut(&rest, ' ', &id);
	(void)str_cut(&id, '@', &name);
	version = id;
	json_set_text(a, doc, "name", name);
	json_set_text(a, doc, "version", version);
	while (str_cut(&rest, ' ', &dep)) {
		static const char *const kinds[][2] = { { "dev:", "devDependencies" },
							{ "peer:", "peerDependencies" },
							{ "opt:", "optionalDependencies" },
							{ "", "dependencies" } };
		size_t kind = 0;
		str target;

		while (!str_starts(dep, str_view(kinds[kind][0])))
			kind++;
		dep = str_from(dep, strlen(kinds[kind][0]));
		(void)str_cut(&dep, ':', &target);
		if (!json_get(doc, kinds[kind][1]))
			json_set(a, doc, str_view(kinds[kind][1]), json_new(a, JSON_OBJECT));
		json_set(a, json_get(doc, kinds[kind][1]), target, json_new_string(a, dep));
	}
	struct str_buf out = str_buf(a, 10000);
	json_write(&out, doc, JSON_STYLE_DEFAULT);
	temp_file(dir, str_cstr(a, str_printf(a, "p/" STR_FMT "/package.json", STR_ARG(name))),
		  buf_view(&out));
	*w = (struct workspace){ name, str_printf(a, STR_FMT "/p/" STR_FMT, STR_ARG(dir->path),
						  STR_ARG(name)) };
}

static void build(const struct temp_dir *dir, struct arena *a, const char *members,
		  struct member_graph *out)
{
	struct workspace list[20];
	size_t count = 0;

	for (str rest = str_view(members), one; str_cut(&rest, '|', &one);)
		make_member(dir, a, str_trim(one), &list[count++]);
	CHECK_OK(member_graph_build(a, dir->path, list, count, out));
}

static str show_order(struct arena *a, const struct member_graph *g)
{
	struct str_buf out = str_buf(a, 10000);

	for (size_t i = 0; i < g->count; i++)
		buf_printf(&out, "%s" STR_FMT, i ? " " : "", STR_ARG(g->items[g->order[i]].name));
	return buf_view(&out);
}

/* "a>b a>c!": links, broken ones with a mark. */
static str show_links(struct arena *a, const struct member_graph *g)
{
	struct str_buf out = str_buf(a, 10000);

	for (size_t i = 0; i < g->count; i++)
		VEC_EACH (struct member_link, l, &g->items[i].needs)
			buf_printf(&out, "%s" STR_FMT ">" STR_FMT "%s", out.len ? " " : "",
				   STR_ARG(g->items[i].name), STR_ARG(g->items[l->to].name),
				   l->is_broken ? "!" : "");
	return buf_view(&out);
}

static str show_cycles(struct arena *a, const struct member_graph *g)
{
	struct str_buf out = str_buf(a, 10000);

	VEC_EACH (struct member_cycle, c, &g->cycles)
		for (size_t i = 0; i < c->count; i++)
			buf_printf(&out, "%s" STR_FMT,
				   i         ? ">"
				   : out.len ? " "
					     : "",
				   STR_ARG(g->items[c->members[i]].name));
	return buf_view(&out);
}

TEST(a_member_is_needed_where_its_version_or_folder_satisfies)
{
	const struct {
		const char *members, *links;
	} rows[] = {
		{ "a@1.0.0 b:^1 | b@1.2.3", "a>b" },
		{ "a@1.0.0 b:^2 | b@1.2.3", "" },
		{ "a@1.0.0 b:1.2.3 c:* | b@1.2.3 | c@0.1.0-beta", "a>b a>c" },
		{ "a@1.0.0 b:latest | b@1.2.3", "" },
		{ "a@1.0.0 b:file:../b x:file:../c | b@9.9.9 | c@1.0.0", "a>b a>c" },
		{ "a@1.0.0 b:workspace:* | b@1.0.0", "" },
		{ "a@1.0.0 b:npm:c@^1 | b@1.0.0 | c@1.0.0", "a>b" },
		{ "a@1.0.0 a:^1 b:1 dev:b:1 | b@1.0.0", "a>b" },
		{ "a@1.0.0 opt:b:1 peer:c:1 dev:d:1 | b@1.0.0 | c@1.0.0 | d@1.0.0", "a>b a>c a>d" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);
		struct member_graph g;

		build(&dir, a, rows[i].members, &g);
		CHECK_STR(show_links(a, &g), str_view(rows[i].links), "%s", rows[i].members);
	}
}

TEST(the_order_is_that_of_the_list_with_needs_pulled_in_front)
{
	const struct {
		const char *members, *order;
	} rows[] = {
		{ "a@1.0.0 | b@1.0.0 | c@1.0.0", "a b c" },
		{ "a@1.0.0 c:1 | b@1.0.0 | c@1.0.0", "c a b" },
		{ "a@1.0.0 | b@1.0.0 d:1 c:1 | c@1.0.0 d:1 | d@1.0.0", "a d c b" },
		{ "a@1.0.0 dev:b:1 | b@1.0.0 dev:c:1 | c@1.0.0", "c b a" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);
		struct member_graph g;

		build(&dir, a, rows[i].members, &g);
		CHECK_STR(show_order(a, &g), str_view(rows[i].order), "%s", rows[i].members);
		CHECK_EQ(g.cycles.len, 0, "%s", rows[i].members);
	}
}

TEST(in_a_cycle_links_for_development_give_way_first)
{
	const struct {
		const char *members, *order, *links, *cycles;
	} rows[] = {
		{ "core@1.0.0 dev:plug:1 | plug@1.0.0 core:1", "core plug", "core>plug! plug>core",
		  "core>plug" },
		{ "a@1.0.0 b:1 | b@1.0.0 a:1", "b a", "a>b b>a!", "a>b" },
		{ "a@1.0.0 b:1 | b@1.0.0 c:1 | c@1.0.0 a:1 d:1 | d@1.0.0", "d c b a",
		  "a>b b>c c>a! c>d", "a>b>c" },
		{ "a@1.0.0 b:1 | b@1.0.0 a:1 | c@1.0.0 d:1 | d@1.0.0 dev:c:1 b:1", "b a d c",
		  "a>b b>a! c>d d>b d>c!", "a>b c>d" },
		{ "a@1.0.0 b:1 | b@1.0.0 c:1 a:1 | c@1.0.0 a:1", "c b a", "a>b b>c b>a! c>a!",
		  "a>b" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);
		struct member_graph g;

		build(&dir, a, rows[i].members, &g);
		CHECK_STR(show_order(a, &g), str_view(rows[i].order), "%s", rows[i].members);
		CHECK_STR(show_links(a, &g), str_view(rows[i].links), "%s", rows[i].members);
		CHECK_STR(show_cycles(a, &g), str_view(rows[i].cycles), "%s", rows[i].members);
	}
}

TEST(relatives_are_found_however_far_and_through_cycles)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct member_graph g;
	bool needs[6] = { false, true }, needed[6] = { false, false, true };

	build(&dir, a, "a@1.0.0 b:1 | b@1.0.0 c:1 | c@1.0.0 d:1 | d@1.0.0 c:1 | e@1.0.0", &g);
	member_graph_add_needs(&g, needs);
	CHECK(!needs[0] && needs[1] && needs[2] && needs[3] && !needs[4], "b needs c and d");
	member_graph_add_needed_by(&g, needed);
	CHECK(needed[0] && needed[1] && needed[2] && needed[3] && !needed[4], "all but e need c");
	CHECK_EQ(member_graph_find(&g, S("c")), 2, "by name");
	CHECK_EQ(member_graph_find(&g, S("./p/d/")), 3, "by folder");
	CHECK_EQ(member_graph_find(&g, S("nobody")), STR_NPOS, "not there");
}

TEST(a_chain_of_a_thousand_needs_no_stack)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct workspace *list = ARENA_ARRAY(a, struct workspace, 1000);
	struct member_graph g;

	for (size_t i = 0; i < 1000; i++)
		make_member(&dir, a, str_printf(a, "m%zu@1.0.0 m%zu:1", i, (i + 1) % 1000),
			    &list[i]);
	CHECK_OK(member_graph_build(a, dir.path, list, 1000, &g));
	CHECK_EQ(g.order[0], 999, "the last one first");
	CHECK_EQ(g.cycles.items[0].count, 1000, "one cycle through all");
}

UNIT_TESTS(TESTED(a_member_is_needed_where_its_version_or_folder_satisfies),
	   TESTED(the_order_is_that_of_the_list_with_needs_pulled_in_front),
	   TESTED(in_a_cycle_links_for_development_give_way_first),
	   TESTED(relatives_are_found_however_far_and_through_cycles),
	   TESTED(a_chain_of_a_thousand_needs_no_stack))
