/* SPDX-License-Identifier: MIT
 * A script in the foreground. All signals that concern it are blocked while it runs and taken one
 * by one: so we learn who sent them, and miss none between starting the script and waiting for it.
 */
#include "cpm/runtime/host.h"

#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpm/base/fs.h"

/* As process 1 we also inherit the children of others, and are told of none of them. */
#define REAP_EVERY_SEC 1

static const int forwarded[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };

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

static bool has_ended(pid_t pid, int *status)
{
	bool is_init = getpid() == 1;
	pid_t ended;

	while ((ended = waitpid(is_init ? -1 : pid, status, WNOHANG)) > 0)
		if (ended == pid)
			return true;
	return false;
}

static void wait_for(pid_t pid, bool leads_group, const sigset_t *ours, int *status)
{
	const struct timespec patience = { .tv_sec = REAP_EVERY_SEC };
	siginfo_t info;

	while (!has_ended(pid, status)) {
		int sig = sigtimedwait(ours, &info, &patience);

		if (sig > 0 && sig != SIGCHLD && (leads_group || is_sent_to_us_alone(&info)))
			kill(leads_group ? -pid : pid, sig);
	}
}

struct err *host_run(const struct script *s, struct script_outcome *out)
{
	const int fds[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	bool leads_group = !has_terminal();
	sigset_t ours, before;
	int status = 0;
	pid_t pid;

	block_signals(&ours, &before);
	struct err *e = spawn_script(s, fds, &before, leads_group ? SPAWN_LEADS_GROUP : 0, &pid);
	if (!e)
		wait_for(pid, leads_group, &ours, &status);
	sigprocmask(SIG_SETMASK, &before, NULL);
	*out = (struct script_outcome){
		.has_run = !e,
		.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
	};
	return e;
}
