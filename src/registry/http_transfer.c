/* SPDX-License-Identifier: MIT
 * One attempt, as libcurl sees it. Credentials are put on here and nowhere else: each attempt asks
 * anew which of them its URL may have, and after a redirect to another origin the answer is none
 * (T31). */
#include "cpm/base/event.h"
#include "cpm/base/gunzip.h"
#include "cpm/base/trace.h"
#include "cpm/registry/auth.h"
#include "http_priv.h"

#include <errno.h>
#include <sys/socket.h>

#define RECEIVE_BUFFER_BYTES (32L * 1024)
#define BODY_FIRST_BYTES     ((uint64_t)32 * 1024)
/* An announced length is believed up to here; more room comes as bytes do. */
#define BODY_TRUSTED_BYTES   ((uint64_t)64 << 20)
#define ERROR_BODY_MAX_BYTES ((size_t)1 << 20)
#define DNS_CACHE_SEC        300L

/* ---- callbacks ---- */

static bool is_success(const struct transfer *t)
{
	return t->resp->status >= 200 && t->resp->status < 300;
}

static bool reserve_body(struct transfer *t, size_t more)
{
	uint64_t need = (uint64_t)t->resp->body_len + more, room = t->body_room;
	char *grown;

	if (need <= room)
		return true;
	if (room)
		room *= 2;
	else
		room = t->length ? MIN(t->length, BODY_TRUSTED_BYTES) : BODY_FIRST_BYTES;
	room = MAX(room, need);
	grown = realloc(t->resp->body, room);
	if (!grown)
		return false;
	t->resp->body = grown;
	t->body_room = room;
	return true;
}

static void hash_body(struct transfer *t, const char *bytes, size_t count)
{
	TRACE(HASH);
	TRACE_BYTES(count);

	digest_update(&t->hash, bytes, count);
}

static size_t on_body(char *bytes, size_t one, size_t count, void *ctx)
{
	struct transfer *t = ctx;

	(void)one;
	t->progress_ms = http_now_ms();
	t->http->bytes += count;
	t->body_bytes += count;
	event_emit(&(struct event){ .kind = EVENT_BYTES, .bytes = count });
	if (!is_success(t) && t->resp->body_len + count > ERROR_BODY_MAX_BYTES)
		return count;
	if (t->resp->body_len + count > t->req.cap_bytes || !reserve_body(t, count)) {
		t->is_too_big = true;
		return 0;
	}
	memcpy(t->resp->body + t->resp->body_len, bytes, count);
	t->resp->body_len += count;
	if (t->req.digest_algo && is_success(t)) {
		if (!t->is_hashing)
			digest_init(&t->hash, (enum digest_algo)t->req.digest_algo);
		t->is_hashing = true;
		hash_body(t, bytes, count);
	}
	return count;
}

static size_t on_header(char *bytes, size_t one, size_t count, void *ctx)
{
	struct transfer *t = ctx;

	(void)one;
	t->progress_ms = http_now_ms();
	t->header_bytes += count;
	if (t->header_bytes > HTTP_HEADER_MAX_BYTES) {
		t->is_too_big = true;
		return 0;
	}
	transfer_take_header(t, str_trim(str_of(bytes, count)));
	if (t->length > t->req.cap_bytes && is_success(t) && strcmp(t->req.method, "HEAD") != 0) {
		t->is_too_big = true;
		return 0;
	}
	return count;
}

/* Only for requests with a body: sending it is progress too. */
static int on_progress(void *ctx, curl_off_t dtotal, curl_off_t dnow, curl_off_t utotal,
		       curl_off_t unow)
{
	struct transfer *t = ctx;

	(void)dtotal;
	(void)dnow;
	if (unow > 0 && unow < utotal)
		t->progress_ms = http_now_ms();
	return 0;
}

/* The server's name is known by now. Scripts must not inherit the socket. */
static curl_socket_t on_open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = ctx;

	(void)purpose;
	t->origin->is_reachable = true;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* ---- headers ---- */

static void add_header(struct transfer *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void add_header(struct transfer *t, const char *fmt, ...)
{
	ARENA_SCOPE(tmp);
	struct curl_slist *grown;
	va_list ap;
	str line;

	va_start(ap, fmt);
	line = str_vprintf(tmp, fmt, ap);
	va_end(ap);
	if (str_find_any(line, "\r\n") != STR_NPOS)
		return;
	grown = curl_slist_append(t->headers, str_cstr(tmp, line));
	if (grown)
		t->headers = grown;
}

/* Headers a caller adds that must not follow a redirect elsewhere. */
static bool is_secret_header(str header)
{
	static const str secret[] = { S("authorization:"), S("cookie:"), S("npm-otp:") };

	for (size_t i = 0; i < ARRAY_LEN(secret); i++)
		if (str_starts_nocase(header, secret[i]))
			return true;
	return false;
}

static void add_extra_headers(struct transfer *t)
{
	bool has_type = false;

	for (size_t i = 0; i < ARRAY_LEN(t->req.extra_headers); i++) {
		str header = t->req.extra_headers[i];

		if (str_is_null(header) || (t->left_origin && is_secret_header(header)))
			continue;
		has_type = has_type || str_starts_nocase(header, S("content-type:"));
		add_header(t, STR_FMT, STR_ARG(header));
	}
	if (t->req.body.p && !has_type)
		add_header(t, "content-type: application/json");
}

static void add_plain_headers(struct transfer *t)
{
	const struct http_settings *set = &t->http->set;

	add_header(t, "accept: " STR_FMT,
		   STR_ARG(str_is_null(t->req.accept) ? S("*/*") : t->req.accept));
	if (t->req.want_gunzip || t->req.keeps_gzip)
		add_header(t, "accept-encoding: gzip");
	if (t->req.if_none_match.p)
		add_header(t, "if-none-match: " STR_FMT, STR_ARG(t->req.if_none_match));
	if (t->req.if_modified_since.p)
		add_header(t, "if-modified-since: " STR_FMT, STR_ARG(t->req.if_modified_since));
	if (set->npm_auth_type.len)
		add_header(t, "npm-auth-type: " STR_FMT, STR_ARG(set->npm_auth_type));
	if (set->npm_scope.len)
		add_header(t, "npm-scope: " STR_FMT, STR_ARG(set->npm_scope));
	add_header(t, "expect:");
	add_extra_headers(t);
}

/* ---- credentials ---- */

/* The name in "@scope/name@^1": what the registry, and so the credential, depends on. */
static str subject_name(str subject)
{
	size_t at = str_is_empty(subject) ? STR_NPOS : str_find_char(str_from(subject, 1), '@');

	return at == STR_NPOS ? subject : str_slice(subject, 0, at + 1);
}

static void add_user_info(struct transfer *t)
{
	char *plain;
	int len = 0;
	ARENA_SCOPE(tmp);

	if (str_is_null(t->url.userinfo))
		return;
	plain = curl_easy_unescape(t->easy, t->url.userinfo.p, (int)t->url.userinfo.len, &len);
	if (plain) {
		str encoded = base64_encode(tmp, str_of(plain, (size_t)len));

		add_header(t, "authorization: Basic " STR_FMT, STR_ARG(encoded));
	}
	curl_free(plain);
}

/* The caller brings its own. */
static bool has_authorization(const struct transfer *t)
{
	for (size_t i = 0; i < ARRAY_LEN(t->req.extra_headers); i++)
		if (str_starts_nocase(t->req.extra_headers[i], S("authorization:")))
			return true;
	return false;
}

static void add_credentials(struct transfer *t)
{
	ARENA_SCOPE(tmp);
	struct auth auth;

	if (t->left_origin || has_authorization(t))
		return;
	auth = auth_for_url(tmp, t->http->cfg, t->resp->url, subject_name(t->req.subject));
	t->scope_has_auth = auth.scope_has_auth;
	if (auth.header.p)
		add_header(t, "authorization: " STR_FMT, STR_ARG(auth.header));
	else
		add_user_info(t);
	http_tls_apply_client(t->easy, &t->http->set, tmp, auth.certfile, auth.keyfile);
}

/* ---- set-up ---- */

static void set_method(struct transfer *t)
{
	CURL *easy = t->easy;

	if (strcmp(t->req.method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (t->req.body.p) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t->req.body.p);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->req.body.len);
		curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
		curl_easy_setopt(easy, CURLOPT_XFERINFODATA, t);
		curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	}
	if (strcmp(t->req.method, "GET") != 0)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, t->req.method);
	if (!t->req.body.p && strcmp(t->req.method, "POST") == 0)
		add_header(t, "content-length: 0"); /* some servers insist on it */
}

static void set_callbacks(struct transfer *t)
{
	CURL *easy = t->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->curl_text);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
}

static void set_connection(struct transfer *t)
{
	struct http_settings *set = &t->http->set;
	ARENA_SCOPE(tmp);
	str proxy = http_proxy_for(set, &t->url);
	CURL *easy = t->easy;

	/* An empty proxy and noproxy keep libcurl from its own reading of the environment. */
	curl_easy_setopt(easy, CURLOPT_PROXY, str_is_null(proxy) ? "" : str_cstr(tmp, proxy));
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_SHARE, t->http->share);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER_BYTES);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, DNS_CACHE_SEC);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)MIN(set->stall_ms, HTTP_CONNECT_MAX_MS));
	curl_easy_setopt(easy, CURLOPT_INTERFACE, set->local_address);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)(t->use_http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
	/* After a failure the connection is suspect. */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, t->resp->attempts > 1 ? 1L : 0L);
	http_tls_apply(easy, set, str_eq(t->url.scheme, S("https")));
}

struct err *transfer_prepare(struct transfer *t)
{
	ARENA_SCOPE(tmp);
	CURL *easy = t->easy;
	str url = url_format(tmp, &t->url);

	curl_easy_reset(easy);
	set_callbacks(t);
	set_connection(t);
	set_method(t);
	if (curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") ||
	    curl_easy_setopt(easy, CURLOPT_URL, str_cstr(tmp, url)))
		return err_new(E_BAD_PROTOCOL, "cannot fetch '" STR_FMT "'", STR_ARG(url));
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, str_cstr(tmp, t->http->set.user_agent));
	add_plain_headers(t);
	add_credentials(t);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
	return NULL;
}

/* ---- end ---- */

/* libcurl gives microseconds since the attempt began; 0: it did not get that far. */
static int64_t phase_us(CURL *easy, CURLINFO phase)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, phase, &us);
	return us ? us : -1;
}

void transfer_trace(struct transfer *t)
{
	struct trace_request r = { .method = str_view(t->req.method),
				   .url = t->resp->url,
				   .subject = subject_name(t->req.subject),
				   .queued_ns = t->queued_ns,
				   .started_ns = t->started_ns,
				   .bytes = t->body_bytes,
				   .status = t->resp->status };
	long connects = 0;

	if (!t->started_ns || !t->easy)
		return;
	r.connected_us = MAX(phase_us(t->easy, CURLINFO_CONNECT_TIME_T),
			     phase_us(t->easy, CURLINFO_APPCONNECT_TIME_T));
	r.first_byte_us = phase_us(t->easy, CURLINFO_STARTTRANSFER_TIME_T);
	curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
	r.is_reused = connects == 0;
	r.ended_ns = trace_now();
	trace_add_request(&r);
}

void transfer_reset_attempt(struct transfer *t)
{
	struct http_response *r = t->resp;

	if (t->is_hashing)
		digest_abort(&t->hash);
	if (r) {
		free(r->body);
		r->body = NULL;
		r->body_len = 0;
		r->status = 0;
	}
	t->is_hashing = t->is_too_big = t->is_stalled = t->is_gzip = false;
	t->body_room = t->header_bytes = t->body_bytes = 0;
	t->length = 0;
}

static struct err *gunzip_body(struct transfer *t)
{
	struct http_response *r = t->resp;
	char *plain;
	size_t len;

	TRY(gunzip(str_of(r->body, r->body_len), t->req.cap_bytes, false, &plain, &len));
	free(r->body);
	r->body = plain;
	r->body_len = len;
	return NULL;
}

struct err *transfer_finish_body(struct transfer *t)
{
	struct http_response *r = t->resp;
	struct digest digest;
	struct err *e;

	if (t->req.digest_algo && is_success(t)) {
		if (!t->is_hashing)
			digest_init(&t->hash, (enum digest_algo)t->req.digest_algo);
		t->is_hashing = false;
		digest_final(&t->hash, &digest);
		memcpy(r->digest, digest.bytes, sizeof(r->digest));
	}
	r->is_gzip = t->req.keeps_gzip && t->is_gzip;
	if (!t->req.want_gunzip || !t->is_gzip || r->body_len == 0)
		return NULL;
	e = gunzip_body(t);
	if (e && e->code != E_TOO_BIG) {
		err_free(e);
		return err_new(E_BAD_RESPONSE, "the answer of " STR_FMT " is damaged gzip data",
			       STR_ARG(r->url));
	}
	return e;
}
