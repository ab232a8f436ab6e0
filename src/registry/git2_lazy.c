/* SPDX-License-Identifier: MIT
 * What repositories need of libgit2, bound when first called (lazy.h). */
#include "cpm/base/lazy.h"

#include <git2.h>

static struct lazy_library git2 = { .soname = "libgit2.so." LIBGIT2_SOVERSION, .package = "libgit2-" LIBGIT2_SOVERSION };

/* clang-format off */
LAZY(&git2, int, git_libgit2_init, (void), ())
LAZY(&git2, int, git_libgit2_shutdown, (void), ())
LAZY(&git2, const git_error *, git_error_last, (void), ())
LAZY(&git2, int, git_error_set_str, (int error_class, const char *text), (error_class, text))
LAZY(&git2, int, git_repository_init, (git_repository **out, const char *path, unsigned is_bare), (out, path, is_bare))
LAZY(&git2, int, git_repository_open_ext, (git_repository **out, const char *path, unsigned flags, const char *ceilings), (out, path, flags, ceilings))
LAZY(&git2, const char *, git_repository_workdir, (const git_repository *repo), (repo))
LAZY(&git2, int, git_repository_is_shallow, (git_repository *repo), (repo))
LAZY_VOID(&git2, git_repository_free, (git_repository *repo), (repo))
LAZY(&git2, int, git_remote_create_anonymous, (git_remote **out, git_repository *repo, const char *url), (out, repo, url))
LAZY(&git2, int, git_remote_connect, (git_remote *remote, git_direction direction, const git_remote_callbacks *callbacks, const git_proxy_options *proxy, const git_strarray *headers), (remote, direction, callbacks, proxy, headers))
LAZY(&git2, int, git_remote_ls, (const git_remote_head ***out, size_t *count, git_remote *remote), (out, count, remote))
LAZY(&git2, int, git_remote_fetch, (git_remote *remote, const git_strarray *refspecs, const git_fetch_options *opts, const char *message), (remote, refspecs, opts, message))
LAZY(&git2, int, git_remote_disconnect, (git_remote *remote), (remote))
LAZY_VOID(&git2, git_remote_free, (git_remote *remote), (remote))
LAZY(&git2, int, git_credential_username_new, (git_credential **out, const char *name), (out, name))
LAZY(&git2, int, git_credential_ssh_key_from_agent, (git_credential **out, const char *name), (out, name))
LAZY(&git2, int, git_credential_ssh_key_new, (git_credential **out, const char *name, const char *public_key, const char *private_key, const char *passphrase), (out, name, public_key, private_key, passphrase))
LAZY(&git2, int, git_oid_fromstr, (git_oid *out, const char *hex), (out, hex))
LAZY(&git2, char *, git_oid_tostr, (char *out, size_t room, const git_oid *id), (out, room, id))
LAZY(&git2, int, git_revparse_single, (git_object **out, git_repository *repo, const char *expression), (out, repo, expression))
LAZY(&git2, int, git_object_peel, (git_object **out, const git_object *object, git_object_t type), (out, object, type))
LAZY(&git2, const git_oid *, git_object_id, (const git_object *object), (object))
LAZY_VOID(&git2, git_object_free, (git_object *object), (object))
LAZY(&git2, int, git_commit_lookup, (git_commit **out, git_repository *repo, const git_oid *id), (out, repo, id))
LAZY(&git2, int, git_commit_tree, (git_tree **out, const git_commit *commit), (out, commit))
LAZY_VOID(&git2, git_commit_free, (git_commit *commit), (commit))
LAZY(&git2, int, git_tree_lookup, (git_tree **out, git_repository *repo, const git_oid *id), (out, repo, id))
LAZY(&git2, size_t, git_tree_entrycount, (const git_tree *tree), (tree))
LAZY(&git2, const git_tree_entry *, git_tree_entry_byindex, (const git_tree *tree, size_t at), (tree, at))
LAZY(&git2, int, git_tree_entry_bypath, (git_tree_entry **out, const git_tree *tree, const char *path), (out, tree, path))
LAZY(&git2, const char *, git_tree_entry_name, (const git_tree_entry *entry), (entry))
LAZY(&git2, const git_oid *, git_tree_entry_id, (const git_tree_entry *entry), (entry))
LAZY(&git2, git_filemode_t, git_tree_entry_filemode, (const git_tree_entry *entry), (entry))
LAZY_VOID(&git2, git_tree_entry_free, (git_tree_entry *entry), (entry))
LAZY_VOID(&git2, git_tree_free, (git_tree *tree), (tree))
LAZY(&git2, int, git_blob_lookup, (git_blob **out, git_repository *repo, const git_oid *id), (out, repo, id))
LAZY(&git2, const void *, git_blob_rawcontent, (const git_blob *blob), (blob))
LAZY(&git2, git_object_size_t, git_blob_rawsize, (const git_blob *blob), (blob))
LAZY_VOID(&git2, git_blob_free, (git_blob *blob), (blob))
LAZY(&git2, int, git_merge_base, (git_oid *out, git_repository *repo, const git_oid *one, const git_oid *other), (out, repo, one, other))
LAZY(&git2, int, git_diff_tree_to_workdir_with_index, (git_diff **out, git_repository *repo, git_tree *tree, const git_diff_options *opts), (out, repo, tree, opts))
LAZY(&git2, size_t, git_diff_num_deltas, (const git_diff *diff), (diff))
LAZY(&git2, const git_diff_delta *, git_diff_get_delta, (const git_diff *diff, size_t at), (diff, at))
LAZY_VOID(&git2, git_diff_free, (git_diff *diff), (diff))
/* clang-format on */

#ifdef __SANITIZE_ADDRESS__
/* libgit2 1.5 forgets what its regular expressions worked with. */
const char *__lsan_default_suppressions(void), *__lsan_default_options(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2-8";
}

const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}
#endif
