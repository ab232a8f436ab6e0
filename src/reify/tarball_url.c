/* SPDX-License-Identifier: MIT
 * Where a package's bytes come from, and whether they may come from there. A dependency that a
 * registry answers for must come from that registry (T22); everything else is a question of the
 * allow-* settings (npm-tree.md 17.2), asked again here because a lockfile may say what no resolver
 * decided. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "cpm/registry/registry_url.h"
#include "cpm/tree/spec_address.h"

/* The path part of an http URL. */
static str url_path(str url)
{
	size_t host = str_find(url, S("://")), slash;

	if (host == STR_NPOS)
		return S("");
	url = str_from(url, host + 3);
	slash = str_find_char(url, '/');
	return slash == STR_NPOS ? S("/") : str_from(url, slash);
}

/* npm exempts tarballs below the registry of the package's scope. Which of its packages it is, is
 * checked when the package's own manifest is read (T26). */
static bool is_from_registry(struct run *r, struct node *n, str url)
{
	str registry = cfg_registry_for(r->opts->cfg, n->name);

	if (!node_is_registry_dep(n))
		return false;
	/* So nearly all begin, and nothing has to be taken apart to see it. */
	if (str_ends(registry, S("/")) && str_starts(url, registry))
		return true;
	return registry_owns_tarball(r->opts->cfg, n->name, node_version(n), url) ||
	       (http_same_origin(url, registry) && str_starts(url_path(url), url_path(registry)));
}

/* The project itself, or one of its members, asked for it. */
static bool is_direct(const struct node *n)
{
	for (size_t i = 0; i < n->edges_in.len; i++) {
		struct edge *e = n->edges_in.items[i];

		if (edge_is_valid(e) && (e->from->is_root || node_is_workspace(e->from)))
			return true;
	}
	return false;
}

/* The project's policy names the source. */
static bool is_excepted(struct run *r, const struct node *n, enum err_code code)
{
	enum policy_kind kind = code == E_ALLOW_GIT ? POLICY_GIT : POLICY_REMOTE;

	return (code == E_ALLOW_GIT || code == E_ALLOW_REMOTE) &&
	       policy_use(r->opts->exceptions, kind, n->resolved, STR_NULL);
}

static struct err *check_allowed(struct run *r, const struct node *n, enum cfg_key key,
				 enum err_code code, const char *type)
{
	str allow = cfg_text(r->opts->cfg, key);
	bool is_root_only = str_eq(allow, S("root"));

	if (str_eq(allow, S("all")) || (is_root_only && is_direct(n)) || is_excepted(r, n, code))
		return NULL;
	struct err *e = err_new(code, "Fetching%s packages of type \"%s\" have been disabled",
				is_root_only ? " non-root" : "", type);
	if (code != E_ALLOW_GIT && code != E_ALLOW_REMOTE)
		return e;
	return err_detail(e, "Refusing to fetch \"" STR_FMT "@" STR_FMT "\"", STR_ARG(n->name),
			  STR_ARG(n->resolved));
}

static struct err *locate_remote(struct run *r, struct node *n, str *url)
{
	*url = registry_fetch_url(r->arena, r->opts->cfg, n->resolved);
	if (str_is_null(*url))
		return err_new(E_GENERIC, "the lockfile names no usable address for " STR_FMT,
			       STR_ARG(n->location));
	if (is_from_registry(r, n, *url))
		return NULL;
	return check_allowed(r, n, CFG_ALLOW_REMOTE, E_ALLOW_REMOTE, "remote");
}

/* Without an address: the registry's usual place for a tarball. */
static struct err *locate_by_name(struct run *r, struct node *n, str *url)
{
	str name = str_is_empty(node_package_name(n)) ? n->name : node_package_name(n),
	    version = node_version(n);

	if (str_is_empty(version))
		return err_new(E_GENERIC,
			       "the lockfile has neither an address nor a version for " STR_FMT
			       ": delete the entry, or install once without a lockfile",
			       STR_ARG(n->location));
	*url = str_printf(r->arena, STR_FMT STR_FMT "/-/" STR_FMT "-" STR_FMT ".tgz",
			  STR_ARG(cfg_registry_for(r->opts->cfg, name)), STR_ARG(name),
			  STR_ARG(path_basename(name)), STR_ARG(version));
	return NULL;
}

/* What no registry answers for, and whether it may come from there. */
static struct err *check_kind(struct run *r, const struct node *n, enum package_kind kind)
{
	switch (kind) {
	case PACKAGE_FOLDER:
		return check_allowed(r, n, CFG_ALLOW_DIRECTORY, E_ALLOW_DIRECTORY, "directory");
	case PACKAGE_REPO:
		return check_allowed(r, n, CFG_ALLOW_GIT, E_ALLOW_GIT, "git");
	default:
		return check_allowed(r, n, CFG_ALLOW_FILE, E_ALLOW_FILE, "file");
	}
}

/* Folders that are called like tarballs are folders all the same. */
static enum package_kind kind_on_disk(struct run *r, const struct package_address *at)
{
	if (at->kind == PACKAGE_REPO)
		return PACKAGE_REPO;
	return fs_is_dir(AT_FDCWD, str_cstr(r->arena, at->place)) ? PACKAGE_FOLDER : PACKAGE_FILE;
}

static struct err *locate_elsewhere(struct run *r, struct node *n, struct package_address *at)
{
	struct spec *spec;

	TRY(spec_resolve(r->arena, n->name, n->resolved, r->ideal->path, &spec));
	if (spec_is_registry(spec) || spec->type == SPEC_REMOTE)
		return err_new(E_GENERIC, "the lockfile names no usable address for " STR_FMT,
			       STR_ARG(n->location));
	*at = spec_address(r->arena, spec, is_direct(n));
	at->kind = kind_on_disk(r, at);
	TRY(check_kind(r, n, at->kind));
	/* Whoever depends on a registry's package does not get another one for it (T22). */
	if (!node_is_registry_dep(n))
		return NULL;
	return err_new(E_LOCKFILE_PATH,
		       "the lockfile takes '" STR_FMT "' from '" STR_FMT
		       "', which no package.json asks for",
		       STR_ARG(n->location), STR_ARG(n->resolved));
}

struct err *tarball_locate(struct run *r, struct node *n, str *url, struct package_address *at)
{
	*url = STR_NULL;
	*at = (struct package_address){ .name = n->name };
	if (str_is_empty(n->resolved))
		return locate_by_name(r, n, url);
	if (str_starts(n->resolved, S("http:")) || str_starts(n->resolved, S("https:")))
		return locate_remote(r, n, url);
	return locate_elsewhere(r, n, at);
}
