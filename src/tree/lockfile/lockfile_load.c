/* SPDX-License-Identifier: MIT
 * package-lock.json from the disk. npm takes a file it cannot parse for none at all, and so do we;
 * a file that leads out of the project by being a link is refused instead, since it is somebody
 * else's (T25). */
#include "lockfile_doc.h"
#include "lockfile_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/trace.h"

#define LOCKFILE_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define LOCKFILE_NAME      "package-lock.json"

/* ---- text ---- */

static struct err *read_doc(struct arena *a, str text, struct lock_doc **doc)
{
	str merged;

	if (!lockfile_is_conflicted(text))
		return lock_doc_read(a, text, doc);
	TRY(lockfile_resolve_conflict(a, text, &merged));
	TRY(lock_doc_read(a, merged, doc));
	(*doc)->file->was_conflicted = true;
	return NULL;
}

struct err *lockfile_read_at(struct arena *a, str text, const struct lock_place *at,
			     struct tree **out)
{
	struct lock_doc *doc;
	struct err *e = read_doc(a, text, &doc);

	*out = NULL;
	if (e && err_is(e, E_JSON_PARSE)) {
		ARENA_SCOPE(tmp);
		str reason = err_text(tmp, e);

		log_verbose("shrinkwrap", "failed to load " STR_FMT " " STR_FMT, STR_ARG(at->name),
			    STR_ARG(reason));
		err_free(e);
		return NULL;
	}
	if (e)
		return e;
	if (!doc->has_packages && !str_is_null(doc->legacy))
		TRY(lock_doc_read_legacy(a, doc, at->dir, at->root));
	TRY(lock_doc_check(a, doc, at->name));
	return lock_doc_to_tree(a, doc, at, out);
}

struct err *lockfile_parse(struct arena *a, str text, str name, str dir, struct manifest *root,
			   bool legacy_peer_deps, struct tree **out)
{
	const struct lock_place at = { .name = name,
				       .dir = dir,
				       .root = root,
				       .dirfd = -1,
				       .legacy_peer_deps = legacy_peer_deps };

	return lockfile_read_at(a, text, &at, out);
}

/* ---- file ---- */

/* A link may lead to another place in the project, and nowhere else. */
static struct err *check_link(struct arena *a, int dirfd, str dir)
{
	struct stat st;
	str real;

	if (!fs_lstat(dirfd, LOCKFILE_NAME, &st) || !S_ISLNK(st.st_mode))
		return NULL;
	TRY(fs_real_path(a, str_printf(a, STR_FMT "/" LOCKFILE_NAME, STR_ARG(dir)).p, &real));
	if (path_is_under(real, dir))
		return NULL;
	return err_new(E_LOCKFILE_PATH,
		       "'" LOCKFILE_NAME "' is a link that leads out of the project");
}

struct err *lockfile_load(struct arena *a, int dirfd, str dir, struct manifest *root,
			  bool legacy_peer_deps, struct tree **out)
{
	const struct lock_place at = { .name = S(LOCKFILE_NAME),
				       .dir = dir,
				       .root = root,
				       .dirfd = dirfd,
				       .legacy_peer_deps = legacy_peer_deps };
	struct err *e;
	str text;
	TRACE(LOCKFILE);

	*out = NULL;
	TRY(check_link(a, dirfd, dir));
	e = fs_read_all(a, dirfd, LOCKFILE_NAME, LOCKFILE_MAX_BYTES, &text);
	if (e && err_is(e, E_NO_ENTRY)) {
		err_free(e);
		return NULL;
	}
	if (e)
		return e;
	return text.len ? lockfile_read_at(a, text, &at, out) : NULL;
}
