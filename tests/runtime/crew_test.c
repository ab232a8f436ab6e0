/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/runtime/crew.h"

#include <signal.h>

static char *no_vars[] = { (char *)"PATH=/usr/bin:/bin", NULL };

static struct script shell(str command)
{
	return (struct script){ .command = command, .dir = S("/"), .environ = no_vars };
}

TEST(events_of_one_script_come_in_order_and_end_with_its_end)
{
	ARENA_SCOPE(tmp);
	struct script s = shell(S("echo one; sleep 0.1; echo two; exit 3"));
	struct str_buf seen = str_buf(tmp, 1000);
	struct crew_event e;
	struct crew *c;

	CHECK_OK(crew_open(tmp, 1, &c));
	CHECK_OK(crew_start(c, &s, 7));
	while (crew_running(c) > 0)
		if (crew_wait(c, 1000, &e) && e.kind == CREW_OUT)
			buf_add(&seen, e.bytes);
	CHECK_STR(buf_view(&seen), S("one\ntwo\n"), "all it printed");
	CHECK_EQ(e.kind, CREW_ENDED, "the last event");
	CHECK_EQ(e.id, 7, "whose");
	CHECK_EQ(e.outcome.exit_status, 3, "status");
	CHECK(!crew_wait(c, 0, &e), "nothing comes after");
	crew_close(c);
}

TEST(a_script_may_be_started_while_others_run)
{
	ARENA_SCOPE(tmp);
	struct script slow = shell(S("sleep 30")), fast = shell(S("true"));
	struct crew_event e;
	struct crew *c;

	CHECK_OK(crew_open(tmp, 2, &c));
	CHECK_OK(crew_start(c, &slow, 0));
	for (size_t i = 1; i < 4; i++) {
		CHECK(crew_has_room(c), "room for %zu", i);
		CHECK_OK(crew_start(c, &fast, i));
		CHECK(!crew_has_room(c), "no more room");
		CHECK(crew_wait(c, 10000, &e) && e.kind == CREW_ENDED, "an end");
		CHECK_EQ(e.id, i, "of the fast one");
	}
	crew_stop(c, SIGTERM, 5000);
	CHECK(crew_wait(c, 10000, &e), "an end");
	CHECK(e.outcome.was_stopped && e.outcome.signal == SIGTERM, "the slow one was stopped");
	crew_close(c);
}

TEST(one_that_prints_for_ever_does_not_drown_the_others)
{
	ARENA_SCOPE(tmp);
	struct script loud = shell(S("exec cat /dev/zero")), quiet = shell(S("echo here"));
	bool is_heard = false;
	struct crew_event e;
	struct crew *c;

	CHECK_OK(crew_open(tmp, 2, &c));
	CHECK_OK(crew_start(c, &loud, 0));
	CHECK_OK(crew_start(c, &quiet, 1));
	while (crew_wait(c, 10000, &e) && !(e.id == 1 && e.kind == CREW_ENDED))
		is_heard |= e.id == 1 && str_eq(e.bytes, S("here\n"));
	CHECK(is_heard, "the quiet one was heard");
	crew_close(c);
}

TEST(what_will_not_stop_is_killed)
{
	ARENA_SCOPE(tmp);
	struct script s = shell(S("trap '' TERM; echo ready; while :; do sleep 1; done"));
	struct crew_event e;
	struct crew *c;

	CHECK_OK(crew_open(tmp, 1, &c));
	CHECK_OK(crew_start(c, &s, 0));
	CHECK(crew_wait(c, 10000, &e) && e.kind == CREW_OUT, "it runs");
	crew_stop(c, SIGTERM, 50);
	while (crew_running(c) > 0)
		(void)crew_wait(c, 1000, &e);
	CHECK_EQ(e.outcome.signal, SIGKILL, "killed");
	crew_close(c);
}

/* The pipe is never empty, and yet both must be noticed: that the shell has ended, and that its
 * time is over. */
TEST(one_that_prints_for_ever_still_ends)
{
	const struct {
		str command;
		int64_t limit_ms;
	} rows[] = { { S("cat /dev/zero & echo $! >&2"), 0 },
		     { S("cat /dev/zero & echo $! >&2; wait"), 300 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct script s = shell(rows[i].command);
		struct crew_event e;
		struct crew *c;
		uint64_t pid = 0;

		s.limit_ms = rows[i].limit_ms;
		CHECK_OK(crew_open(tmp, 1, &c));
		CHECK_OK(crew_start(c, &s, 0));
		while (crew_running(c) > 0)
			if (crew_wait(c, 10000, &e) && e.kind == CREW_ERR)
				(void)str_to_u64(str_trim(e.bytes), &pid);
		CHECK_EQ(e.outcome.took_too_long, i == 1, "row %zu", i);
		crew_close(c);
		if (pid)
			kill((pid_t)pid, SIGKILL);
	}
}

UNIT_TESTS(TESTED(one_that_prints_for_ever_still_ends),
	   TESTED(events_of_one_script_come_in_order_and_end_with_its_end),
	   TESTED(a_script_may_be_started_while_others_run),
	   TESTED(one_that_prints_for_ever_does_not_drown_the_others),
	   TESTED(what_will_not_stop_is_killed))
