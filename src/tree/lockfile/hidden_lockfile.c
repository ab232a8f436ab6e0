/* SPDX-License-Identifier: MIT
 * The proof that the hidden lockfile still tells the truth: no folder it is about was changed after
 * it was written, every folder has an entry, every entry was seen. Installing or removing anything
 * changes the time of a folder, so this costs a look at each folder instead of a look into each
 * package. Twin of shrinkwrap.js, assertNoNewer. */
#include "hidden_lockfile.h"
#include "lockfile_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"

#define HIDDEN_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define JITTER_MS        10 /* npm's allowance for a folder that is written along with the file */

typedef VEC(str) str_vec;

struct proof {
	struct arena *scratch;
	const struct lock_doc *doc;
	str dir; /* the project's */
	int dirfd;
	int64_t limit_ms;
	struct map seen; /* locations */
	str_vec agenda;    /* folders to look at: locations */
	str fault;       /* why it does not hold, or null */
};

/* As JavaScript's Date sees it. */
static int64_t mtime_ms(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000 + (st->st_mtim.tv_nsec + 500000) / 1000000;
}

static bool fails(struct proof *p, const char *why, str location)
{
	p->fault = str_printf(p->scratch, "%s: " STR_FMT, why, STR_ARG(location));
	return false;
}

/* ---- kinds of folders ---- */

static bool is_node_modules(str location)
{
	return str_eq(path_basename(location), S("node_modules"));
}

static bool is_scope(str location)
{
	return str_starts(path_basename(location), S("@"));
}

/* Where the children of a folder are: in itself, or in the node_modules of a package. */
static str children_of(struct proof *p, str location)
{
	if (is_node_modules(location) || is_scope(location))
		return location;
	return str_printf(p->scratch, STR_FMT "/node_modules", STR_ARG(location));
}

/* ---- looking ---- */

/* A link is seen; the folder it leads to is looked at once. */
static void see_link(struct proof *p, str location)
{
	ARENA_SCOPE(tmp);
	str target, path;
	struct stat st;
	struct err *e = fs_read_link(tmp, p->dirfd, str_cstr(tmp, location), &target);

	map_put(&p->seen, location, p);
	if (e) {
		err_free(e);
		return;
	}
	path = path_resolve(tmp, path_join(tmp, p->dir, path_dirname(location)), target);
	target = path_relative(p->scratch, p->dir, path);
	if (fstatat(AT_FDCWD, str_cstr(tmp, path), &st, 0) == 0 && S_ISDIR(st.st_mode) &&
	    target.len && !map_has(&p->seen, target))
		VEC_PUSH(p->scratch, &p->agenda, target);
}

static void see_children(struct proof *p, str location)
{
	AUTO_DIR it = { 0 };
	str folder = children_of(p, location);
	struct err *e;

	if (!fs_is_dir(p->dirfd, str_cstr(p->scratch, folder)))
		return;
	e = dir_open(p->dirfd, str_cstr(p->scratch, folder), &it);

	while (!e && dir_next(&it)) {
		str child = str_printf(p->scratch, STR_FMT "/%s", STR_ARG(folder), it.name);

		if (it.type == DT_LNK)
			see_link(p, child);
		else if (it.type == DT_DIR && it.name[0] != '.')
			VEC_PUSH(p->scratch, &p->agenda, child);
	}
	err_free(e ? e : it.err);
}

/* False when this folder speaks against the lockfile. */
static bool look_at(struct proof *p, str location)
{
	struct stat st;

	if (map_put(&p->seen, location, p))
		return true;
	if (fstatat(p->dirfd, str_cstr(p->scratch, location), &st, 0) != 0)
		return fails(p, "cannot be read", location);
	if (mtime_ms(&st) > p->limit_ms)
		return fails(p, "out of date, updated", location);
	if (!is_node_modules(location) && !is_scope(location) &&
	    !map_has(&p->doc->entries, location))
		return fails(p, "missing from lockfile", location);
	see_children(p, location);
	return true;
}

/* ---- whole ---- */

/* A folder of the store of a linked layout is not looked at itself, but what it holds is. */
static bool add_store_entry(struct proof *p, str location)
{
	if (!str_starts(location, S(NODE_STORE "/")))
		return false;
	map_put(&p->seen, location, p);
	VEC_PUSH(p->scratch, &p->agenda, str_concat(p->scratch, location, S("/node_modules")));
	return true;
}

/* Folders of the project that are entries without a link to them. */
static void add_unlinked(struct proof *p)
{
	str parent;

	for (struct map_iter it = map_iter(&p->doc->entries); map_next(&it);) {
		const struct lock_entry *entry = it.val;

		if (it.key.len && !entry->is_link && !entry->is_link_target &&
		    !lockfile_key_parent(it.key, &parent) && !add_store_entry(p, it.key))
			VEC_PUSH(p->scratch, &p->agenda, it.key);
	}
}

static bool all_seen(struct proof *p)
{
	for (struct map_iter it = map_iter(&p->doc->entries); map_next(&it);)
		if (it.key.len && !map_has(&p->seen, it.key))
			return fails(p, "missing from node_modules", it.key);
	return true;
}

static bool is_fresh(struct arena *scratch, const struct lock_doc *doc, const struct lock_place *at,
		     const struct stat *st)
{
	struct proof p = { .scratch = scratch, .doc = doc, .dir = at->dir, .dirfd = at->dirfd };
	bool holds = true;

	p.limit_ms = mtime_ms(st) + JITTER_MS;
	map_init(&p.seen, scratch);
	VEC_PUSH(scratch, &p.agenda, S("node_modules"));
	add_unlinked(&p);
	while (holds && p.agenda.len)
		holds = look_at(&p, VEC_POP(&p.agenda));
	if (holds && all_seen(&p))
		return true;
	log_verbose("shrinkwrap", "failed to load " HIDDEN_LOCKFILE " " STR_FMT, STR_ARG(p.fault));
	return false;
}

static struct err *load(struct arena *a, struct arena *scratch, const struct lock_place *at,
			struct tree **out)
{
	struct lock_doc *doc;
	struct stat st;
	str text;

	if (!fs_is_dir(at->dirfd, "node_modules") || !fs_lstat(at->dirfd, HIDDEN_LOCKFILE, &st) ||
	    !S_ISREG(st.st_mode))
		return NULL;
	TRY(fs_read_all(a, at->dirfd, HIDDEN_LOCKFILE, HIDDEN_MAX_BYTES, &text));
	TRY(lock_doc_read(a, text, &doc));
	TRY(lock_doc_check(a, doc, at->name));
	if (!is_fresh(scratch, doc, at, &st))
		return NULL;
	TRY(lock_doc_to_tree(a, doc, at, out));
	(*out)->lockfile =
		NULL; /* package-lock.json is written from the one before, not from this */
	return NULL;
}

struct tree *hidden_load(struct arena *a, const struct lock_place *at)
{
	ARENA_SCOPE(scratch);
	struct tree *t = NULL;
	struct err *e = load(a, scratch, at, &t);

	if (!e)
		return t;
	str reason = err_text(scratch, e);

	log_verbose("shrinkwrap", "failed to load " HIDDEN_LOCKFILE " " STR_FMT, STR_ARG(reason));
	err_free(e);
	return NULL;
}
