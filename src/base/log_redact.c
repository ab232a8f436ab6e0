/* SPDX-License-Identifier: MIT
 * What leaves this program as text goes through here: secrets are cut out (T33), and what a
 * terminal would obey becomes visible (T39). npm redacts URL passwords, its own tokens and UUIDs;
 * we also take tokens it would let pass: those longer than its own, user names that are tokens,
 * authorization headers and the secrets of a quoted .npmrc line. */
#include "log_priv.h"

#include "str_priv.h"

#define STARS S("***")
/* npm's own tokens have 36; longer ones are no less secret. */
#define TOKEN_MIN_CHARS 36

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
	return is_alnum(c) || c == '_';
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* A regular expression's \b behind the first @n bytes of @rest, which end in a word character. */
static bool ends_word(str rest, size_t n)
{
	return n == rest.len || !is_word(rest.p[n]);
}

/* "npm_" or "npms_" and a token: its length, or 0. */
static size_t token_len(str rest)
{
	size_t prefix = str_starts_nocase(rest, S("npm_"))    ? 4
			: str_starts_nocase(rest, S("npms_")) ? 5
							      : 0,
	       n = prefix;

	if (!prefix)
		return 0;
	while (n < rest.len && is_alnum(rest.p[n]))
		n++;
	return n - prefix >= TOKEN_MIN_CHARS && ends_word(rest, n) ? n : 0;
}

static size_t uuid_len(str rest)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	const size_t len = sizeof(shape) - 1;

	if (rest.len < len)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (shape[i] == '-' ? rest.p[i] != '-' : !is_hex(rest.p[i]))
			return 0;
	return ends_word(rest, len) ? len : 0;
}

/* A key whose value is a secret: length of the key, and of the value behind it. */
static size_t secret_key_len(str rest, size_t *value_len)
{
	const struct {
		str key;
		const char *ends;
	} rows[] = {
		{ S("_authToken="), " \t\r\n\"'" },
		{ S("_auth="), " \t\r\n\"'" },
		{ S("_password="), " \t\r\n\"'" },
		{ S("authorization: "), "\r\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		str value;

		if (!str_starts_nocase(rest, rows[i].key))
			continue;
		value = str_from(rest, rows[i].key.len);
		*value_len = MIN(str_find_any(value, rows[i].ends), value.len);
		return rows[i].key.len;
	}
	return 0;
}

/* @rest begins behind "://": the length of the user information in front of the host, or STR_NPOS.
 */
static size_t user_info_len(str rest)
{
	return str_rfind_char(str_slice(rest, 0, str_find_any(rest, "/?#\\ \t\r\n\"'<>")), '@');
}

/* Puts out the user information of an address. A user without a password is a token in http, and a
 * mere name in ssh. */
static size_t add_user_info(struct str_buf *out, str before, str rest)
{
	size_t len = user_info_len(rest), colon;

	if (len == STR_NPOS || !len)
		return 0;
	colon = str_find_char(str_slice(rest, 0, len), ':');
	if (colon != STR_NPOS) {
		buf_add(out, str_slice(rest, 0, colon + 1));
		buf_add(out, colon + 1 < len ? STARS : S(""));
	} else if (str_ends_nocase(before, S("http")) || str_ends_nocase(before, S("https"))) {
		buf_add(out, STARS);
	} else {
		buf_add(out, str_slice(rest, 0, len));
	}
	return len;
}

/* Puts out what stands in for a secret at the start of @rest and returns the secret's length; 0
 * when there is none. */
static size_t add_redacted(struct str_buf *out, str rest, unsigned flags)
{
	size_t n = token_len(rest), value;

	if (n) {
		buf_add(out, S("npm_"));
		buf_add(out, STARS);
		return n;
	}
	n = flags & REDACT_KEEP_UUIDS ? 0 : uuid_len(rest);
	if (n) {
		buf_add(out, STARS);
		return n;
	}
	n = secret_key_len(rest, &value);
	if (n && value) {
		buf_add(out, str_slice(rest, 0, n));
		buf_add(out, STARS);
		return n + value;
	}
	return 0;
}

/* Nearly all text is innocent: only bytes that can begin a secret are looked at closely. */
static bool may_begin_secret(str text, size_t at)
{
	char c = text.p[at];

	if (c == ':')
		return true;
	if (at && is_word(text.p[at - 1]) && c != '_')
		return false;
	return c == '_' || c == 'n' || c == 'N' || c == 'a' || c == 'A' || is_hex(c);
}

str redact(struct arena *a, str text, unsigned flags)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	size_t at = 0, from = 0;

	while (at < text.len) {
		str rest = str_from(text, at);
		size_t n = 0;

		if (!may_begin_secret(text, at)) {
			at++;
			continue;
		}
		buf_add(&out, str_slice(text, from, at));
		from = at;
		if (str_starts(rest, S("://"))) {
			buf_add(&out, S("://"));
			n = 3 + add_user_info(&out, str_slice(text, 0, at), str_from(rest, 3));
		} else {
			n = add_redacted(&out, rest, flags);
		}
		at += MAX(n, (size_t)1);
		from += n;
	}
	buf_add(&out, str_slice(text, from, text.len));
	return out.len == text.len && str_eq(buf_view(&out), text) ? text : buf_view(&out);
}

str log_redact_secrets(struct arena *a, str text)
{
	return redact(a, text, REDACT_KEEP_UUIDS);
}

str log_redact(struct arena *a, str text)
{
	return redact(a, text, 0);
}

/* ---- terminals ---- */

/* Marks that turn the direction of text around, so that it reads as what it is not. */
static bool is_bidi_control(uint32_t code)
{
	return code == 0x061c || code == 0x200e || code == 0x200f ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* The code point of a whole sequence of @len bytes. */
static uint32_t decode(const unsigned char *u, size_t len)
{
	uint32_t code = len == 1 ? u[0] : u[0] & (0xffu >> (len + 1));

	for (size_t i = 1; i < len; i++)
		code = code << 6 | (u[i] & 0x3f);
	return code;
}

static bool is_harmless(uint32_t code)
{
	bool is_c0 = code < 0x20 && code != '\t' && code != '\n',
	     is_c1 = code >= 0x7f && code <= 0x9f;

	return !is_c0 && !is_c1 && !is_bidi_control(code);
}

/* Control characters as "^X", as npm shows them; the rest by number. */
static void add_visible(struct str_buf *out, uint32_t code)
{
	if (code < 0x20)
		buf_printf(out, "^%c", (char)(code + 64));
	else if (code <= 0x9f)
		buf_printf(out, "^%c", (char)(code - 64));
	else
		buf_printf(out, "\\u%04x", code);
}

str log_escape(struct arena *a, str text)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	size_t from = 0, n;

	for (size_t at = 0; at < text.len; at += n) {
		const unsigned char *u = (const unsigned char *)text.p + at;
		bool is_whole;

		n = utf8_step(u, text.len - at, &is_whole);
		if (is_whole &&
		    (is_harmless(decode(u, n)) || str_starts(str_from(text, at), S("\r\n"))))
			continue;
		buf_add(&out, str_slice(text, from, at));
		from = at + n;
		if (is_whole)
			add_visible(&out, decode(u, n));
		for (size_t i = 0; !is_whole && i < n; i++)
			buf_printf(&out, "\\x%02x", u[i]);
	}
	if (!from)
		return text;
	buf_add(&out, str_slice(text, from, text.len));
	return buf_view(&out);
}
