/* SPDX-License-Identifier: MIT
 * How the driver is made inside. A transfer is one request on its way through: waiting (in its
 * origin's queue), active (libcurl has it), resting (until a retry), done (in the hands of
 * http_drive()'s caller). One list holds it at a time. http.c moves transfers between those,
 * http_transfer.c talks to libcurl about one of them, the other files decide. */
#pragma once
#include "cpm/base/digest.h"
#include "cpm/registry/http.h"
#include "url.h"

#include <curl/curl.h>

#define HTTP_REDIRECTS_MAX      20
#define HTTP_RETRY_AFTER_MAX_MS (120 * 1000)
#define HTTP_HEADER_MAX_BYTES   (256 * 1024)
#define HTTP_STALL_MAX_MS       (30 * 1000)
#define HTTP_CONNECT_MAX_MS     (10 * 1000)
#define HTTP_BODY_MAX_BYTES     ((uint64_t)2 << 30) /* where the request names no cap */

/* The configuration, read once. */
struct http_settings {
	str user_agent, npm_auth_type, npm_scope;
	unsigned retries;
	double retry_factor;
	int64_t retry_min_ms, retry_max_ms;
	int64_t stall_ms; /* silence after which an attempt is given up */
	unsigned max_per_origin, max_total;
	bool verify_tls;
	const char *ca_file;            /* NULL: built into libcurl or found on the system */
	int ca_fd;                      /* of a ca_file that exists in memory only; -1: none */
	struct trust_store *trust;      /* of ca_file; NULL: libcurl reads that itself */
	bool has_read_trust;
	const char *cert_pem, *key_pem; /* deprecated global client certificate */
	const char *local_address;
	str https_proxy, http_proxy; /* which proxy for which scheme; null: none */
	const str *noproxy;
	size_t nnoproxy;
};

/* One server: what is on its way to it and whether it asked for a pause. */
struct http_origin {
	struct http_origin *next;
	str key;
	struct transfer *first[2], **last[2]; /* waiting, by priority */
	unsigned active[2];
	int64_t not_before_ms; /* Retry-After holds for the whole server */
	bool is_reachable;     /* its name was looked up: more than one request may start */
	bool is_http2;
};

struct transfer {
	struct transfer *next;         /* in whichever queue it is */
	struct transfer **active_link; /* what points at it in the active list */
	struct http *http;
	struct http_origin *origin;
	struct http_request req; /* texts stand behind this struct */
	struct http_response *resp;
	struct url url; /* where it goes now, redirects followed */
	unsigned redirects;
	bool left_origin; /* a redirect went elsewhere: no credentials any more */
	bool scope_has_auth;
	bool use_http1; /* HTTP/2 failed once */
	bool is_single; /* http_fetch() waits for exactly this one */
	int64_t started_ms, progress_ms, not_before_ms;
	int64_t queued_ns, started_ns; /* for the trace; else 0 */

	/* this attempt */
	CURL *easy;
	struct curl_slist *headers;
	char curl_text[CURL_ERROR_SIZE];
	size_t body_room, header_bytes;
	uint64_t body_bytes; /* as they were sent */
	bool is_hashing, is_too_big, is_stalled;
	struct digest_stream hash;
	uint64_t length; /* announced, or 0 */
	bool is_gzip;
	str reason, location, authenticate, date;
};

struct http {
	struct arena arena;
	struct http_settings set;
	const struct cfg *cfg;
	bool is_open;
	CURLM *multi;
	CURLSH *share;
	int epoll_fd;
	int64_t timer_due_ms; /* libcurl's own timer; -1: none */
	CURL **spare;         /* idle easy handles */
	size_t nspare;
	struct http_origin *origins;
	struct transfer *active;
	size_t nactive, pending;
	struct transfer *resting; /* by not_before_ms */
	struct transfer *done, **done_last;
	uint64_t requests, bytes;
	str last_notice;
	bool has_warned_scope;
};

int64_t http_now_ms(void); /* CLOCK_MONOTONIC */

/* http_loop.c: libcurl's sockets and timer. */
MUST_CHECK_ERR loop_open(struct http *h);
void loop_close(struct http *h);
/* Lets libcurl work on what is ready; never waits. */
void loop_run_ready(struct http *h);
/* Waits for a socket, libcurl's timer, @limit_ms or @wake_fd; true when @wake_fd spoke. */
bool loop_wait(struct http *h, int64_t limit_ms, int wake_fd);

/* http_settings.c */
MUST_CHECK_ERR http_settings_read(struct arena *a, const struct cfg *cfg,
				  struct http_settings *out);
/* The proxy for @u, or the null string. */
str http_proxy_for(const struct http_settings *set, const struct url *u);

/* http_tls.c: asks libcurl for its bundle, hence not part of http_settings_read(). */
void http_tls_read(struct arena *a, const struct cfg *cfg, struct http_settings *out);
void http_tls_apply(CURL *easy, struct http_settings *set, bool is_https);
/* The client certificate: the URL's own files (null: none), or the one configured for all. */
void http_tls_apply_client(CURL *easy, const struct http_settings *set, struct arena *tmp,
			   str certfile, str keyfile);

/* http_transfer.c: sets up t->easy for one attempt, and clears what an attempt left. */
MUST_CHECK_ERR transfer_prepare(struct transfer *t);
void transfer_reset_attempt(struct transfer *t);
/* Records the attempt that has ended, while somebody asked for that. */
void transfer_trace(struct transfer *t);
/* The body as the caller wants it: decoded; the digest in the response. */
MUST_CHECK_ERR transfer_finish_body(struct transfer *t);

/* http_headers.c */
void transfer_take_header(struct transfer *t, str line);
/* Retry-After or Date: seconds since 1970, or -1. */
int64_t http_parse_date(struct arena *a, str text);

/* http_retry.c */
enum transfer_fate { FATE_DONE, FATE_RETRY, FATE_REDIRECT };
/* What becomes of an attempt that ended with @code; sets resp->err where it failed. */
enum transfer_fate transfer_judge(struct transfer *t, CURLcode code);
int64_t transfer_retry_delay_ms(struct transfer *t);

/* http_errors.c */
struct err *http_error_of_status(struct transfer *t) MUST_CHECK;
struct err *http_error_of_curl(struct transfer *t, CURLcode code) MUST_CHECK;
/* Adds that @subject could not be found. Returns @e. */
struct err *http_explain_not_found(struct err *e, str subject);
/* The answer of @url is something else than was asked for: E_BAD_RESPONSE in npm's words, which name the address. */
struct err *http_no_json(str url, const char *why) MUST_CHECK;

/* name_remarks.c */
/* What is odd about a package's name, as a numbered list in npm's words, a line each; empty when nothing is. */
str name_remarks(struct arena *a, str name);
