/* SPDX-License-Identifier: MIT
 * Failures in the words npm's users know (npm-cli.md 1.7), with secrets taken out. */
#include "cpm/base/json.h"
#include "cpm/base/log.h"
#include "cpm/base/trust_store.h"
#include "http_priv.h"

#include <errno.h>

#define ERROR_DETAIL_MAX_BYTES ((size_t)4 * 1024)
#define ERROR_BODY_MAX_BYTES   ((size_t)64 * 1024)

#define PROXY_ADVICE                                                                             \
	"If you are behind a proxy, please make sure that the 'proxy' config is set properly.  " \
	"See: 'npm help config'"
#define NETWORK_ADVICE                                         \
	"This is a problem related to network connectivity.\n" \
	"In most cases you are behind a proxy or have bad network settings.\n\n" PROXY_ADVICE

#define TRUST_ADVICE                                                                   \
	"If an authority of your own vouches for this server, name the file with its " \
	"certificate: "                                                                \
	"'npm config set cafile <file>'"

/* ---- statuses ---- */

/* HTTP/2 sends no reason phrase. */
static str reason_of(const struct transfer *t)
{
	static const struct {
		int status;
		str text;
	} phrases[] = {
		{ 400, S("Bad Request") },
		{ 401, S("Unauthorized") },
		{ 402, S("Payment Required") },
		{ 403, S("Forbidden") },
		{ 404, S("Not Found") },
		{ 405, S("Method Not Allowed") },
		{ 406, S("Not Acceptable") },
		{ 407, S("Proxy Authentication Required") },
		{ 408, S("Request Timeout") },
		{ 409, S("Conflict") },
		{ 410, S("Gone") },
		{ 422, S("Unprocessable Entity") },
		{ 426, S("Upgrade Required") },
		{ 429, S("Too Many Requests") },
		{ 500, S("Internal Server Error") },
		{ 501, S("Not Implemented") },
		{ 502, S("Bad Gateway") },
		{ 503, S("Service Unavailable") },
		{ 504, S("Gateway Timeout") },
	};

	for (size_t i = 0; i < ARRAY_LEN(phrases) && str_is_empty(t->reason); i++)
		if (phrases[i].status == t->resp->status)
			return phrases[i].text;
	return t->reason;
}

static str body_bytes(const struct transfer *t)
{
	return t->resp->body ? str_of(t->resp->body, t->resp->body_len) : S("");
}

/* What the body says: its "error" or "message", else the whole object; null when it is no JSON
 * object. */
static str body_text(struct arena *a, const struct transfer *t)
{
	struct str_buf whole = str_buf(a, ERROR_DETAIL_MAX_BYTES);
	struct json *body;
	struct err *e;
	str text;

	if (t->resp->body_len == 0 || t->resp->body_len > ERROR_BODY_MAX_BYTES)
		return STR_NULL;
	e = json_parse(a, body_bytes(t), &body);
	if (e) {
		err_ignore(e);
		return STR_NULL;
	}
	if (!json_is(body, JSON_OBJECT))
		return STR_NULL;
	text = json_get_text(body, "error");
	if (str_is_empty(text))
		text = json_get_text(body, "message");
	if (!str_is_empty(text))
		return str_slice(text, 0, ERROR_DETAIL_MAX_BYTES);
	if (body->count == 0)
		return STR_NULL;
	json_write(&whole, body, (struct json_style){ S(""), S("") });
	return buf_view(&whole);
}

static enum err_code code_of_status(int status)
{
	switch (status) {
	case 401:
		return E_UNAUTHORIZED;
	case 403:
		return E_FORBIDDEN;
	case 404:
		return E_NOT_FOUND;
	default:
		return E_HTTP_STATUS;
	}
}

/* "404 Not Found - GET <url> - <what the body says>" */
static struct err *general_error(struct transfer *t)
{
	ARENA_SCOPE(tmp);
	int status = t->resp->status;
	str reason = reason_of(t), body = body_text(tmp, t);
	str text = str_printf(tmp, "%d " STR_FMT " - %s " STR_FMT "%s" STR_FMT, status,
			      STR_ARG(reason), t->req.method, STR_ARG(t->resp->url),
			      str_is_empty(body) ? "" : " - ", STR_ARG(body));
	struct err *e;

	text = log_redact(tmp, text);
	e = err_new(code_of_status(status), STR_FMT, STR_ARG(text));
	return e->code == E_HTTP_STATUS ? err_show_as(e, str_printf(tmp, "E%d", status)) : e;
}

/* The last segment of the path, decoded: what npm calls the thing when nobody named it. */
static str name_in_url(struct arena *a, const struct transfer *t)
{
	str path = t->url.path;
	str last = str_from(path, str_rfind_char(path, '/') + 1);
	int len = 0;
	char *plain;
	str name;

	if (str_starts(path, S("/-")))
		return STR_NULL;
	plain = curl_easy_unescape(NULL, last.p, (int)last.len, &len);
	name = plain ? str_dup(a, str_of(plain, (size_t)len)) : last;
	curl_free(plain);
	return name;
}

/* "@s/a@^1" is about "@s/a". */
static str name_in_subject(str subject)
{
	size_t at = str_find_char(str_from(subject, 1), '@');

	return at == STR_NPOS ? subject : str_slice(subject, 0, at + 1);
}

struct err *http_explain_not_found(struct err *e, str subject)
{
	ARENA_SCOPE(tmp);
	str remarks = name_remarks(tmp, name_in_subject(subject));

	return err_detail(
		e,
		"\n The requested resource '" STR_FMT
		"' could not be found or you do not have permission to access it.\n%s" STR_FMT "\n"
		"Note that you can also install from a\ntarball, folder, http url, or git url.",
		STR_ARG(subject), remarks.len ? "This package name is not valid, because \n" : "",
		STR_ARG(remarks));
}

struct err *http_no_json(str url, const char *why)
{
	return err_show_as(err_new(E_BAD_RESPONSE,
				   "invalid json response body at " STR_FMT " reason: %s",
				   STR_ARG(url), why),
			   S("FETCH_ERROR"));
}

static struct err *not_found(struct transfer *t)
{
	ARENA_SCOPE(tmp);
	struct err *e = general_error(t);
	str subject = str_is_empty(t->req.subject) ? name_in_url(tmp, t) : t->req.subject;

	if (t->req.priority == HTTP_TARBALL && !str_is_empty(t->req.subject))
		subject = str_printf(tmp, STR_FMT "@" STR_FMT, STR_ARG(subject),
				     STR_ARG(t->req.url));
	/* The title says 404 already. */
	e->message = str_from(e->message, strlen("404 "));
	if (str_is_empty(subject))
		return e;
	return http_explain_not_found(e, log_redact(tmp, subject));
}

/* True when one of the header's comma-separated challenges begins with @word. */
static bool challenge_is(str header, str word)
{
	str part;

	for (str rest = header; str_cut(&rest, ',', &part);) {
		part = str_trim(part);
		if (str_eq_nocase(str_slice(part, 0, MIN(str_find_any(part, " \t"), part.len)),
				  word))
			return true;
	}
	return false;
}

static struct err *one_time_password(void)
{
	return err_detail(err_show_as(err_new(E_UNAUTHORIZED,
					      "This operation requires a one-time password from "
					      "your authenticator."),
				      S("EOTP")),
			  "You can provide a one-time password by passing --otp=<code> to the "
			  "command you ran.");
}

static struct err *unauthorized(struct transfer *t)
{
	str asked = t->authenticate;

	if (challenge_is(asked, S("ipaddress")))
		return err_show_as(
			err_new(E_UNAUTHORIZED, "Login is not allowed from your IP address"),
			S("EAUTHIP"));
	if (challenge_is(asked, S("otp")) ||
	    str_find(body_bytes(t), S("one-time pass")) != STR_NPOS)
		return one_time_password();
	if (challenge_is(asked, S("Bearer")))
		return err_detail(err_new(E_UNAUTHORIZED,
					  "Unable to authenticate, your authentication token seems "
					  "to be invalid."),
				  "To correct this please try logging in again with:\n  npm login");
	if (challenge_is(asked, S("Basic")))
		return err_detail(err_new(E_UNAUTHORIZED, "Incorrect or missing password."),
				  "If your saved credentials are out of date, log in again with:\n "
				  " npm login");
	if (!str_is_null(asked))
		return err_new(E_UNAUTHORIZED, "Unable to authenticate, need: " STR_FMT,
			       STR_ARG(asked));
	return general_error(t);
}

struct err *http_error_of_status(struct transfer *t)
{
	switch (t->resp->status) {
	case 401:
		return unauthorized(t);
	case 404:
		return not_found(t);
	default:
		return general_error(t);
	}
}

/* ---- network ---- */

/* "connect ECONNREFUSED 127.0.0.1:4873" */
static str connect_reason(struct arena *a, const struct transfer *t, long os_errno)
{
	char *ip = NULL;
	long port = 0;
	const char *name = os_errno ? strerrorname_np((int)os_errno) : NULL;

	curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &ip);
	curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_PORT, &port);
	if (!ip || !*ip)
		return str_printf(a, "connect %s " STR_FMT ":%u", name ? name : "ECONNREFUSED",
				  STR_ARG(t->url.host), t->url.port);
	return str_printf(a, "connect %s %s:%ld", name ? name : "ECONNREFUSED", ip, port);
}

static struct err *failed(const struct transfer *t, enum err_code code, const char *prefix,
			  str reason)
{
	ARENA_SCOPE(tmp);
	str text = log_redact(tmp,
			      str_printf(tmp, "%srequest to " STR_FMT " failed, reason: " STR_FMT,
					 prefix, STR_ARG(t->resp->url), STR_ARG(reason)));

	return err_new(code, STR_FMT, STR_ARG(text));
}

static struct err *connect_failed(struct transfer *t)
{
	ARENA_SCOPE(tmp);
	long os_errno = 0;
	struct err *e;
	str reason;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_errno);
	reason = connect_reason(tmp, t, os_errno);
	if (os_errno == 0 || os_errno == ECONNREFUSED) {
		e = failed(t, E_CONN_REFUSED, "FetchError: ", reason);
		e->syscall = S("connect");
		return err_detail(e, "\n" PROXY_ADVICE);
	}
	e = err_detail(failed(t, os_errno == ETIMEDOUT ? E_TIMEOUT : E_CONN_RESET, "", reason),
		       NETWORK_ADVICE);
	e->syscall = S("connect");
	return err_show_as(e, str_view(strerrorname_np((int)os_errno)));
}

static struct err *too_big(const struct transfer *t)
{
	return err_new(E_TOO_BIG,
		       "the answer of " STR_FMT " is larger than the limit of %llu bytes",
		       STR_ARG(t->resp->url), (unsigned long long)t->req.cap_bytes);
}

static struct err *network_error(struct transfer *t, enum err_code code, str reason)
{
	return err_detail(failed(t, code, "", reason), NETWORK_ADVICE);
}

static str curl_reason(const struct transfer *t, CURLcode code)
{
	return str_view(t->curl_text[0] ? t->curl_text : curl_easy_strerror(code));
}

/* Node.js's code for why a certificate was refused, which is what npm shows; null for other
 * failures. */
static str name_of_refusal(CURL *easy, CURLcode code)
{
	const char *name;
	long result = 0;

	curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
	name = trust_failure_name(result);
	if (!name && code == CURLE_PEER_FAILED_VERIFICATION)
		return S("ERR_TLS_CERT_ALTNAME_INVALID"); /* its chain is fine: it is another's */
	return name ? str_view(name) : STR_NULL;
}

static struct err *tls_failed(struct transfer *t, CURLcode code)
{
	str reason = curl_reason(t, code), title = S("SSL certificate problem: ");
	str name = name_of_refusal(t->easy, code);
	struct err *e = failed(t, E_TLS, "",
			       str_starts(reason, title) ? str_from(reason, title.len) : reason);

	if (str_starts(name, S("UNABLE_TO_")) || str_find(name, S("SELF_SIGNED")) != STR_NPOS)
		e = err_detail(e, TRUST_ADVICE);
	return str_is_null(name) ? e : err_show_as(e, name);
}

static struct err *cut_short(struct transfer *t)
{
	ARENA_SCOPE(tmp);
	str reason = t->length ? str_printf(tmp, "the body was cut short: %zu of %llu bytes",
					    t->resp->body_len, (unsigned long long)t->length)
			       : str_printf(tmp, "the body was cut short after %zu bytes",
					    t->resp->body_len);

	return network_error(t, E_CONN_RESET, reason);
}

/* Its answer to CONNECT, 407 for one. */
static bool is_refused_by_proxy(const struct transfer *t)
{
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return status >= 400;
}

struct err *http_error_of_curl(struct transfer *t, CURLcode code)
{
	ARENA_SCOPE(tmp);

	if (t->is_too_big)
		return too_big(t);
	if (t->is_stalled)
		return network_error(
			t, E_TIMEOUT,
			str_printf(tmp, "no data for %lld ms", (long long)t->http->set.stall_ms));
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return network_error(t, E_DNS,
				     str_concat(tmp, S("getaddrinfo ENOTFOUND "), t->url.host));
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		return network_error(t, E_PROXY, curl_reason(t, code));
	case CURLE_COULDNT_CONNECT:
		return connect_failed(t);
	case CURLE_OPERATION_TIMEDOUT:
		return network_error(t, E_TIMEOUT, curl_reason(t, code));
	case CURLE_PARTIAL_FILE:
		return cut_short(t);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CIPHER:
		return tls_failed(t, code);
	case CURLE_UNSUPPORTED_PROTOCOL: /* "HTTP/0.9": bytes that are no HTTP at all */
	case CURLE_WEIRD_SERVER_REPLY:
		return failed(t, E_BAD_RESPONSE, "", S("the server does not speak HTTP"));
	case CURLE_URL_MALFORMAT:
		return failed(t, E_BAD_PROTOCOL, "", curl_reason(t, code));
	default:
		break;
	}
	if (is_refused_by_proxy(t))
		return network_error(t, E_PROXY, curl_reason(t, code));
	return network_error(t, E_CONN_RESET, curl_reason(t, code));
}
