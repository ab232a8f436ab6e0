/* SPDX-License-Identifier: MIT */
#include "cpm/runtime/runtime_shims.h"

#include "runtime_world.h"

static const char *const run[] = { "run", NULL };
static const char *const nothing[] = { NULL };

static bool has(const struct runtime_shims *shims, const char *name)
{
	ARENA_SCOPE(tmp);

	return fs_is_file(AT_FDCWD, str_cstr(tmp, path_join(tmp, shims->bin_dir, str_view(name))));
}

static struct runtime_shims make(struct arena *a, const struct cfg *cfg,
				 const struct runtime_choice *c)
{
	struct runtime_shims shims;

	CHECK_OK(runtime_shims_make(a, cfg, c, &shims));
	return shims;
}

TEST(tools_are_there_and_node_only_for_builds)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	struct cfg *cfg = runtime_settings(a, &d, run, nothing);
	const struct runtime_choice machine = { .kind = RUNTIME_SYSTEM,
						.node = S("/usr/bin/node") };
	struct runtime_choice build;

	runtime_choose(a, cfg, NULL, &linux_machine, &build);
	struct runtime_shims without = make(a, cfg, &machine), with = make(a, cfg, &build);
	const char *const tools[] = { "cpm", "npm", "npx", "node-gyp" };

	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		CHECK(has(&without, tools[i]) && has(&with, tools[i]), "%s", tools[i]);
	CHECK(!has(&without, "node") && has(&with, "node"));
	CHECK_STR(without.node, S("/usr/bin/node"));
	/* It is not here yet: the link to ourselves is what scripts are told. */
	CHECK_STR(with.node, path_join(a, with.bin_dir, S("node")));
}

TEST(an_npm_of_the_machine_keeps_its_name)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	str bin = path_join(a, d.path, S("bin"));
	const char *more[] = { str_cstr(a, str_concat(a, S("PATH="), bin)), NULL };
	const struct runtime_choice machine = { .kind = RUNTIME_SYSTEM,
						.node = S("/usr/bin/node") };

	temp_file(&d, "bin/npm", S("#!/bin/sh\n"));
	CHECK_EQ(fchmodat(d.fd, "bin/npm", 0755, 0), 0);
	struct runtime_shims shims = make(a, runtime_settings(a, &d, run, more), &machine);

	CHECK(!has(&shims, "npm") && !has(&shims, "npx") && has(&shims, "cpm"));
}

TEST(the_same_choice_has_the_same_folder)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	struct cfg *cfg = runtime_settings(a, &d, run, nothing);
	const struct runtime_choice machine = { .kind = RUNTIME_SYSTEM,
						.node = S("/usr/bin/node") };
	struct runtime_choice build;

	runtime_choose(a, cfg, NULL, &linux_machine, &build);
	str first = make(a, cfg, &machine).bin_dir;
	CHECK_STR(make(a, cfg, &machine).bin_dir, first);
	CHECK(!str_eq(make(a, cfg, &build).bin_dir, first));
}

UNIT_TESTS(TESTED(tools_are_there_and_node_only_for_builds),
	   TESTED(an_npm_of_the_machine_keeps_its_name),
	   TESTED(the_same_choice_has_the_same_folder))
