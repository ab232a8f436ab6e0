/* SPDX-License-Identifier: MIT
 * Lockfiles of version 1 say what is where, but not what engines, platforms, commands or peers the
 * packages have. Their manifests are fetched once, when such a file is met, and the file is written
 * in the new version afterwards (npm-tree.md 7.3). A package that cannot be asked for any more
 * stays as it is, with a warning. */
#include "ideal_priv.h"
#include "node_priv.h"

#include "cpm/base/log.h"
#include "cpm/base/path.h"

#define COMPLETE_SINCE 2

static bool is_wanted(const struct node *n)
{
	return !n->is_root && !n->is_link && str_starts(n->location, S("node_modules"));
}

/* npm asks for what an alias is called here, which is another package or none. That it is not asked
 * for leaves such a package without metadata, as it is with npm. */
static struct err *check_name(const struct node *n)
{
	str real = n->manifest->name;

	if (str_is_empty(real) || str_eq(real, n->name))
		return NULL;
	return err_new(E_NOT_FOUND, "it is an alias of " STR_FMT, STR_ARG(real));
}

static struct err *inflate(struct ideal *b, struct node *n)
{
	struct manifest *m;
	struct spec *spec;

	if (str_is_empty(node_version(n)) || str_starts(n->resolved, S("file:")))
		return NULL;
	TRY(check_name(n));
	TRY(spec_resolve(b->arena, n->name, node_version(n), path_dirname(n->path), &spec));
	if (!spec_is_registry(spec))
		return NULL;
	TRY(ideal_fetch_manifest(b, spec, &m));
	n->manifest = ARENA_NEW(b->tree->arena, struct manifest);
	*n->manifest = *m;
	n->manifest->license = NULL; /* npm asks for the abbreviated form, which has none */
	n->is_inflated = true;
	n->has_install_script = manifest_runs_install_script(m);
	node_reload_edges(b->tree, n);
	return NULL;
}

struct err *ideal_inflate(struct ideal *b)
{
	ARENA_SCOPE(tmp);
	const struct lockfile *lock = b->tree->lockfile;
	node_vec old = { 0 };

	if (!lock || lock->version >= COMPLETE_SINCE)
		return NULL;
	bool is_ancient = !json_is_truthy(json_get(lock->top, "requires"));
	const char *title = is_ancient ? "ancient lockfile" : "old lockfile";
	/* Who wants an old lockfile knows that it is one. */
	if (is_ancient || !b->opts->lockfile_version || b->opts->lockfile_version > COMPLETE_SINCE)
		log_warn(title,
			 "\nThe package-lock.json file was created with an old version of npm,\n"
			 "so supplemental metadata must be fetched from the registry.\n\n"
			 "This is a one-time fix-up, please be patient...\n");
	for (struct map_iter it = map_iter(&b->tree->inventory); map_next(&it);)
		if (is_wanted(it.val))
			VEC_PUSH(tmp, &old, it.val);
	for (size_t i = 0; i < old.len; i++)
		if (!str_starts(node_version(old.items[i]), S("npm:")))
			source_announce(b->opts->source, old.items[i]->manifest->name);
	for (size_t i = 0; i < old.len; i++) {
		struct node *n = old.items[i];
		struct err *failure = inflate(b, n);

		if (!failure)
			continue;
		str why = err_text(tmp, failure);

		log_warn(title, "Could not fetch metadata for " STR_FMT "@" STR_FMT " " STR_FMT,
			 STR_ARG(n->name), STR_ARG(node_version(n)), STR_ARG(why));
		err_free(failure);
	}
	return NULL;
}
