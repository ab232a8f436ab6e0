/* SPDX-License-Identifier: MIT
 * The response headers we know. Everything else, cookies first of all, is not even looked at (T42).
 */
#include "http_priv.h"

#define VALUE_MAX_BYTES ((size_t)8 * 1024)

int64_t http_parse_date(struct arena *a, str text)
{
	time_t when = text.len > 64 ? -1 : curl_getdate(str_cstr(a, text), NULL);

	return when < 0 ? -1 : (int64_t)when;
}

/* "HTTP/1.1 404 Not Found": a new answer begins, what an interim one said is void. */
static void take_status_line(struct transfer *t, str line)
{
	struct http_response *r = t->resp;
	size_t blank = str_find_char(line, ' ');
	str rest = blank == STR_NPOS ? S("") : str_trim(str_from(line, blank));
	uint64_t status = 0;

	str_to_u64(str_slice(rest, 0, 3), &status);
	r->status = (int)status;
	r->etag = r->last_modified = r->content_type = r->npm_notice = STR_NULL;
	r->max_age_sec = -1;
	t->reason = str_dup(&r->arena, str_trim(str_from(rest, 3)));
	t->location = t->authenticate = t->date = STR_NULL;
	t->length = 0;
	t->is_gzip = false;
	r->retry_after_ms = -1;
}

static int64_t max_age_of(str value)
{
	int64_t max_age = -1;
	str part;

	for (str rest = value; str_cut(&rest, ',', &part);) {
		uint64_t seconds;

		part = str_trim(part);
		if (str_eq_nocase(part, S("no-cache")) || str_eq_nocase(part, S("no-store")))
			return 0;
		if (str_starts_nocase(part, S("max-age=")) &&
		    str_to_u64(str_from(part, strlen("max-age=")), &seconds))
			max_age = (int64_t)MIN(seconds, (uint64_t)INT32_MAX);
	}
	return max_age;
}

static int64_t retry_after_of(struct transfer *t, str value)
{
	uint64_t seconds;
	int64_t when, now = -1;
	ARENA_SCOPE(tmp);

	if (str_to_u64(value, &seconds))
		return (int64_t)MIN(seconds * 1000, (uint64_t)HTTP_RETRY_AFTER_MAX_MS);
	when = http_parse_date(tmp, value);
	if (when < 0)
		return -1;
	if (!str_is_null(t->date)) /* the server's clock */
		now = http_parse_date(tmp, t->date);
	if (now < 0)
		now = (int64_t)time(NULL);
	return MAX(MIN((when - now) * 1000, HTTP_RETRY_AFTER_MAX_MS), 0);
}

static void take_value(struct transfer *t, str name, str value)
{
	struct http_response *r = t->resp;
	const struct {
		str name;
		str *to;
	} kept[] = {
		{ S("etag"), &r->etag },
		{ S("last-modified"), &r->last_modified },
		{ S("content-type"), &r->content_type },
		{ S("npm-notice"), &r->npm_notice },
		{ S("location"), &t->location },
		{ S("www-authenticate"), &t->authenticate },
		{ S("date"), &t->date },
	};

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (str_eq_nocase(name, kept[i].name)) {
			*kept[i].to = str_dup(&r->arena, value);
			return;
		}
	if (str_eq_nocase(name, S("content-length"))) {
		str_to_u64(value, &t->length);
		r->content_length = t->length;
	} else if (str_eq_nocase(name, S("content-encoding")))
		t->is_gzip = str_eq_nocase(value, S("gzip")) || str_eq_nocase(value, S("x-gzip"));
	else if (str_eq_nocase(name, S("cache-control")))
		r->max_age_sec = max_age_of(value);
	else if (str_eq_nocase(name, S("retry-after")))
		t->resp->retry_after_ms = retry_after_of(t, value);
}

void transfer_take_header(struct transfer *t, str line)
{
	size_t colon;

	if (str_starts(line, S("HTTP/"))) {
		take_status_line(t, line);
		return;
	}
	colon = str_find_char(line, ':');
	if (colon != STR_NPOS && line.len <= VALUE_MAX_BYTES)
		take_value(t, str_slice(line, 0, colon), str_trim(str_from(line, colon + 1)));
}
