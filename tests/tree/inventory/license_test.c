/* SPDX-License-Identifier: MIT
 * Licences in old and new forms. */
#include "cpm/tree/license.h"

#include "check.h"

TEST(every_form_of_twenty_years_is_read)
{
	static const struct {
		const char *doc;
		str npm, guess;
	} rows[] = {
		{ "{}", STR_NULL, STR_NULL },
		{ "{\"license\":\"MIT\"}", S("MIT"), S("MIT") },
		{ "{\"license\":\"\"}", STR_NULL, STR_NULL },
		{ "{\"license\":{\"type\":\"MIT\",\"url\":\"u\"}}", S("MIT"), S("MIT") },
		{ "{\"license\":{\"name\":\"MIT\"}}", STR_NULL, S("MIT") },
		{ "{\"license\":[\"MIT\",{\"type\":\"ISC\"}]}", STR_NULL, S("MIT OR ISC") },
		{ "{\"licenses\":[{\"type\":\"MIT\"},\"Apache-2.0\",{},\"\"]}",
		  S("MIT OR Apache-2.0"), S("MIT OR Apache-2.0") },
		{ "{\"licenses\":\"MIT\"}", STR_NULL, S("MIT") },
		{ "{\"licence\":\"MIT\"}", STR_NULL, S("MIT") },
		{ "{\"license\":7}", STR_NULL, STR_NULL },
		{ "{\"license\":\" MIT \"}", S(" MIT "), S("MIT") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct json *doc;
		CHECK_OK(json_parse(a, str_view(rows[i].doc), &doc));
		CHECK_STR(license_of_doc(a, doc), rows[i].npm);
		CHECK_STR(license_guess(a, doc), rows[i].guess);
	}
}

UNIT_TESTS(TESTED(every_form_of_twenty_years_is_read))
