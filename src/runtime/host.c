/* SPDX-License-Identifier: MIT
 * A script in the foreground. All signals that concern it are blocked while it runs and taken one
 * by one: so we learn who sent them, and miss none between starting the script and waiting for it.
 */
#include "cpm/runtime/host.h"

#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cpm/base/fs.h"
#include "cpm/base/trace.h"

/* As process 1 we also inherit the children of others, and are told of none of them. */
#define REAP_EVERY_MS 1000
#define NO_END        INT64_MAX

static const int forwarded[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };

/* The script, while it runs. */
struct watch {
	pid_t pid;
	bool leads_group;
	bool took_too_long;
	int64_t limit_ms; /* when it has run for long enough, and is asked to end; or NO_END */
	int64_t end_ms;   /* when patience with it ends; NO_END: it was not asked to end */
	int status;
};

/* With a terminal the script must stay in our group, or it could not read from it. Without one it
 * gets its own, so that a signal for us reaches all that the script has started. */
static bool has_terminal(void)
{
	AUTO_FD fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	return fd >= 0;
}

static void block_signals(sigset_t *ours, sigset_t *before)
{
	sigemptyset(ours);
	sigaddset(ours, SIGCHLD);
	for (size_t i = 0; i < ARRAY_LEN(forwarded); i++)
		sigaddset(ours, forwarded[i]);
	sigprocmask(SIG_BLOCK, ours, before);
}

/* A signal of the terminal goes to the whole group and needs no help. */
static bool is_sent_to_us_alone(const siginfo_t *info)
{
	return info->si_code <= 0;
}

static void pass_on(const struct watch *w, int sig)
{
	kill(w->leads_group ? -w->pid : w->pid, sig);
}

static bool has_ended(struct watch *w)
{
	bool is_init = getpid() == 1;
	pid_t ended;

	while ((ended = waitpid(is_init ? -1 : w->pid, &w->status, WNOHANG)) > 0)
		if (ended == w->pid)
			return true;
	return false;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* How long nothing has to be done about its time. */
static int64_t enforce_limit(struct watch *w)
{
	int64_t now = now_ms();

	if (now >= w->limit_ms) {
		w->took_too_long = true;
		w->limit_ms = NO_END;
		w->end_ms = now + HOST_PATIENCE_MS;
		pass_on(w, SIGTERM);
	}
	if (now >= w->end_ms)
		pass_on(w, SIGKILL);
	int64_t next = MIN(w->limit_ms, w->end_ms);
	return next > now ? MIN(next - now, REAP_EVERY_MS) : REAP_EVERY_MS;
}

static void wait_for(struct watch *w, const sigset_t *ours)
{
	siginfo_t info;
	TRACE(WAIT);

	while (!has_ended(w)) {
		int64_t ms = enforce_limit(w);
		const struct timespec patience = { ms / 1000, ms % 1000 * 1000000 };
		int sig = sigtimedwait(ours, &info, &patience);

		if (sig > 0 && sig != SIGCHLD && (w->leads_group || is_sent_to_us_alone(&info)))
			pass_on(w, sig);
	}
	if (w->took_too_long) /* and what it has left behind */
		pass_on(w, SIGKILL);
}

struct err *host_run(const struct script *s, struct script_outcome *out)
{
	const int fds[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	struct watch w = { .leads_group = s->limit_ms > 0 || !has_terminal(), .end_ms = NO_END };
	unsigned flags = SPAWN_DIES_WITH_US | (w.leads_group ? SPAWN_LEADS_GROUP : 0);
	sigset_t ours, before;
	int64_t started_ns = trace_stamp();

	block_signals(&ours, &before);
	struct err *e = spawn_script(s, fds, &before, flags, &w.pid);
	w.limit_ms = s->limit_ms > 0 ? now_ms() + s->limit_ms : NO_END;
	if (!e)
		wait_for(&w, &ours);
	sigprocmask(SIG_SETMASK, &before, NULL);
	trace_add_beside(TRACE_SCRIPT, started_ns, s->package, s->event);
	*out = (struct script_outcome){
		.has_run = !e,
		.took_too_long = w.took_too_long,
		.exit_status = WIFEXITED(w.status) ? WEXITSTATUS(w.status) : -1,
		.signal = WIFSIGNALED(w.status) ? WTERMSIG(w.status) : 0,
	};
	return e;
}
