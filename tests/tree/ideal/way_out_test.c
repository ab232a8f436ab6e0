/* SPDX-License-Identifier: MIT
 * Which ways out of a conflict are tried, in which order, and which are told. */
#include "cpm/tree/way_out.h"

#include "check.h"
#include "table_source.h"

/* Notes what is tried; what contains `works` does. */
struct trial {
	struct way_out_port port;
	struct str_buf tried;
	str works;
};

static str describe(struct arena *a, const struct way_out *w)
{
	if (w->kind == WAY_VERSION)
		return str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(w->name), STR_ARG(w->version));
	if (w->kind == WAY_OVERRIDE)
		return str_printf(a, STR_FMT ">" STR_FMT "=" STR_FMT, STR_ARG(w->name),
				  STR_ARG(w->inner), STR_ARG(w->value));
	return S("legacy");
}

static struct err *note(struct way_out_port *port, const struct way_out *way)
{
	struct trial *t = (struct trial *)port;
	str text = describe(t->tried.arena, way);

	buf_printf(&t->tried, STR_FMT " ", STR_ARG(text));
	return str_find(text, t->works) == STR_NPOS ? err_new(E_RESOLVE, "no") : NULL;
}

TEST(ways_out_are_tried_newest_first_and_only_when_promising)
{
	const struct {
		const char *claim, *table, *project, *works, *tried, *found;
	} rows[] = {
		{ "a version whose peer suits is tried, others are not",
		  "p@1.0.0 peer:h@1\np@2.0.0 peer:h@2\np@3.0.0 peer:h@3\nh@1.0.0\nh@2.0.0\nh@3.0.0",
		  "p@1 h@2", "", "p@2.0.0 p>h=$h legacy ", "p@2.0.0 p>h=$h legacy " },
		{ "what does not work is not told",
		  "p@1.0.0 peer:h@1\np@2.0.0 peer:h@2\nh@1.0.0\nh@2.0.0", "p@1 h@2", "legacy",
		  "p@2.0.0 h@1.0.0 p>h=$h legacy ", "legacy " },
		{ "the package in question may give way",
		  "p@1.0.0 peer:h@1\nh@1.0.0\nh@1.1.0\nh@2.0.0", "p@1 h@2", "h@",
		  "h@1.1.0 p>h=$h legacy ", "h@1.1.0 " },
		{ "without a wish of the project's own a version is overridden with",
		  "p@1.0.0 peer:h@1\nq@1.0.0 peer:h@2\nh@1.0.0\nh@2.0.0", "p@1 q@1", "=",
		  "q>h=1.0.0 legacy ", "q>h=1.0.0 " },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct table_source *world = table_source_new(a, rows[i].table);
		struct manifest *root = table_project(a, rows[i].project);
		struct conflict c = { .arena = a };
		struct ideal_opts o = { .source = &world->source,
					.pick.default_tag = S("latest"),
					.save = true,
					.conflict = &c };
		struct trial trial = { .port.try = note,
				       .tried = str_buf(a, 4096),
				       .works = str_view(rows[i].works) };
		struct str_buf found = str_buf(a, 4096);
		struct way_out ways[WAYS_OUT_MAX];
		struct tree *t;

		CHECK_FAILS(ideal_build(a, S("/project"), root, NULL, true, &o, &t), E_RESOLVE);
		size_t count = ways_out_find(&c, root, &world->source, &o.pick, &trial.port, ways);
		for (size_t j = 0; j < count; j++)
			buf_printf(&found, STR_FMT " ", STR_ARG(describe(a, &ways[j])));
		CHECK_STR(buf_view(&trial.tried), str_view(rows[i].tried), "%s", rows[i].claim);
		CHECK_STR(buf_view(&found), str_view(rows[i].found), "%s", rows[i].claim);
		table_source_fini(world);
	}
}

UNIT_TESTS(TESTED(ways_out_are_tried_newest_first_and_only_when_promising))
