/* SPDX-License-Identifier: MIT
 * The ideal tree of small worlds: what goes where, what conflicts, what falls away. Each row's
 * answer is npm's own. */
#include "cpm/tree/ideal.h"

#include "check.h"
#include "table_source.h"

static struct ideal_opts usual_options(struct table_source *world)
{
	return (struct ideal_opts){ .source = &world->source,
				    .pick = { .default_tag = S("latest"),
					      .node_version = S("26.0.0"),
					      .npm_version = S("12.2.0") },
				    .platform = { S("linux"), S("x64"), S("glibc") },
				    .real_platform = { S("linux"), S("x64"), S("glibc") },
				    .save = true,
				    .prune = true,
				    .allow_git = S("none"),
				    .allow_remote = S("none") };
}

static struct err *build(struct arena *a, const char *project, struct ideal_opts *o,
			 struct tree **out)
{
	return ideal_build(a, S("/project"), table_project(a, project), NULL, true, o, out);
}

struct world_row {
	const char *claim, *world, *project, *want;
};

static void check_worlds(const struct world_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int last_first = 0; last_first < 2; last_first++) {
			ARENA_SCOPE(a);
			struct table_source *world = table_source_new(a, rows[i].world);
			struct ideal_opts o = usual_options(world);
			struct tree *t;

			world->is_last_first = last_first;
			CHECK_OK(build(a, rows[i].project, &o, &t));
			CHECK_STR(table_show(a, t), str_view(rows[i].want), "%s", rows[i].claim);
			table_source_fini(world);
		}
}

TEST(packages_go_as_high_as_nothing_objects)
{
	const struct world_row rows[] = {
		{ "one version is shared", "a@1.0.0 c@^1\nb@1.0.0 c@^1\nc@1.0.0\nc@1.1.0",
		  "a@* b@*", "a@1.0.0 b@1.0.0 c@1.1.0" },
		{ "a second version nests below who wants it",
		  "a@1.0.0 c@^1\nb@1.0.0 c@^2\nc@1.0.0\nc@2.0.0", "a@* b@*",
		  "a@1.0.0 b@1.0.0 b/c@2.0.0 c@1.0.0" },
		{ "the project's own version displaces", "a@1.0.0 c@^1\nc@1.0.0\nc@2.0.0",
		  "a@* c@2", "a@1.0.0 a/c@1.0.0 c@2.0.0" },
		{ "names differ in case only", "a@1.0.0 Leaf@1\nLeaf@1.0.0", "a@*",
		  "a@1.0.0 Leaf@1.0.0" },
		{ "an alias keeps its name", "r@1.0.0", "x@npm:r@1", "x@1.0.0" },
		{ "what latest says goes, while it satisfies", "a@1.0.0 latest\na@1.2.0", "a@^1",
		  "a@1.0.0" },
	};

	check_worlds(rows, ARRAY_LEN(rows));
}

TEST(peers_are_installed_beside_their_dependents)
{
	const struct world_row rows[] = {
		{ "a missing peer comes along", "p@1.0.0 peer:h@^1\nh@1.0.0\nh@2.0.0", "p@*",
		  "h@1.0.0[peer] p@1.0.0" },
		{ "the project's spec for a peer comes first",
		  "p@1.0.0 peer:h@^1\nh@1.0.0\nh@2.0.0", "p@* h@*", "h@1.0.0 p@1.0.0" },
		{ "an optional peer stays away", "p@1.0.0 peeropt:h@^1\nh@1.0.0", "p@*",
		  "p@1.0.0" },
		{ "peers in a circle", "p@1.0.0 peer:q@1\nq@1.0.0 peer:p@1", "p@*",
		  "p@1.0.0 q@1.0.0[peer]" },
		{ "a group that does not fit nests with its dependent",
		  "h@1.0.0\nh@2.0.0\np@1.0.0 peer:h@^1\nw@1.0.0 p@* h@^1", "w@* h@2",
		  "h@2.0.0 w@1.0.0 w/h@1.0.0 w/p@1.0.0" },
		{ "an earlier peer is reused for a later edge",
		  "needpy1@1.0.0 peer:py@^1\npy@1.0.0\npy@2.0.0", "needpy1@* py@*",
		  "needpy1@1.0.0 py@1.0.0" },
	};

	check_worlds(rows, ARRAY_LEN(rows));
}

TEST(what_does_not_run_here_is_kept_aside)
{
	const struct world_row rows[] = {
		{ "another system's package", "m@1.0.0 os:darwin", "opt:m@*",
		  "m@1.0.0[opt][inert]" },
		{ "one that wants another Node.js", "m@1.0.0 node:>=99", "opt:m@*",
		  "m@1.0.0[opt][inert]" },
		{ "with what only it needs", "m@1.0.0 os:darwin d@1\nd@1.0.0", "opt:m@*",
		  "d@1.0.0[opt][inert] m@1.0.0[opt][inert]" },
		{ "but not with what others need", "m@1.0.0 os:darwin d@1\nd@1.0.0", "opt:m@* d@1",
		  "d@1.0.0 m@1.0.0[opt][inert]" },
		{ "one that does not exist", "a@1.0.0", "a@* opt:gone@*",
		  "a@1.0.0 gone@[opt][inert]" },
	};

	check_worlds(rows, ARRAY_LEN(rows));
}

TEST(overrides_change_what_is_asked_for)
{
	const struct world_row rows[] = {
		{ "everywhere", "a@1.0.0 c@^1\nc@1.0.0\nc@2.0.0", "a@* override:c@2.0.0",
		  "a@1.0.0 c@2.0.0" },
	};

	check_worlds(rows, ARRAY_LEN(rows));
}

TEST(conflicts_of_the_project_are_errors_and_others_are_overridden)
{
	const struct {
		const char *world, *project;
		bool strict, force, legacy, fails;
	} rows[] = {
		{ "p@1.0.0 peer:h@2\nh@1.0.0\nh@2.0.0", "p@* h@1", .fails = true },
		{ "p@1.0.0 peer:h@2\nh@1.0.0\nh@2.0.0", "p@* h@1", .force = true },
		{ "p@1.0.0 peer:h@2\nh@1.0.0\nh@2.0.0", "p@* h@1", .legacy = true },
		{ "w@1.0.0 p@1 h@1\np@1.0.0 peer:h@2\nh@1.0.0\nh@2.0.0", "w@*", .force = false },
		{ "w@1.0.0 p@1 h@1\np@1.0.0 peer:h@2\nh@1.0.0\nh@2.0.0", "w@*", .strict = true,
		  .fails = true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct table_source *world = table_source_new(a, rows[i].world);
		struct ideal_opts o = usual_options(world);
		struct tree *t;

		o.strict_peer_deps = rows[i].strict;
		o.force = rows[i].force;
		o.legacy_peer_deps = rows[i].legacy;
		if (rows[i].fails)
			CHECK_FAILS(build(a, rows[i].project, &o, &t), E_RESOLVE);
		else
			CHECK_OK(build(a, rows[i].project, &o, &t));
		table_source_fini(world);
	}
}

TEST(failures_of_required_packages_are_errors)
{
	const struct {
		const char *world, *project;
		enum err_code code;
	} rows[] = {
		{ "a@1.0.0", "gone@*", E_NOT_FOUND },
		{ "a@1.0.0", "a@^2", E_TARGET },
		{ "a@1.0.0 os:darwin", "a@*", E_BAD_PLATFORM },
		{ "a@1.0.0", "g@git+https://127.0.0.1/x.git", E_ALLOW_GIT },
		{ "a@1.0.0 c@1\nc@1.0.0\nc@2.0.0", "a@* c@1 override:c@2.0.0", E_OVERRIDE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct table_source *world = table_source_new(a, rows[i].world);
		struct ideal_opts o = usual_options(world);
		struct tree *t;

		CHECK_FAILS(build(a, rows[i].project, &o, &t), rows[i].code);
		table_source_fini(world);
	}
}

TEST(strategies_decide_how_high_packages_go)
{
	const struct {
		enum install_strategy strategy;
		const char *want;
	} rows[] = {
		{ STRATEGY_HOISTED, "a@1.0.0 b@1.0.0 c@1.0.0" },
		{ STRATEGY_NESTED, "a@1.0.0 a/b@1.0.0 a/b/c@1.0.0" },
		{ STRATEGY_SHALLOW, "a@1.0.0 a/b@1.0.0 a/c@1.0.0" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct table_source *world = table_source_new(a,
							      "a@1.0.0 b@*\nb@1.0.0 c@*\nc@1.0.0");
		struct ideal_opts o = usual_options(world);
		struct tree *t;

		o.strategy = rows[i].strategy;
		CHECK_OK(build(a, "a@*", &o, &t));
		CHECK_STR(table_show(a, t), str_view(rows[i].want), "row %zu", i);
		table_source_fini(world);
	}
}

TEST(each_name_is_requested_once_and_ahead_of_need)
{
	ARENA_SCOPE(a);
	struct table_source *world = table_source_new(
		a, "a@1.0.0 b@^1 c@^1\nb@1.0.0 c@^1 d@*\nc@1.0.0\nd@1.0.0 a@*");
	struct ideal_opts o = usual_options(world);
	struct tree *t;

	CHECK_OK(build(a, "a@*", &o, &t));
	CHECK_EQ(world->nrequests, 4);
	table_source_fini(world);
}

TEST(peers_that_throw_each_other_out_end_in_an_error)
{
	ARENA_SCOPE(a);
	struct str_buf chain = str_buf(a, 1 << 20);
	struct table_source *world;
	struct ideal_opts o;
	struct tree *t;

	for (int i = 0; i < 1200; i++)
		buf_printf(&chain, "p%d@1.0.0 peer:p%d@1\n", i, i + 1);
	buf_add(&chain, S("p1200@1.0.0\n"));
	world = table_source_new(a, buf_cstr(&chain));
	o = usual_options(world);
	CHECK_FAILS(build(a, "p0@*", &o, &t), E_RESOLVE);
	table_source_fini(world);
}

/* A wide project whose packages share a few, each asking for one of two versions. */
static struct ideal_work work_for(int packages)
{
	ARENA_SCOPE(a);
	struct str_buf table = str_buf(a, 8 << 20), project = str_buf(a, 1 << 20);
	struct ideal_work work;
	struct table_source *world;
	struct ideal_opts o;
	struct tree *t;

	for (int i = 0; i < packages; i++) {
		buf_printf(&table, "p%d@1.0.0 s%d@^%d t@^1\n", i, i % 50, 1 + (i % 7 == 0));
		buf_printf(&project, "p%d@* ", i);
	}
	for (int i = 0; i < 50; i++)
		buf_printf(&table, "s%d@1.0.0\ns%d@2.0.0\n", i, i);
	buf_add(&table, S("t@1.0.0\n"));
	world = table_source_new(a, buf_cstr(&table));
	o = usual_options(world);
	o.work = &work;
	CHECK_OK(build(a, buf_cstr(&project), &o, &t));
	table_source_fini(world);
	return work;
}

TEST(the_work_is_proportional_to_the_edges)
{
	const int counts[] = { 1000, 4000, 20000 };
	struct ideal_work work[ARRAY_LEN(counts)];

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		work[i] = work_for(counts[i]);
		print_message("%5d packages: %zu steps, %zu placed, %zu places considered, "
			      "%zu edges resolved, %zu manifests\n",
			      counts[i], work[i].steps, work[i].placed, work[i].can_place_checks,
			      work[i].reloads, work[i].manifests);
		if (!i)
			continue;
		size_t times = 1 + (size_t)(counts[i] / counts[0]);
		CHECK(work[i].reloads < times * work[0].reloads, "%d packages", counts[i]);
		CHECK(work[i].can_place_checks < times * work[0].can_place_checks, "%d packages",
		      counts[i]);
		CHECK(work[i].steps < times * work[0].steps, "%d packages", counts[i]);
	}
}

UNIT_TESTS(TESTED(packages_go_as_high_as_nothing_objects),
	   TESTED(peers_are_installed_beside_their_dependents),
	   TESTED(what_does_not_run_here_is_kept_aside), TESTED(overrides_change_what_is_asked_for),
	   TESTED(conflicts_of_the_project_are_errors_and_others_are_overridden),
	   TESTED(failures_of_required_packages_are_errors),
	   TESTED(strategies_decide_how_high_packages_go),
	   TESTED(each_name_is_requested_once_and_ahead_of_need),
	   TESTED(peers_that_throw_each_other_out_end_in_an_error),
	   TESTED(the_work_is_proportional_to_the_edges))
