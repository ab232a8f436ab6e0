/* SPDX-License-Identifier: MIT
 * Scripts in the background: a few at a time, each with a pipe for what it prints and one for what
 *it complains about. A script has ended when its shell has, even if somebody it started still holds
 * the pipes (F26).
 *
 *	waiting -> running (poll: pipes, and the process itself) -> ended
 */
#include "cpm/runtime/host.h"

#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cpm/base/fs.h"
#include "cpm/base/proc.h"

/* Where the kernel cannot tell us that a child has ended, we look. */
#define LOOK_EVERY_MS 50
/* How long scripts that were told to stop may take, before they are killed. */
#define PATIENCE_MS 1500
#define READ_BYTES  (64 * 1024)
/* What a pipe can still hold when its writer has ended; others may go on writing for ever. */
#define LAST_READS 4

/* The end of what was printed. */
struct tail {
	int fd; /* -1: closed */
	char *bytes;
	size_t len, room;
};

struct child {
	size_t index; /* of its script */
	pid_t pid;    /* 0: free */
	int pidfd;    /* -1: not to be had */
	struct tail out, err;
};

struct crowd {
	struct arena *arena;
	const struct script *scripts;
	struct script_outcome *outcomes;
	struct child *children;
	struct pollfd *polled;
	size_t limit, running;
	int null_fd;
};

/* ---- what they print ---- */

/* Doubles up to twice what is kept, and then moves the newer half to the front. */
static void tail_make_room(struct arena *a, struct tail *t)
{
	size_t want = t->room ? 2 * t->room : READ_BYTES * 2;

	if (t->room < 2 * HOST_KEEP_BYTES) {
		t->bytes = arena_grow(a, t->bytes, t->room, want);
		t->room = want;
		return;
	}
	memmove(t->bytes, t->bytes + t->len - HOST_KEEP_BYTES, HOST_KEEP_BYTES);
	t->len = HOST_KEEP_BYTES;
}

/* False when nothing is there now; closes the pipe at its end. */
static bool tail_read(struct arena *a, struct tail *t)
{
	if (t->fd < 0)
		return false;
	if (t->room - t->len < READ_BYTES)
		tail_make_room(a, t);
	ssize_t n = read(t->fd, t->bytes + t->len, t->room - t->len);
	if (n > 0) {
		t->len += (size_t)n;
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		fs_close_auto(&t->fd);
	return false;
}

static str tail_take(struct tail *t)
{
	fs_close_auto(&t->fd);
	return str_from(str_of(t->bytes, t->len),
			t->len > HOST_KEEP_BYTES ? t->len - HOST_KEEP_BYTES : 0);
}

/* ---- starting ---- */

static struct err *open_pipe(int *ours, int *theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(errno, "pipe", S("script"));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*ours = ends[0];
	*theirs = ends[1];
	return NULL;
}

static struct child *free_child(struct crowd *c)
{
	for (size_t i = 0; i < c->limit; i++)
		if (!c->children[i].pid)
			return &c->children[i];
	return NULL;
}

static int open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

static struct err *start(struct crowd *c, size_t index)
{
	AUTO_FD from_out = -1, to_out = -1, from_err = -1, to_err = -1;
	struct child *child = free_child(c);
	sigset_t none;
	pid_t pid;

	sigemptyset(&none);
	TRY(open_pipe(&from_out, &to_out));
	TRY(open_pipe(&from_err, &to_err));
	const int fds[] = { c->null_fd, to_out, to_err };
	TRY(spawn_script(&c->scripts[index], fds, &none, SPAWN_LEADS_GROUP | SPAWN_DIES_WITH_US,
			 &pid));
	*child = (struct child){ .index = index, .pid = pid, .pidfd = open_pidfd(pid) };
	child->out.fd = TAKE_FD(from_out);
	child->err.fd = TAKE_FD(from_err);
	c->outcomes[index].has_run = true;
	c->running++;
	return NULL;
}

/* ---- waiting ---- */

static void settle(struct crowd *c, struct child *child, int status)
{
	struct script_outcome *o = &c->outcomes[child->index];

	for (int i = 0; i < LAST_READS; i++) {
		(void)tail_read(c->arena, &child->out);
		(void)tail_read(c->arena, &child->err);
	}
	o->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	o->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	o->out = tail_take(&child->out);
	o->err = tail_take(&child->err);
	fs_close_auto(&child->pidfd);
	child->pid = 0;
	c->running--;
}

/* True when a script ended whose failure counts. */
static bool settle_ended(struct crowd *c)
{
	bool has_failed = false;

	for (size_t i = 0; i < c->limit; i++) {
		struct child *child = &c->children[i];
		int status = 0;

		if (!child->pid || waitpid(child->pid, &status, WNOHANG) == 0)
			continue;
		settle(c, child, status);
		has_failed |= script_failed(&c->outcomes[child->index]) &&
			      !c->scripts[child->index].may_fail;
	}
	return has_failed;
}

static void sleep_and_read(struct crowd *c, int timeout_ms)
{
	nfds_t n = 0;

	for (size_t i = 0; i < c->limit; i++) {
		const struct child *child = &c->children[i];

		if (!child->pid)
			continue;
		if (child->pidfd < 0)
			timeout_ms = MIN(timeout_ms, LOOK_EVERY_MS);
		c->polled[n++] = (struct pollfd){ .fd = child->pidfd, .events = POLLIN };
		c->polled[n++] = (struct pollfd){ .fd = child->out.fd, .events = POLLIN };
		c->polled[n++] = (struct pollfd){ .fd = child->err.fd, .events = POLLIN };
	}
	if (poll(c->polled, n, timeout_ms) <= 0)
		return;
	for (size_t i = 0; i < c->limit; i++) {
		if (!c->children[i].pid)
			continue;
		(void)tail_read(c->arena, &c->children[i].out);
		(void)tail_read(c->arena, &c->children[i].err);
	}
}

/* ---- ending early ---- */

static void signal_all(struct crowd *c, int sig)
{
	for (size_t i = 0; i < c->limit; i++)
		if (c->children[i].pid)
			kill(-c->children[i].pid, sig);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void end_all(struct crowd *c, int sig)
{
	int64_t end = now_ms() + PATIENCE_MS;

	for (size_t i = 0; i < c->limit; i++)
		if (c->children[i].pid)
			c->outcomes[c->children[i].index].was_stopped = true;
	signal_all(c, sig);
	while (c->running > 0) {
		if (now_ms() >= end)
			signal_all(c, SIGKILL);
		sleep_and_read(c, LOOK_EVERY_MS);
		(void)settle_ended(c);
	}
}

/* ---- all of it ---- */

static struct err *run_all(struct crowd *c, size_t count)
{
	for (size_t next = 0; next < count || c->running > 0;) {
		TRY(proc_check_stop());
		while (next < count && c->running < c->limit)
			TRY(start(c, next++));
		sleep_and_read(c, 1000);
		if (settle_ended(c))
			return NULL;
	}
	return NULL;
}

struct err *host_run_many(struct arena *a, const struct script *scripts, size_t count,
			  unsigned limit, struct script_outcome *out)
{
	AUTO_FD null_fd = -1;
	struct crowd c = { .arena = a, .scripts = scripts, .outcomes = out };

	memset(out, 0, count * sizeof(*out));
	TRY(fs_open(AT_FDCWD, "/dev/null", O_RDONLY, &null_fd));
	c.null_fd = null_fd;
	c.limit = MIN(limit > 0 ? (size_t)limit : 1, count);
	c.children = ARENA_ARRAY(a, struct child, c.limit);
	c.polled = ARENA_ARRAY(a, struct pollfd, 3 * c.limit);
	struct err *e = run_all(&c, count);
	end_all(&c, proc_stop_signal() ? proc_stop_signal() : SIGTERM);
	return e;
}
