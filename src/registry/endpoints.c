/* SPDX-License-Identifier: MIT
 * Single questions to a registry. */
#include "cpm/registry/endpoints.h"

#include "cpm/registry/registry_url.h"
#include "http_priv.h"
#include "packument_priv.h"

static struct err *parse_document(struct arena *a, str name, const struct http_response *resp,
				  struct json **out)
{
	struct err *e = json_parse(a, str_dup(a, str_of(resp->body, resp->body_len)), out);

	if (!e && json_is(*out, JSON_OBJECT))
		return NULL;
	err_ignore(e);
	return err_new(E_BAD_RESPONSE,
		       "the registry's answer about '" STR_FMT "' is no JSON object",
		       STR_ARG(name));
}

struct err *registry_fetch_document(struct arena *a, const struct cfg *cfg, struct http *http,
				    str name, struct json **out)
{
	struct http_request req = {
		.url = registry_packument_url(a, cfg, name),
		.accept = S("application/json"),
		.priority = HTTP_METADATA,
		.cap_bytes = PACKUMENT_MAX_BYTES,
		.subject = str_concat(a, name, S("@*")),
		.want_gunzip = true,
	};
	struct http_response *resp;
	struct err *e;

	if (str_is_null(req.url))
		return err_new(E_BAD_NAME, "Invalid package name \"" STR_FMT "\"", STR_ARG(name));
	if (cfg_bool(cfg, CFG_OFFLINE))
		return err_new(E_NOT_CACHED,
			       "request to " STR_FMT " failed: cache mode is 'only-if-cached' but "
						     "no cached response is available.",
			       STR_ARG(req.url));
	TRY(http_fetch(http, &req, &resp));
	e = parse_document(a, name, resp, out);
	http_response_free(resp);
	return e;
}

struct err *registry_not_found(str what, const char *fmt, ...)
{
	ARENA_SCOPE(tmp);
	va_list ap;

	va_start(ap, fmt);
	str message = str_vprintf(tmp, fmt, ap);
	va_end(ap);
	return http_explain_not_found(err_new(E_NOT_FOUND, STR_FMT, STR_ARG(message)), what);
}
