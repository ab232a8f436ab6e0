/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "source_git.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* Listens, and never says a word; gives its port. */
static unsigned start_silence(int *fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(bind(*fd, (struct sockaddr *)&at, len) == 0, "bind");
	CHECK(listen(*fd, 4) == 0, "listen");
	CHECK(getsockname(*fd, (struct sockaddr *)&at, &len) == 0, "getsockname");
	return ntohs(at.sin_port);
}

TEST(f19_a_host_that_says_nothing_is_given_up)
{
	static const char *const schemes[] = {
		"http",
		"git",
#ifndef __SANITIZE_ADDRESS__ /* libgit2 forgets part of an ssh connection that failed */
		"ssh",
#endif
	};
	ARENA_SCOPE(a);
	unsigned port;
	int fd;

	port = start_silence(&fd);
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		str url = str_printf(a, "%s://127.0.0.1:%u/r.git", schemes[i], port);
		struct git_repo *repo = NULL;
		struct err *err = git_repo_open(url, 100, &repo);

		CHECK(err && err->code == E_TIMEOUT, "%s: " STR_FMT, schemes[i],
		      STR_ARG(err_text(a, err)));
		err_free(err);
	}
	close(fd);
}

UNIT_TESTS(TESTED(t17_addresses_are_held_against_a_list), TESTED(t17_a_commit_is_all_hex_digits),
	   TESTED(f19_a_host_that_says_nothing_is_given_up))
