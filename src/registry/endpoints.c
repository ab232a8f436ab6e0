/* SPDX-License-Identifier: MIT
 * Single questions to a registry. */
#include "cpm/registry/endpoints.h"

#include "cpm/base/gzip.h"
#include "cpm/base/proc.h"
#include "cpm/registry/registry_url.h"
#include "http_priv.h"
#include "packument_priv.h"

#include <stdlib.h>

#define HEAR_WAIT_MS 1000

/* ---- documents ---- */

static struct err *not_cached(str url)
{
	return err_new(E_NOT_CACHED,
		       "request to " STR_FMT
		       " failed: cache mode is 'only-if-cached' but no cached "
		       "response is available.",
		       STR_ARG(url));
}

static struct err *parse_document(struct arena *a, const struct http_response *resp,
				  struct json **out)
{
	struct err *e = json_parse(a, str_dup(a, str_of(resp->body, resp->body_len)), out);

	if (!e && json_is(*out, JSON_OBJECT)) {
		/* npm keeps the size of the answer in what it was told, and shows it. */
		if (resp->content_length)
			json_set(a, *out, S("_contentLength"),
				 json_new_number(a, (double)resp->content_length));
		return NULL;
	}
	err_ignore(e);
	return http_no_json(resp->url, "it is no JSON object");
}

static struct http_request document_request(struct arena *a, const struct cfg *cfg, str name)
{
	return (struct http_request){
		.url = registry_packument_url(a, cfg, name),
		.accept = S("application/json"),
		.priority = HTTP_METADATA,
		.cap_bytes = PACKUMENT_MAX_BYTES,
		.subject = str_concat(a, name, S("@*")),
		.want_gunzip = true,
	};
}

struct err *registry_fetch_document(struct arena *a, const struct cfg *cfg, struct http *http,
				    str name, struct json **out)
{
	struct http_request req = document_request(a, cfg, name);
	struct http_response *resp;
	struct err *e;

	if (str_is_null(req.url))
		return err_new(E_BAD_NAME, "Invalid package name \"" STR_FMT "\"", STR_ARG(name));
	if (cfg_bool(cfg, CFG_OFFLINE))
		return not_cached(req.url);
	TRY(http_fetch(http, &req, &resp));
	e = parse_document(a, resp, out);
	http_response_free(resp);
	return e;
}

/* One answer into a document of its own, which dies with it. */
static void hand_over(const str *names, struct http_response *resp, registry_document_fn receive,
		      void *ctx)
{
	ARENA_SCOPE(tmp);
	size_t at = (size_t)((const str *)resp->tag - names);
	struct json *document = NULL;
	struct err *e = resp->err ? NULL : parse_document(tmp, resp, &document);

	receive(ctx, at, resp->err || e ? NULL : document);
	err_ignore(e);
	http_response_free(resp);
}

struct err *registry_fetch_documents(const struct cfg *cfg, struct http *http, const str *names,
				     size_t count, registry_document_fn receive, void *ctx)
{
	ARENA_SCOPE(tmp);
	size_t under_way = 0;

	for (size_t i = 0; i < count; i++) {
		struct http_request req = document_request(tmp, cfg, names[i]);

		req.tag = (void *)&names[i];
		req.owner = names;
		if (str_is_null(req.url)) {
			receive(ctx, i, NULL);
			continue;
		}
		http_send(http, &req);
		under_way++;
	}
	while (under_way) {
		TRY(proc_check_stop());
		struct http_response *resp = http_drive_for(http, names, HEAR_WAIT_MS, -1);
		if (!resp)
			continue;
		hand_over(names, resp, receive, ctx);
		under_way--;
	}
	return NULL;
}

/* ---- calls ---- */

#define CALL_MAX_BYTES ((uint64_t)256 << 20)

struct err *registry_begin(struct arena *a, const struct cfg *cfg, struct http *http,
			   const struct registry_call *call, const void *owner)
{
	struct http_request req = { .url = call->url,
				    .method = call->method,
				    .body = call->body,
				    .accept = S("*/*"),
				    .priority = HTTP_METADATA,
				    .cap_bytes = CALL_MAX_BYTES,
				    .subject = call->subject,
				    .want_gunzip = true,
				    .owner = owner };
	str otp = call->otp.len ? call->otp : cfg_text(cfg, CFG_OTP);

	if (cfg_bool(cfg, CFG_OFFLINE))
		return not_cached(call->url);
	if (!str_is_null(call->body))
		req.extra_headers[0] = S("content-type: application/json");
	if (otp.len)
		req.extra_headers[1] = str_concat(a, S("npm-otp: "), otp);
	if (call->authorization.len)
		req.extra_headers[2] = str_concat(a, S("authorization: "), call->authorization);
	http_send(http, &req);
	return NULL;
}

struct err *registry_hear(struct arena *a, struct http *http, const void *owner, int wake_fd,
			  struct registry_answer *out, bool *is_there)
{
	struct http_response *resp = http_drive_for(http, owner, HEAR_WAIT_MS, wake_fd);

	*is_there = resp != NULL;
	if (!resp)
		return proc_check_stop();
	*out = (struct registry_answer){ .status = resp->status,
					 .body = json_new(a, JSON_NULL),
					 .retry_after_ms = resp->retry_after_ms,
					 .err = resp->err };
	if (resp->body_len)
		err_ignore(
			json_parse(a, str_dup(a, str_of(resp->body, resp->body_len)), &out->body));
	resp->err = NULL;
	http_response_free(resp);
	return NULL;
}

struct err *registry_exchange(struct arena *a, const struct cfg *cfg, struct http *http,
			      const struct registry_call *call, struct registry_answer *out)
{
	bool is_there = false;

	TRY(registry_begin(a, cfg, http, call, call));
	while (!is_there)
		TRY(registry_hear(a, http, call, -1, out, &is_there));
	return NULL;
}

struct err *registry_call(struct arena *a, const struct cfg *cfg, struct http *http,
			  const struct registry_call *call, struct json **out)
{
	struct registry_answer answer;

	TRY(registry_exchange(a, cfg, http, call, &answer));
	if (out)
		*out = answer.body;
	return answer.err;
}

/* ---- advisories ---- */

#define ADVISORIES_PATH      "-/npm/v1/security/advisories/bulk"
#define ADVISORIES_MAX_BYTES ((uint64_t)64 << 20)

struct err *registry_ask_advisories(const struct cfg *cfg, struct http *http,
				    const struct json *question, const void *owner)
{
	ARENA_SCOPE(tmp);
	struct str_buf text = str_buf(tmp, SIZE_MAX);
	struct http_request req = {
		.url = str_concat(tmp, cfg_registry_for(cfg, S("x")), S(ADVISORIES_PATH)),
		.method = "POST",
		.extra_headers = { S("content-type: application/json"),
				   S("content-encoding: gzip") },
		.priority = HTTP_METADATA,
		.cap_bytes = ADVISORIES_MAX_BYTES,
		.want_gunzip = true,
		.owner = owner,
	};
	char *packed;
	size_t len;

	json_write(&text, question, (struct json_style){ S(""), S("") });
	TRY(gzip(buf_view(&text), GZIP_QUICK, &packed, &len));
	req.body = str_of(packed, len);
	http_send(http, &req);
	free(packed);
	return NULL;
}

#define EXCERPT_LEN 10 /* characters on either side of the one that V8 stumbles over ... */
#define WHOLE_LEN   20 /* ... in texts that are longer than this */

/* What Node.js says of a body that is no JSON, for what registries that have no advisories answer:
 * nothing, or a page. */
static str json_reason(struct arena *a, str body, const struct err *e)
{
	str text = str_trim_js(body);

	if (text.len == 0)
		return S("Unexpected end of JSON input");
	if (text.p != body.p || strchr("{[\"-0123456789tfn", text.p[0]))
		return err_text(a, e);
	if (body.len <= WHOLE_LEN)
		return str_printf(a, "Unexpected token '%c', \"" STR_FMT "\" is not valid JSON",
				  body.p[0], STR_ARG(body));
	return str_printf(a, "Unexpected token '%c', \"" STR_FMT "\"... is not valid JSON",
			  body.p[0], STR_ARG(str_slice(body, 0, EXCERPT_LEN)));
}

/* Why @answer is not what was asked for; null when it is. What has another form may not read as
 * "nothing is known" (T43). */
static str find_fault(struct arena *a, const struct json *answer)
{
	if (!json_is(answer, JSON_OBJECT))
		return S("it is no object");
	for (size_t i = 0; i < answer->count; i++) {
		const struct json *list = answer->members[i].val;
		bool is_list = json_is(list, JSON_ARRAY);

		for (size_t j = 0; is_list && j < list->count; j++)
			is_list = json_is(list->items[j], JSON_OBJECT);
		if (!is_list)
			return str_printf(
				a, "what it has about '" STR_FMT "' is no list of advisories",
				STR_ARG(answer->members[i].key));
	}
	return STR_NULL;
}

static void take_failure(struct arena *a, const struct http_response *resp, str body,
			 struct advisory_answer *out)
{
	const str type = S("FetchError: "); /* npm names it where an error ends the run */
	str message = resp->err->message;

	if (str_starts(message, type))
		message = str_from(message, type.len);
	out->failure = str_printf(a, "%s" STR_FMT, resp->err->code == E_NOT_FOUND ? "404 " : "",
				  STR_ARG(message));
	if (resp->status >= 400)
		out->body = str_is_null(body) ? S("") : body;
}

static void read_advisories(struct arena *a, const struct http_response *resp,
			    struct advisory_answer *out)
{
	str body = resp->body ? str_dup(a, str_of(resp->body, resp->body_len)) : S(""), reason;
	struct err *e;

	if (resp->err) {
		take_failure(a, resp, body, out);
		return;
	}
	e = json_parse(a, body, &out->advisories);
	reason = e ? json_reason(a, body, e) : find_fault(a, out->advisories);
	err_ignore(e);
	if (str_is_null(reason))
		return;
	out->failure = str_printf(a, "invalid json response body at " STR_FMT " reason: " STR_FMT,
				  STR_ARG(resp->url), STR_ARG(reason));
	out->advisories = NULL;
}

struct err *registry_hear_advisories(struct arena *a, struct http *http, const void *owner,
				     struct advisory_answer *out)
{
	struct http_response *resp = NULL;

	while (!resp) {
		TRY(proc_check_stop());
		resp = http_drive_for(http, owner, HEAR_WAIT_MS, -1);
	}
	*out = (struct advisory_answer){
		.url = str_dup(a, resp->url),
		.status = resp->status,
		.content_type = str_dup(a, resp->content_type),
		.attempts = resp->attempts,
	};
	read_advisories(a, resp, out);
	http_response_free(resp);
	return NULL;
}

/* ---- errors ---- */

struct err *registry_not_found(str what, const char *fmt, ...)
{
	ARENA_SCOPE(tmp);
	va_list ap;

	va_start(ap, fmt);
	str message = str_vprintf(tmp, fmt, ap);
	va_end(ap);
	return http_explain_not_found(err_new(E_NOT_FOUND, STR_FMT, STR_ARG(message)), what);
}
