/* SPDX-License-Identifier: MIT
 * The few facts that installing takes from a package's own package.json, whatever else is in it. */
#include "check.h"
#include "reify_priv.h"

static str show(struct arena *a, str manifest)
{
	struct package_facts f;
	bool is_whole = package_facts_scan(a, manifest, &f);

	return str_printf(a, "%d " STR_FMT "@" STR_FMT " [" STR_FMT "|" STR_FMT "|" STR_FMT "]%s",
			  is_whole, STR_ARG(f.name), STR_ARG(f.version), STR_ARG(f.preinstall),
			  STR_ARG(f.install), STR_ARG(f.postinstall),
			  f.gypfile_false ? " no gyp" : "");
}

TEST(t13_facts_are_read_and_wrong_types_count_as_absent)
{
	/* clang-format off */
	static const struct { const char *manifest, *want; } rows[] = {
		{ "{\"name\":\"a\",\"version\":\"1.0.0\"}",                                "1 a@1.0.0 [||]" },
		{ "\xef\xbb\xbf{\"name\":\"a\",\"version\":\"1.0.0\"}",                    "1 a@1.0.0 [||]" },
		{ "{\"scripts\":{\"preinstall\":\"p\",\"install\":\"i\",\"postinstall\":\"q\",\"test\":\"t\"}}", "1 @ [p|i|q]" },
		{ "{\"scripts\":{\"install\":\"\"}}",                                      "1 @ [||]" },
		{ "{\"scripts\":{\"install\":7}}",                                         "1 @ [||]" },
		{ "{\"scripts\":\"x\",\"name\":\"a\"}",                                    "1 a@ [||]" },
		{ "{\"scripts\":{\"install\":\"old\"},\"scripts\":{\"postinstall\":\"new\"}}", "1 @ [||new]" },
		{ "{\"n\\u0061me\":\"a\",\"name\":\"b\"}",                                 "1 b@ [||]" },
		{ "{\"gypfile\":false}",                                                   "1 @ [||] no gyp" },
		{ "{\"gypfile\":\"false\"}",                                               "1 @ [||]" },
		{ "{\"name\":[\"a\"],\"version\":null}",                                   "1 @ [||]" },
		{ "[]",                                                                    "0 @ [||]" },
		{ "",                                                                      "0 @ [||]" },
		{ "{\"name\":\"a\",",                                                      "0 a@ [||]" },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);

		CHECK_STR(show(a, str_view(rows[i].manifest)), str_view(rows[i].want), "%s",
			  rows[i].manifest);
	}
}

UNIT_TESTS(TESTED(t13_facts_are_read_and_wrong_types_count_as_absent))
