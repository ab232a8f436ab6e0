/* SPDX-License-Identifier: MIT
 * The choice of versions, npm-tree.md 4: packuments as a registry would send them, one row a question. */
#include "cpm/tree/pick.h"

#include "check.h"

static const char packument_text[] =
	"{\"name\":\"p\",\"dist-tags\":{\"latest\":\"1.5.0\",\"next\":\"2.0.0-rc.1\",\"old\":\"1.0.0\",\"gone\":\"9.9.9\","
	"\"dep\":\"1.2.0\",\"future\":\"1.6.0\"},"
	"\"versions\":{"
	"\"1.0.0\":{\"name\":\"p\",\"version\":\"1.0.0\"},"
	"\"1.2.0\":{\"name\":\"p\",\"version\":\"1.2.0\",\"deprecated\":\"no\"},"
	"\"1.1.0\":{\"name\":\"p\",\"version\":\"1.1.0\",\"deprecated\":\"\"},"
	"\"1.5.0\":{\"name\":\"p\",\"version\":\"1.5.0\"},"
	"\"1.6.0\":{\"name\":\"p\",\"version\":\"1.6.0\"},"
	"\"2.0.0-rc.1\":{\"name\":\"p\",\"version\":\"2.0.0-rc.1\"},"
	"\"3.0.0\":{\"name\":\"p\",\"version\":\"3.0.0\",\"engines\":{\"node\":\">=99\"}},"
	"\"3.1.0\":{\"name\":\"p\",\"version\":\"3.1.0\",\"engines\":{\"node\":\">=1,<99\"}},"
	"\"3.2.0\":{\"name\":\"p\",\"version\":\"3.2.0\",\"engines\":[\"node >= 99\"],\"deprecated\":\"x\"},"
	"\"3.3.0\":{\"name\":\"p\",\"version\":\"3.3.0\",\"engines\":{\"node\":\">=99\"},\"deprecated\":\"x\"}},"
	"\"time\":{\"1.0.0\":\"2020-01-01T00:00:00.000Z\",\"1.1.0\":\"2020-06-01T00:00:00.000Z\","
	"\"1.5.0\":\"2021-01-01T00:00:00.000Z\",\"1.6.0\":\"2022-01-01T12:30:15.250Z\",\"2.0.0-rc.1\":\"2022-06-01T00:00:00.000Z\","
	"\"3.0.0\":\"2023-01-01T00:00:00.000Z\",\"3.1.0\":\"2023-01-01T00:00:00.000Z\",\"3.2.0\":\"2023-01-01T00:00:00.000Z\","
	"\"3.3.0\":\"2023-01-01T00:00:00.000Z\"}}";

static struct packument *scan(struct arena *a, const char *text)
{
	struct packument *p;

	CHECK_OK(packument_scan(a, S("p"), str_view(text), &p));
	return p;
}

/* The version, or the error's text. */
static str pick(struct arena *a, const struct packument *p, const char *spec_text, const struct pick_opts *opts)
{
	const struct packument_version *v;
	struct spec *spec;
	struct err *e;
	str text;

	CHECK_OK(spec_resolve(a, S("p"), str_view(spec_text), S("/"), &spec));
	e = pick_version(p, spec, opts, &v);
	if (!e)
		return v->version;
	text = str_printf(a, STR_FMT ": " STR_FMT, STR_ARG(err_code_shown(e)), STR_ARG(e->message));
	err_free(e);
	return text;
}

TEST(versions_that_a_policy_forbids_are_the_last_choice_and_are_refused)
{
	const struct {
		const char *spec, *want;
	} rows[] = {
		{ "*", "1.0.0" },
		{ "^1.0.0", "1.0.0" },
		{ "1.1.0", "E403: Could not download p@1.1.0 due to policy violations:\nnot here" },
		{ "latest", "E403: Could not download p@latest due to policy violations:\nnot here" },
		{ "^2.0.0", "E403: Could not download p@^2.0.0 due to policy violations:\nnot here" },
		{ "^3.0.0", "ETARGET: No matching version found for p@^3.0.0." },
	};
	ARENA_SCOPE(a);
	struct packument *p = scan(a, "{\"policyRestrictions\":{\"message\":\"not here\",\"versions\":{"
				      "\"1.1.0\":{\"version\":\"1.1.0\"},\"2.0.0\":{\"version\":\"2.0.0\"}}},"
				      "\"dist-tags\":{\"latest\":\"1.1.0\"},"
				      "\"versions\":{\"1.0.0\":{\"version\":\"1.0.0\"},\"1.1.0\":{\"version\":\"1.1.0\"}}}");
	struct packument *thawed;

	CHECK_OK(packument_thaw(a, packument_freeze(a, p), &thawed));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_STR(pick(a, p, rows[i].spec, NULL), str_view(rows[i].want), "%s", rows[i].spec);
		CHECK_STR(pick(a, thawed, rows[i].spec, NULL), str_view(rows[i].want), "%s, out of the cache",
			  rows[i].spec);
	}
}

TEST(one_version_is_chosen_as_npm_chooses_it)
{
	const struct {
		const char *spec, *want;
	} rows[] = {
		{ "*", "1.5.0" },
		{ "", "1.5.0" },
		{ "latest", "1.5.0" },
		{ "^1.0.0", "1.5.0" },
		{ ">=1", "1.5.0" },
		{ ">1.5.0 <2", "1.6.0" },
		{ "~1.2.0", "1.2.0" },
		{ ">=1.1.0 <1.3.0", "1.1.0" },
		{ "next", "2.0.0-rc.1" },
		{ "^2.0.0-rc.0", "2.0.0-rc.1" },
		{ "old", "1.0.0" },
		{ "dep", "1.2.0" },
		{ "v1.6.0", "1.6.0" },
		{ "=1.6.0", "1.6.0" },
		{ "1.6.0", "1.6.0" },
		{ "3.3.0", "3.3.0" },
		{ "^3.0.0", "3.2.0" },
		{ "3.0.0 || 3.1.0", "3.1.0" },
		{ "3.0.0 || 3.3.0", "3.0.0" },
		{ "npm:p@old", "1.0.0" },
		{ "gone", "ETARGET: No matching version found for p@gone." },
		{ "missing", "ETARGET: No matching version found for p@missing." },
		{ "1.9.9", "ETARGET: No matching version found for p@1.9.9." },
		{ "^4", "ETARGET: No matching version found for p@^4." },
	};
	const struct pick_opts opts = { .node_version = S("26.0.0"), .npm_version = S("12.2.0") };
	ARENA_SCOPE(a);
	struct packument *p = scan(a, packument_text);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(pick(a, p, rows[i].spec, &opts), str_view(rows[i].want), "'%s'", rows[i].spec);
}

TEST(a_cutoff_hides_what_came_later)
{
	const struct {
		const char *before, *spec, *want;
	} rows[] = {
		{ "2020-12-31T00:00:00.000Z", "*", "1.1.0" },
		{ "2021-01-01T00:00:00.000Z", "*", "1.5.0" },
		{ "2020-12-31", "^1.0.0", "1.1.0" },
		{ "2022-01-01T12:30:15.249Z", "^1.5.0", "1.5.0" },
		{ "2022-01-01T12:30:15.249Z", "future", "1.5.0" },
		{ "2022-01-01T13:30:15.250+01:00", "future", "1.6.0" },
		{ "2021-06-01T00:00:00.000Z", "next", "1.5.0" },
		{ "2021-06-01T00:00:00.000Z", "1.6.0",
		  "ETARGET: No matching version found for p@1.6.0 with a date before 6/1/2021, 12:00:00 AM." },
		{ "2021-06-01T13:05:09.000Z", "^7",
		  "ETARGET: No matching version found for p@^7 with a date before 6/1/2021, 1:05:09 PM." },
	};
	ARENA_SCOPE(a);
	struct packument *p = scan(a, packument_text);

	setenv("TZ", "UTC", 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct pick_opts opts = { .before = str_view(rows[i].before) };

		CHECK_STR(pick(a, p, rows[i].spec, &opts), str_view(rows[i].want), "'%s' before %s", rows[i].spec, rows[i].before);
	}
}

TEST(no_version_at_all_is_told_from_none_that_matches)
{
	const struct pick_opts opts = { .before = S("2019-01-01") };
	ARENA_SCOPE(a);
	struct packument *p = scan(a, "{\"name\":\"p\",\"dist-tags\":{\"latest\":\"1.0.0\"},\"versions\":{\"1.0.0\":{}},"
				      "\"time\":{\"1.0.0\":\"2020-01-01T00:00:00.000Z\"}}");

	CHECK_STR(pick(a, p, "*", &opts), S("ENOVERSIONS: No versions available for p"), "all too new");
	p = scan(a, "{\"name\":\"p\",\"dist-tags\":{},\"versions\":{}}");
	CHECK_STR(pick(a, p, "*", NULL), S("ENOVERSIONS: No versions available for p"), "none");
	CHECK_STR(pick(a, p, "1.0.0", NULL), S("ETARGET: No matching version found for p@1.0.0."), "exact");
}

TEST(a_deprecated_or_misfit_latest_gives_way)
{
	const struct {
		const char *latest, *spec, *want;
	} rows[] = {
		{ "{\"deprecated\":\"x\"}", "*", "1.0.0" },
		{ "{\"deprecated\":\"x\"}", "2.0.0", "2.0.0" },
		{ "{\"deprecated\":\"x\"}", "latest", "2.0.0" },
		{ "{\"engines\":{\"node\":\">=99\"}}", "*", "1.0.0" },
		{ "{\"engines\":{\"npm\":\"<1\"}}", ">=1", "1.0.0" },
		{ "{\"engines\":\"node >= 99\"}", "*", "2.0.0" },
		{ "{}", ">=0", "2.0.0" },
	};
	const struct pick_opts opts = { .node_version = S("26.0.0"), .npm_version = S("12.2.0") };
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct packument *p = scan(a, str_printf(a, "{\"name\":\"p\",\"dist-tags\":{\"latest\":\"2.0.0\"},\"versions\":"
							    "{\"1.0.0\":{},\"2.0.0\":%s}}", rows[i].latest).p);

		CHECK_STR(pick(a, p, rows[i].spec, &opts), str_view(rows[i].want), "'%s' with %s", rows[i].spec, rows[i].latest);
	}
}

TEST(only_a_star_takes_a_prerelease_that_is_latest)
{
	ARENA_SCOPE(a);
	struct packument *p = scan(a, "{\"name\":\"p\",\"dist-tags\":{\"latest\":\"2.0.0-a\",\"mine\":\"1.0.0\"},"
				      "\"versions\":{\"1.0.0\":{},\"1.1.0\":{},\"2.0.0-a\":{}}}");
	const struct pick_opts mine = { .default_tag = S("mine") };

	CHECK_STR(pick(a, p, "*", NULL), S("2.0.0-a"), "");
	CHECK_STR(pick(a, p, "x", NULL), S("1.1.0"), "");
	CHECK_STR(pick(a, p, "*", &mine), S("1.0.0"), "another default tag");
	CHECK_STR(pick(a, p, "^1", &mine), S("1.0.0"), "another default tag");
}

UNIT_TESTS(TESTED(one_version_is_chosen_as_npm_chooses_it),
	   TESTED(versions_that_a_policy_forbids_are_the_last_choice_and_are_refused), TESTED(a_cutoff_hides_what_came_later),
	   TESTED(no_version_at_all_is_told_from_none_that_matches), TESTED(a_deprecated_or_misfit_latest_gives_way),
	   TESTED(only_a_star_takes_a_prerelease_that_is_latest))
