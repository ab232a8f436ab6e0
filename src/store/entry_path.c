/* SPDX-License-Identifier: MIT
 * node-tar treats names as Windows would, whatever the system: "C:x" and "\x" lose their roots, and
 * ".." counts between backslashes too. A backslash that stays is an ordinary character. */
#include "entry_path.h"

#define MAX_DEPTH 1024

static bool is_separator(char c)
{
	return c == '/' || c == '\\';
}

static size_t skip_part(str s, size_t at)
{
	while (at < s.len && !is_separator(s.p[at]))
		at++;
	return at;
}

static size_t skip_separators(str s, size_t at)
{
	while (at < s.len && is_separator(s.p[at]))
		at++;
	return at;
}

/* "\\server\share\": its length, or 1 when it is only a leading separator. */
static size_t network_root(str s)
{
	size_t server = skip_part(s, 2), share, end;

	if (s.len < 2 || !is_separator(s.p[1]) || server == 2 || server == s.len)
		return 1;
	share = skip_separators(s, server);
	end = skip_part(s, share);
	if (end == share)
		return 1;
	return end == s.len ? end : end + 1;
}

/* Length of what makes @s absolute or bound to a drive; 0 for a plain relative path. */
static size_t root_length(str s)
{
	char lower = s.len ? (char)(s.p[0] | 0x20) : 0;

	if (str_is_empty(s))
		return 0;
	if (s.p[0] == '/' && !str_starts(s, S("//?/")))
		return 1;
	if (is_separator(s.p[0]))
		return network_root(s);
	if (lower >= 'a' && lower <= 'z' && s.len > 1 && s.p[1] == ':')
		return s.len > 2 && is_separator(s.p[2]) ? 3 : 2;
	return 0;
}

static bool has_dot_dot(str s)
{
	for (size_t at = 0; at <= s.len; at++) {
		size_t end = skip_part(s, at);

		if (str_eq(str_slice(s, at, end), S("..")))
			return true;
		at = end;
	}
	return false;
}

static size_t count_parts(str s)
{
	size_t n = 1;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '/';
	return n;
}

static bool is_plain_part(str part)
{
	return part.len > 0 && !str_eq(part, S("."));
}

static str drop_empty_parts(struct arena *a, str s)
{
	str rest = s, part;
	bool is_clean = true;
	struct str_buf out;

	while (str_cut(&rest, '/', &part))
		is_clean &= is_plain_part(part);
	if (is_clean)
		return s;
	out = str_buf(a, s.len);
	for (rest = s; str_cut(&rest, '/', &part);) {
		if (!is_plain_part(part))
			continue;
		if (out.len)
			buf_add_char(&out, '/');
		buf_add(&out, part);
	}
	return buf_view(&out);
}

str entry_path_inside(struct arena *a, str name)
{
	size_t slash = str_find_char(name, '/');

	if (slash == STR_NPOS)
		return STR_NULL;
	name = str_from(name, slash + 1);
	if (count_parts(name) > MAX_DEPTH)
		return STR_NULL;
	for (size_t root; (root = root_length(name)) > 0;)
		name = str_from(name, root);
	if (has_dot_dot(name))
		return STR_NULL;
	name = drop_empty_parts(a, name);
	return name.len ? name : STR_NULL;
}
