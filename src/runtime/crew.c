/* SPDX-License-Identifier: MIT
 * The loop around scripts in the background: one poll for the pipes of all of them and for their
 * processes, and one event handed out at a time.
 *
 *	started -> running (poll: pipes, and the process itself) -> ended: last reads -> free
 */
#include "cpm/runtime/crew.h"

#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cpm/base/fs.h"
#include "cpm/base/trace.h"

/* Where the kernel cannot tell us that a child has ended, we look. */
#define LOOK_EVERY_MS 50
#define LONG_SLEEP_MS 1000
#define READ_BYTES    (64 * 1024)
/* What a pipe can still hold when its writer has ended; others may go on writing for ever. */
#define LAST_READS 4
#define NO_END     INT64_MAX

struct pipe_end {
	int fd; /* -1: closed */
	bool is_ready;
};

struct child {
	size_t id;
	pid_t pid;               /* 0: free */
	int pidfd;               /* -1: not to be had */
	struct pipe_end pipe[2]; /* what it prints, what it complains about */
	bool was_stopped, took_too_long, has_ended, may_have_ended;
	int64_t limit_ms; /* when it has run for long enough, and is asked to end; or NO_END */
	int64_t end_ms;   /* when patience with it ends; NO_END: it was not asked to end */
	int status;
	unsigned last_reads;
	int64_t started_ns; /* for the trace, as are these; else 0 */
	str package, event;
};

struct crew {
	struct child *children;
	struct pollfd *polled;
	char *buffer; /* READ_BYTES: of the last event */
	size_t limit, running;
	size_t turn; /* whose events are looked for first */
	int null_fd;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- opening and starting ---- */

struct err *crew_open(struct arena *a, size_t limit, struct crew **out)
{
	struct crew *c = ARENA_NEW(a, struct crew);

	*c = (struct crew){ .limit = limit > 0 ? limit : 1, .null_fd = -1 };
	c->children = ARENA_ARRAY(a, struct child, c->limit);
	c->polled = ARENA_ARRAY(a, struct pollfd, 3 * c->limit);
	c->buffer = arena_alloc(a, READ_BYTES);
	*out = c;
	return fs_open(AT_FDCWD, "/dev/null", O_RDONLY, &c->null_fd);
}

bool crew_has_room(const struct crew *c)
{
	return c->running < c->limit;
}

size_t crew_running(const struct crew *c)
{
	return c->running;
}

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

static int open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

struct err *crew_start(struct crew *c, const struct script *s, size_t id)
{
	AUTO_FD from_out = -1, to_out = -1, from_err = -1, to_err = -1;
	struct child *child = c->children;
	sigset_t none;
	pid_t pid;

	while (child->pid)
		child++;
	sigemptyset(&none);
	TRY(open_pipe(&from_out, &to_out));
	TRY(open_pipe(&from_err, &to_err));
	const int fds[] = { c->null_fd, to_out, to_err };
	TRY(spawn_script(s, fds, &none, SPAWN_LEADS_GROUP | SPAWN_DIES_WITH_US, &pid));
	*child = (struct child){ .id = id,
				 .pid = pid,
				 .pidfd = open_pidfd(pid),
				 .limit_ms = s->limit_ms > 0 ? now_ms() + s->limit_ms : NO_END,
				 .end_ms = NO_END,
				 .started_ns = trace_stamp(),
				 .package = s->package,
				 .event = s->event };
	child->pipe[0].fd = TAKE_FD(from_out);
	child->pipe[1].fd = TAKE_FD(from_err);
	c->running++;
	return NULL;
}

/* ---- one event ---- */

static bool read_pipe(struct crew *c, struct child *child, int which, struct crew_event *out)
{
	struct pipe_end *p = &child->pipe[which];

	if (p->fd < 0)
		return false;
	ssize_t n = read(p->fd, c->buffer, READ_BYTES);
	p->is_ready = false; /* one that never falls silent must not keep us from looking around */
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		fs_close_auto(&p->fd);
	*out = (struct crew_event){ .kind = which ? CREW_ERR : CREW_OUT,
				    .id = child->id,
				    .bytes = str_of(c->buffer, n > 0 ? (size_t)n : 0) };
	return n > 0;
}

/* The rest of what it printed, and then that it is over. */
static void finish(struct crew *c, struct child *child, struct crew_event *out)
{
	for (int which = 0; which < 2; which++)
		if (child->last_reads < LAST_READS && read_pipe(c, child, which, out)) {
			child->last_reads++;
			return;
		}
	trace_add_beside(TRACE_SCRIPT, child->started_ns, child->package, child->event);
	*out = (struct crew_event){ .kind = CREW_ENDED, .id = child->id };
	out->outcome = (struct script_outcome){
		.has_run = true,
		.was_stopped = child->was_stopped,
		.took_too_long = child->took_too_long,
		.exit_status = WIFEXITED(child->status) ? WEXITSTATUS(child->status) : -1,
		.signal = WIFSIGNALED(child->status) ? WTERMSIG(child->status) : 0,
	};
	for (int which = 0; which < 2; which++)
		fs_close_auto(&child->pipe[which].fd);
	fs_close_auto(&child->pidfd);
	child->pid = 0;
	c->running--;
}

static bool event_of(struct crew *c, struct child *child, struct crew_event *out)
{
	if (!child->pid)
		return false;
	if (child->may_have_ended && !child->has_ended) {
		child->may_have_ended = false;
		if (child->took_too_long && child->pidfd >= 0) /* and what it has left behind */
			kill(-child->pid, SIGKILL);
		child->has_ended = waitpid(child->pid, &child->status, WNOHANG) != 0;
	}
	if (child->has_ended) {
		finish(c, child, out);
		return true;
	}
	for (int which = 0; which < 2; which++)
		if (child->pipe[which].is_ready && read_pipe(c, child, which, out))
			return true;
	return false;
}

static bool next_event(struct crew *c, struct crew_event *out)
{
	for (size_t i = 0; i < c->limit; i++) {
		size_t at = (c->turn + i) % c->limit;

		if (event_of(c, &c->children[at], out)) {
			c->turn = out->kind == CREW_ENDED ? at : at + 1;
			return true;
		}
	}
	return false;
}

/* ---- waiting ---- */

static void ask_to_end(struct child *child, int sig, int patience_ms)
{
	child->limit_ms = NO_END;
	child->end_ms = now_ms() + patience_ms;
	kill(-child->pid, sig);
}

/* Ends whose time is over; when to look again. */
static int64_t enforce_limits(struct crew *c, int64_t now)
{
	int64_t next = NO_END;

	for (size_t i = 0; i < c->limit; i++) {
		struct child *child = &c->children[i];

		if (!child->pid || child->has_ended)
			continue;
		if (now >= child->end_ms)
			kill(-child->pid, SIGKILL);
		if (now >= child->limit_ms) {
			child->took_too_long = true;
			ask_to_end(child, SIGTERM, HOST_PATIENCE_MS);
		}
		next = MIN(next, child->limit_ms);
		next = MIN(next, child->end_ms);
	}
	return next;
}

/* False when a signal came. */
static bool sleep_until_ready(struct crew *c, int timeout_ms)
{
	nfds_t n = 0;

	for (size_t i = 0; i < c->limit; i++) {
		const struct child *child = &c->children[i];

		if (!child->pid)
			continue;
		if (child->pidfd < 0)
			timeout_ms = MIN(timeout_ms, LOOK_EVERY_MS);
		c->polled[n++] = (struct pollfd){ .fd = child->pipe[0].fd, .events = POLLIN };
		c->polled[n++] = (struct pollfd){ .fd = child->pipe[1].fd, .events = POLLIN };
		c->polled[n++] = (struct pollfd){ .fd = child->pidfd, .events = POLLIN };
	}
	TRACE(WAIT);
	int ready = poll(c->polled, n, timeout_ms);
	n = 0;
	for (size_t i = 0; i < c->limit; i++) {
		struct child *child = &c->children[i];

		if (!child->pid)
			continue;
		child->pipe[0].is_ready = ready > 0 && c->polled[n].revents;
		child->pipe[1].is_ready = ready > 0 && c->polled[n + 1].revents;
		child->may_have_ended = child->pidfd < 0 || (ready > 0 && c->polled[n + 2].revents);
		n += 3;
	}
	return ready >= 0;
}

bool crew_wait(struct crew *c, int timeout_ms, struct crew_event *out)
{
	int64_t now = now_ms(), end = now + timeout_ms, until = enforce_limits(c, now);

	while (!next_event(c, out)) {
		if (c->running == 0 || now > end)
			return false;
		until = until > now ? MIN(end, until) : end;
		if (!sleep_until_ready(c, (int)MIN(until - now, LONG_SLEEP_MS)))
			return false;
		now = now_ms();
		until = enforce_limits(c, now);
	}
	return true;
}

/* ---- ending ---- */

void crew_stop(struct crew *c, int sig, int patience_ms)
{
	for (size_t i = 0; i < c->limit; i++) {
		struct child *child = &c->children[i];

		if (!child->pid || child->has_ended)
			continue;
		child->was_stopped = true;
		ask_to_end(child, sig, patience_ms);
	}
}

void crew_close(struct crew *c)
{
	struct crew_event ignored;

	if (!c)
		return;
	crew_stop(c, SIGKILL, 0);
	while (c->running > 0)
		(void)crew_wait(c, LOOK_EVERY_MS, &ignored);
	fs_close_auto(&c->null_fd);
}
