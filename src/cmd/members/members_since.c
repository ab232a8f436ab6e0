/* SPDX-License-Identifier: MIT
 * Changed files into changed members. The lockfile is everybody's file, and would change everybody:
 * it is taken apart by who uses what of it. */
#include "members_since.h"

#include "cpm/base/path.h"
#include "cpm/registry/git_changes.h"
#include "cpm/registry/git_history.h"
#include "cpm/tree/lock_part.h"
#include "cpm/tree/lockfile.h"

#define FILE_MAX_BYTES ((size_t)256 << 20)

struct search {
	const struct cmd_ctx *ctx;
	const struct tree *tree;
	struct members_since *out;
};

static void mark(struct search *s, const struct workspace *w)
{
	if (w)
		map_put(&s->out->changed, w->path, (void *)w);
	else
		s->out->is_root_changed = true;
}

/* ---- files ---- */

/* The innermost member that @path lies in; NULL: the project's own, or outside of it. */
static const struct workspace *owner_of(const struct search *s, str path)
{
	const struct workspace *found = NULL;

	VEC_EACH (const struct workspace, w, &s->tree->workspaces)
		if (path_is_under(path, w->path) && (!found || w->path.len > found->path.len))
			found = w;
	return found;
}

/* A folder that git knows nothing of is new with every member in it. */
static void mark_changed(struct search *s, str path)
{
	const struct workspace *owner = owner_of(s, path);

	if (owner || path_is_under(path, s->tree->path))
		mark(s, owner);
	VEC_EACH (const struct workspace, w, &s->tree->workspaces)
		if (path_is_under(w->path, path))
			mark(s, w);
}

/* ---- the lockfile ---- */

enum { MANIFEST, LOCKFILE, FILE_COUNT };
static const str names[] = { { "package.json", 12 }, { "package-lock.json", 17 } };

/* What cannot be read is empty. */
static struct err *parse(struct search *s, const str *texts, struct tree **out)
{
	struct arena *a = s->ctx->arena;
	bool no_peers = cfg_bool(s->ctx->cfg, CFG_LEGACY_PEER_DEPS);
	struct manifest *root = ARENA_NEW(a, struct manifest);

	if (texts[MANIFEST].len)
		err_ignore(manifest_from_text(a, texts[MANIFEST], &root));
	*out = NULL;
	if (texts[LOCKFILE].len)
		TRY(lockfile_parse(a, texts[LOCKFILE], names[LOCKFILE], s->tree->path, root,
				   no_peers, out));
	if (!*out)
		*out = tree_new(a, s->tree->path);
	return NULL;
}

static struct err *read_now(struct search *s, str *texts)
{
	struct arena *a = s->ctx->arena;

	for (size_t i = 0; i < FILE_COUNT; i++) {
		str path = path_join(a, s->tree->path, names[i]);
		struct err *e = fs_read_all(a, AT_FDCWD, str_cstr(a, path), FILE_MAX_BYTES, &texts[i]);

		texts[i] = e ? STR_NULL : texts[i];
		if (!err_is(e, E_NO_ENTRY))
			TRY(e);
		err_ignore(e);
	}
	return NULL;
}

static void compare_parts(struct search *s, struct tree *before, struct tree *now)
{
	struct arena *a = s->ctx->arena;
	struct lock_part old, new;
	struct map members;
	struct digest x, y;

	map_init(&members, a);
	VEC_EACH (const struct workspace, w, &s->tree->workspaces)
		map_put(&members, path_relative(a, s->tree->path, w->path), (void *)w);
	lock_part_init(&old, a, before, &members);
	lock_part_init(&new, a, now, &members);
	for (struct map_iter it = map_iter(&members); map_next(&it);) {
		x = lock_part_digest(&old, it.key);
		y = lock_part_digest(&new, it.key);
		if (!digest_eq(&x, &y))
			mark(s, it.val);
	}
	x = lock_part_digest(&old, S(""));
	y = lock_part_digest(&new, S(""));
	s->out->is_root_changed |= !digest_eq(&x, &y);
}

static struct err *compare_lockfiles(struct search *s, str base)
{
	str texts_before[FILE_COUNT], texts_now[FILE_COUNT];
	struct tree *before, *now;

	TRY(git_history_read(s->ctx->arena, s->tree->path, base, names, FILE_COUNT, texts_before));
	TRY(read_now(s, texts_now));
	TRY_AS(parse(s, texts_before, &before), "package-lock.json at " STR_FMT, STR_ARG(base));
	TRY(parse(s, texts_now, &now));
	compare_parts(s, before, now);
	return NULL;
}

/* ---- both ---- */

struct err *members_since(const struct cmd_ctx *ctx, const struct tree *t, str ref,
			  struct members_since *out)
{
	struct search s = { .ctx = ctx, .tree = t, .out = out };
	str lockfile = path_join(ctx->arena, t->path, names[LOCKFILE]);
	struct git_changes changes;
	bool is_locked_anew = false;

	*out = (struct members_since){ 0 };
	map_init(&out->changed, ctx->arena);
	TRY_AS(git_changes_since(ctx->arena, t->path, ref, &changes),
	       "--since cannot tell what has changed");
	VEC_EACH (str, path, &changes.paths) {
		if (str_eq(*path, lockfile))
			is_locked_anew = true;
		else
			mark_changed(&s, *path);
	}
	return is_locked_anew ? compare_lockfiles(&s, changes.base) : NULL;
}
