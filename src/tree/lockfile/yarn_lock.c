/* SPDX-License-Identifier: MIT
 * Reading yarn.lock. The format is made of lines: specs that share an entry, then the entry's
 * members, indented by two blanks, and lists of dependencies, indented by four, which do not matter
 * here. Anything may be quoted. Twin of yarn-lock.js and of checkYarnLock in shrinkwrap.js. */
#include "cpm/tree/yarn_lock.h"

#include "cpm/base/path.h"
#include "cpm/base/semver.h"
#include "cpm/build_config.h"

#define YARN_REGISTRY_LABEL "registry."
#define YARN_REGISTRY_ZONE  "yarnpkg.com/"

/* ---- lines ---- */

static bool starts_blank(str s)
{
	return s.len && (s.p[0] == ' ' || s.p[0] == '\t');
}

static str unquote(str s)
{
	s = str_trim(s);
	return s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"' ? str_slice(s, 1, s.len - 1)
								    : s;
}

/* Takes the next item off *rest; separators inside of quotes belong to the item. */
static bool next_item(str *rest, char separator, str *item)
{
	bool is_quoted = false;
	size_t i = 0;

	if (str_is_null(*rest))
		return false;
	for (; i < rest->len && (is_quoted || rest->p[i] != separator); i++)
		if (rest->p[i] == '"' && (i == 0 || rest->p[i - 1] != '\\'))
			is_quoted = !is_quoted;
	*item = unquote(str_slice(*rest, 0, i));
	*rest = i < rest->len ? str_from(*rest, i + 1) : STR_NULL;
	return true;
}

static struct yarn_entry *begin_entry(struct arena *a, struct yarn_lock *y, str specs)
{
	struct yarn_entry *e = ARENA_NEW(a, struct yarn_entry);

	for (str spec; next_item(&specs, ',', &spec);)
		map_put(&y->entries, spec, e);
	return e;
}

/* "  version "1.0.0"" */
static bool set_member(struct yarn_entry *e, str line)
{
	str key, value;

	line = str_trim(line);
	if (!next_item(&line, ' ', &key) || !next_item(&line, ' ', &value) || !str_is_null(line))
		return false;
	if (str_eq(key, S("version")))
		e->version = value;
	else if (str_eq(key, S("integrity")))
		e->integrity = value;
	else if (str_eq(key, S("resolved")))
		e->resolved = str_slice(value, 0, str_find_char(value, '#'));
	return true;
}

/* False at a line that does not belong into the file. */
static bool read_line(struct arena *a, struct yarn_lock *y, struct yarn_entry **at, str line)
{
	bool is_heading = str_ends(line, S(":"));

	if (str_starts(line, S("#")))
		return true;
	if (!line.len) {
		*at = NULL;
		return true;
	}
	if (!starts_blank(line)) {
		*at = is_heading && line.len > 1
			      ? begin_entry(a, y, str_slice(line, 0, line.len - 1))
			      : NULL;
		return *at != NULL;
	}
	if (!*at || !str_starts(line, S("  ")))
		return false;
	return is_heading || str_starts(line, S("    ")) || set_member(*at, line);
}

struct yarn_lock *yarn_lock_parse(struct arena *a, str text)
{
	struct yarn_lock *y = ARENA_NEW(a, struct yarn_lock);
	struct yarn_entry *at = NULL;

	map_init(&y->entries, a);
	for (str line; str_cut(&text, '\n', &line);) {
		if (str_ends(line, S("\r")))
			line.len--;
		if (!read_line(a, y, &at, line))
			break;
	}
	return y;
}

/* ---- the hint ---- */

static str behind_scheme(str url)
{
	if (str_starts(url, S("https://")))
		return str_from(url, sizeof("https://") - 1);
	return str_starts(url, S("http://")) ? str_from(url, sizeof("http://") - 1) : STR_NULL;
}

/* The public registry, by npm's name or by Yarn's. */
static bool is_public_registry(str url)
{
	str rest = behind_scheme(url);

	if (str_is_null(rest))
		return false;
	if (str_starts(rest, behind_scheme(S(CPM_DEFAULT_REGISTRY))))
		return true;
	return str_starts(rest, S(YARN_REGISTRY_LABEL)) &&
	       str_starts(str_from(rest, sizeof(YARN_REGISTRY_LABEL) - 1), S(YARN_REGISTRY_ZONE));
}

/* Name and version out of ".../@s/name/-/name-1.0.0.tgz"; false when it does not look like that. */
static bool read_tarball_url(struct arena *a, str url, str *name, str *version)
{
	size_t dash = str_find(url, S("/-/"));
	str folder, base, scope;
	struct semver v;

	if (dash == STR_NPOS || !str_ends(url, S(".tgz")))
		return false;
	base = str_slice(url, dash + 3, url.len - 4);
	folder = str_replace_all(a, str_slice(url, 0, dash), S("%2f"), S("/"));
	*name = path_basename(folder);
	scope = path_basename(path_dirname(folder));
	if (!str_starts(base, str_concat(a, *name, S("-"))))
		return false;
	*version = str_from(base, name->len + 1);
	if (str_starts(scope, S("@")))
		*name = str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(scope), STR_ARG(*name));
	return semver_parse(a, *version, SEMVER_STRICT, &v);
}

struct err *yarn_lock_spec(struct arena *a, const struct yarn_lock *y, const struct spec *spec,
			   const struct spec **out, str *integrity)
{
	const struct yarn_entry *e = map_get(&y->entries, spec_format(a, spec));
	str name, version, pinned;
	struct spec *found;

	*out = spec;
	*integrity = STR_NULL;
	if (!e || str_is_empty(e->version) || str_is_empty(e->resolved) || !spec_is_registry(spec))
		return NULL;
	pinned = e->resolved;
	if (is_public_registry(e->resolved) && read_tarball_url(a, e->resolved, &name, &version)) {
		bool is_own = str_eq(name, spec->name) && str_eq(version, e->version);

		pinned = is_own ? version
				: str_printf(a, "npm:" STR_FMT "@" STR_FMT, STR_ARG(name),
					     STR_ARG(version));
	}
	TRY(spec_resolve(a, spec->name, pinned, S("/"), &found));
	*out = found;
	*integrity = e->integrity;
	return NULL;
}
