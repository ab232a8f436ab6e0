/* SPDX-License-Identifier: MIT */
#include "cpm/runtime/runtime_pins.h"
#include "runtime_world.h"

static const char *const nothing[] = { NULL };
static const char *const run[] = { "run", NULL };

TEST(builds_of_this_machine_are_listed_newest_first)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	runtime_pins pins;

	CHECK_OK(
		runtime_pins_load(a, runtime_settings(a, &d, run, nothing), &linux_machine, &pins));
	CHECK_STR(runtime_pins_text(a, &pins), S("27.0.0, 26.1.0, 24.3.0"));
	CHECK_STR(pins.items[0].folder, S("node-linux-27.0.0"));
}

TEST(the_usual_build_is_preferred_and_the_newest_comes_next)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	runtime_pins pins;
	const struct {
		str wanted, want; /* null: none */
	} rows[] = {
		{ STR_NULL, S("26.1.0") },     { S(""), S("26.1.0") },
		{ S("lts"), S("26.1.0") },     { S("latest"), S("27.0.0") },
		{ S("current"), S("27.0.0") }, { S("maintenance"), S("24.3.0") },
		{ S(">=20"), S("26.1.0") },    { S("24"), S("24.3.0") },
		{ S(">26.5"), S("27.0.0") },   { S("^24 || ^27"), S("27.0.0") },
		{ S("99"), STR_NULL },         { S("no range"), STR_NULL },
	};

	CHECK_OK(
		runtime_pins_load(a, runtime_settings(a, &d, run, nothing), &linux_machine, &pins));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct runtime_pin *pin = runtime_pins_find(&pins, rows[i].wanted);

		CHECK_STR(pin ? pin->version : STR_NULL, rows[i].want, STR_FMT,
			  STR_ARG(rows[i].wanted));
	}
}

TEST(the_table_in_the_program_has_two_lines_for_every_platform_it_names)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	const char *own[] = { "npm_config_runtime_pins=", NULL };
	struct cfg *cfg = runtime_settings(a, &d, run, own);
	const struct runtime_machine machines[] = {
		{ S("linux"), S("x64"), S("glibc") },
		{ S("linux"), S("arm64"), S("glibc") },
		{ S("darwin"), S("x64"), STR_NULL },
		{ S("darwin"), S("arm64"), STR_NULL },
	};

	cfg_force(cfg, CFG_RUNTIME_PINS, NULL);
	for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
		runtime_pins pins;

		CHECK_OK(runtime_pins_load(a, cfg, &machines[i], &pins));
		CHECK(pins.len >= 2, "machine %zu", i);
		CHECK(runtime_pins_find(&pins, S("current")) && runtime_pins_find(&pins, S(">=22.12 <23")),
		      "machine %zu", i);
	}
}

TEST(a_row_that_lacks_something_is_refused)
{
	ARENA_SCOPE(a);
	TEMP_DIR(d);
	struct cfg *cfg = runtime_settings(a, &d, run, nothing);
	const char *const tables[] = {
		"{}",
		"{\"builds\": {}}",
		"{\"builds\": [{}]}",
		"{\"builds\": [{\"package\": \"n\", \"version\": \"1.0.0\"}]}",
		"{\"builds\": [{\"package\": \"n\", \"version\": \"^1\", \"integrity\": "
		"\"" SHA512_OF_NOTHING "\"}]}",
		"{\"builds\": [{\"package\": \"../n\", \"version\": \"1.0.0\", \"integrity\": "
		"\"" SHA512_OF_NOTHING "\"}]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		runtime_pins pins;

		temp_file(&d, "pins.json", str_view(tables[i]));
		CHECK_FAILS(runtime_pins_load(a, cfg, &linux_machine, &pins), E_GENERIC);
	}
}

UNIT_TESTS(TESTED(builds_of_this_machine_are_listed_newest_first),
	   TESTED(the_usual_build_is_preferred_and_the_newest_comes_next),
	   TESTED(the_table_in_the_program_has_two_lines_for_every_platform_it_names),
	   TESTED(a_row_that_lacks_something_is_refused))
