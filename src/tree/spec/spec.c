/* SPDX-License-Identifier: MIT
 * Which kind of thing a spec names. Called once per edge of a tree, and nearly all of them are
 * ranges: those are recognised by what they lack (a slash or a colon) before anything expensive is
 * asked. Twin of npm-package-arg. */
#include "cpm/tree/spec.h"
#include "spec_priv.h"

#include "cpm/base/path.h"

#define NAME_MAX_BYTES 214

/* ---- names ---- */

static bool is_reserved(str name)
{
	return str_eq_nocase(name, S("node_modules")) || str_eq_nocase(name, S("favicon.ico"));
}

/* Parts of "@scope/name"; false when @name is not of that form. */
static bool split_scope(str name, str *scope, str *rest)
{
	size_t slash = str_find_char(name, '/');

	if (!name.len || name.p[0] != '@' || slash == STR_NPOS)
		return false;
	*scope = str_slice(name, 1, slash);
	*rest = str_from(name, slash + 1);
	return true;
}

static bool is_all_dots(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != '.')
			return false;
	return true;
}

/* npm's words for what is wrong with a name, or NULL. The last three rows are ours (T15): npm lets
 * them pass, and a folder "node_modules/@../x" is outside of node_modules. */
static const char *name_fault(str name)
{
	str scope = { 0 }, rest = name;
	bool is_scoped = split_scope(name, &scope, &rest);

	if (!name.len)
		return "name length must be greater than zero";
	if (name.p[0] == '.' || (is_scoped && rest.len && rest.p[0] == '.'))
		return "name cannot start with a period";
	if (name.p[0] == '-')
		return "name cannot start with a hyphen";
	if (name.p[0] == '_')
		return "name cannot start with an underscore";
	if (str_trim_js(name).len != name.len)
		return "name cannot contain leading or trailing spaces";
	if (is_reserved(name))
		return name.len == 12 ? "node_modules is not a valid package name"
				      : "favicon.ico is not a valid package name";
	if (!rest.len || !spec_url_is_plain(rest) ||
	    (is_scoped && (!scope.len || !spec_url_is_plain(scope))))
		return "name can only contain URL-friendly characters";
	if (is_scoped && is_all_dots(scope))
		return "scope cannot consist of periods";
	if (is_scoped && is_reserved(rest))
		return "name is reserved";
	if (name.len > NAME_MAX_BYTES)
		return "name can no longer contain more than 214 characters";
	return NULL;
}

bool spec_is_valid_name(str name)
{
	return name_fault(name) == NULL;
}

static struct err *check_name(const struct spec *s)
{
	const char *fault = s->name.p ? name_fault(s->name) : NULL;

	if (!fault)
		return NULL;
	return err_new(E_BAD_NAME,
		       "Invalid package name \"" STR_FMT "\" of package \"" STR_FMT "@" STR_FMT
		       "\": %s.",
		       STR_ARG(s->name), STR_ARG(s->name), STR_ARG(s->raw), fault);
}

/* ---- versions, ranges, tags, aliases ---- */

static struct err *read_registry(struct arena *a, struct spec *s)
{
	s->fetch_spec = str_trim_js(s->raw);
	s->range = range_parse(a, s->fetch_spec, SEMVER_LOOSE);
	if (semver_is_valid(s->fetch_spec, SEMVER_LOOSE)) {
		s->type = SPEC_VERSION;
	} else if (s->range) {
		s->type = SPEC_RANGE;
	} else {
		ARENA_SCOPE(tmp);
		str shown = spec_format(tmp, s);

		s->type = SPEC_TAG;
		if (!spec_url_is_plain(s->fetch_spec))
			return err_new(E_BAD_TAG,
				       "Invalid tag name \"" STR_FMT "\" of package \"" STR_FMT
				       "\": Tags may not have any characters that "
				       "encodeURIComponent encodes.",
				       STR_ARG(s->fetch_spec), STR_ARG(shown));
	}
	return NULL;
}

static struct err *read_alias(struct arena *a, struct spec *s, str where)
{
	s->type = SPEC_ALIAS;
	TRY(spec_parse_arg(a, str_from(s->raw, 4), where, &s->sub));
	if (s->sub->type == SPEC_ALIAS)
		return err_new(E_GENERIC, "nested aliases not supported");
	if (!spec_is_registry(s->sub))
		return err_new(E_GENERIC, "aliases only work for registry deps");
	if (str_is_null(s->sub->name))
		return err_new(E_GENERIC, "aliases must have a name");
	return NULL;
}

/* ---- the order of questions ---- */

static struct err *read_spec(struct arena *a, struct spec *s, str where)
{
	struct err *e = NULL;

	TRY(check_name(s));
	if (spec_is_path(s->raw)) {
		spec_read_path(a, s, where);
		return NULL;
	}
	if (str_find_any(s->raw, "/:") == STR_NPOS && !spec_is_tarball(s->raw))
		return read_registry(a, s);
	if (str_starts_nocase(s->raw, S("npm:")))
		return read_alias(a, s, where);
	if (spec_read_hosted(a, s, &e))
		return e;
	if (spec_url_has_scheme(s->raw))
		return spec_read_url(a, s);
	if (str_find_char(s->raw, '/') != STR_NPOS || spec_is_tarball(s->raw)) {
		spec_read_path(a, s, where);
		return NULL;
	}
	return read_registry(a, s);
}

struct err *spec_resolve(struct arena *a, str name, str spec, str where, struct spec **out)
{
	struct spec *s = ARENA_NEW(a, struct spec);

	s->name = name.len ? name : STR_NULL;
	s->raw = spec;
	*out = s;
	return read_spec(a, s, where);
}

/* "user@host.tld:path", the way ssh is spoken to. */
static bool is_scp(str arg)
{
	size_t at = str_find_char(arg, '@'), colon, dot;
	str rest;

	if (at == STR_NPOS || at == 0)
		return false;
	rest = str_from(arg, at + 1);
	colon = str_find_char(rest, ':');
	if (colon == STR_NPOS || colon + 1 == rest.len)
		return false;
	dot = str_find_char(str_slice(rest, 0, colon), '.');
	return dot != STR_NPOS && dot > 0 && dot + 1 < colon;
}

struct err *spec_parse_arg(struct arena *a, str arg, str where, struct spec **out)
{
	size_t at = arg.len > 1 ? str_find_char(str_from(arg, 1), '@') : STR_NPOS;
	str head = at == STR_NPOS ? arg : str_slice(arg, 0, at + 1);
	bool is_scoped = arg.len && arg.p[0] == '@';

	if (spec_url_has_scheme(arg))
		return spec_resolve(a, STR_NULL, arg, where, out);
	if (is_scp(arg))
		return spec_resolve(a, STR_NULL, str_concat(a, S("git+ssh://"), arg), where, out);
	if (!is_scoped && (str_find_char(head, '/') != STR_NPOS || spec_is_tarball(head)))
		return spec_resolve(a, STR_NULL, arg, where, out);
	if (at != STR_NPOS) {
		str what = str_from(arg, at + 2);

		return spec_resolve(a, head, what.len ? what : S("*"), where, out);
	}
	if (spec_is_valid_name(arg))
		return spec_resolve(a, arg, S("*"), where, out);
	return spec_resolve(a, STR_NULL, arg, where, out);
}

/* ---- questions ---- */

bool spec_is_registry(const struct spec *s)
{
	return s->type <= SPEC_ALIAS;
}

const struct spec *spec_target(const struct spec *s)
{
	return s->type == SPEC_ALIAS ? s->sub : s;
}

str spec_format(struct arena *a, const struct spec *s)
{
	if (str_is_null(s->name))
		return str_dup(a, s->raw);
	return str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(s->name), STR_ARG(s->raw));
}

str spec_format_full(struct arena *a, const struct spec *s)
{
	str what = !str_is_empty(s->save_spec)	  ? s->save_spec
		   : !str_is_empty(s->fetch_spec) ? s->fetch_spec
						  : s->raw;

	if (str_is_empty(s->name))
		return str_dup(a, what);
	return str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(s->name), STR_ARG(what));
}

/* A path of a lockfile: absolute, or as seen from @to. */
static str resolved_path(struct arena *a, str path, str to)
{
	return str_concat(a, S("file:"), str_is_null(to) ? path : path_relative(a, to, path));
}

/* Nearly all are tarballs of a registry; the text of such a URL is the answer. No host of
 * repositories has "/-/" in an address that it would take for a repository's. */
static bool is_registry_tarball(str resolved)
{
	if (!str_starts(resolved, S("https://")) && !str_starts(resolved, S("http://")))
		return false;
	return str_ends(resolved, S(".tgz")) && str_find(resolved, S("/-/")) != STR_NPOS;
}

str spec_resolved(struct arena *a, str resolved, str from, str to)
{
	struct spec *s;
	struct err *e;

	if (!resolved.len)
		return STR_NULL;
	if (is_registry_tarball(resolved))
		return resolved;
	e = spec_parse_arg(a, resolved, from, &s);
	if (e) {
		err_free(e);
		return resolved;
	}
	if (s->type == SPEC_FILE || s->type == SPEC_DIRECTORY)
		return resolved_path(a, s->fetch_spec, to);
	if (s->is_hosted)
		return spec_hosted_url(a, s);
	if (s->type == SPEC_GIT)
		return s->save_spec;
	return str_eq(s->raw, S("*")) ? resolved : s->raw;
}
