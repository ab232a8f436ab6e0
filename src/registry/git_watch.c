/* SPDX-License-Identifier: MIT
 * Before version 1.7 libgit2 waits for a silent host for ever, and does not show its sockets. So a
 * timer sends this thread a signal once patience has ended, whose handler shuts every socket that
 * was not there when the watch began: nobody but libgit2 opens any meanwhile. It comes again and
 * again, since the socket may be opened a moment after. */
#include "git_watch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define AGAIN_NS 200000000
#define TOUCH_MS 500 /* the timer is not set anew more often than that */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static void shut_sockets(int sig, siginfo_t *info, void *context)
{
	const struct git_watch *w = info->si_value.sival_ptr;
	int before = errno;

	(void)sig;
	(void)context;
	for (int fd = 0; info->si_code == SI_TIMER && fd < GIT_WATCH_FDS; fd++)
		if (!(w->foreign[fd / 8] & 1 << fd % 8) && is_socket(fd))
			shutdown(fd, SHUT_RDWR);
	errno = before;
}

static void wind_up(struct git_watch *w)
{
	struct itimerspec when = { .it_interval = { 0, AGAIN_NS } };

	w->until_ms = now_ms() + w->limit_ms;
	when.it_value.tv_sec = w->until_ms / 1000;
	when.it_value.tv_nsec = w->until_ms % 1000 * 1000000;
	timer_settime(w->timer, TIMER_ABSTIME, &when, NULL);
}

void git_watch_begin(struct git_watch *w, int64_t limit_ms)
{
	struct sigaction act = { .sa_sigaction = shut_sockets, .sa_flags = SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
				  .sigev_signo = SIGALRM,
				  .sigev_value.sival_ptr = w };

	memset(w, 0, sizeof(*w));
	w->limit_ms = limit_ms;
	event._sigev_un._tid = gettid();
	for (int fd = 0; fd < GIT_WATCH_FDS; fd++)
		if (is_socket(fd))
			w->foreign[fd / 8] |= (uint8_t)(1 << fd % 8);
	sigemptyset(&act.sa_mask);
	if (limit_ms <= 0 || timer_create(CLOCK_MONOTONIC, &event, &w->timer) < 0)
		return;
	sigaction(SIGALRM, &act, &w->before);
	w->is_running = true;
	wind_up(w);
}

void git_watch_touch(struct git_watch *w)
{
	if (w->is_running && now_ms() + w->limit_ms - w->until_ms >= TOUCH_MS)
		wind_up(w);
}

bool git_watch_is_over(const struct git_watch *w)
{
	return w->is_running && now_ms() >= w->until_ms;
}

void git_watch_end(struct git_watch *w)
{
	if (!w->is_running)
		return;
	w->is_running = false;
	timer_delete(w->timer);
	sigaction(SIGALRM, &w->before, NULL);
}
