/* SPDX-License-Identifier: MIT
 * A server on 127.0.0.1 inside the test, which answers what a script says: raw bytes per path and
 * attempt, so that every fault of a network can be written down beside the claim it belongs to. One
 * thread per connection, keep-alive. */
#pragma once
#include "check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK_CONNECTIONS_MAX 256
#define LOOPBACK_PATHS_MAX       64

/* What happens behind the bytes of a reply. */
enum reply_end { KEEP_OPEN, CLOSE, RESET, STALL };

struct reply {
	const char *path; /* as in the request line; "*": any */
	unsigned attempt; /* 1: the first request for this path; 0: any */
	str bytes;
	enum reply_end end;
};

struct loopback {
	const struct reply *replies;
	size_t nreplies;
	int listen_fd;
	unsigned port;
	pthread_t acceptor;
	pthread_mutex_t lock; /* everything below */
	struct arena arena;
	struct str_buf log; /* all request heads */
	char paths[LOOPBACK_PATHS_MAX][128];
	unsigned counts[LOOPBACK_PATHS_MAX];
	int fds[LOOPBACK_CONNECTIONS_MAX];
	pthread_t threads[LOOPBACK_CONNECTIONS_MAX];
	size_t nconnections;
};

struct loopback_connection {
	struct loopback *server;
	int fd;
};

static unsigned loopback_count(struct loopback *s, const char *path)
{
	size_t i = 0;

	while (i + 1 < LOOPBACK_PATHS_MAX && s->paths[i][0] && strcmp(s->paths[i], path) != 0)
		i++;
	snprintf(s->paths[i], sizeof(s->paths[i]), "%s", path);
	return ++s->counts[i];
}

static const struct reply *loopback_pick(struct loopback *s, const char *head)
{
	char path[128] = "";
	const struct reply *found = NULL;
	unsigned attempt;

	sscanf(head, "%*s %127s", path);
	pthread_mutex_lock(&s->lock);
	buf_add_cstr(&s->log, head);
	attempt = loopback_count(s, path);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < s->nreplies && !found; i++) {
		const struct reply *r = &s->replies[i];

		if ((strcmp(r->path, path) == 0 || strcmp(r->path, "*") == 0) &&
		    (r->attempt == 0 || r->attempt == attempt))
			found = r;
	}
	return found;
}

/* Reads one request head, byte by byte: nothing of the next one is taken. A body is read and
 * dropped. */
static bool loopback_read(int fd, char *head, size_t room)
{
	size_t len = 0, body = 0;
	const char *announced;
	char c;

	while (len + 1 < room && recv(fd, &c, 1, 0) == 1) {
		head[len++] = c;
		head[len] = '\0';
		if (len >= 4 && memcmp(head + len - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	if (len < 4)
		return false;
	announced = strcasestr(head, "content-length:");
	body = announced ? strtoul(announced + strlen("content-length:"), NULL, 10) : 0;
	while (body > 0 && recv(fd, &c, 1, 0) == 1)
		body--;
	return true;
}

static void *loopback_serve(void *arg)
{
	struct loopback_connection c = *(struct loopback_connection *)arg;
	const str missing = S("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
	char head[16 * 1024];

	free(arg);
	while (loopback_read(c.fd, head, sizeof(head))) {
		const struct reply *r = loopback_pick(c.server, head);
		str bytes = r ? r->bytes : missing;

		if (bytes.len && send(c.fd, bytes.p, bytes.len, MSG_NOSIGNAL) < 0)
			break;
		if (r && r->end == STALL)
			continue; /* the next read waits for what never comes */
		if (r && r->end == RESET) {
			struct linger now = { .l_onoff = 1 };

			setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		}
		if (r && r->end != KEEP_OPEN)
			break;
	}
	/* Marked as closed under the lock, so that stopping never shuts down somebody else's
	 * descriptor. */
	pthread_mutex_lock(&c.server->lock);
	for (size_t i = 0; i < c.server->nconnections; i++)
		if (c.server->fds[i] == c.fd)
			c.server->fds[i] = -1;
	close(c.fd);
	pthread_mutex_unlock(&c.server->lock);
	return NULL;
}

static void *loopback_accept(void *arg)
{
	struct loopback *s = arg;
	int fd;

	while ((fd = accept(s->listen_fd, NULL, NULL)) >= 0) {
		struct loopback_connection *c = malloc(sizeof(*c));

		*c = (struct loopback_connection){ s, fd };
		pthread_mutex_lock(&s->lock);
		s->fds[s->nconnections] = fd;
		pthread_create(&s->threads[s->nconnections++], NULL, loopback_serve, c);
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static inline void loopback_start(struct loopback *s, const struct reply *replies, size_t count)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	memset(s, 0, sizeof(*s));
	s->replies = replies;
	s->nreplies = count;
	s->log = str_buf(&s->arena, 16 << 20);
	pthread_mutex_init(&s->lock, NULL);
	s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listen_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(s->listen_fd, 256), 0);
	getsockname(s->listen_fd, (struct sockaddr *)&at, &len);
	s->port = ntohs(at.sin_port);
	pthread_create(&s->acceptor, NULL, loopback_accept, s);
}

static inline void loopback_stop(struct loopback *s)
{
	shutdown(s->listen_fd, SHUT_RDWR);
	pthread_join(s->acceptor, NULL);
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->nconnections; i++)
		if (s->fds[i] >= 0)
			shutdown(s->fds[i], SHUT_RDWR);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < s->nconnections; i++)
		pthread_join(s->threads[i], NULL);
	close(s->listen_fd);
	pthread_mutex_destroy(&s->lock);
	arena_fini(&s->arena);
}

static inline str loopback_url(struct arena *a, const struct loopback *s, const char *path)
{
	return str_printf(a, "http://127.0.0.1:%u%s", s->port, path);
}

/* A well-formed answer. @headers: lines that each end in CRLF. */
static inline str answer(struct arena *a, const char *status, const char *headers, str body)
{
	return str_concat(a,
			  str_printf(a, "HTTP/1.1 %s\r\n%scontent-length: %zu\r\n\r\n", status,
				     headers, body.len),
			  body);
}
