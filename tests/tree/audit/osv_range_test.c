/* SPDX-License-Identifier: MIT
 * Events and versions of OSV as npm ranges. */
#include "check.h"
#include "osv_priv.h"

TEST(events_become_a_range)
{
	static const struct {
		const char *affected;
		str range; /* null: refused */
	} rows[] = {
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'0'},{'fixed':'2.0.0'}]}]}",
		  S("<2.0.0") },
		{ "{'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'}]}]}", S("*") },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'1.0.0'}]}]}",
		  S(">=1.0.0") },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'1.0.0'},"
		  "{'last_affected':'1.4.0'}]}]}",
		  S(">=1.0.0 <=1.4.0") },
		/* several, in any order, one event or two in an object */
		{ "{'ranges':[{'type':'SEMVER','events':[{'fixed':'2.1.0'},{'introduced':'2.0.0'},"
		  "{'introduced':'0','fixed':'1.2.0'}]}]}",
		  S("<1.2.0 || >=2.0.0 <2.1.0") },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'10.0.0'},{'fixed':'10.1.0'}"
		  ","
		  "{'introduced':'9.0.0'},{'fixed':'9.1.0'}]}]}",
		  S(">=9.0.0 <9.1.0 || >=10.0.0 <10.1.0") },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'1.0.0'},"
		  "{'last_affected':'1.0.0'}]}]}",
		  S(">=1.0.0 <=1.0.0") },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'0'},{'fixed':'1.0.0'},"
		  "{'introduced':'1.0.0'},{'fixed':'2.0.0'}]}]}",
		  S("<1.0.0 || >=1.0.0 <2.0.0") },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'1.0.0-beta.1'},"
		  "{'fixed':'1.0.0-rc.1'}]}]}",
		  S(">=1.0.0-beta.1 <1.0.0-rc.1") },
		/* what GitHub says beside it, when it makes sense */
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'0'}]}],"
		  "'database_specific':{'last_known_affected_version_range':'<= 1.2.3'}}",
		  S("<=1.2.3") },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'1.0.0'}]}],"
		  "'database_specific':{'last_known_affected_version_range':'nonsense'}}",
		  S(">=1.0.0") },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'0'},{'fixed':'1.0.0'}]}],"
		  "'database_specific':{'last_known_affected_version_range':'<= 1.2.3'}}",
		  S("<1.0.0") },
		/* listed versions: those that the ranges leave out */
		{ "{'versions':['1.0.0','v2.0.0','x',7]}", S("1.0.0 || 2.0.0") },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'0'},{'fixed':'2.0.0'}]}],"
		  "'versions':['1.5.0','3.0.0']}",
		  S("<2.0.0 || 3.0.0") },
		/* commits say nothing about versions */
		{ "{'ranges':[{'type':'GIT','events':[{'introduced':'0'}]}],'versions':['1.0.0']}",
		  S("1.0.0") },
		{ "{'ranges':[{'type':'GIT','events':[{'introduced':'0'}]}]}", STR_NULL },
		{ "{}", STR_NULL },
		{ "{'ranges':{},'versions':{}}", STR_NULL },
		{ "{'ranges':[7]}", STR_NULL },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':'one'}]}]}", STR_NULL },
		{ "{'ranges':[{'type':'SEMVER','events':[{'introduced':7}]}]}", STR_NULL },
		{ "{'ranges':[{'type':'SEMVER','events':[{'fixed':'1.0.0'}]}]}", STR_NULL },
		{ "{'ranges':[{'type':'SEMVER'}]}", STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		str text = str_replace_all(a, str_view(rows[i].affected), S("'"), S("\"")), got;
		struct json *doc;
		struct err *e;

		CHECK_OK(json_parse(a, text, &doc));
		e = osv_range(a, doc, &got);
		CHECK_STR(e ? STR_NULL : got, rows[i].range, "row %zu", i);
		err_ignore(e);
	}
}

TEST(ranges_that_no_range_can_hold_are_refused)
{
	ARENA_SCOPE(a);
	struct json *doc = json_new(a, JSON_OBJECT), *list = json_new(a, JSON_ARRAY);
	str got;

	json_set(a, doc, S("versions"), list);
	for (unsigned i = 0; i < 20000; i++)
		json_append(a, list, json_new_string(a, str_printf(a, "1.0.%u", i)));
	CHECK_FAILS(osv_range(a, doc, &got), E_GENERIC);
}

UNIT_TESTS(TESTED(events_become_a_range), TESTED(ranges_that_no_range_can_hold_are_refused))
