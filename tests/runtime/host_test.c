/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/base/fs.h"
#include "cpm/base/proc.h"
#include "cpm/runtime/host.h"
#include "temp_dir.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static char *no_vars[] = { (char *)"PATH=/usr/bin:/bin", NULL };

static struct script shell(str command)
{
	return (struct script){ .command = command, .dir = S("/"), .environ = no_vars };
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

TEST(a_foreground_script_tells_how_it_ended)
{
	const struct {
		str command;
		int status, signal;
	} rows[] = {
		{ S("true"), 0, 0 },
		{ S("exit 7"), 7, 0 },
		{ S("kill -9 $$"), -1, SIGKILL },
		{ S("exit 255"), 255, 0 },
		{ S("no-such-program-anywhere 2>/dev/null"), 127, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct script s = shell(rows[i].command);
		struct script_outcome o;

		CHECK_OK(host_run(&s, &o));
		CHECK_EQ(o.exit_status, rows[i].status, "row %zu", i);
		CHECK_EQ(o.signal, rows[i].signal, "row %zu", i);
	}
}

TEST(a_script_that_cannot_start_names_what_is_missing)
{
	struct script s = shell(S("true"));
	struct script_outcome o;

	s.dir = S("/no/such/folder");
	CHECK_FAILS(host_run(&s, &o), E_NO_ENTRY);
	s = shell(S("true"));
	s.shell = S("/no/such/shell");
	CHECK_FAILS(host_run(&s, &o), E_NO_ENTRY);
}

TEST(what_background_scripts_print_is_kept_apart)
{
	ARENA_SCOPE(tmp);
	struct script s[] = { shell(S("echo out; echo err >&2; exit 3")), shell(S("cat; pwd")) };
	struct script_outcome o[2];

	s[0].may_fail = true;
	CHECK_OK(host_run_many(tmp, s, 2, 1, o));
	CHECK_STR(o[0].out, S("out\n"), "stdout");
	CHECK_STR(o[0].err, S("err\n"), "stderr");
	CHECK_EQ(o[0].exit_status, 3, "status");
	CHECK_STR(o[1].out, S("/\n"), "stdin is empty, the folder is the one asked for");
}

TEST(of_gigabytes_of_output_the_end_is_kept)
{
	ARENA_SCOPE(tmp);
	struct script s = shell(S("head -c 20000000 /dev/zero | tr '\\0' x; echo end"));
	struct script_outcome o;

	CHECK_OK(host_run_many(tmp, &s, 1, 1, &o));
	CHECK_EQ(o.out.len, HOST_KEEP_BYTES, "kept");
	CHECK(str_ends(o.out, S("xend\n")), "the end");
	CHECK(tmp->used_bytes < 16 * HOST_KEEP_BYTES, "%zu bytes", tmp->used_bytes);
}

TEST(a_script_has_ended_when_its_shell_has)
{
	ARENA_SCOPE(tmp);
	struct script s = shell(S("sleep 20 & echo $!"));
	struct script_outcome o;
	int64_t start = now_ms();

	CHECK_OK(host_run_many(tmp, &s, 1, 1, &o));
	CHECK(now_ms() - start < 5000, "took %lld ms", (long long)(now_ms() - start));
	uint64_t pid;
	CHECK(str_to_u64(str_trim(o.out), &pid), "a process");
	CHECK_EQ(kill((pid_t)pid, SIGKILL), 0, "it goes on in the background");
}

TEST(a_failure_that_counts_ends_the_others)
{
	ARENA_SCOPE(tmp);
	struct script s[] = { shell(S("sleep 30")), shell(S("exit 1")), shell(S("true")) };
	struct script_outcome o[3];
	int64_t start = now_ms();

	CHECK_OK(host_run_many(tmp, s, 3, 2, o));
	CHECK(now_ms() - start < 5000, "took %lld ms", (long long)(now_ms() - start));
	CHECK_EQ(o[0].signal, SIGTERM, "ended");
	CHECK(o[0].was_stopped && !script_failed(&o[0]), "by us, which is no failure of its own");
	CHECK_EQ(o[1].exit_status, 1, "the failure");
	CHECK(!o[2].has_run, "never started");
}

TEST(scripts_run_side_by_side_up_to_the_limit)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(d);
	struct script s[4];
	struct script_outcome o[4];

	for (size_t i = 0; i < 4; i++) {
		s[i] = shell(S("mkdir \"at-$$\"; ls -d at-* | wc -l; sleep 0.2; rmdir \"at-$$\""));
		s[i].dir = d.path;
	}
	CHECK_OK(host_run_many(tmp, s, 4, 2, o));
	for (size_t i = 0; i < 4; i++) {
		uint64_t running = 0;
		CHECK(str_to_u64(str_trim(o[i].out), &running) && running >= 1 && running <= 2,
		      "script %zu saw %d", i, (int)running);
	}
}

/* ---- signals ---- */

/* Waits until the script has written its process number. */
static pid_t script_pid(const struct temp_dir *d)
{
	for (int i = 0; i < 500; i++) {
		ARENA_SCOPE(tmp);
		uint64_t pid;
		str text = STR_NULL;

		err_ignore(fs_read_all(tmp, d->fd, "pid", 64, &text));
		if (text.len > 0 && str_to_u64(str_trim(text), &pid))
			return (pid_t)pid;
		usleep(10 * 1000);
	}
	CHECK(false, "the script never started");
	return 0;
}

static bool is_gone(pid_t pid)
{
	for (int i = 0; i < 300; i++) {
		if (kill(pid, 0) < 0)
			return true;
		usleep(10 * 1000);
	}
	return false;
}

/* A process of its own that runs the script and exits with what @run makes of it. */
static pid_t start(const struct temp_dir *d, str command, int (*run)(const struct script *s))
{
	pid_t pid = fork();

	if (pid == 0) {
		struct script s = shell(command);

		s.dir = d->path;
		proc_install_signals();
		_exit(run(&s));
	}
	return pid;
}

static int run_foreground(const struct script *s)
{
	struct script_outcome o;

	err_ignore(host_run(s, &o));
	return o.signal ? 100 + o.signal : o.exit_status;
}

static int run_background(const struct script *s)
{
	ARENA_SCOPE(tmp);
	struct script_outcome o;
	struct err *e = host_run_many(tmp, s, 1, 1, &o);
	bool is_interrupted = err_is(e, E_INTERRUPTED);

	err_ignore(e);
	return is_interrupted ? 77 : 0;
}

TEST(a_signal_for_us_goes_on_to_the_script_which_has_its_own_opinion)
{
	const struct {
		str command;
		int sig, want;
	} rows[] = {
		{ S("trap 'exit 42' TERM; echo $$ > pid; while :; do sleep 0.05; done"), SIGTERM,
		  42 },
		{ S("trap 'exit 43' HUP; echo $$ > pid; while :; do sleep 0.05; done"), SIGHUP,
		  43 },
		{ S("echo $$ > pid; exec sleep 30"), SIGINT, 100 + SIGINT },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		TEMP_DIR(d);
		int status;
		pid_t us = start(&d, rows[i].command, run_foreground);

		(void)script_pid(&d);
		kill(us, rows[i].sig);
		CHECK_EQ(waitpid(us, &status, 0), us, "row %zu", i);
		CHECK_EQ(WEXITSTATUS(status), rows[i].want, "row %zu", i);
	}
}

TEST(background_scripts_stop_when_we_do)
{
	const struct {
		int sig, want; /* want: our exit status; -1: killed */
	} rows[] = { { SIGTERM, 77 }, { SIGINT, 77 }, { SIGKILL, -1 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		TEMP_DIR(d);
		int status;
		pid_t us = start(&d, S("echo $$ > pid; exec sleep 30"), run_background);
		pid_t script = script_pid(&d);

		kill(us, rows[i].sig);
		CHECK_EQ(waitpid(us, &status, 0), us, "row %zu", i);
		CHECK_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, rows[i].want, "row %zu", i);
		CHECK(is_gone(script), "row %zu", i);
	}
}

TEST(a_foreground_script_dies_with_us)
{
	TEMP_DIR(d);
	pid_t us = start(&d, S("echo $$ > pid; exec sleep 30"), run_foreground),
	      script = script_pid(&d);

	kill(us, SIGKILL);
	CHECK_EQ(waitpid(us, NULL, 0), us, "we are gone");
	CHECK(is_gone(script), "and so is the script");
}

/* As process 1 of a container: children that others have left are ours to reap. 0: none is left as
 * a zombie. */
static int run_as_first_process(const struct script *s)
{
	struct script_outcome o;

	if (getpid() != 1)
		return 99;
	err_ignore(host_run(s, &o));
	return waitpid(-1, NULL, WNOHANG) > 0 ? 97 : o.exit_status;
}

TEST(as_the_first_process_we_reap_what_others_leave)
{
	TEMP_DIR(d);
	int status;
	pid_t outer = fork();

	if (outer == 0) {
		if (unshare(CLONE_NEWPID) < 0)
			_exit(77);
		/* The inner shell ends at once, and leaves its child to process 1. */
		pid_t first = start(&d, S("sh -c 'sleep 0.1 &'; sleep 2.5"), run_as_first_process);
		_exit(waitpid(first, &status, 0) == first && WIFEXITED(status) ? WEXITSTATUS(status)
									       : 98);
	}
	CHECK_EQ(waitpid(outer, &status, 0), outer, "it ended");
	if (WEXITSTATUS(status) != 77) /* not allowed to be one */
		CHECK_EQ(WEXITSTATUS(status), 0, "no zombie is left");
}

/* ---- time ---- */

TEST(a_script_that_takes_too_long_goes_with_all_that_it_started)
{
	const str rows[] = { S("sleep 60 & echo $! > pid; wait"),
			     S("trap '' TERM; echo $$ > pid; while :; do sleep 0.05; done") };

	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		TEMP_DIR(d);
		struct script s = shell(rows[i / 2]);
		struct script_outcome o;

		s.dir = d.path;
		s.limit_ms = 300;
		CHECK_OK(i % 2 ? host_run_many(tmp, &s, 1, 1, &o) : host_run(&s, &o));
		CHECK(o.took_too_long && script_failed(&o), "row %zu", i);
		CHECK(is_gone(script_pid(&d)), "row %zu", i);
		struct err *e = host_failure(&s, &o);
		CHECK_EQ(err_exit_status(e), 124, "row %zu", i);
		CHECK_FAILS(e, E_SCRIPT_TIMEOUT);
	}
}

TEST(a_script_within_its_time_is_left_alone)
{
	ARENA_SCOPE(tmp);
	struct script s = shell(S("exit 5"));
	struct script_outcome o;

	s.limit_ms = 600000;
	CHECK_OK(host_run(&s, &o));
	CHECK(!o.took_too_long && o.exit_status == 5, "status %d", o.exit_status);
	CHECK_OK(host_run_many(tmp, &s, 1, 1, &o));
	CHECK(!o.took_too_long && o.exit_status == 5, "status %d", o.exit_status);
}

UNIT_TESTS(TESTED(a_foreground_script_dies_with_us),
	   TESTED(as_the_first_process_we_reap_what_others_leave),
	   TESTED(a_script_that_takes_too_long_goes_with_all_that_it_started),
	   TESTED(a_script_within_its_time_is_left_alone),
	   TESTED(a_signal_for_us_goes_on_to_the_script_which_has_its_own_opinion),
	   TESTED(background_scripts_stop_when_we_do),
	   TESTED(a_foreground_script_tells_how_it_ended),
	   TESTED(a_script_that_cannot_start_names_what_is_missing),
	   TESTED(what_background_scripts_print_is_kept_apart),
	   TESTED(of_gigabytes_of_output_the_end_is_kept),
	   TESTED(a_script_has_ended_when_its_shell_has),
	   TESTED(a_failure_that_counts_ends_the_others),
	   TESTED(scripts_run_side_by_side_up_to_the_limit))
