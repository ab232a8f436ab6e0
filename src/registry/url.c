/* SPDX-License-Identifier: MIT
 * URLs are cut by hand because every security decision of this module is a comparison of their
 * parts: two parsers that disagree about where a host ends are how tokens leak. What is unusual
 * (backslashes, blanks, encoded hosts) is refused rather than repaired. */
#include "url.h"

#define PORT_MAX 65535

static unsigned default_port(str scheme)
{
	return str_eq(scheme, S("https")) ? 443 : 80;
}

static bool has_bad_bytes(str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c <= ' ' || c == 0x7f || c == '\\')
			return true;
	}
	return false;
}

/* "." or ".." with any of the dots percent-encoded: how many dots, or 0. */
static unsigned dots_in(str segment)
{
	unsigned dots = 0;

	for (size_t i = 0; i < segment.len; dots++) {
		if (segment.p[i] == '.')
			i++;
		else if (str_starts_nocase(str_from(segment, i), S("%2e")))
			i += 3;
		else
			return 0;
	}
	return dots <= 2 ? dots : 0;
}

static str path_without_dots(struct arena *a, str path)
{
	struct str_buf out = str_buf(a, path.len + 1);
	str rest = str_starts(path, S("/")) ? str_from(path, 1) : path;
	str segment;

	if (str_is_null(rest))
		rest = S("");
	while (str_cut(&rest, '/', &segment)) {
		unsigned dots = dots_in(segment);

		if (dots == 2) {
			size_t cut = str_rfind_char(buf_view(&out), '/');

			out.len = cut == STR_NPOS ? 0 : cut;
		}
		if (dots == 0) {
			buf_add_char(&out, '/');
			buf_add(&out, segment);
		} else if (str_is_null(rest)) {
			buf_add_char(&out, '/');
		}
	}
	return buf_view(&out).len ? buf_view(&out) : S("/");
}

static bool parse_port(str text, struct url *out)
{
	uint64_t port;

	if (str_is_empty(text)) {
		out->port = default_port(out->scheme);
		return true;
	}
	if (!str_to_u64(text, &port) || port > PORT_MAX)
		return false;
	out->port = (unsigned)port;
	return true;
}

static bool parse_host(struct arena *a, str text, struct url *out)
{
	str port = S("");
	size_t colon;

	if (str_starts(text, S("["))) {
		size_t close = str_find_char(text, ']');

		if (close == STR_NPOS)
			return false;
		out->host = str_slice(text, 0, close + 1);
		text = str_from(text, close + 1);
		if (!str_is_empty(text) && !str_starts(text, S(":")))
			return false;
		port = str_is_empty(text) ? port : str_from(text, 1);
	} else {
		colon = str_find_char(text, ':');
		out->host = str_slice(text, 0, MIN(colon, text.len));
		if (colon != STR_NPOS)
			port = str_from(text, colon + 1);
	}
	if (str_is_empty(out->host) || str_find_any(out->host, "%<>\"^`{|}'") != STR_NPOS)
		return false;
	out->host = str_lower(a, out->host);
	return parse_port(port, out);
}

static bool parse_scheme(str text, struct url *out, str *rest)
{
	if (str_starts_nocase(text, S("https://")))
		out->scheme = S("https");
	else if (str_starts_nocase(text, S("http://")))
		out->scheme = S("http");
	else
		return false;
	*rest = str_from(text, out->scheme.len + strlen("://"));
	return true;
}

/* From the path on: "/a/b?q#f". */
static void parse_path_and_query(struct arena *a, str text, struct url *out)
{
	size_t end;

	text = str_slice(text, 0, MIN(str_find_char(text, '#'), text.len));
	end = MIN(str_find_char(text, '?'), text.len);
	out->path = path_without_dots(a, str_slice(text, 0, end));
	out->query = end < text.len ? str_from(text, end + 1) : STR_NULL;
}

bool url_parse(struct arena *a, str text, struct url *out)
{
	size_t end, at;
	str authority;

	*out = (struct url){ 0 };
	if (str_is_null(text) || has_bad_bytes(text) || !parse_scheme(text, out, &text))
		return false;
	end = MIN(str_find_any(text, "/?#"), text.len);
	authority = str_slice(text, 0, end);
	at = str_rfind_char(authority, '@');
	if (at != STR_NPOS) {
		out->userinfo = str_slice(authority, 0, at);
		authority = str_from(authority, at + 1);
	}
	if (!parse_host(a, authority, out))
		return false;
	parse_path_and_query(a, str_from(text, end), out);
	return true;
}

bool url_resolve(struct arena *a, const struct url *base, str location, struct url *out)
{
	size_t end = MIN(str_find_any(location, "/?#"), location.len);
	str dir;

	if (str_is_empty(location) || has_bad_bytes(location))
		return false;
	if (str_starts(location, S("//")))
		return url_parse(a,
				 str_printf(a, STR_FMT ":" STR_FMT, STR_ARG(base->scheme),
					    STR_ARG(location)),
				 out);
	if (str_find_char(str_slice(location, 0, end), ':') != STR_NPOS)
		return url_parse(a, location, out);

	*out = *base;
	out->userinfo = STR_NULL;
	if (location.p[0] == '/') {
		parse_path_and_query(a, location, out);
		return true;
	}
	dir = location.p[0] == '?' ? base->path
				   : str_slice(base->path, 0, str_rfind_char(base->path, '/') + 1);
	parse_path_and_query(a, str_concat(a, dir, location), out);
	return true;
}

bool url_same_origin(const struct url *a, const struct url *b)
{
	return a->port == b->port && str_eq(a->scheme, b->scheme) && str_eq(a->host, b->host);
}

str url_host_port(struct arena *a, const struct url *u)
{
	if (u->port == default_port(u->scheme))
		return u->host;
	return str_printf(a, STR_FMT ":%u", STR_ARG(u->host), u->port);
}

str url_format(struct arena *a, const struct url *u)
{
	str host = url_host_port(a, u);

	return str_printf(a, STR_FMT "://" STR_FMT STR_FMT "%s" STR_FMT, STR_ARG(u->scheme),
			  STR_ARG(host), STR_ARG(u->path), str_is_null(u->query) ? "" : "?",
			  STR_ARG(u->query));
}

str url_origin(struct arena *a, const struct url *u)
{
	return str_printf(a, STR_FMT "://" STR_FMT ":%u", STR_ARG(u->scheme), STR_ARG(u->host),
			  u->port);
}
