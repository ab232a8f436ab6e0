/* SPDX-License-Identifier: MIT
 * libcurl's sockets in an epoll set. curl_multi_perform() would ask the kernel about every
 * connection each time one of them has news; with fifty connections and some thousands of responses
 * that is a tenth of a second of system calls. */
#include "http_priv.h"

#include "cpm/base/trace.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
	struct http *h = ctx;
	struct epoll_event ev = { .data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(h->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		ev.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		ev.events |= EPOLLOUT;
	if (epoll_ctl(h->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev) &&
	    errno == EEXIST)
		epoll_ctl(h->epoll_fd, EPOLL_CTL_MOD, fd, &ev);
	curl_multi_assign(h->multi, fd, h);
	return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct http *h = ctx;

	(void)multi;
	h->timer_due_ms = timeout_ms < 0 ? -1 : http_now_ms() + timeout_ms;
	return 0;
}

struct err *loop_open(struct http *h)
{
	h->multi = curl_multi_init();
	if (!h->multi)
		return err_new(E_SYSTEM, "cannot start libcurl");
	h->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (h->epoll_fd < 0)
		return err_sys(errno, "epoll_create1", S("network"));
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	return NULL;
}

void loop_close(struct http *h)
{
	if (h->multi)
		curl_multi_cleanup(h->multi);
	if (h->epoll_fd >= 0)
		close(h->epoll_fd);
}

static void run_timer(struct http *h)
{
	int running;

	/* The first call may set a timer of 0 ms for what it has begun; a bound keeps a busy
	 * libcurl from holding us. */
	for (int round = 0; round < 4 && h->timer_due_ms >= 0 && h->timer_due_ms <= http_now_ms();
	     round++) {
		h->timer_due_ms = -1;
		curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
}

void loop_run_ready(struct http *h)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int running, count;

	if (!h->is_open)
		return;
	run_timer(h);
	count = epoll_wait(h->epoll_fd, events, EVENTS_AT_ONCE, 0);
	for (int i = 0; i < count; i++) {
		int mask = 0;

		if (events[i].events & EPOLLIN)
			mask |= CURL_CSELECT_IN;
		if (events[i].events & EPOLLOUT)
			mask |= CURL_CSELECT_OUT;
		if (events[i].events & (EPOLLERR | EPOLLHUP))
			mask |= CURL_CSELECT_ERR;
		curl_multi_socket_action(h->multi, events[i].data.fd, mask, &running);
	}
	run_timer(h);
}

bool loop_wait(struct http *h, int64_t limit_ms, int wake_fd)
{
	struct pollfd fds[] = {
		{ .fd = h->epoll_fd, .events = POLLIN },
		{ .fd = wake_fd, .events = POLLIN },
	};

	if (h->timer_due_ms >= 0)
		limit_ms = MIN(limit_ms, MAX(h->timer_due_ms - http_now_ms(), 0));
	TRACE(WAIT);
	poll(fds, 2, (int)MIN(limit_ms, HTTP_STALL_MAX_MS));
	return fds[1].revents != 0;
}
