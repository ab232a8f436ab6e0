/* SPDX-License-Identifier: MIT
 * Patches and extensions belong to the project's package.json; a deployed folder is a project, so they go into its own.
 */
#include "deploy_changes.h"

#include "cpm/base/path.h"
#include "cpm/tree/package_extensions.h"

#define PATCH_MAX_BYTES ((size_t)64 << 20)

bool deploy_changes_any(const struct deployment *d)
{
	VEC_EACH (const struct extracted, x, &d->extract.items)
		if (x->node->patched || x->node->extended_by)
			return true;
	return false;
}

/* "local_packages/patches/a@1.0.0.patch": names of patches are as unlike as their paths, but for folders. */
static str place_of(struct arena *a, str path)
{
	return str_printf(a, DEPLOY_PATCHES "/" STR_FMT,
			  STR_ARG(str_replace_all(a, path_clean(a, path), S("/"), S("+"))));
}

/* ---- patches ---- */

static bool is_needed(const struct deployment *d, str path)
{
	VEC_EACH (const struct extracted, x, &d->extract.items)
		if (str_eq(json_get_text(x->node->patched, "path"), path))
			return true;
	return false;
}

static struct err *copy_patch(struct deployment *d, str path)
{
	struct arena *a = d->ctx->arena;
	str text, to = path_join(a, d->dir, place_of(a, path));

	TRY(fs_read_all(a, d->ctx->dirfd, str_cstr(a, path), PATCH_MAX_BYTES, &text));
	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, path_dirname(to))));
	return fs_write_replace(AT_FDCWD, str_cstr(a, to), text, 0644);
}

static struct err *enter_patches(struct deployment *d)
{
	struct arena *a = d->ctx->arena;
	const struct json *all = json_get(d->root->json, "patchedDependencies");
	struct json *kept = json_new(a, JSON_OBJECT);

	for (size_t i = 0; json_is(all, JSON_OBJECT) && i < all->count; i++) {
		const struct json *path = all->members[i].val;

		if (!json_is(path, JSON_STRING) || !is_needed(d, path->string))
			continue;
		TRY(copy_patch(d, path->string));
		json_set(a, kept, all->members[i].key,
			 json_new_string(a, place_of(a, path->string)));
	}
	if (kept->count)
		json_set(a, d->manifest.content, S("patchedDependencies"), kept);
	return NULL;
}

/* ---- extensions ---- */

static bool extends_some(const struct deployment *d, str selector)
{
	VEC_EACH (const struct extracted, x, &d->extract.items)
		if (str_eq(json_get_text(x->node->extended_by, "selector"), selector))
			return true;
	return false;
}

static void enter_extensions(struct deployment *d)
{
	struct arena *a = d->ctx->arena;
	const struct json *all = json_get(d->root->json, "packageExtensions");
	struct json *kept = json_new(a, JSON_OBJECT);

	for (size_t i = 0; json_is(all, JSON_OBJECT) && i < all->count; i++)
		if (extends_some(d, all->members[i].key))
			json_set(a, kept, all->members[i].key, json_dup(a, all->members[i].val));
	if (kept->count)
		json_set(a, d->manifest.content, S("packageExtensions"), kept);
}

/* What the member itself says of such has no say in the project, and must not get one here. */
struct err *deploy_changes_enter(struct deployment *d)
{
	json_del(d->manifest.content, S("patchedDependencies"));
	json_del(d->manifest.content, S("packageExtensions"));
	enter_extensions(d);
	return enter_patches(d);
}

/* ---- the lockfile ---- */

struct err *deploy_changes_of_entry(const struct deployment *d, const struct extracted *x,
				    struct json *entry)
{
	struct arena *a = d->ctx->arena;
	struct json *patched = json_get(entry, "patched");
	struct package_extensions *rules;

	if (json_is(patched, JSON_OBJECT))
		json_set(a, patched, S("path"),
			 json_new_string(a, place_of(a, json_get_text(patched, "path"))));
	if (x->location.len)
		return NULL;
	TRY(package_extensions_new(a, d->manifest.content, &rules));
	if (rules)
		json_set_text(a, entry, "packageExtensionsHash", package_extensions_hash(rules));
	return NULL;
}
