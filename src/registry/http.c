/* SPDX-License-Identifier: MIT
 * The queueing half of the driver. We decide ourselves what starts when, instead of giving
 * everything to libcurl and letting its host limit decide: so metadata goes first without starving
 * tarballs, a server that answered 429 is left alone as a whole, and a name is looked up once
 * before fifty requests for it start fifty look-ups.
 *
 *   http_send ─► origin.waiting ─► active ─► done ─► http_drive's caller
 *                     ▲               │
 *                     └── resting ◄───┘ failed, may be tried again
 */
#include "cpm/registry/http.h"

#include "cpm/base/event.h"
#include "cpm/base/log.h"
#include "cpm/base/proc.h"
#include "cpm/base/trace.h"
#include "cpm/base/trust_store.h"
#include "http_priv.h"

#include <time.h>
#include <unistd.h>

/* ---- life ---- */

int64_t http_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct err *no_libcurl(void)
{
	return err_new(E_SYSTEM, "cannot start libcurl");
}

/* Starting libcurl and its TLS library costs milliseconds, and a warm install sends nothing: the
 * first request does it. */
static struct err *ensure_open(struct http *h)
{
	if (h->is_open)
		return NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return no_libcurl();
	h->share = curl_share_init();
	if (!h->share)
		return no_libcurl();
	TRY(loop_open(h));
	http_tls_read(&h->arena, h->cfg, &h->set);
	h->spare = ARENA_ARRAY(&h->arena, CURL *, h->set.max_total);
	curl_share_setopt(h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)h->set.max_per_origin);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)h->set.max_total);
	h->is_open = true;
	return NULL;
}

struct err *http_new(const struct cfg *cfg, struct http **out)
{
	struct http *h = calloc(1, sizeof(*h));
	struct err *e;

	if (!h)
		out_of_memory();
	h->cfg = cfg;
	h->done_last = &h->done;
	h->epoll_fd = -1;
	h->set.ca_fd = -1;
	h->timer_due_ms = -1;
	e = http_settings_read(&h->arena, cfg, &h->set);
	if (e) {
		http_free(h);
		return e;
	}
	*out = h;
	return NULL;
}

static void transfer_free(struct transfer *t)
{
	transfer_reset_attempt(t);
	if (t->headers)
		curl_slist_free_all(t->headers);
	if (t->easy)
		curl_easy_cleanup(t->easy);
	http_response_free(t->resp);
	free(t);
}

static void queue_free(struct transfer *t)
{
	while (t) {
		struct transfer *next = t->next;

		transfer_free(t);
		t = next;
	}
}

void http_free(struct http *h)
{
	if (!h)
		return;
	for (struct transfer *t = h->active; t; t = t->next)
		curl_multi_remove_handle(h->multi, t->easy);
	queue_free(h->active);
	queue_free(h->resting);
	queue_free(h->done);
	for (struct http_origin *o = h->origins; o; o = o->next) {
		queue_free(o->first[HTTP_METADATA]);
		queue_free(o->first[HTTP_TARBALL]);
	}
	for (size_t i = 0; i < h->nspare; i++)
		curl_easy_cleanup(h->spare[i]);
	loop_close(h);
	if (h->set.ca_fd >= 0)
		close(h->set.ca_fd);
	trust_store_free(h->set.trust);
	if (h->share)
		curl_share_cleanup(h->share);
	arena_fini(&h->arena);
	free(h);
}

void http_response_free(struct http_response *r)
{
	if (!r)
		return;
	free(r->body);
	err_free(r->err);
	arena_fini(&r->arena);
	free(r);
}

size_t http_pending(const struct http *h)
{
	return h->pending;
}

uint64_t http_requests(const struct http *h)
{
	return h->requests;
}

uint64_t http_bytes(const struct http *h)
{
	return h->bytes;
}

/* ---- lists ---- */

static struct http_origin *origin_get(struct http *h, const struct url *u)
{
	ARENA_SCOPE(tmp);
	str key = url_origin(tmp, u);

	for (struct http_origin *o = h->origins; o; o = o->next)
		if (str_eq(o->key, key))
			return o;

	struct http_origin *o = ARENA_NEW(&h->arena, struct http_origin);

	o->key = str_dup(&h->arena, key);
	o->last[HTTP_METADATA] = &o->first[HTTP_METADATA];
	o->last[HTTP_TARBALL] = &o->first[HTTP_TARBALL];
	o->next = h->origins;
	h->origins = o;
	return o;
}

static void push_waiting(struct transfer *t, const struct url *u)
{
	struct http_origin *o = t->origin = origin_get(t->http, u);

	t->next = NULL;
	*o->last[t->req.priority] = t;
	o->last[t->req.priority] = &t->next;
}

static struct transfer *pop_waiting(struct http_origin *o, enum http_priority class)
{
	struct transfer *t = o->first[class];

	o->first[class] = t->next;
	if (!t->next)
		o->last[class] = &o->first[class];
	return t;
}

static void push_active(struct transfer *t)
{
	struct http *h = t->http;

	t->next = h->active;
	t->active_link = &h->active;
	if (t->next)
		t->next->active_link = &t->next;
	h->active = t;
	h->nactive++;
	t->origin->active[t->req.priority]++;
}

static void leave_active(struct transfer *t)
{
	*t->active_link = t->next;
	if (t->next)
		t->next->active_link = t->active_link;
	t->http->nactive--;
	t->origin->active[t->req.priority]--;
}

static void push_resting(struct transfer *t)
{
	struct transfer **link = &t->http->resting;

	while (*link && (*link)->not_before_ms <= t->not_before_ms)
		link = &(*link)->next;
	t->next = *link;
	*link = t;
}

static void push_done(struct transfer *t)
{
	struct http *h = t->http;

	t->next = NULL;
	*h->done_last = t;
	h->done_last = &t->next;
}

/* ---- starting ---- */

/* Copies @s to *to and moves *to behind it. */
static str pack(char **to, str s)
{
	str copy = str_of(*to, s.len);

	if (str_is_null(s))
		return STR_NULL;
	if (s.len)
		memcpy(*to, s.p, s.len);
	*to += s.len;
	return copy;
}

/* A transfer and its request's texts are one block: thousands wait at a time, and an arena each
 * would be 64 KiB each. */
static struct transfer *transfer_new(struct http *h, const struct http_request *req)
{
	const str method = str_view(req->method ? req->method : "GET");
	size_t room = method.len + 1 + req->url.len + req->body.len + req->accept.len +
		      req->subject.len + req->if_none_match.len + req->if_modified_since.len;
	struct transfer *t;
	char *to;

	for (size_t i = 0; i < ARRAY_LEN(req->extra_headers); i++)
		room += req->extra_headers[i].len;
	t = calloc(1, sizeof(*t) + room);
	if (!t)
		out_of_memory();
	to = (char *)(t + 1);
	t->http = h;
	t->req = *req;
	t->req.method = pack(&to, method).p;
	to++;
	t->req.url = pack(&to, req->url);
	t->req.body = pack(&to, req->body);
	t->req.accept = pack(&to, req->accept);
	t->req.subject = pack(&to, req->subject);
	t->req.if_none_match = pack(&to, req->if_none_match);
	t->req.if_modified_since = pack(&to, req->if_modified_since);
	for (size_t i = 0; i < ARRAY_LEN(req->extra_headers); i++)
		t->req.extra_headers[i] = pack(&to, req->extra_headers[i]);
	if (!req->cap_bytes)
		t->req.cap_bytes = HTTP_BODY_MAX_BYTES;
	return t;
}

static struct http_response *response_new(const struct http_request *req)
{
	struct http_response *r = calloc(1, sizeof(*r));

	if (!r)
		out_of_memory();
	r->tag = req->tag;
	r->max_age_sec = -1;
	return r;
}

static struct transfer *enqueue(struct http *h, const struct http_request *req)
{
	ARENA_SCOPE(tmp);
	struct transfer *t = transfer_new(h, req);
	struct url u;
	str text;

	t->resp = response_new(req);
	t->queued_ns = trace_stamp();
	h->pending++;
	if (url_parse(tmp, t->req.url, &u)) {
		push_waiting(t, &u);
		return t;
	}
	t->resp->url = str_dup(&t->resp->arena, t->req.url);
	text = log_redact(tmp, t->req.url);
	t->resp->err = err_new(E_BAD_PROTOCOL,
			       "cannot fetch '" STR_FMT "': not an http or https URL",
			       STR_ARG(text));
	push_done(t);
	return t;
}

void http_send(struct http *h, const struct http_request *req)
{
	enqueue(h, req);
}

/* The URL's parts, made when they are needed for the first time; a redirect makes them anew. */
static void ensure_url(struct transfer *t)
{
	struct http_response *r = t->resp;

	if (!str_is_null(r->url))
		return;
	url_parse(&r->arena, t->req.url, &t->url);
	r->url = url_format(&r->arena, &t->url);
}

static void give_back_easy(struct http *h, struct transfer *t)
{
	if (!t->easy)
		return;
	curl_multi_remove_handle(h->multi, t->easy);
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	if (h->nspare < h->set.max_total)
		h->spare[h->nspare++] = t->easy;
	else
		curl_easy_cleanup(t->easy);
	t->easy = NULL;
}

static struct err *prepare(struct transfer *t)
{
	struct http *h = t->http;

	TRY(ensure_open(h));
	t->easy = h->nspare ? h->spare[--h->nspare] : curl_easy_init();
	return t->easy ? transfer_prepare(t) : no_libcurl();
}

static void start(struct transfer *t)
{
	struct http *h = t->http;

	ensure_url(t);
	t->resp->attempts++;
	t->started_ms = t->progress_ms = http_now_ms();
	t->started_ns = trace_stamp();
	t->resp->err = prepare(t);
	if (t->resp->err) {
		give_back_easy(h, t);
		push_done(t);
		return;
	}
	push_active(t);
	h->requests++;
	curl_multi_add_handle(h->multi, t->easy);
}

/* While both classes wait, each has half of the slots for sure. */
static bool may_start(const struct http *h, const struct http_origin *o, enum http_priority class)
{
	enum http_priority other = class == HTTP_METADATA ? HTTP_TARBALL : HTTP_METADATA;
	unsigned cap = o->is_reachable ? h->set.max_per_origin : 1;

	if (!o->first[class] || o->active[class] + o->active[other] >= cap)
		return false;
	return !o->first[other] || o->active[class] < (cap + 1) / 2;
}

static void start_waiting(struct http *h, int64_t now_ms)
{
	while (h->resting && h->resting->not_before_ms <= now_ms) {
		struct transfer *t = h->resting;

		h->resting = t->next;
		push_waiting(t, &t->url);
	}
	for (struct http_origin *o = h->origins; o; o = o->next) {
		if (o->not_before_ms > now_ms)
			continue;
		while (h->nactive < h->set.max_total) {
			if (may_start(h, o, HTTP_METADATA))
				start(pop_waiting(o, HTTP_METADATA));
			else if (may_start(h, o, HTTP_TARBALL))
				start(pop_waiting(o, HTTP_TARBALL));
			else
				break;
		}
	}
}

/* ---- ending ---- */

static void show_notice(struct http *h, str notice)
{
	if (str_is_null(notice) || str_eq(notice, h->last_notice))
		return;
	h->last_notice = str_dup(&h->arena, notice);
	log_notice("", STR_FMT, STR_ARG(notice));
}

/* npm's advice when a package's own registry has a credential that does not cover this URL. */
static void warn_about_scope(struct transfer *t)
{
	if (t->resp->status < 400 || !t->scope_has_auth || t->http->has_warned_scope)
		return;
	t->http->has_warned_scope = true;
	log_warn("registry",
		 "No auth for URI, but auth present for scoped registry.\n\nURI: " STR_FMT,
		 STR_ARG(t->resp->url));
}

static void report(struct transfer *t)
{
	struct http_response *r = t->resp;
	long long took_ms = (long long)(http_now_ms() - t->started_ms);
	char attempt[32] = "";

	if (r->attempts > 1)
		snprintf(attempt, sizeof(attempt), " attempt #%u", r->attempts);
	if (r->status)
		log_http("fetch", "%s %d " STR_FMT " %lldms%s", t->req.method, r->status,
			 STR_ARG(r->url), took_ms, attempt);
	warn_about_scope(t);
	show_notice(t->http, r->npm_notice);
	event_emit(&(struct event){
		.kind = EVENT_REQUEST, .name = r->url, .status = r->status, .bytes = r->body_len });
}

static void rest(struct transfer *t)
{
	int64_t now_ms = http_now_ms();
	int64_t delay_ms = transfer_retry_delay_ms(t);

	if (t->resp->status)
		log_http("fetch", "%s " STR_FMT " attempt %u failed with %d", t->req.method,
			 STR_ARG(t->resp->url), t->resp->attempts, t->resp->status);
	else
		log_http("fetch", "%s " STR_FMT " attempt %u failed with " STR_FMT, t->req.method,
			 STR_ARG(t->resp->url), t->resp->attempts,
			 STR_ARG(err_code_shown(t->resp->err)));
	if (t->resp->status == 429)
		t->origin->not_before_ms = MAX(t->origin->not_before_ms, now_ms + delay_ms);
	err_free(t->resp->err);
	t->resp->err = NULL;
	t->not_before_ms = now_ms + delay_ms;
	push_resting(t);
}

static void end_attempt(struct transfer *t, CURLcode code)
{
	enum transfer_fate fate = transfer_judge(t, code);

	transfer_trace(t);
	t->origin->is_reachable = true;
	leave_active(t);
	give_back_easy(t->http, t);
	if (fate == FATE_DONE) {
		report(t);
		push_done(t);
		return;
	}
	if (fate == FATE_RETRY)
		rest(t);
	transfer_reset_attempt(t);
	if (fate == FATE_REDIRECT)
		push_waiting(t, &t->url);
}

static bool collect_finished(struct http *h)
{
	CURLMsg *msg;
	bool has_any = false;
	int left;

	while (h->is_open && (msg = curl_multi_info_read(h->multi, &left))) {
		struct transfer *t = NULL;
		CURLcode code = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		end_attempt(t, code);
		has_any = true;
	}
	return has_any;
}

static void end_stalled(struct http *h, int64_t now_ms)
{
	struct transfer *next;

	for (struct transfer *t = h->active; t; t = next) {
		next = t->next;
		if (now_ms - t->progress_ms < h->set.stall_ms)
			continue;
		t->is_stalled = true;
		end_attempt(t, CURLE_OPERATION_TIMEDOUT);
	}
}

/* ---- driving ---- */

/* Does what can be done without waiting. What the end of one request lets start should be on the
 * wire before the caller sits down to its own work, hence several rounds. True: there is more to
 * do, do not wait. */
static bool work(struct http *h)
{
	for (int round = 0; round < 4; round++) {
		start_waiting(h, http_now_ms());
		loop_run_ready(h);
		end_stalled(h, http_now_ms());
		if (!collect_finished(h))
			return false;
	}
	return true;
}

/* How long nothing of our own is due. */
static int64_t until_next_timer_ms(const struct http *h, int64_t limit_ms)
{
	int64_t due_ms = http_now_ms() + limit_ms;

	if (h->resting)
		due_ms = MIN(due_ms, h->resting->not_before_ms);
	for (const struct http_origin *o = h->origins; o; o = o->next)
		if (o->not_before_ms && (o->first[HTTP_METADATA] || o->first[HTTP_TARBALL]))
			due_ms = MIN(due_ms, o->not_before_ms);
	for (const struct transfer *t = h->active; t; t = t->next)
		due_ms = MIN(due_ms, t->progress_ms + h->set.stall_ms);
	return MAX(due_ms - http_now_ms(), 0);
}

static struct http_response *take_response(struct transfer *t)
{
	struct http_response *r = t->resp;

	t->http->pending--;
	t->resp = NULL;
	/* The last attempt may have ended in the middle of its body. */
	if (t->is_hashing)
		digest_abort(&t->hash);
	free(t);
	return r;
}

/* The oldest response that is @wanted's, or @owner's where no transfer is named. */
static struct http_response *take_done(struct http *h, const struct transfer *wanted,
				       const void *owner)
{
	for (struct transfer **link = &h->done; *link; link = &(*link)->next) {
		struct transfer *t = *link;

		if (wanted ? t != wanted : t->is_single || t->req.owner != owner)
			continue;
		*link = t->next;
		if (!t->next)
			h->done_last = link;
		return take_response(t);
	}
	return NULL;
}

static struct http_response *drive(struct http *h, const struct transfer *wanted, const void *owner,
				   int timeout_ms, int wake_fd)
{
	int64_t end_ms = http_now_ms() + timeout_ms;
	struct http_response *r;
	TRACE(HTTP);

	for (bool is_woken = false;;) {
		bool has_more = work(h);
		int64_t left_ms;

		r = take_done(h, wanted, owner);
		left_ms = end_ms - http_now_ms();
		if (r || is_woken || left_ms <= 0 || proc_stop_signal())
			return r;
		if (!has_more)
			is_woken = loop_wait(h, until_next_timer_ms(h, left_ms), wake_fd);
	}
}

struct http_response *http_take_for(struct http *h, const void *owner)
{
	return take_done(h, NULL, owner);
}

struct http_response *http_drive_for(struct http *h, const void *owner, int timeout_ms, int wake_fd)
{
	return drive(h, NULL, owner, timeout_ms, wake_fd);
}

struct http_response *http_drive(struct http *h, int timeout_ms, int wake_fd)
{
	return drive(h, NULL, NULL, timeout_ms, wake_fd);
}

struct err *http_fetch(struct http *h, const struct http_request *req, struct http_response **out)
{
	struct transfer *t = enqueue(h, req);
	struct http_response *r;
	struct err *e;

	t->is_single = true;
	do {
		TRY(proc_check_stop());
		r = drive(h, t, NULL, HTTP_STALL_MAX_MS, -1);
	} while (!r);
	if (!r->err) {
		*out = r;
		return NULL;
	}
	e = r->err;
	r->err = NULL;
	http_response_free(r);
	return e;
}
