/* SPDX-License-Identifier: MIT
 * Paths as text. One loop cleans them; everything else cuts or glues and cleans again. Nothing here
 * knows what is on the disk, so ".." is resolved by name: callers that must not be led astray by
 * links go through directory handles. */
#include "cpm/base/path.h"

#define PATH_MAX_BYTES      4095
#define PATH_MAX_COMPONENT  255
#define PATH_MAX_COMPONENTS 1024

bool path_is_absolute(str path)
{
	return path.len && path.p[0] == '/';
}

/* Takes the last component off @out; false when there is none to take ("", "/", "..", "../.."). */
static bool drop_component(struct str_buf *out)
{
	str so_far = buf_view(out);
	size_t slash = str_rfind_char(so_far, '/');
	str last = slash == STR_NPOS ? so_far : str_from(so_far, slash + 1);

	if (!last.len || str_eq(last, S("..")))
		return false;
	/* "/a" -> "/", "x/a" -> "x", "a" -> "" */
	out->len = slash == STR_NPOS ? 0 : MAX(slash, (size_t)path_is_absolute(so_far));
	return true;
}

static void add_component(struct str_buf *out, str part)
{
	str so_far = buf_view(out);

	if (so_far.len && so_far.p[so_far.len - 1] != '/')
		buf_add_char(out, '/');
	buf_add(out, part);
}

str path_clean(struct arena *a, str path)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	bool is_absolute = path_is_absolute(path);

	if (is_absolute)
		buf_add_char(&out, '/');
	for (str part; str_cut(&path, '/', &part);) {
		if (!part.len || str_eq(part, S(".")))
			continue;
		if (!str_eq(part, S("..")))
			add_component(&out, part);
		else if (!drop_component(&out) && !is_absolute)
			add_component(&out, part);
	}
	return out.len ? buf_view(&out) : S(".");
}

str path_join(struct arena *a, str dir, str rest)
{
	ARENA_SCOPE(tmp);

	if (!dir.len)
		return path_clean(a, rest);
	return path_clean(a, str_printf(tmp, STR_FMT "/" STR_FMT, STR_ARG(dir), STR_ARG(rest)));
}

str path_resolve(struct arena *a, str cwd, str path)
{
	return path_is_absolute(path) ? path_clean(a, path) : path_join(a, cwd, path);
}

static str without_trailing_slashes(str path)
{
	while (path.len > 1 && path.p[path.len - 1] == '/')
		path.len--;
	return path;
}

str path_dirname(str path)
{
	size_t slash;

	path = without_trailing_slashes(path);
	slash = str_rfind_char(path, '/');
	if (slash == STR_NPOS)
		return S(".");
	return without_trailing_slashes(str_slice(path, 0, MAX(slash, (size_t)1)));
}

str path_basename(str path)
{
	size_t slash;

	path = without_trailing_slashes(path);
	slash = str_rfind_char(path, '/');
	return slash == STR_NPOS ? path : str_from(path, slash + 1);
}

bool path_is_under(str path, str dir)
{
	if (!str_starts(path, dir))
		return false;
	return path.len == dir.len || path_is_absolute(str_from(path, dir.len)) ||
	       str_eq(dir, S("/"));
}

str path_relative(struct arena *a, str from, str to)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	while (from.len > 1 && !path_is_under(to, from)) {
		add_component(&out, S(".."));
		from = path_dirname(from);
	}
	to = str_from(to, from.len);
	if (path_is_absolute(to))
		to = str_from(to, 1);
	if (to.len)
		add_component(&out, to);
	return buf_view(&out);
}

/* ".." also behind a backslash: what is one name here is a way out on another system (T1). */
static bool has_backslash_dotdot(str component)
{
	for (str part; str_cut(&component, '\\', &part);)
		if (str_eq(part, S("..")))
			return true;
	return false;
}

bool path_is_inside(str relative)
{
	size_t components = 0;

	if (!relative.len || relative.len > PATH_MAX_BYTES ||
	    str_find_char(relative, '\0') != STR_NPOS)
		return false;
	for (str part; str_cut(&relative, '/', &part);) {
		if (!part.len || part.len > PATH_MAX_COMPONENT ||
		    ++components > PATH_MAX_COMPONENTS)
			return false;
		if (str_eq(part, S(".")) || has_backslash_dotdot(part))
			return false;
	}
	return true;
}
