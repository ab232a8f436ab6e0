/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cmd_priv.h"

TEST(a_word_means_what_it_means_to_npm)
{
	const struct {
		const char *typed, *command, *missing;
	} rows[] = {
		{ "install", "install", NULL },
		{ "i", "install", NULL },
		{ "add", "install", NULL },
		{ "isntall", "install", NULL },
		{ "inst", "install", NULL },
		{ "ci", "ci", NULL },
		{ "ic", "ci", NULL },
		{ "cleanInstall", "ci", NULL },
		{ "install-cl", "ci", NULL },
		{ "c", "config", NULL },
		{ "hel", NULL, NULL },
		{ "hl", "help", NULL },
		{ "comp", "completion", NULL },
		{ "co", NULL, NULL },
		{ "outd", "outdated", NULL },
		{ "star", "start", NULL },
		{ "t", "test", NULL },
		{ "rm", "uninstall", NULL },
		{ "v", "view", NULL },
		{ "innit", "init", NULL },
		{ "frobnicate", NULL, NULL },
		{ "", NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		const char *missing;
		const struct cmd *got = cmd_find(tmp, str_view(rows[i].typed), &missing);
		CHECK_STR(str_view(got ? got->name : NULL), str_view(rows[i].command), "%s",
			  rows[i].typed);
		CHECK_STR(str_view(missing), str_view(rows[i].missing), "%s", rows[i].typed);
	}
}

TEST(a_slip_is_met_with_a_suggestion)
{
	ARENA_SCOPE(tmp);
	struct json *doc;
	struct manifest *m;

	CHECK_OK(json_parse(tmp, S("{\"scripts\":{\"launch\":\"x\"}}"), &doc));
	CHECK_OK(manifest_from_json(tmp, doc, true, &m));
	m->json = doc;
	CHECK_STR(cmd_suggest(tmp, S("insatll"), NULL),
		  S("Did you mean this?\n  npm install # Install a package"), "command");
	CHECK_STR(cmd_suggest(tmp, S("launhc"), m),
		  S("Did you mean this?\n  npm run launch # run the \"launch\" package script"),
		  "script");
	CHECK(str_is_null(cmd_suggest(tmp, S("xyzzy"), m)), "nothing is near");
}

TEST(every_row_is_complete)
{
	for (const struct cmd *const *c = cmd_list; *c; c++) {
		ARENA_SCOPE(tmp);
		CHECK((*c)->summary && (*c)->synopsis && (*c)->run, "%s", (*c)->name);
		str usage = cmd_usage(tmp, *c);
		CHECK(str_starts(usage, str_view((*c)->summary)), "%s", (*c)->name);
	}
}

UNIT_TESTS(TESTED(a_word_means_what_it_means_to_npm), TESTED(a_slip_is_met_with_a_suggestion),
	   TESTED(every_row_is_complete))
