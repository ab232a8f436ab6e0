/* SPDX-License-Identifier: MIT
 * The one place where a process of ours becomes a shell. posix_spawn cannot ask the kernel to end
 * the child with its parent, so this is what posix_spawn does inside: vfork, a few system calls,
 * exec. Until the exec the child runs in our memory while we wait, so it touches nothing but its
 * own locals and the one report that is meant for us. */
#include "sandbox_enter.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpm/base/fs.h"

struct launch {
	const char *shell;
	const char *dir;
	char *const *argv, *const *environ;
	const int *fds;
	const sigset_t *mask;
	const struct sandbox *sandbox;
	unsigned flags;
	pid_t parent;
};

/* What went wrong in the child; written there, read here. */
struct report {
	volatile int errno_value;
	const char *volatile call;
};

static bool fail(struct report *r, const char *call)
{
	r->errno_value = errno;
	r->call = call;
	return false;
}

/* dup2() of a descriptor onto itself would leave close-on-exec set. */
static bool take_fds(const int fds[3])
{
	for (int i = 0; i < 3; i++) {
		if (fds[i] == i) {
			if (fcntl(i, F_SETFD, 0) < 0)
				return false;
		} else if (dup2(fds[i], i) < 0) {
			return false;
		}
	}
	return true;
}

/* In the child. We ignore SIGPIPE, which a script must not inherit; handlers end by themselves. */
static bool become_shell(const struct launch *l, struct report *r)
{
	if (l->flags & SPAWN_LEADS_GROUP && setpgid(0, 0) < 0)
		return fail(r, "setpgid");
	if (l->flags & SPAWN_DIES_WITH_US) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != l->parent)
			_exit(127);
	}
	if (!take_fds(l->fds))
		return fail(r, "dup2");
	if (chdir(l->dir) < 0)
		return fail(r, "chdir");
	if (!sandbox_enter(l->sandbox))
		return fail(r, "confine");
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, l->mask, NULL);
	execve(l->shell, l->argv, l->environ);
	return fail(r, "spawn");
}

static pid_t launch(const struct launch *l, struct report *r)
{
	pid_t pid = vfork();

	if (pid == 0) {
		(void)become_shell(l, r);
		_exit(127);
	}
	if (pid < 0)
		fail(r, "fork");
	return pid;
}

/* On our own PATH: that of the script begins with folders that packages write to. */
static const char *find_shell(struct arena *a, str name)
{
	str rest = str_view(getenv("PATH"));

	if (str_find_char(name, '/') != STR_NPOS)
		return str_cstr(a, name);
	for (str dir; str_cut(&rest, ':', &dir);) {
		const char *file = str_cstr(
			a, str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(dir), STR_ARG(name)));
		if (dir.len > 0 && dir.p[0] == '/' && access(file, X_OK) == 0)
			return file;
	}
	return str_cstr(a, str_concat(a, S("/bin/"), name));
}

struct err *spawn_script(const struct script *s, const int fds[3], const sigset_t *mask,
			 unsigned flags, pid_t *pid)
{
	ARENA_SCOPE(tmp);
	str name = str_is_null(s->shell) ? S("sh") : s->shell;
	char *argv[] = { str_cstr(tmp, name), (char[]){ "-c" }, str_cstr(tmp, s->command), NULL };
	struct report report = { 0 };
	AUTO_SANDBOX sandbox = { .ruleset_fd = -1 };

	TRY(sandbox_open(s, &sandbox));
	const struct launch l = {
		.shell = find_shell(tmp, name),
		.dir = str_cstr(tmp, s->dir),
		.argv = argv,
		.environ = s->environ,
		.fds = fds,
		.mask = mask,
		.sandbox = &sandbox,
		.flags = flags,
		.parent = getpid(),
	};

	signal(SIGCHLD, SIG_DFL); /* whoever started us may ignore it, and children would vanish */
	*pid = launch(&l, &report);
	if (!report.call)
		return NULL;
	if (*pid > 0)
		while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
			;
	return err_sys(report.errno_value, report.call,
		       strcmp(report.call, "chdir") == 0 ? s->dir : name);
}
