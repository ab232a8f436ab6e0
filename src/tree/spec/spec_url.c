/* SPDX-License-Identifier: MIT
 * URLs as JavaScript's URL class reads them, as far as specs go: npm classifies by what that class
 * makes of a text, and prints its normalised form into package.json and the lockfile. Left out:
 * IDNA and IPv6 checks, which only decide about hosts that nobody can reach by name anyway. Source:
 * the WHATWG URL standard. */
#include "spec_priv.h"

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* ---- percent encoding ---- */

static bool is_unreserved(char c)
{
	return is_alpha(c) || is_digit(c) || (c && strchr("-_.!~*'()", c));
}

bool spec_url_is_plain(str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_unreserved(text.p[i]))
			return false;
	return true;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool spec_url_decode(struct arena *a, str text, str *out)
{
	struct str_buf plain = str_buf(a, text.len);

	*out = text;
	if (str_find_char(text, '%') == STR_NPOS)
		return true;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] != '%') {
			buf_add_char(&plain, text.p[i]);
			continue;
		}
		if (text.len - i < 3 || hex_value(text.p[i + 1]) < 0 ||
		    hex_value(text.p[i + 2]) < 0)
			return false;
		buf_add_char(&plain,
			     (char)(hex_value(text.p[i + 1]) * 16 + hex_value(text.p[i + 2])));
		i += 2;
	}
	*out = buf_view(&plain);
	return str_is_utf8(*out) && str_find_char(*out, '\0') == STR_NPOS;
}

/* @text with control bytes, everything beyond ASCII and @also encoded. */
static str encode(struct arena *a, str text, const char *also)
{
	struct str_buf out = str_buf(a, 3 * text.len);
	size_t plain = 0;

	while (plain < text.len && !is_control(text.p[plain]) && !(text.p[plain] & 0x80) &&
	       !strchr(also, text.p[plain]))
		plain++;
	if (plain == text.len)
		return text;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (is_control(c) || (c & 0x80) || strchr(also, c))
			buf_printf(&out, "%%%02X", (unsigned char)c);
		else
			buf_add_char(&out, c);
	}
	return buf_view(&out);
}

/* ---- pieces ---- */

/* Length of "scheme" in "scheme:", or 0. */
static size_t scheme_len(str text)
{
	size_t i = 0;

	if (!text.len || !is_alpha(text.p[0]))
		return 0;
	while (i < text.len && (is_alpha(text.p[i]) || is_digit(text.p[i]) ||
				strchr("+-.", text.p[i] ? text.p[i] : ':')))
		i++;
	return i < text.len && text.p[i] == ':' ? i : 0;
}

bool spec_url_has_scheme(str text)
{
	size_t i = 0;

	if (str_starts_nocase(text, S("git+")))
		text = str_from(text, 4);
	while (i < text.len && is_alpha(text.p[i]))
		i++;
	return i > 0 && i < text.len && text.p[i] == ':';
}

/* Schemes that the standard treats specially: host required, '\' is '/', default port. */
static bool is_special(str scheme, str *default_port)
{
	static const struct {
		str scheme, port;
	} rows[] = {
		{ { "http", 4 }, { "80", 2 } }, { { "https", 5 }, { "443", 3 } },
		{ { "ftp", 3 }, { "21", 2 } },  { { "ws", 2 }, { "80", 2 } },
		{ { "wss", 3 }, { "443", 3 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!str_eq(scheme, rows[i].scheme))
			continue;
		*default_port = rows[i].port;
		return true;
	}
	return false;
}

static bool read_port(str text, str default_port, struct spec_url *out)
{
	uint64_t port;

	out->port = S("");
	if (!text.len)
		return true;
	if (!str_to_u64(text, &port) || port > 65535)
		return false;
	while (text.len > 1 && text.p[0] == '0')
		text = str_from(text, 1);
	if (!str_eq(text, default_port))
		out->port = text;
	return true;
}

static bool read_host(struct arena *a, str host, bool special, struct spec_url *out)
{
	const char *forbidden = special ? "\t\n\r #/:<>?@[\\]^|%\x7f" : "\t\n\r #/:<>?@[\\]^|";

	if (host.len && host.p[0] == '[' && host.p[host.len - 1] == ']')
		out->host = host;
	else if (str_find_any(host, forbidden) != STR_NPOS)
		return false;
	else
		out->host = special ? str_lower(a, host) : host;
	return host.len || !special;
}

/* [user[:password]@]host[:port] */
static bool read_authority(struct arena *a, str text, bool special, str default_port,
			   struct spec_url *out)
{
	size_t at = str_rfind_char(text, '@'), colon;
	str host = at == STR_NPOS ? text : str_from(text, at + 1);

	if (at != STR_NPOS) {
		str user = str_slice(text, 0, at);

		colon = str_find_char(user, ':');
		out->username = encode(a, str_slice(user, 0, colon), " \"#<>?`{}/:;=@[\\]^|");
		if (colon != STR_NPOS)
			out->password = encode(a, str_from(user, colon + 1),
					       " \"#<>?`{}/:;=@[\\]^|");
	}
	colon = str_rfind_char(host, ':');
	if (colon != STR_NPOS && host.p[host.len - 1] != ']') {
		if (colon == 0 || !read_port(str_from(host, colon + 1), default_port, out))
			return false;
		host = str_slice(host, 0, colon);
	}
	return (host.len || at == STR_NPOS) && read_host(a, host, special, out);
}

static bool is_dot(str part)
{
	return str_eq(part, S(".")) || str_eq_nocase(part, S("%2e"));
}

static bool is_dot_dot(str part)
{
	return str_eq(part, S("..")) || str_eq_nocase(part, S(".%2e")) ||
	       str_eq_nocase(part, S("%2e.")) || str_eq_nocase(part, S("%2e%2e"));
}

/* Components with "." and ".." resolved; what follows the last of those keeps its slash. */
static str normalise_path(struct arena *a, str path, bool special)
{
	struct str_buf out = str_buf(a, path.len + 1);
	size_t from = path.len && (path.p[0] == '/' || (special && path.p[0] == '\\')) ? 1 : 0, to;

	if (!path.len && !special)
		return S("");
	for (;; from = to + 1) {
		for (to = from;
		     to < path.len && path.p[to] != '/' && !(special && path.p[to] == '\\');)
			to++;
		str part = str_slice(path, from, to);
		bool is_last = to == path.len;

		if (is_dot_dot(part)) {
			size_t slash = str_rfind_char(buf_view(&out), '/');

			out.len = slash == STR_NPOS ? 0 : slash;
		} else if (!is_dot(part)) {
			buf_add_char(&out, '/');
			buf_add(&out, part);
		}
		if (is_last && (is_dot(part) || is_dot_dot(part)))
			buf_add_char(&out, '/');
		if (is_last)
			return encode(a, buf_view(&out), " \"#<>?^`{}");
	}
}

/* ---- whole ---- */

static str cut_at(str *rest, const char *chars)
{
	size_t at = str_find_any(*rest, chars);
	str head = str_slice(*rest, 0, at);

	*rest = at == STR_NPOS ? S("") : str_from(*rest, at);
	return head;
}

bool spec_url_parse(struct arena *a, str text, struct spec_url *out)
{
	str rest, default_port = S(""), path;
	size_t len;
	bool special;

	while (text.len && (unsigned char)text.p[0] <= ' ')
		text = str_from(text, 1);
	while (text.len && (unsigned char)text.p[text.len - 1] <= ' ')
		text.len--;
	len = scheme_len(text);
	*out = (struct spec_url){ S(""), S(""), S(""), S(""), S(""), S(""), S(""), S(""), false };
	if (!len)
		return false;
	out->scheme = str_lower(a, str_slice(text, 0, len));
	special = is_special(out->scheme, &default_port);
	rest = str_from(text, len + 1);
	if (special || str_starts(rest, S("//"))) {
		size_t slashes = 0;

		while (slashes < rest.len &&
		       (special ? strchr("/\\", rest.p[slashes]) != NULL : slashes < 2))
			slashes++;
		rest = str_from(rest, slashes);
		out->has_authority = true;
		if (!read_authority(a, cut_at(&rest, special ? "/\\?#" : "/?#"), special,
				    default_port, out))
			return false;
	}
	path = cut_at(&rest, "?#");
	if (out->has_authority || str_starts(path, S("/")))
		out->path = normalise_path(a, path, special);
	else
		out->path = encode(a, path, "");
	out->query = encode(a, cut_at(&rest, "#"), special ? " \"<>'" : " \"<>");
	out->hash = encode(a, rest, " \"<>`");
	if (out->hash.len == 1)
		out->hash = S("");
	return true;
}

str spec_url_format(struct arena *a, const struct spec_url *u)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	buf_printf(&out, STR_FMT ":%s", STR_ARG(u->scheme), u->has_authority ? "//" : "");
	if (u->username.len || u->password.len) {
		buf_add(&out, u->username);
		if (u->password.len)
			buf_printf(&out, ":" STR_FMT, STR_ARG(u->password));
		buf_add_char(&out, '@');
	}
	buf_add(&out, u->host);
	if (u->port.len)
		buf_printf(&out, ":" STR_FMT, STR_ARG(u->port));
	buf_add(&out, u->path);
	buf_add(&out, u->query);
	return buf_view(&out);
}
