/* SPDX-License-Identifier: MIT
 * What a conflict comes down to. Each world is resolved, fails, and is asked why. */
#include "cpm/tree/conflict.h"

#include "check.h"
#include "table_source.h"

static struct conflict conflict_in(struct arena *a, const char *table, const char *project)
{
	struct table_source *world = table_source_new(a, table);
	struct conflict c = { .arena = a };
	struct ideal_opts o = { .source = &world->source,
				.pick.default_tag = S("latest"),
				.save = true,
				.conflict = &c };
	struct tree *t;

	CHECK_FAILS(ideal_build(a, S("/project"), table_project(a, project), NULL, true, &o, &t),
		    E_RESOLVE);
	table_source_fini(world);
	return c;
}

/* "p@1.0.0 h@^1, project h@2" */
static str show(struct arena *a, const struct conflict *c)
{
	struct str_buf text = str_buf(a, 4096);

	VEC_EACH (struct conflict_wish, w, &c->wishes)
		buf_printf(&text, "%s" STR_FMT " " STR_FMT "@" STR_FMT,
			   w == c->wishes.items ? "" : ", ",
			   STR_ARG(str_is_null(w->by) ? S("project") : w->by), STR_ARG(c->package),
			   STR_ARG(w->spec));
	return buf_view(&text);
}

TEST(the_fewest_wishes_that_conflict_are_kept)
{
	const struct {
		const char *claim, *table, *project, *want;
	} rows[] = {
		{ "two are enough", "p@1.0.0 peer:h@^1\nh@1.0.0\nh@2.0.0", "p@* h@^2",
		  "p@1.0.0 h@^1, project h@^2" },
		{ "whoever agrees is left away",
		  "p@1.0.0 peer:h@^1\nq@1.0.0 peer:h@*\nr@1.0.0 peer:h@>=2\nh@1.0.0\nh@2.0.0",
		  "h@^2 p@* q@* r@*", "p@1.0.0 h@^1, project h@^2" },
		{ "an alias is told by its target", "p@1.0.0 peer:h@^1\nx@1.0.0\nx@2.0.0\nh@1.0.0",
		  "p@* h@npm:x@^2", "p@1.0.0 h@^1, project h@npm:x@^2" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct conflict c = conflict_in(a, rows[i].table, rows[i].project);

		CHECK_STR(show(a, &c), str_view(rows[i].want), "%s", rows[i].claim);
		CHECK(str_is_null(c.suits), "%s", rows[i].claim);
	}
}

/* Who needs what of h, with nobody having failed yet. */
static struct conflict made_up(struct arena *a, const char *const *ranges, size_t count)
{
	struct conflict c = { .arena = a, .package = S("h") };

	for (size_t i = 0; i < count; i++)
		VEC_PUSH(a, &c.wishes,
			 (struct conflict_wish){ .by = str_printf(a, "p%zu@1.0.0", i),
						 .spec = str_view(ranges[i]),
						 .range = range_parse(a, str_view(ranges[i]),
								      SEMVER_LOOSE) });
	return c;
}

TEST(three_may_conflict_where_no_two_do)
{
	ARENA_SCOPE(a);
	const char *const ranges[] = { "1 || 2", "2 || 3", "*", "1 || 3" };
	struct conflict c = made_up(a, ranges, ARRAY_LEN(ranges));
	struct table_source *world = table_source_new(a, "h@1.0.0\nh@2.0.0\nh@3.0.0");
	const struct packument *p;

	CHECK_OK(source_get(&world->source, S("h"), &p));
	conflict_minimise(&c, p);
	CHECK_STR(show(a, &c), S("p0@1.0.0 h@1 || 2, p1@1.0.0 h@2 || 3, p3@1.0.0 h@1 || 3"), "set");
	table_source_fini(world);
}

TEST(a_version_that_would_suit_all_is_named)
{
	ARENA_SCOPE(a);
	const char *const ranges[] = { ">=2", "<=2", "*" };
	struct conflict c = made_up(a, ranges, ARRAY_LEN(ranges));
	struct table_source *world = table_source_new(a, "h@1.0.0\nh@2.0.0\nh@3.0.0");
	const struct packument *p;

	CHECK_OK(source_get(&world->source, S("h"), &p));
	conflict_minimise(&c, p);
	CHECK_STR(c.suits, S("2.0.0"), "suits");
	CHECK_EQ(c.wishes.len, 2, "wishes");
	table_source_fini(world);
}

TEST(ranges_have_to_do_without_versions)
{
	ARENA_SCOPE(a);
	const char *const ranges[] = { "^1", "*", "^2" };
	struct conflict c = made_up(a, ranges, ARRAY_LEN(ranges));

	conflict_minimise(&c, NULL);
	CHECK_STR(show(a, &c), S("p0@1.0.0 h@^1, p2@1.0.0 h@^2"), "pair");
}

TEST(a_wish_knows_what_brought_it_in)
{
	ARENA_SCOPE(a);
	struct conflict c = conflict_in(a,
					"w@1.0.0 peer:p@1\np@1.0.0 peer:h@^1\nh@1.0.0\nh@2.0.0",
					"w@* h@^2");

	CHECK_STR(show(a, &c), S("p@1.0.0 h@^1, project h@^2"), "set");
	CHECK_STR(c.wishes.items[0].through, S("w"), "through");
	CHECK(!str_is_empty(c.report), "report");
}

UNIT_TESTS(TESTED(the_fewest_wishes_that_conflict_are_kept),
	   TESTED(three_may_conflict_where_no_two_do),
	   TESTED(a_version_that_would_suit_all_is_named),
	   TESTED(ranges_have_to_do_without_versions), TESTED(a_wish_knows_what_brought_it_in))
