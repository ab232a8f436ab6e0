/* SPDX-License-Identifier: MIT
 * Children are started with posix_spawn, which costs no copy of our page tables; signals only ever
 * set a flag, because nothing else is safe in a handler. */
#include "cpm/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpm/base/fs.h"

/* How often we look whether a child is gone while somebody else still holds its pipe. */
#define CHILD_POLL_MS 100

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

/* ---- signals ---- */

/* The only state a handler may touch. */
static volatile sig_atomic_t stop_signal;

static void on_stop_signal(int sig)
{
	if (stop_signal) {
		signal(sig, SIG_DFL);
		raise(sig); /* comes when this handler returns */
	}
	stop_signal = sig;
}

void proc_open_std_fds(void)
{
	int fd;

	/* open() gives the lowest free number: once it is above 2, all three are taken. */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

void proc_install_signals(void)
{
	struct sigaction act = { .sa_handler = on_stop_signal }, old;

	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(stop_signals); i++)
		if (sigaction(stop_signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(stop_signals[i], &act, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int proc_stop_signal(void)
{
	return stop_signal;
}

struct err *proc_check_stop(void)
{
	int sig = stop_signal;

	return sig ? err_new(E_INTERRUPTED, "stopped by %s", strsignal(sig)) : NULL;
}

void proc_stop_as(int sig)
{
	stop_signal = sig;
}

void proc_die_by_signal(int sig)
{
	sigset_t only;

	signal(sig, SIG_DFL);
	sigemptyset(&only);
	sigaddset(&only, sig);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	raise(sig);
	_exit(128 + sig); /* PID 1 does not die by signals */
}

/* ---- children ---- */

/* The child gets default signals, an empty stdin, our pipe as stdout and nothing else of ours. */
static int spawn(const char *const *argv, int out_fd, bool with_errors, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attrs;
	sigset_t none, defaults;
	int why;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	for (size_t i = 0; i < ARRAY_LEN(stop_signals); i++)
		sigaddset(&defaults, stop_signals[i]);
	posix_spawnattr_init(&attrs);
	posix_spawnattr_setflags(&attrs, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attrs, &defaults);
	posix_spawnattr_setsigmask(&attrs, &none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out_fd, STDOUT_FILENO);
	if (with_errors)
		posix_spawn_file_actions_adddup2(&files, out_fd, STDERR_FILENO);
	else
		posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	why = posix_spawnp(pid, argv[0], &files, &attrs, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attrs);
	return why;
}

/* True once the child has ended. Never blocks. */
static bool has_ended(pid_t pid, int *status)
{
	return waitpid(pid, status, WNOHANG) == pid;
}

/* Reads what is there; false at the end of the pipe. Never blocks. */
static bool read_some(int fd, struct str_buf *out)
{
	char bytes[64 * 1024];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	buf_add(out, str_of(bytes, MIN((size_t)n, out->cap_bytes - out->len)));
	return n > 0;
}

/* Until the child has ended, even if others still hold its pipe. False when a signal stopped us
 * before. */
static bool read_until_end(pid_t pid, int fd, struct str_buf *out, int *status)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	bool is_open = true;

	while (!stop_signal) {
		int n = poll(&ready, is_open, is_open ? CHILD_POLL_MS : 1);

		if (n > 0)
			is_open = read_some(fd, out);
		if ((n == 0 || !is_open) && has_ended(pid, status))
			return true;
	}
	return false;
}

static struct err *begin(const char *const *argv, bool with_errors, struct proc_child *out)
{
	AUTO_FD from_child = -1, to_parent = -1;
	int ends[2], why;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(errno, "pipe", str_view(argv[0]));
	from_child = ends[0];
	to_parent = ends[1];
	fcntl(from_child, F_SETFL, O_NONBLOCK);
	why = spawn(argv, to_parent, with_errors, &out->pid);
	if (why)
		return err_sys(why, "spawn", str_view(argv[0]));
	out->fd = TAKE_FD(from_child);
	return NULL;
}

struct err *proc_capture_begin(const char *const *argv, struct proc_child *out)
{
	return begin(argv, false, out);
}

struct err *proc_capture_end(struct arena *a, struct proc_child *child, size_t cap_bytes,
			     struct proc_result *out)
{
	struct str_buf text = str_buf(a, cap_bytes);
	int status = 0;
	bool is_over = read_until_end(child->pid, child->fd, &text, &status);

	fs_close_auto(&child->fd);
	if (!is_over) {
		kill(child->pid, SIGTERM);
		return proc_check_stop();
	}
	*out = (struct proc_result){
		.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		.out = buf_view(&text),
	};
	return NULL;
}

void proc_capture_drop(struct proc_child *child)
{
	kill(child->pid, SIGTERM);
	fs_close_auto(&child->fd);
	waitpid(child->pid, NULL, 0);
}

static struct err *capture(struct arena *a, const char *const *argv, size_t cap_bytes,
			   bool with_errors, struct proc_result *out)
{
	struct proc_child child;

	TRY(begin(argv, with_errors, &child));
	return proc_capture_end(a, &child, cap_bytes, out);
}

struct err *proc_capture(struct arena *a, const char *const *argv, size_t cap_bytes,
			 struct proc_result *out)
{
	return capture(a, argv, cap_bytes, false, out);
}

struct err *proc_capture_all(struct arena *a, const char *const *argv, size_t cap_bytes,
			     struct proc_result *out)
{
	return capture(a, argv, cap_bytes, true, out);
}
