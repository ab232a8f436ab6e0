/* SPDX-License-Identifier: MIT
 * A bare repository in a temporary folder, into which just the ref that is needed is fetched. Files
 * are written out of its objects by ourselves instead of by a checkout, so that there is nothing
 * which filters, attributes, links or a configuration in the repository could do. libgit2 1.5
 * cannot clone shallowly: hosts that serve tarballs are asked for those before anybody comes here.
 */
#include "source_git.h"
#include "source_git_net.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"

#include <git2.h>

#include <errno.h>
#include <stdlib.h>

#define FILES_MAX 500000
#define BYTES_MAX ((uint64_t)8 << 30)
#define ID_ROOM   (GIT_OID_HEXSZ + 1)

struct git_repo {
	struct arena arena;
	str url;
	char *path; /* of the temporary folder */
	git_repository *repo;
	git_remote *remote;
	int64_t limit_ms; /* of silence */
	VEC(struct git_ref) refs;
	bool has_all; /* branches and tags were fetched */
};

void git_repo_close(struct git_repo *r)
{
	struct arena arena;

	if (!r)
		return;
	if (r->remote)
		git_remote_free(r->remote);
	if (r->repo)
		git_repository_free(r->repo);
	if (r->path)
		err_ignore(fs_remove_tree(AT_FDCWD, r->path));
	arena = r->arena;
	arena_fini(&arena);
	git_libgit2_shutdown();
}

/* ---- refs ---- */

static str id_text(struct arena *a, const git_oid *id)
{
	char *text = arena_alloc(a, ID_ROOM);

	return str_view(git_oid_tostr(text, ID_ROOM, id));
}

/* "refs/tags/v1^{}" says what the annotated tag in front of it leads to. */
static void add_ref(struct git_repo *r, const git_remote_head *head)
{
	struct git_ref ref = { str_dup(&r->arena, str_view(head->name)),
			       id_text(&r->arena, &head->oid) };
	str bare = str_slice(ref.name, 0, ref.name.len - 3);

	if (!str_ends(ref.name, S("^{}"))) {
		VEC_PUSH(&r->arena, &r->refs, ref);
		return;
	}
	for (size_t i = r->refs.len; i-- > 0;)
		if (str_eq(r->refs.items[i].name, bare)) {
			r->refs.items[i].commit = ref.commit;
			return;
		}
}

static struct err *list_refs(struct git_repo *r)
{
	git_remote_callbacks callbacks = { 0 };
	git_proxy_options proxy = { .version = GIT_PROXY_OPTIONS_VERSION, .type = GIT_PROXY_AUTO };
	struct git_connection connection;
	const git_remote_head **heads;
	size_t count;
	bool failed;

	git_connection_begin(&connection, &callbacks, r->limit_ms);
	failed = git_remote_connect(r->remote, GIT_DIRECTION_FETCH, &callbacks, &proxy, NULL) < 0 ||
		 git_remote_ls(&heads, &count, r->remote) < 0;
	TRY(git_connection_end(&connection, failed, "cannot reach", r->url));
	for (size_t i = 0; i < count; i++)
		add_ref(r, heads[i]);
	git_remote_disconnect(r->remote);
	return NULL;
}

static struct err *make_repo(struct git_repo *r)
{
	const char *base = getenv("TMPDIR");
	char *path = str_cstr(&r->arena, str_printf(&r->arena, "%s/cpm-git-XXXXXX",
						    base && *base ? base : P_tmpdir));

	if (!mkdtemp(path))
		return err_sys(errno, "mkdtemp", str_view(path));
	r->path = path;
	if (git_repository_init(&r->repo, path, true) < 0 ||
	    git_remote_create_anonymous(&r->remote, r->repo, str_cstr(&r->arena, r->url)) < 0)
		return git_failure("cannot use", r->url);
	return list_refs(r);
}

struct err *git_repo_open(str url, int64_t limit_ms, struct git_repo **out)
{
	struct arena arena = { 0 };
	struct git_repo *r = ARENA_NEW(&arena, struct git_repo);
	struct err *err;

	git_libgit2_init();
	r->arena = arena;
	r->url = str_dup(&r->arena, url);
	r->limit_ms = limit_ms;
	log_silly("git", "looking at " STR_FMT, STR_ARG(url));
	err = make_repo(r);
	if (err) {
		git_repo_close(r);
		return err;
	}
	*out = r;
	return NULL;
}

const struct git_ref *git_repo_refs(const struct git_repo *r, size_t *count)
{
	*count = r->refs.len;
	return r->refs.items;
}

/* "main" for "refs/heads/main", "pull/1" for "refs/pull/1/head". */
static str short_name(str name)
{
	if (str_starts(name, S("refs/heads/")))
		return str_from(name, 11);
	if (str_starts(name, S("refs/tags/")))
		return str_from(name, 10);
	if (!str_starts(name, S("refs/pull/")))
		return name;
	name = str_from(name, 5);
	return str_ends(name, S("/head")) ? str_slice(name, 0, name.len - 5) : name;
}

/* A tag wins over a branch of its name, because remotes list it later. */
const struct git_ref *git_repo_find(const struct git_repo *r, str committish)
{
	for (size_t i = r->refs.len; i-- > 0;)
		if (str_eq(r->refs.items[i].name, committish) ||
		    str_eq(short_name(r->refs.items[i].name), committish))
			return &r->refs.items[i];
	for (size_t i = 0; i < r->refs.len; i++)
		if (str_eq(r->refs.items[i].commit, committish))
			return &r->refs.items[i];
	return NULL;
}

/* ---- fetching ---- */

static struct err *fetch(struct git_repo *r, const char *const *refspecs, size_t count)
{
	git_fetch_options opts = {
		.version = GIT_FETCH_OPTIONS_VERSION,
		.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE,
		.proxy_opts = { .version = GIT_PROXY_OPTIONS_VERSION, .type = GIT_PROXY_AUTO },
	};
	const git_strarray list = { (char **)refspecs, count };
	struct git_connection connection;
	bool failed;

	log_verbose("git", "fetching %s of " STR_FMT, refspecs[0], STR_ARG(r->url));
	git_connection_begin(&connection, &opts.callbacks, r->limit_ms);
	failed = git_remote_fetch(r->remote, &list, &opts, NULL) < 0;
	return git_connection_end(&connection, failed, "cannot fetch", r->url);
}

static struct err *fetch_ref(struct git_repo *r, str name)
{
	const char *spec = str_cstr(
		&r->arena, str_printf(&r->arena, "+" STR_FMT ":refs/cpm/wanted", STR_ARG(name)));

	return fetch(r, &spec, 1);
}

static struct err *fetch_all(struct git_repo *r)
{
	static const char *const specs[] = { "+refs/heads/*:refs/heads/*",
					     "+refs/tags/*:refs/tags/*" };

	if (r->has_all)
		return NULL;
	TRY(fetch(r, specs, ARRAY_LEN(specs)));
	r->has_all = true;
	return NULL;
}

static bool find_commit(struct git_repo *r, str commit, git_commit **out)
{
	ARENA_SCOPE(tmp);
	git_oid id;

	return git_oid_fromstr(&id, str_cstr(tmp, commit)) == 0 &&
	       git_commit_lookup(out, r->repo, &id) == 0;
}

/* The ref that is at the commit alone, else all branches and tags, else whatever else the remote
 * has. */
static struct err *need_commit(struct git_repo *r, str commit, git_commit **out)
{
	static const char *const everything = "+refs/*:refs/cpm/*";

	if (find_commit(r, commit, out))
		return NULL;
	for (size_t i = 0; i < r->refs.len; i++) {
		if (!str_eq(r->refs.items[i].commit, commit))
			continue;
		TRY(fetch_ref(r, r->refs.items[i].name));
		if (find_commit(r, commit, out))
			return NULL;
	}
	TRY(fetch_all(r));
	if (find_commit(r, commit, out))
		return NULL;
	TRY(fetch(r, &everything, 1));
	if (find_commit(r, commit, out))
		return NULL;
	return err_new(E_NOT_FOUND, "the repository " STR_FMT " has no commit " STR_FMT,
		       STR_ARG(r->url), STR_ARG(commit));
}

struct err *git_repo_parse(struct git_repo *r, struct arena *a, str expression, str *commit)
{
	git_object *found = NULL, *peeled = NULL;

	TRY(fetch_all(r));
	if (str_starts(expression, S("-")) ||
	    git_revparse_single(&found, r->repo, str_cstr(&r->arena, expression)) < 0 ||
	    git_object_peel(&peeled, found, GIT_OBJECT_COMMIT) < 0) {
		git_object_free(found);
		return err_new(E_NOT_FOUND,
			       "the repository " STR_FMT " has no branch, tag or commit '" STR_FMT
			       "'",
			       STR_ARG(r->url), STR_ARG(expression));
	}
	*commit = id_text(a, git_object_id(peeled));
	git_object_free(peeled);
	git_object_free(found);
	return NULL;
}

/* ---- writing files ---- */

struct folder {
	git_oid id;
	str path; /* below the target; "" for itself */
};

struct writer {
	struct arena *arena;
	struct git_repo *repo;
	int dirfd;
	VEC(struct folder) agenda;
	size_t files;
	uint64_t bytes;
};

static struct err *write_blob(struct writer *w, const git_tree_entry *entry, str path)
{
	mode_t mode = git_tree_entry_filemode(entry) == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644;
	AUTO_FD fd = -1;
	git_blob *blob;
	struct err *err;

	if (git_blob_lookup(&blob, w->repo->repo, git_tree_entry_id(entry)) < 0)
		return git_failure("cannot read", w->repo->url);
	w->bytes += (uint64_t)git_blob_rawsize(blob);
	if (w->bytes > BYTES_MAX || ++w->files > FILES_MAX) {
		git_blob_free(blob);
		return err_new(E_TOO_BIG, "the repository " STR_FMT " is too large",
			       STR_ARG(w->repo->url));
	}
	fd = fs_open_beneath(w->dirfd, str_cstr(w->arena, path), O_WRONLY | O_CREAT | O_EXCL, mode);
	err = fd < 0 ? err_sys(errno, "open", path)
		     : fs_write_all(
			       fd,
			       str_of(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob)),
			       str_cstr(w->arena, path));
	git_blob_free(blob);
	return err;
}

/* Names that would be git's own folder, here or on another system; nothing of the kind is ever
 * packed. */
static bool is_git_folder(str name)
{
	return str_eq_nocase(name, S(".git")) || str_starts_nocase(name, S("git~"));
}

static struct err *write_entry(struct writer *w, const git_tree_entry *entry, str folder)
{
	str name = str_dup(w->arena, str_view(git_tree_entry_name(entry)));
	str path = str_is_empty(folder) ? name
					: str_printf(w->arena, STR_FMT "/" STR_FMT, STR_ARG(folder),
						     STR_ARG(name));

	if (str_find_char(name, '/') != STR_NPOS || !path_is_inside(path))
		return err_new(E_PATH_ESCAPE,
			       "the repository " STR_FMT " has a file name that no file can have",
			       STR_ARG(w->repo->url));
	if (is_git_folder(name))
		return NULL;
	switch (git_tree_entry_filemode(entry)) {
	case GIT_FILEMODE_TREE:
		VEC_PUSH(w->arena, &w->agenda, (struct folder){ *git_tree_entry_id(entry), path });
		return fs_mkdirs_beneath(w->dirfd, str_cstr(w->arena, path)) < 0
			       ? err_sys(errno, "mkdir", path)
			       : NULL;
	case GIT_FILEMODE_COMMIT:
		log_warn("git", "left out '" STR_FMT "' of " STR_FMT ": submodules are not fetched",
			 STR_ARG(path), STR_ARG(w->repo->url));
		return NULL;
	case GIT_FILEMODE_LINK:
		return NULL;
	default:
		return write_blob(w, entry, path);
	}
}

static struct err *write_all(struct writer *w)
{
	while (w->agenda.len) {
		struct folder at = VEC_POP(&w->agenda);
		struct err *err = NULL;
		git_tree *tree;

		if (git_tree_lookup(&tree, w->repo->repo, &at.id) < 0)
			return git_failure("cannot read", w->repo->url);
		for (size_t i = 0; i < git_tree_entrycount(tree) && !err; i++)
			err = write_entry(w, git_tree_entry_byindex(tree, i), at.path);
		git_tree_free(tree);
		TRY(err);
	}
	return NULL;
}

/* The folder to begin with. */
static struct err *find_folder(struct git_repo *r, git_commit *commit, str subdir, git_oid *out)
{
	git_tree_entry *entry = NULL;
	git_tree *tree;
	bool is_found;

	if (git_commit_tree(&tree, commit) < 0)
		return git_failure("cannot read", r->url);
	if (str_is_empty(subdir)) {
		*out = *git_object_id((git_object *)tree);
		git_tree_free(tree);
		return NULL;
	}
	is_found = git_tree_entry_bypath(&entry, tree, str_cstr(&r->arena, subdir)) == 0 &&
		   git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
	if (is_found)
		*out = *git_tree_entry_id(entry);
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return is_found ? NULL
			: err_new(E_NOT_FOUND,
				  "the repository " STR_FMT " has no folder '" STR_FMT "'",
				  STR_ARG(r->url), STR_ARG(subdir));
}

struct err *git_repo_checkout(struct git_repo *r, str commit, str subdir, int dirfd)
{
	ARENA_SCOPE(tmp);
	struct writer w = { .arena = tmp, .repo = r, .dirfd = dirfd };
	struct folder top = { .path = S("") };
	git_commit *found;
	struct err *err;

	TRY(need_commit(r, commit, &found));
	err = find_folder(r, found, subdir, &top.id);
	git_commit_free(found);
	TRY(err);
	VEC_PUSH(tmp, &w.agenda, top);
	return write_all(&w);
}
