/* SPDX-License-Identifier: MIT
 * What becomes of an attempt: done, tried again, or sent elsewhere. npm's schedule with three
 * differences that cost its users installs: cut bodies are tried again (F18), Retry-After is obeyed
 * (F20), and a redirect never carries a credential to another origin (T31). */
#include "cpm/base/log.h"
#include "http_priv.h"

#include <sys/random.h>

static bool is_redirect(const struct transfer *t)
{
	int status = t->resp->status;

	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_status_retried(int status)
{
	return status == 408 || status == 420 || status == 429 || status >= 500;
}

static bool is_conditional(const struct transfer *t)
{
	return t->req.if_none_match.p || t->req.if_modified_since.p;
}

static struct err *follow(struct transfer *t)
{
	struct http_response *r = t->resp;
	struct url next;
	bool is_post = strcmp(t->req.method, "POST") == 0;

	if (++t->redirects > HTTP_REDIRECTS_MAX)
		return err_new(E_TOO_MANY_REDIRECTS, "maximum redirect reached at: " STR_FMT,
			       STR_ARG(r->url));
	if (!url_resolve(&r->arena, &t->url, t->location, &next))
		return err_new(E_BAD_RESPONSE,
			       "redirect location header missing or invalid for: " STR_FMT,
			       STR_ARG(r->url));
	if (str_eq(t->url.scheme, S("https")) && str_eq(next.scheme, S("http")))
		return err_new(E_BAD_PROTOCOL,
			       "refusing to follow a redirect of " STR_FMT " from https to http",
			       STR_ARG(r->url));
	if (r->status == 303 || (is_post && (r->status == 301 || r->status == 302))) {
		t->req.method = "GET";
		t->req.body = STR_NULL;
	}
	t->left_origin = t->left_origin || !url_same_origin(&t->url, &next);
	next.userinfo = STR_NULL;
	t->url = next;
	r->url = url_format(&r->arena, &next);
	return NULL;
}

static struct err *judge_answer(struct transfer *t)
{
	int status = t->resp->status;

	if (status == 304 && is_conditional(t))
		return NULL;
	if (status >= 200 && status < 300 && status != 206)
		return transfer_finish_body(t);
	if (status < 400)
		return err_new(E_BAD_RESPONSE, "unexpected answer %d to %s " STR_FMT, status,
			       t->req.method, STR_ARG(t->resp->url));
	err_ignore(transfer_finish_body(t));
	return http_error_of_status(t);
}

static bool may_retry(const struct transfer *t)
{
	const struct http_response *r = t->resp;

	if (strcmp(t->req.method, "POST") == 0 || r->attempts > t->http->set.retries)
		return false;
	if (r->status >= 400)
		return is_status_retried(r->status);
	return err_is_retryable(r->err);
}

enum transfer_fate transfer_judge(struct transfer *t, CURLcode code)
{
	struct http_response *r = t->resp;

	if (code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM)
		t->use_http1 = true;
	if (code == CURLE_OK && is_redirect(t)) {
		r->err = follow(t);
		return r->err ? FATE_DONE : FATE_REDIRECT;
	}
	r->err = code == CURLE_OK ? judge_answer(t) : http_error_of_curl(t, code);
	if (!r->err)
		return FATE_DONE;
	return may_retry(t) ? FATE_RETRY : FATE_DONE;
}

/* Up to a tenth more, so that clients that failed together do not come back together. */
static int64_t with_jitter(int64_t delay_ms)
{
	unsigned short noise = 0;

	if (getrandom(&noise, sizeof(noise), GRND_NONBLOCK) != sizeof(noise))
		return delay_ms;
	return delay_ms + delay_ms * noise / (10 * 65536);
}

int64_t transfer_retry_delay_ms(struct transfer *t)
{
	const struct http_settings *set = &t->http->set;
	double delay_ms = (double)set->retry_min_ms;

	for (unsigned i = 1; i < t->resp->attempts && delay_ms < (double)set->retry_max_ms; i++)
		delay_ms *= set->retry_factor;
	delay_ms = MIN(delay_ms, (double)set->retry_max_ms);
	return MAX(with_jitter((int64_t)delay_ms), t->resp->retry_after_ms);
}
