/* SPDX-License-Identifier: MIT
 * The working copy against the merge base of HEAD and another commit, as one comparison: what is
 * not committed yet has changed as well. */
#include "cpm/registry/git_changes.h"

#include "source_git_net.h"

#include "cpm/base/path.h"

#include <git2.h>

/* libgit2's objects under way; those that exist are freed together. */
struct comparison {
	git_repository *repo;
	git_object *head, *other;
	git_commit *base;
	git_tree *tree;
	git_diff *diff;
};

static void close_comparison(struct comparison *c)
{
	if (c->diff)
		git_diff_free(c->diff);
	if (c->tree)
		git_tree_free(c->tree);
	if (c->base)
		git_commit_free(c->base);
	if (c->other)
		git_object_free(c->other);
	if (c->head)
		git_object_free(c->head);
	if (c->repo)
		git_repository_free(c->repo);
	git_libgit2_shutdown();
}

static struct err *open_repository(struct arena *a, struct comparison *c, str dir)
{
	if (git_repository_open_ext(&c->repo, str_cstr(a, dir), 0, NULL) < 0)
		return git_failure("cannot read", dir);
	if (!git_repository_workdir(c->repo))
		return err_new(E_GIT, "the repository " STR_FMT " has no working copy",
			       STR_ARG(dir));
	return NULL;
}

static struct err *find_commit(struct arena *a, struct comparison *c, str dir, str ref,
			       git_object **out)
{
	git_object *found = NULL;
	int failed = git_revparse_single(&found, c->repo, str_cstr(a, ref)) < 0 ||
		     git_object_peel(out, found, GIT_OBJECT_COMMIT) < 0;
	struct err *e = failed ? git_failure("cannot use", dir) : NULL;

	if (found)
		git_object_free(found);
	return e ? err_wrap(e, "'" STR_FMT "' names no commit here", STR_ARG(ref)) : NULL;
}

/* ---- the merge base ---- */

static struct err *no_base(const struct comparison *c, str ref)
{
	if (git_repository_is_shallow(c->repo) == 1)
		return err_new(E_GIT,
			       "this is a shallow clone, and its history ends before the commit "
			       "that HEAD and '" STR_FMT "' have in common: fetch more of it with "
			       "'git fetch --unshallow'",
			       STR_ARG(ref));
	return err_new(E_GIT, "HEAD and '" STR_FMT "' have no commit in common", STR_ARG(ref));
}

static struct err *find_base(struct arena *a, struct comparison *c, str dir, str ref, str *hex)
{
	char text[GIT_OID_HEXSZ + 1];
	git_oid base;

	TRY(find_commit(a, c, dir, ref, &c->other));
	TRY(find_commit(a, c, dir, S("HEAD"), &c->head));
	if (git_merge_base(&base, c->repo, git_object_id(c->head), git_object_id(c->other)) < 0)
		return no_base(c, ref);
	if (git_commit_lookup(&c->base, c->repo, &base) < 0 ||
	    git_commit_tree(&c->tree, c->base) < 0)
		return git_failure("cannot read a commit of", dir);
	*hex = str_dup(a, str_view(git_oid_tostr(text, sizeof(text), &base)));
	return NULL;
}

/* ---- the files ---- */

static bool is_installed(struct arena *tmp, str path)
{
	return str_find(str_printf(tmp, "/" STR_FMT "/", STR_ARG(path)), S("/node_modules/")) !=
	       STR_NPOS;
}

static void add(struct arena *a, str top, const git_diff_delta *d, struct git_changes *out)
{
	ARENA_SCOPE(tmp);
	str path = str_view(d->new_file.path);

	if (d->status != GIT_DELTA_UNTRACKED || !is_installed(tmp, path))
		VEC_PUSH(a, &out->paths, path_join(a, top, path));
}

static struct err *compare(struct arena *a, struct comparison *c, str dir, struct git_changes *out)
{
	git_diff_options opts = {
		.version = GIT_DIFF_OPTIONS_VERSION,
		.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_INCLUDE_TYPECHANGE,
		.ignore_submodules = GIT_SUBMODULE_IGNORE_UNSPECIFIED,
		.context_lines = 3,
	};
	str top = path_clean(a, str_view(git_repository_workdir(c->repo)));

	if (git_diff_tree_to_workdir_with_index(&c->diff, c->repo, c->tree, &opts) < 0)
		return git_failure("cannot compare", dir);
	for (size_t i = 0; i < git_diff_num_deltas(c->diff); i++)
		add(a, top, git_diff_get_delta(c->diff, i), out);
	return NULL;
}

struct err *git_changes_since(struct arena *a, str dir, str ref, struct git_changes *out)
{
	struct comparison c = { 0 };
	struct err *e;

	*out = (struct git_changes){ 0 };
	git_libgit2_init();
	e = open_repository(a, &c, dir);
	if (!e)
		e = find_base(a, &c, dir, ref, &out->base);
	if (!e)
		e = compare(a, &c, dir, out);
	close_comparison(&c);
	return e;
}
