/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "source_git.h"

TEST(t17_addresses_are_held_against_a_list)
{
	const struct {
		str url;
		bool is_own, want;
	} rows[] = {
		{ S("https://host/u/r.git"), false, true },
		{ S("https://user:token@host:8443/u/r.git"), false, true },
		{ S("http://127.0.0.1:8/r.git"), false, true },
		{ S("ssh://git@host/u/r.git"), false, true },
		{ S("git@host:u/r.git"), false, true },
		{ S("git://host/r.git"), false, true },
		{ S("file:///srv/r.git"), true, true },
		{ S("file:///srv/r.git"), false, false },
		{ S("/srv/r.git"), true, false },
		{ S("ext::sh -c id"), true, false },
		{ S("rsync://host/r"), false, false },
		{ S("ftp://host/r"), false, false },
		{ S("ssh://-oProxyCommand=id/r"), false, false },
		{ S("ssh://git@-oProxyCommand=id/r"), false, false },
		{ S("ssh://-l@host/r"), false, false },
		{ S("-u@host:r"), false, false },
		{ S("https:///r"), false, false },
		{ S("https://host/r\n--upload-pack=id"), false, false },
		{ S("ssh://host/a b"), false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err *err = git_url_check(rows[i].url, rows[i].is_own);

		CHECK_EQ(err == NULL, rows[i].want, STR_FMT, STR_ARG(rows[i].url));
		err_free(err);
	}
}

TEST(t17_a_commit_is_all_hex_digits)
{
	CHECK(git_is_commit(S("0123456789abcdef0123456789abcdef01234567")), "sha1");
	CHECK(!git_is_commit(S("0123456789abcdef0123456789abcdef0123456")), "too short");
	CHECK(!git_is_commit(S("--upload-pack=0123456789abcdef0123456789")), "an option");
	CHECK(!git_is_commit(STR_NULL), "nothing");
}

UNIT_TESTS(TESTED(t17_addresses_are_held_against_a_list), TESTED(t17_a_commit_is_all_hex_digits))
