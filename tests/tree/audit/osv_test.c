/* SPDX-License-Identifier: MIT
 * Records in the shape of the registry's answer. */
#include "cpm/tree/osv.h"

#include "check.h"

#define ALL "'ranges':[{'type':'SEMVER','events':[{'introduced':'0'}]}]"

/* Quotes are single in @text. Null @out: it is refused. */
static struct err *read_text(struct arena *a, const char *text, struct osv_record *out)
{
	struct json *doc;

	CHECK_OK(json_parse(a, str_replace_all(a, str_view(text), S("'"), S("\"")), &doc));
	return osv_read(a, doc, out);
}

TEST(an_entry_of_affected_is_an_advisory)
{
	ARENA_SCOPE(a);
	struct osv_record r;
	const struct json *first, *second;

	CHECK_OK(read_text(
		a,
		"{'id':'GHSA-1','modified':'1970-01-02T00:00:01.5Z','summary':'Bad','aliases':['"
		"CVE-1',7],"
		"'affected':["
		"{'package':{'ecosystem':'npm','name':'a'}," ALL "},"
		"{'package':{'ecosystem':'npm','name':'b'}," ALL "},"
		"{'package':{'ecosystem':'Go','name':'a'}},"
		"{'package':{'ecosystem':'npm','name':'a'},'versions':['3.0.0']}],"
		"'severity':[{'type':'CVSS_V4','score':'CVSS:4.0/AV:N'},"
		"{'type':'CVSS_V3','score':'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H'}],"
		"'database_specific':{'severity':'MODERATE','cwe_ids':['CWE-1']}}",
		&r));
	CHECK_EQ(r.modified_sec, 86401);
	CHECK_STR(r.names, S("GHSA-1 CVE-1"));
	CHECK_EQ(r.packages.len, 2);
	CHECK_STR(r.packages.items[0].name, S("a"));
	CHECK_EQ(r.packages.items[0].said->count, 2);
	first = r.packages.items[0].said->items[0];
	second = r.packages.items[0].said->items[1];
	CHECK_STR(json_get_text(first, "id"), S("GHSA-1"));
	CHECK_STR(json_get_text(second, "id"), S("GHSA-1#2"));
	CHECK_STR(json_get_text(first, "url"), S("https://github.com/advisories/GHSA-1"));
	CHECK_STR(json_get_text(first, "title"), S("Bad"));
	CHECK_STR(json_get_text(first, "severity"), S("moderate"));
	CHECK_STR(json_get_text(first, "vulnerable_versions"), S("*"));
	CHECK_STR(json_get_text(second, "vulnerable_versions"), S("3.0.0"));
	CHECK(json_get(json_get(first, "cvss"), "score")->number == 7.5);
	CHECK_STR(json_get(first, "cwe")->items[0]->string, S("CWE-1"));
}

TEST(severity_falls_back_from_words_to_score_to_caution)
{
	static const struct {
		const char *more; /* of the record */
		str severity, url;
	} rows[] = {
		{ "'id':'MAL-1'", S("critical"), S("https://osv.dev/vulnerability/MAL-1") },
		{ "'id':'X-1'", S("high"), S("https://osv.dev/vulnerability/X-1") },
		{ "'id':'X-1','database_specific':{'severity':'medium'}", S("moderate"),
		  S("https://osv.dev/vulnerability/X-1") },
		{ "'id':'X-1','severity':[{'score':'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/"
		  "A:L'}],"
		  "'references':[{'type':'WEB','url':'https://a.example'}]",
		  S("low"), S("https://a.example") },
		{ "'id':'X-1','database_specific':{'severity':'?'},'severity':[7],"
		  "'references':[{'type':'WEB','url':'https://a.example'},7,"
		  "{'type':'ADVISORY','url':'https://b.example'}]",
		  S("high"), S("https://b.example") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct osv_record r;
		const struct json *said;

		CHECK_OK(read_text(a,
				   str_printf(a,
					      "{'affected':[{'package':{'ecosystem':'npm',"
					      "'name':'a'}," ALL "}],%s}",
					      rows[i].more)
					   .p,
				   &r));
		said = r.packages.items[0].said->items[0];
		CHECK_STR(json_get_text(said, "severity"), rows[i].severity, "row %zu", i);
		CHECK_STR(json_get_text(said, "url"), rows[i].url, "row %zu", i);
		CHECK_STR(json_get_text(said, "title"), r.id, "row %zu", i);
	}
}

TEST(what_is_withdrawn_or_elsewhere_concerns_nothing)
{
	ARENA_SCOPE(a);
	struct osv_record r;

	CHECK_OK(read_text(a, "{'id':'X','withdrawn':'2026-01-01T00:00:00Z','affected':7}", &r));
	CHECK(r.is_withdrawn);
	CHECK_OK(read_text(
		a, "{'id':'X','modified':'soon','affected':[{'package':{'ecosystem':'Go'}}]}", &r));
	CHECK_EQ(r.packages.len, 0);
	CHECK_EQ(r.modified_sec, 0);
}

TEST(malformed_records_are_refused)
{
	static const char *const rows[] = {
		"7",
		"[]",
		"{}",
		"{'id':7}",
		"{'id':''}",
		"{'id':'X'}",
		"{'id':'X','affected':{}}",
		"{'id':'X','affected':[{'package':{'ecosystem':'npm'}," ALL "}]}",
		"{'id':'X','affected':[{'package':{'ecosystem':'npm','name':'a'}}]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct osv_record r;

		CHECK_FAILS(read_text(a, rows[i], &r), E_GENERIC);
	}
}

TEST(the_reviewed_database_is_believed_first)
{
	CHECK(osv_compare_ids(S("GHSA-9"), S("CVE-1")) < 0);
	CHECK(osv_compare_ids(S("CVE-1"), S("GHSA-9")) > 0);
	CHECK(osv_compare_ids(S("CVE-1"), S("MAL-1")) < 0);
	CHECK(osv_compare_ids(S("GHSA-1"), S("GHSA-2")) < 0);
}

UNIT_TESTS(TESTED(an_entry_of_affected_is_an_advisory),
	   TESTED(severity_falls_back_from_words_to_score_to_caution),
	   TESTED(what_is_withdrawn_or_elsewhere_concerns_nothing),
	   TESTED(malformed_records_are_refused), TESTED(the_reviewed_database_is_believed_first))
