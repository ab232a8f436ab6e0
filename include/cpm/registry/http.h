/* SPDX-License-Identifier: MIT
 * The libcurl multi driver: one handle for the process, many requests in flight, retries, time-outs, redirects by
 * hand, proxies, TLS settings, credentials per URL (npm-cli.md 3.6, T31-T34). Main thread only. */
#pragma once
#include "cpm/config/cfg.h"

struct http;

enum http_priority { HTTP_METADATA, HTTP_TARBALL };

struct http_request {
	str url;
	const char *method;		/* "GET" when NULL */
	str body;			/* POST, PUT: sent as is */
	str accept;			/* null: any type */
	str extra_headers[4];		/* "name: value", null entries are skipped */
	str if_none_match, if_modified_since; /* null: unconditional */
	enum http_priority priority;
	uint64_t cap_bytes;		/* E_TOO_BIG over this many (decoded) bytes */
	str subject;			/* "express@^5" for messages */
	bool want_gunzip;		/* offer gzip and decode the body (metadata); off for tarballs */
	bool keeps_gzip;		/* offer gzip and hand the body over as it came */
	unsigned digest_algo;		/* enum digest_algo to compute while receiving; 0: none */
	void *tag;			/* the caller's, handed back */
	const void *owner;		/* who collects the response: see http_drive_for() */
};

/* A finished request. The receiver frees it; err and body can be taken out first. */
struct http_response {
	void *tag;
	int status;			/* 0 when there was no answer */
	str url;			/* after redirects */
	char *body;			/* heap; TAKE by setting NULL */
	size_t body_len;
	str etag, last_modified, content_type, npm_notice; /* in .arena; null when absent */
	uint64_t content_length;	/* of the body as it was sent; 0: not said */
	int64_t max_age_sec;		/* -1: not said */
	int64_t retry_after_ms;		/* -1: not said */
	unsigned char digest[64];	/* of the body, when asked for */
	bool is_gzip;			/* the body is as it came, and compressed */
	struct err *err;		/* NULL for status 2xx and 304 */
	unsigned attempts;
	struct arena arena;
};

MUST_CHECK_ERR http_new(const struct cfg *cfg, struct http **out);
void http_free(struct http *h);
/* Queues a request; returns at once. Everything in it is copied. */
void http_send(struct http *h, const struct http_request *req);
/* Works the network. @timeout_ms: how long to wait at most when nothing happens; 0 polls. @wake_fd: also returns when
 * this is readable (-1: none). Gives the next finished request in *out, or NULL when there is none yet. */
struct http_response *http_drive(struct http *h, int timeout_ms, int wake_fd);
/* The same for requests with this .owner only; the others' responses wait for theirs. http_drive() is for those without. */
struct http_response *http_drive_for(struct http *h, const void *owner, int timeout_ms, int wake_fd);
/* A response to @owner that is there already, or NULL; the network is not worked. */
struct http_response *http_take_for(struct http *h, const void *owner);
size_t http_pending(const struct http *h);
/* Requests that started so far, and bytes received: for budgets and reports. */
uint64_t http_requests(const struct http *h);
uint64_t http_bytes(const struct http *h);
/* One request start to end. On failure the response is freed and its error returned. */
MUST_CHECK_ERR http_fetch(struct http *h, const struct http_request *req, struct http_response **out);
void http_response_free(struct http_response *r);
/* True when @a and @b have the same scheme, host and port (defaults filled in). */
bool http_same_origin(str a, str b);
