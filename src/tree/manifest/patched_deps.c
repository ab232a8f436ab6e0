/* SPDX-License-Identifier: MIT
 * patchedDependencies (npm-tree.md 17.3): which package gets which patch. An entry names a package,
 * with a version or a range; the most exact one wins, and whatever cannot be meant is an error,
 * because a patch that is left out without a word is a repair that is not there. The patches
 * themselves go onto the files when these are written. Twin of arborist's patched-dependencies.js.
 */
#include "ideal_priv.h"

#include "cpm/base/digest.h"
#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/range.h"
#include "cpm/base/semver.h"

#define PATCH_MAX_BYTES ((size_t)64 << 20)

#define MAKE(code, ...)          err_show_as(err_new(E_GENERIC, __VA_ARGS__), S(code))
#define FAIL(code, ...)          return MAKE(code, __VA_ARGS__)
#define FAIL_AT(path, code, ...) return err_about(MAKE(code, __VA_ARGS__), path)

struct selector {
	str key, name, spec, path; /* spec: null for all versions */
	bool is_used;
};
typedef VEC(struct selector) selector_vec;

/* ---- entries ---- */

static selector_vec read_selectors(struct ideal *b)
{
	const struct json *all = json_get(b->tree->root->manifest->json, "patchedDependencies");
	selector_vec out = { 0 };

	for (size_t i = 0; json_is(all, JSON_OBJECT) && i < all->count; i++) {
		str key = all->members[i].key, path = all->members[i].val->string;
		size_t at = key.len ? str_find_char(str_from(key, 1), '@') : STR_NPOS;
		bool has_spec = at != STR_NPOS;
		struct selector s = { .key = key,
				      .name = has_spec ? str_slice(key, 0, at + 1) : key,
				      .spec = has_spec ? str_from(key, at + 2) : STR_NULL,
				      .path = json_is(all->members[i].val, JSON_STRING) ? path
											: S("") };
		VEC_PUSH(b->arena, &out, s);
	}
	return out;
}

static bool is_version(struct arena *a, str spec, struct semver *out)
{
	return !str_is_null(spec) && semver_parse(a, spec, SEMVER_STRICT, out);
}

/* Of ranges that all fit, the one inside all others. */
static struct err *narrower(struct arena *a, const struct node *n, struct selector *s,
			    struct selector **best)
{
	const struct range *one = range_parse(a, s->spec, SEMVER_LOOSE),
			   *other = *best ? range_parse(a, (*best)->spec, SEMVER_LOOSE) : NULL;

	if (!other || range_is_subset(one, other)) {
		*best = s;
		return NULL;
	}
	if (range_is_subset(other, one))
		return NULL;
	str version = node_version(n);
	FAIL("EPATCHAMBIGUOUS",
	     "Ambiguous patch selectors for " STR_FMT "@" STR_FMT ": \"" STR_FMT "\" and \"" STR_FMT
	     "\" overlap but neither is a subset. Add an exact \"" STR_FMT "@" STR_FMT
	     "\" entry to disambiguate.",
	     STR_ARG(n->name), STR_ARG(version), STR_ARG((*best)->key), STR_ARG(s->key),
	     STR_ARG(n->name), STR_ARG(version));
}

/* A version beats ranges, and these a bare name. */
static struct err *find_selector(struct arena *a, selector_vec *all, struct node *n,
				 struct selector **out)
{
	const struct semver *have = node_semver(n);
	struct selector *by_name = NULL, *by_range = NULL;

	VEC_EACH (struct selector, s, all) {
		struct semver want;

		if (!str_eq(s->name, n->name))
			continue;
		if (str_is_null(s->spec)) {
			by_name = by_name ? by_name : s;
		} else if (is_version(a, s->spec, &want)) {
			if (!have || semver_compare(&want, have) != 0)
				continue;
			*out = s;
			return NULL;
		} else if (range_satisfies(node_version(n), s->spec, SEMVER_LOOSE)) {
			TRY(narrower(a, n, s, &by_range));
		}
	}
	*out = by_range ? by_range : by_name;
	return NULL;
}

/* ---- patches ---- */

/* The lockfile's word on a patch; files are read once. */
static struct err *read_patch(struct ideal *b, struct map *seen, str path, struct json **out)
{
	struct arena *a = b->tree->arena;
	str file = path_resolve(b->arena, b->tree->path, path), text;
	struct digest digest;
	struct err *e;

	*out = map_get(seen, path);
	if (*out)
		return NULL;
	if (str_eq(file, b->tree->path) || !path_is_under(file, b->tree->path))
		FAIL_AT(path, "EPATCHUNSAFE", "patch path escapes the project: " STR_FMT,
			STR_ARG(path));
	e = fs_read_all(b->arena, AT_FDCWD, str_cstr(b->arena, file), PATCH_MAX_BYTES, &text);
	if (e) {
		err_ignore(e);
		FAIL_AT(path, "EPATCHNOTFOUND", "patch file not found: " STR_FMT, STR_ARG(path));
	}
	digest_of(DIGEST_SHA512, text, &digest);
	*out = json_new(a, JSON_OBJECT);
	json_set_text(a, *out, "integrity", integrity_format(a, &digest));
	json_set_text(a, *out, "path", path);
	map_put(seen, path, *out);
	return NULL;
}

static struct err *check_registry(const struct node *n, const struct selector *s)
{
	for (size_t i = 0; i < n->edges_in.len; i++) {
		const struct spec *spec;
		struct err *failure = edge_parse_spec(n->edges_in.items[i], &spec);

		if (!failure && spec_is_registry(spec))
			continue;
		err_ignore(failure);
		str version = node_version(n);
		FAIL("EPATCHNONREGISTRY",
		     "Cannot patch non-registry dependency " STR_FMT "@" STR_FMT
		     " (selector \"" STR_FMT "\"). Only registry dependencies can be patched.",
		     STR_ARG(n->name), STR_ARG(version), STR_ARG(s->key));
	}
	return NULL;
}

static struct err *find_patch(struct ideal *b, selector_vec *all, struct map *seen, struct node *n)
{
	struct selector *s;

	if (node_is_workspace(n)) {
		const struct json *own = json_get(n->manifest->json, "patchedDependencies");

		if (json_is(own, JSON_OBJECT) && own->count)
			FAIL("EPATCHWORKSPACE",
			     "patchedDependencies is only supported in the root package.json, but "
			     "was found in workspace \"" STR_FMT "\". Move the entry to the root.",
			     STR_ARG(n->name));
		return NULL;
	}
	if (n->is_root)
		return NULL;
	TRY(find_selector(b->arena, all, n, &s));
	if (!s) {
		n->patch_removed = n->patched != NULL;
		n->patched = NULL;
		return NULL;
	}
	TRY(check_registry(n, s));
	s->is_used = true;
	return read_patch(b, seen, s->path, &n->patched);
}

/* ---- patches that nothing needs ---- */

static bool was_uninstalled(const struct ideal *b, const struct selector *s)
{
	for (size_t i = 0; i < b->opts->nrm; i++)
		if (str_eq(b->opts->rm[i], s->name))
			return true;
	return false;
}

/* Who uninstalls a package wants its patch no more. */
static void forget(struct ideal *b, const struct selector *s)
{
	struct manifest *m = b->tree->root->manifest;
	struct json *all = json_get(m->json, "patchedDependencies");

	log_notice("patch",
		   "Removing patch entry \"" STR_FMT "\" for uninstalled " STR_FMT "; left " STR_FMT
		   " in place.",
		   STR_ARG(s->key), STR_ARG(s->name), STR_ARG(s->path));
	json_del(all, s->key);
	if (!all->count)
		json_del(m->json, S("patchedDependencies"));
}

static struct err *check_used(struct ideal *b, const selector_vec *all)
{
	struct str_buf unused = str_buf(b->arena, 1 << 20);

	VEC_EACH (const struct selector, s, all) {
		if (s->is_used)
			continue;
		if (was_uninstalled(b, s))
			forget(b, s);
		else
			buf_printf(&unused, "  " STR_FMT " -> " STR_FMT "\n", STR_ARG(s->key),
				   STR_ARG(s->path));
	}
	if (unused.len == 0 || b->opts->allow_unused_patches)
		return NULL;
	FAIL("EPATCHUNUSED",
	     "The following patches were registered but matched no installed package:\n%s"
	     "Use --allow-unused-patches to install anyway.",
	     buf_cstr(&unused));
}

struct err *ideal_find_patches(struct ideal *b)
{
	selector_vec all = read_selectors(b);
	struct map seen;

	map_init(&seen, b->arena);
	for (struct map_iter it = map_iter(&b->tree->inventory); map_next(&it);)
		TRY(find_patch(b, &all, &seen, it.val));
	return check_used(b, &all);
}
