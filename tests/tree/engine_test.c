/* SPDX-License-Identifier: MIT
 * Engines and platforms, npm-tree.md 8.10. */
#include "cpm/tree/engine.h"

#include "check.h"

static struct json *parse(struct arena *a, const char *text)
{
	struct json *json;

	CHECK_OK(json_parse(a, str_view(text), &json));
	return json;
}

TEST(engines_are_strict_ranges_that_take_prereleases)
{
	const struct {
		const char *engines, *node, *npm;
		bool want;
	} rows[] = {
		{ "{\"node\":\">=18\"}", "24.1.0", "12.2.0", true },
		{ "{\"node\":\">=99\"}", "24.1.0", "12.2.0", false },
		{ "{\"node\":\">=24\"}", "24.0.0-pre", "12.2.0", true },
		{ "{\"node\":\">=1,<99\"}", "24.1.0", "12.2.0", false },
		{ "{\"node\":\"\"}", "24.1.0", "12.2.0", true },
		{ "{\"node\":\"*\"}", "24.1.0", "12.2.0", true },
		{ "{\"node\":18}", "24.1.0", "12.2.0", false },
		{ "{\"node\":null}", "24.1.0", "12.2.0", true },
		{ "{\"npm\":\"<7\"}", "24.1.0", "12.2.0", false },
		{ "{\"npm\":\"<7\"}", "24.1.0", NULL, true },
		{ "{\"node\":\">=99\"}", NULL, "12.2.0", true },
		{ "{\"yarn\":\"<1\"}", "24.1.0", "12.2.0", true },
		{ "[\"node >= 99\"]", "24.1.0", "12.2.0", true },
		{ "\"node >= 99\"", "24.1.0", "12.2.0", true },
		{ "null", "24.1.0", "12.2.0", true },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(engine_is_supported(parse(a, rows[i].engines), str_view(rows[i].node), str_view(rows[i].npm)), rows[i].want,
			 "%s", rows[i].engines);
	CHECK(engine_is_supported(NULL, S("24.1.0"), S("12.2.0")), "absent");
}

TEST(lists_name_who_may_or_who_may_not)
{
	const struct {
		const char *manifest;
		bool want;
	} rows[] = {
		{ "{}", true },
		{ "{\"os\":[]}", true },
		{ "{\"os\":\"linux\"}", true },
		{ "{\"os\":\"darwin\"}", false },
		{ "{\"os\":[\"darwin\",\"linux\"]}", true },
		{ "{\"os\":[\"any\"]}", true },
		{ "{\"os\":\"any\"}", true },
		{ "{\"os\":[\"any\",\"darwin\"]}", false },
		{ "{\"os\":[\"!win32\"]}", true },
		{ "{\"os\":[\"!linux\"]}", false },
		{ "{\"os\":[\"!win32\",\"darwin\"]}", false },
		{ "{\"os\":[\"!win32\",\"linux\"]}", true },
		{ "{\"os\":[\"linux\",\"!linux\"]}", false },
		{ "{\"cpu\":\"x64\"}", true },
		{ "{\"cpu\":[\"arm64\"]}", false },
		{ "{\"libc\":\"glibc\"}", true },
		{ "{\"libc\":[\"musl\"]}", false },
		{ "{\"os\":{}}", true },
		{ "{\"os\":[1]}", false },
	};
	const struct platform linux_x64 = { S("linux"), S("x64"), S("glibc") };
	ARENA_SCOPE(a);
	struct manifest *m;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_OK(manifest_from_json(a, parse(a, rows[i].manifest), false, &m));
		CHECK_EQ(platform_is_supported(m, &linux_x64), rows[i].want, "%s", rows[i].manifest);
	}
}

TEST(a_libc_that_cannot_be_told_satisfies_nobody)
{
	const struct platform darwin = { S("darwin"), S("arm64"), STR_NULL };
	ARENA_SCOPE(a);
	struct manifest *m;

	CHECK_OK(manifest_from_json(a, parse(a, "{\"libc\":[\"!musl\"]}"), false, &m));
	CHECK(!platform_is_supported(m, &darwin), "");
}

TEST(this_machine_has_a_name_in_javascripts_words)
{
	ARENA_SCOPE(a);
	struct platform p = platform_detect(a);

	CHECK(p.os.len && p.cpu.len, "");
	CHECK(!str_eq(p.cpu, S("unknown")), "");
}

UNIT_TESTS(TESTED(engines_are_strict_ranges_that_take_prereleases), TESTED(lists_name_who_may_or_who_may_not),
	   TESTED(a_libc_that_cannot_be_told_satisfies_nobody), TESTED(this_machine_has_a_name_in_javascripts_words))
