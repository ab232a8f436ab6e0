/* SPDX-License-Identifier: MIT
 * Files out of the history of the repository around a folder. */
#include "cpm/registry/git_history.h"

#include "source_git_net.h"

#include "cpm/base/path.h"

#include <git2.h>

#define FILE_MAX_BYTES ((git_object_size_t)256 << 20)

/* libgit2's objects under way; those that exist are freed together. */
struct history {
	git_repository *repo;
	git_object *found, *peeled;
};

static void close_history(struct history *h)
{
	if (h->peeled)
		git_object_free(h->peeled);
	if (h->found)
		git_object_free(h->found);
	if (h->repo)
		git_repository_free(h->repo);
	git_libgit2_shutdown();
}

static struct err *open_tree(struct arena *a, struct history *h, str dir, str ref)
{
	if (git_repository_open_ext(&h->repo, str_cstr(a, dir), 0, NULL) < 0)
		return git_failure("cannot read", dir);
	if (git_revparse_single(&h->found, h->repo, str_cstr(a, ref)) < 0 ||
	    git_object_peel(&h->peeled, h->found, GIT_OBJECT_TREE) < 0) {
		struct err *e = git_failure("cannot use", dir);
		return err_wrap(e, "'" STR_FMT "' names no commit here", STR_ARG(ref));
	}
	return NULL;
}

/* @path as the repository has it: below its working copy. */
static str path_in_repo(struct arena *a, const struct history *h, str dir, str name)
{
	const char *top = git_repository_workdir(h->repo);
	str base = top ? path_clean(a, str_view(top)) : dir;

	return path_join(a, path_relative(a, base, dir), name);
}

static struct err *copy_blob(struct arena *a, git_blob *blob, str path, str *text)
{
	git_object_size_t size = git_blob_rawsize(blob);

	if (size > FILE_MAX_BYTES)
		return err_new(E_TOO_BIG, "'" STR_FMT "' is over 256 MiB there", STR_ARG(path));
	*text = str_dup(a, str_of(git_blob_rawcontent(blob), (size_t)size));
	return NULL;
}

static struct err *read_file(struct arena *a, const struct history *h, str path, str *text)
{
	git_tree_entry *entry;
	git_blob *blob = NULL;
	struct err *e;

	*text = STR_NULL;
	if (git_tree_entry_bypath(&entry, (const git_tree *)h->peeled, str_cstr(a, path)) < 0)
		return NULL;
	if (git_blob_lookup(&blob, h->repo, git_tree_entry_id(entry)) < 0)
		e = git_failure("cannot read a file of", path);
	else
		e = copy_blob(a, blob, path, text);
	if (blob)
		git_blob_free(blob);
	git_tree_entry_free(entry);
	return e;
}

struct err *git_history_read(struct arena *a, str dir, str ref, const str *names, size_t count,
			     str *texts)
{
	struct history h = { 0 };
	struct err *e;

	git_libgit2_init();
	e = open_tree(a, &h, dir, ref);
	for (size_t i = 0; !e && i < count; i++)
		e = read_file(a, &h, path_in_repo(a, &h, dir, names[i]), &texts[i]);
	close_history(&h);
	return e;
}
