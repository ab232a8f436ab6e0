/* SPDX-License-Identifier: MIT
 * Children and signals. What must survive a signal runs in a process of its own. */
#include "cpm/base/proc.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static struct proc_result run(struct arena *a, const char *script)
{
	struct proc_result got = { 0 };

	CHECK_OK(proc_capture(a, (const char *[]){ "sh", "-c", script, NULL }, 1 << 20, &got));
	return got;
}

/* Runs @fn in a child; its wait status. */
static int in_child(void (*fn)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		fn();
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}

TEST(output_and_status_come_back)
{
	ARENA_SCOPE(a);
	struct proc_result got = run(a, "printf 'a b\\nc'; echo hidden >&2; exit 7");

	CHECK_STR(got.out, S("a b\nc"));
	CHECK_EQ(got.exit_status, 7);
	CHECK_EQ(got.signal, 0);
	CHECK_STR(run(a, ":").out, S(""));
	got = run(a, "kill -TERM $$");
	CHECK_EQ(got.exit_status, -1);
	CHECK_EQ(got.signal, SIGTERM);
}

TEST(complaints_come_back_where_they_are_wanted)
{
	ARENA_SCOPE(a);
	struct proc_result got;

	CHECK_OK(proc_capture_all(a, (const char *[]){ "sh", "-c", "echo out; echo err >&2; exit 3", NULL },
				  100, &got));
	CHECK_STR(got.out, S("out\nerr\n"));
	CHECK_EQ(got.exit_status, 3);
}

TEST(a_program_runs_while_we_do_something_else)
{
	ARENA_SCOPE(a);
	struct proc_child child;
	struct proc_result got;

	CHECK_OK(proc_capture_begin((const char *[]){ "sh", "-c", "echo late; exit 4", NULL }, &child));
	CHECK_STR(run(a, "echo other").out, S("other\n"));
	CHECK_OK(proc_capture_end(a, &child, 100, &got));
	CHECK_STR(got.out, S("late\n"));
	CHECK_EQ(got.exit_status, 4);
	CHECK_EQ(child.fd, -1);
}

TEST(a_program_that_is_not_wanted_any_more_is_gone)
{
	struct proc_child child;

	CHECK_OK(proc_capture_begin((const char *[]){ "sleep", "1000", NULL }, &child));
	proc_capture_drop(&child);
	CHECK_EQ(child.fd, -1);
	CHECK_EQ(kill(child.pid, 0), -1);
}

TEST(arguments_arrive_as_they_are)
{
	ARENA_SCOPE(a);
	struct proc_result got;

	CHECK_OK(proc_capture(a, (const char *[]){ "printf", "%s|%s|%s", "a b", "$x;'\"", "\n", NULL }, 100, &got));
	CHECK_STR(got.out, S("a b|$x;'\"|\n"));
}

TEST(stdin_is_empty)
{
	ARENA_SCOPE(a);

	CHECK_STR(run(a, "cat; echo end").out, S("end\n"));
}

TEST(a_program_that_is_not_there_is_an_error)
{
	ARENA_SCOPE(a);
	struct proc_result got;
	struct err *e = proc_capture(a, (const char *[]){ "no-such-program-anywhere", NULL }, 100, &got);

	CHECK(e && e->code == E_NO_ENTRY);
	CHECK_STR(e->syscall, S("spawn"));
	CHECK_STR(e->path, S("no-such-program-anywhere"));
	err_free(e);
}

TEST(output_over_the_cap_is_dropped_and_the_program_ends)
{
	ARENA_SCOPE(a);
	struct proc_result got;

	CHECK_OK(proc_capture(a, (const char *[]){ "sh", "-c", "yes x | head -c 3000000; exit 3", NULL }, 5, &got));
	CHECK_STR(got.out, S("x\nx\nx"));
	CHECK_EQ(got.exit_status, 3);
}

TEST(f26_a_child_left_behind_does_not_hold_us)
{
	ARENA_SCOPE(a);
	time_t before = time(NULL);
	struct proc_result got = run(a, "echo out; sleep 20 & echo $!");
	uint64_t pid;

	CHECK(time(NULL) - before < 10);
	CHECK(str_starts(got.out, S("out\n")));
	CHECK(str_to_u64(str_trim(str_from(got.out, 4)), &pid));
	kill((pid_t)pid, SIGKILL);
}

TEST(children_get_default_signals)
{
	ARENA_SCOPE(a);

	signal(SIGPIPE, SIG_IGN);
	CHECK_EQ(run(a, "kill -PIPE $$; echo survived").signal, SIGPIPE);
	signal(SIGPIPE, SIG_DFL);
}

static void one_signal_sets_the_flag(void)
{
	struct err *e;

	proc_install_signals();
	if (proc_stop_signal())
		_exit(1);
	e = proc_check_stop();
	if (e)
		_exit(2);
	raise(SIGPIPE);
	raise(SIGTERM);
	if (proc_stop_signal() != SIGTERM)
		_exit(3);
	e = proc_check_stop();
	if (!err_is(e, E_INTERRUPTED))
		_exit(4);
	err_free(e);
	proc_die_by_signal(proc_stop_signal());
}

TEST(f25_the_first_signal_sets_a_flag_and_we_die_by_it_in_the_end)
{
	int status = in_child(one_signal_sets_the_flag);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "status %d", status);
}

static void second_signal_kills(void)
{
	proc_install_signals();
	raise(SIGINT);
	raise(SIGTERM);
	_exit(1);
}

TEST(f25_the_second_signal_kills_at_once)
{
	int status = in_child(second_signal_kills);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "status %d", status);
}

static void ignored_stays_ignored(void)
{
	signal(SIGHUP, SIG_IGN);
	proc_install_signals();
	raise(SIGHUP);
	raise(SIGHUP);
	_exit(proc_stop_signal());
}

TEST(what_nohup_ignores_stays_ignored)
{
	CHECK_EQ(in_child(ignored_stays_ignored), 0);
}

static void stop_during_capture(void)
{
	ARENA_SCOPE(a);
	struct proc_result got;
	struct err *e;
	pid_t helper, self = getpid();

	proc_install_signals();
	helper = fork();
	if (helper == 0) {
		usleep(200000);
		kill(self, SIGINT);
		_exit(0);
	}
	e = proc_capture(a, (const char *[]){ "sleep", "20", NULL }, 100, &got);
	waitpid(helper, NULL, 0);
	_exit(err_is(e, E_INTERRUPTED) ? 0 : 1);
}

TEST(f25_a_signal_ends_waiting_for_a_child)
{
	time_t before = time(NULL);

	CHECK_EQ(in_child(stop_during_capture), 0);
	CHECK(time(NULL) - before < 10);
}

static void closed_fds(void)
{
	close(0);
	close(2);
	proc_open_std_fds();
	_exit(fcntl(0, F_GETFD) < 0 || fcntl(2, F_GETFD) < 0 || dup(1) < 3);
}

TEST(f28_closed_standard_descriptors_are_filled)
{
	CHECK_EQ(in_child(closed_fds), 0);
}

UNIT_TESTS(TESTED(output_and_status_come_back), TESTED(complaints_come_back_where_they_are_wanted),
	   TESTED(a_program_runs_while_we_do_something_else),
	   TESTED(a_program_that_is_not_wanted_any_more_is_gone),
	   TESTED(arguments_arrive_as_they_are), TESTED(stdin_is_empty),
	   TESTED(a_program_that_is_not_there_is_an_error),
	   TESTED(output_over_the_cap_is_dropped_and_the_program_ends),
	   TESTED(f26_a_child_left_behind_does_not_hold_us), TESTED(children_get_default_signals),
	   TESTED(f25_the_first_signal_sets_a_flag_and_we_die_by_it_in_the_end),
	   TESTED(f25_the_second_signal_kills_at_once), TESTED(what_nohup_ignores_stays_ignored),
	   TESTED(f25_a_signal_ends_waiting_for_a_child), TESTED(f28_closed_standard_descriptors_are_filled))
