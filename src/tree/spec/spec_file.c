/* SPDX-License-Identifier: MIT
 * Specs that are paths. npm reads them as "file:" URLs with everything special encoded first, so
 * '#', '%', '?' and blanks mean themselves; what is left of URLs are the habits about leading
 * slashes, kept here as they are. */
#include "spec_priv.h"

#include <pwd.h>
#include <unistd.h>

#include "cpm/base/path.h"

bool spec_is_tarball(str text)
{
	return str_ends_nocase(text, S(".tgz")) || str_ends_nocase(text, S(".tar.gz")) ||
	       str_ends_nocase(text, S(".tar"));
}

bool spec_is_path(str text)
{
	if (!text.len)
		return false;
	if (text.p[0] == '.' || text.p[0] == '/' || str_starts(text, S("~/")))
		return true;
	if (text.len >= 2 && text.p[1] == ':' &&
	    ((text.p[0] | 0x20) >= 'a' && (text.p[0] | 0x20) <= 'z'))
		return true;
	return str_starts_nocase(text, S("file:"));
}

static str home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *entry = home && *home ? NULL : getpwuid(getuid());

	return entry ? str_view(entry->pw_dir) : str_view(home && *home ? home : "/");
}

static bool is_dots(str part)
{
	return str_eq(part, S(".")) || str_eq(part, S(".."));
}

/* "/../x", up to three slashes, was written by old versions for "../x". */
static str drop_false_root(str path)
{
	str rest = path;

	for (int i = 0; i < 3 && str_starts(rest, S("/")); i++)
		rest = str_from(rest, 1);
	return is_dots(str_slice(rest, 0, str_find_char(rest, '/'))) ? rest : path;
}

/* "~" or "~/x" behind any root; moves *path behind it. */
static bool is_home(str *path)
{
	str rest = *path;

	while (str_starts(rest, S("/")))
		rest = str_from(rest, 1);
	if (!str_eq(rest, S("~")) && !str_starts(rest, S("~/")))
		return false;
	*path = str_from(rest, MIN(rest.len, (size_t)2));
	return true;
}

void spec_read_path(struct arena *a, struct spec *s, str where)
{
	str path = str_starts(s->raw, S("file:")) ? str_from(s->raw, 5) : s->raw, below = { 0 };

	s->type = spec_is_tarball(s->raw) ? SPEC_FILE : SPEC_DIRECTORY;
	path = drop_false_root(path);
	below = path;
	if (is_home(&below)) {
		s->save_spec = below.len ? str_concat(a, S("file:~/"), path_clean(a, below))
					 : S("file:~");
		s->fetch_spec = path_resolve(a, home_dir(), below.len ? below : S("."));
	} else {
		s->fetch_spec = path_resolve(a, where, path.len ? path : S("."));
		s->save_spec = str_concat(a, S("file:"),
					  path_is_absolute(path)
						  ? s->fetch_spec
						  : path_relative(a, where, s->fetch_spec));
	}
	/* Meant for another system, done on all. */
	if (str_find_char(s->save_spec, '\\') != STR_NPOS)
		s->save_spec = str_replace_all(a, s->save_spec, S("\\"), S("/"));
}
