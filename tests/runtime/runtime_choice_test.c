/* SPDX-License-Identifier: MIT */
#include "cpm/runtime/runtime_choice.h"

#include "runtime_world.h"

#define WORDS_MAX 4

#define DEV(version, on_fail)                                                         \
	"{\"devEngines\": {\"runtime\": {\"name\": \"node\", \"version\": \"" version \
	"\", \"onFail\": \"" on_fail "\"}}}"
#define ENGINE(version) "{\"engines\": {\"node\": \"" version "\"}}"

/* A Node.js on PATH that says it is 20.5.0. */
static const char *add_machine_node(struct arena *a, const struct temp_dir *d)
{
	const char *path = "bin/node";

	temp_file(d, path, S("#!/bin/sh\necho v20.5.0\n"));
	CHECK_EQ(fchmodat(d->fd, path, 0755, 0), 0);
	return str_cstr(a, str_concat(a, S("PATH="), path_join(a, d->path, S("bin"))));
}

TEST(settings_project_and_machine_decide_in_this_order)
{
	const struct {
		const char *argv[WORDS_MAX];
		const char *variable;
		const char *package;
		bool has_node;
		enum runtime_kind kind;
		str version;
	} rows[] = {
		/* Where the machine has none. */
		{ { NULL }, NULL, "{}", false, RUNTIME_BUNDLED, S("26.1.0") },
		{ { NULL }, NULL, ENGINE("24"), false, RUNTIME_BUNDLED, S("24.3.0") },
		{ { NULL }, NULL, ENGINE("12"), false, RUNTIME_BUNDLED, S("26.1.0") },
		{ { NULL }, NULL, DEV("27", "error"), false, RUNTIME_BUNDLED, S("27.0.0") },
		{ { NULL }, NULL, DEV("12", "error"), false, RUNTIME_BUNDLED, S("26.1.0") },
		{ { NULL }, NULL, DEV("12", "download"), false, RUNTIME_NONE, STR_NULL },
		{ { "--runtime-version=24" },
		  NULL,
		  DEV("27", "download"),
		  false,
		  RUNTIME_BUNDLED,
		  S("24.3.0") },
		{ { NULL },
		  "npm_config_runtime_version=24",
		  DEV("27", "download"),
		  false,
		  RUNTIME_BUNDLED,
		  S("24.3.0") },
		{ { "--script-runtime=system" }, NULL, "{}", false, RUNTIME_NONE, STR_NULL },
		/* Where it has 20.5.0. */
		{ { NULL }, NULL, "{}", true, RUNTIME_SYSTEM, STR_NULL },
		{ { NULL }, NULL, ENGINE("24"), true, RUNTIME_SYSTEM, STR_NULL },
		{ { NULL }, NULL, DEV("24", "error"), true, RUNTIME_SYSTEM, STR_NULL },
		{ { NULL }, NULL, DEV("24", "download"), true, RUNTIME_BUNDLED, S("24.3.0") },
		{ { NULL }, NULL, DEV("^20", "download"), true, RUNTIME_SYSTEM, STR_NULL },
		{ { "--runtime-version=27" }, NULL, "{}", true, RUNTIME_BUNDLED, S("27.0.0") },
		{ { "--script-runtime=bundled" }, NULL, "{}", true, RUNTIME_BUNDLED, S("26.1.0") },
		{ { "--script-runtime=system" },
		  NULL,
		  DEV("24", "download"),
		  true,
		  RUNTIME_SYSTEM,
		  STR_NULL },
		/* Inside a script. */
		{ { NULL },
		  RUNTIME_VARIABLE "=24.3.0",
		  DEV("27", "download"),
		  true,
		  RUNTIME_BUNDLED,
		  S("24.3.0") },
		{ { "--runtime-version=27" },
		  RUNTIME_VARIABLE "=24.3.0",
		  "{}",
		  true,
		  RUNTIME_BUNDLED,
		  S("27.0.0") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(d);
		const char *argv[] = { "run", rows[i].argv[0], NULL };
		const char *more[3] = { NULL };
		struct runtime_choice got;
		struct json *package;
		size_t count = 0;

		if (rows[i].has_node)
			more[count++] = add_machine_node(a, &d);
		if (rows[i].variable)
			more[count++] = rows[i].variable;
		CHECK_OK(json_parse(a, str_view(rows[i].package), &package));
		runtime_choose(a, runtime_settings(a, &d, argv, more), package, &linux_machine,
			       &got);
		CHECK_EQ(got.kind, rows[i].kind, "row %zu", i);
		CHECK_STR(got.version, rows[i].version, "row %zu", i);
		CHECK_EQ(str_is_null(got.problem), got.kind != RUNTIME_NONE, "row %zu", i);
	}
}

TEST(a_machine_without_builds_is_told_so)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	const char *argv[] = { "run", NULL }, *more[] = { NULL };
	const struct runtime_machine musl = { S("plan9"), S("mips"), STR_NULL };
	struct runtime_choice got;

	runtime_choose(a, runtime_settings(a, &d, argv, more), NULL, &musl, &got);
	CHECK_EQ(got.kind, RUNTIME_NONE);
	CHECK(str_find(got.problem, S("plan9 mips")) != STR_NPOS, STR_FMT, STR_ARG(got.problem));
}

TEST(a_build_that_is_not_here_is_named_where_it_will_be)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	const char *argv[] = { "run", NULL }, *more[] = { NULL };
	struct cfg *cfg = runtime_settings(a, &d, argv, more);
	str node = path_join(a, d.path, S("data/cpm/runtime/node-linux-26.1.0/bin/node"));
	struct runtime_choice got;

	runtime_choose(a, cfg, NULL, &linux_machine, &got);
	CHECK_STR(got.node, node);
	CHECK(str_is_null(got.dir));
	/* A name without bytes, as a power cut leaves it, is not a build. */
	temp_file(&d, "data/cpm/runtime/node-linux-26.1.0/bin/node", S(""));
	CHECK_EQ(chmod(str_cstr(a, node), 0755), 0);
	runtime_choose(a, cfg, NULL, &linux_machine, &got);
	CHECK(str_is_null(got.dir));
	temp_file(&d, "data/cpm/runtime/node-linux-26.1.0/bin/node", S("x"));
	CHECK_EQ(chmod(str_cstr(a, node), 0755), 0);
	runtime_choose(a, cfg, NULL, &linux_machine, &got);
	CHECK_STR(got.dir, path_dirname(path_dirname(node)));
}

UNIT_TESTS(TESTED(settings_project_and_machine_decide_in_this_order),
	   TESTED(a_machine_without_builds_is_told_so),
	   TESTED(a_build_that_is_not_here_is_named_where_it_will_be))
