/* SPDX-License-Identifier: MIT
 * ci over a tree that is there: instead of deleting and rebuilding it, the tree is held, file by
 * file, against what the cache knows of each package (architecture.md 6). What is as an install
 * would make it stays; the rest is moved aside and made anew; what nothing calls for goes. The
 * result is that of a rebuild, and so is the report.
 *
 * What a proof stands on: the last run noted, for every package, the tarball it was written from
 * and a moment until which nobody but us had touched it. Whatever is done to a file or a folder
 * later (writing, renaming, changing its mode) sets its time of change, which no program can set
 * back. So a package is proven when
 *
 *   - none of its folders changed after that moment: no entry came or went, none was swapped;
 *   - every file has the size and mode it should have, and did not change after that moment either.
 *
 * Files that are shared with the shelf change whenever another project links or drops them. Of
 * those the time of writing counts, as it does when they are linked: it must be the one in the row,
 * and the file must have other names.
 *
 * Packages whose scripts run are made anew: these are to find what the tarball holds.
 *
 * Any doubt (no state, another file system below node_modules, a clock that went back) makes a
 * package unproven, or the whole tree. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/trace.h"
#include "state_priv.h"

#define UNITS_PER_JOB 16

/* ---- one package, on a worker ---- */

/* What a package must look like. */
struct claim {
	struct unit *unit;
	const struct package_row *row;
	int64_t until_ns;
	bool holds;
	bool has_nested; /* a node_modules in it, perhaps one that a run before left empty */
};

struct proof_job {
	struct job job; /* first: what the pool hands back */
	int dirfd;
	dev_t device;
	bool owns_files; /* a shared file is not as it should be */
	struct claim *claims;
	size_t count;
};

static int64_t changed_ns(const struct stat *st)
{
	return state_time_ns(&st->st_ctim);
}

static bool is_own_folder(const struct stat *st, const struct proof_job *job, int64_t until_ns)
{
	return S_ISDIR(st->st_mode) && st->st_dev == job->device && changed_ns(st) < until_ns;
}

static bool is_own_file(const struct stat *st, const struct proof_job *job, int64_t until_ns,
			const struct package_row *row, const struct row_file *f)
{
	if (!S_ISREG(st->st_mode) || st->st_dev != job->device ||
	    (uint64_t)st->st_size != f->size || (st->st_mode & 07777) != f->mode ||
	    (job->owns_files && st->st_nlink > 1))
		return false;
	return changed_ns(st) < until_ns ||
	       (row->is_shelved && st->st_nlink > 1 && state_time_ns(&st->st_mtim) == f->mtime_ns);
}

/* @path below @dirfd, put together in a buffer of PATH_MAX: paths in rows are shorter. */
static bool look(int dirfd, str path, char *room, struct stat *st)
{
	memcpy(room, path.p, path.len);
	room[path.len] = '\0';
	return fstatat(dirfd, room, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool holds(const struct proof_job *job, struct claim *c)
{
	const struct package_row *row = c->row;
	AUTO_FD dir = fs_open_beneath(job->dirfd, c->unit->path, O_PATH | O_DIRECTORY, 0);
	char room[PATH_MAX];
	struct stat st;

	if (dir < 0 || fstat(dir, &st) != 0 || !is_own_folder(&st, job, c->until_ns))
		return false;
	for (size_t i = 0; i < row->ndirs; i++)
		if (!look(dir, row->dirs[i], room, &st) || !is_own_folder(&st, job, c->until_ns))
			return false;
	for (size_t i = 0; i < row->nfiles; i++)
		if (!look(dir, row->files[i].path, room, &st) ||
		    !is_own_file(&st, job, c->until_ns, row, &row->files[i]))
			return false;
	c->has_nested = look(dir, S("node_modules"), room, &st);
	return true;
}

static void *check_claims(void *arg, struct arena *scratch)
{
	struct proof_job *job = arg;
	TRACE(PROVE);

	(void)scratch;
	for (size_t i = 0; i < job->count; i++)
		job->claims[i].holds = holds(job, &job->claims[i]);
	return &job->job;
}

static void settle_claims(struct run *r, struct job *job)
{
	(void)r;
	(void)job;
}

/* ---- which packages can be proven at all ---- */

struct proof {
	struct run *r;
	struct map last; /* location -> const struct state_package * */
	dev_t device;
	int64_t now_ns;
	VEC(struct claim) claims;
};

static void index_last(struct proof *p)
{
	const struct state *last = p->r->opts->last;

	map_init(&p->last, p->r->arena);
	for (size_t i = 0; i < last->npackages; i++)
		map_put(&p->last, last->packages[i].location, &last->packages[i]);
}

/* What a lockfile asks for has been verified by the time it is in place. */
bool unit_origin(const struct unit *u, struct fingerprint *out)
{
	const struct integrity *i = u->shipment ? &u->shipment->integrity : NULL;

	for (size_t n = 0; i && n < i->count; n++) {
		const struct digest *d = &i->items[n];

		if (d->algo != i->strongest || d->algo < DIGEST_SHA256)
			continue;
		*out = fingerprint_of(str_of((const char *)d->bytes, digest_size(d->algo)));
		return true;
	}
	return false;
}

/* Packages with others inside them are made anew: what is in them only the disk knows. */
static void make_claim(struct proof *p, struct unit *u)
{
	const struct shipment *s = u->shipment;
	const struct state_package *last = map_get(&p->last, u->node->location);
	struct fingerprint origin;

	if (!last || !unit_origin(u, &origin) || !fingerprint_eq(last->origin, origin) ||
	    last->until_ns > p->now_ns || !s->has_row || !shelf_fits(u, &s->row) ||
	    u->node->manifest->nbundled)
		return;
	VEC_PUSH(p->r->arena, &p->claims,
		 (struct claim){ u, &s->row, last->until_ns, false, false });
}

static void check_all(struct proof *p)
{
	struct run *r = p->r;

	for (size_t from = 0; from < p->claims.len; from += UNITS_PER_JOB) {
		struct proof_job *job = ARENA_NEW(r->arena, struct proof_job);

		*job = (struct proof_job){ { settle_claims },
					   r->dirfd,
					   p->device,
					   r->opts->owns_files,
					   p->claims.items + from,
					   MIN((size_t)UNITS_PER_JOB, p->claims.len - from) };
		pool_send(r->opts->pool, check_claims, job);
	}
	fetch_drain(r);
}

/* What stands in a package that is moved aside goes with it. */
static bool has_lost_host(const struct run *r, const struct node *n)
{
	for (const struct node *host = n->parent; host && !host->is_root; host = host->parent) {
		const struct unit *u = plan_unit_of(r, host);

		if (u && !u->is_proven)
			return true;
	}
	return false;
}

static bool is_right_link(struct run *r, const struct unit *u)
{
	str target, want = path_relative(r->arena, path_dirname(u->node->path), u->node->real_path);
	struct err *err = fs_read_link(r->arena, r->dirfd, u->path, &target);

	err_ignore(err);
	return !err && str_eq(target, want);
}

/* Parents come before what is in them. */
static void settle_units(struct proof *p)
{
	struct run *r = p->r;

	VEC_EACH (struct claim, c, &p->claims)
		if (c->holds && unit_take_facts(r->arena, c->unit))
			c->unit->is_proven = !scripts_will_run(r, c->unit) &&
					     !c->unit->node->patched;
	VEC_EACH (struct unit *, u, &r->units) {
		if ((*u)->node->is_link)
			(*u)->is_proven = (*u)->is_done = is_right_link(r, *u);
		if ((*u)->is_proven && has_lost_host(r, (*u)->node))
			(*u)->is_proven = false;
	}
}

/* ---- what is there beside the packages ---- */

enum entry_kind { ENTRY_FOLDER = 1, ENTRY_LINK };

/* Folders that hold packages -> their names -> enum entry_kind. */
struct layout {
	struct arena *arena;
	struct map folders;
};

static struct map *layout_folder(struct layout *l, str path)
{
	struct map *names = map_get(&l->folders, path);

	if (!names) {
		names = ARENA_NEW(l->arena, struct map);
		map_init(names, l->arena);
		map_put(&l->folders, path, names);
	}
	return names;
}

/* @path and the folders it is in, up to the first that is known. */
static void layout_add(struct layout *l, str path, enum entry_kind kind)
{
	struct map *names = layout_folder(l, path_dirname(path));

	map_put(names, path_basename(path), (void *)(uintptr_t)kind);
}

static void layout_add_package(struct layout *l, const struct node *n)
{
	str folder = path_dirname(n->location);

	layout_add(l, n->location, n->is_link ? ENTRY_LINK : ENTRY_FOLDER);
	if (str_starts(path_basename(folder), S("@")))
		layout_add(l, folder, ENTRY_FOLDER);
}

static struct layout lay_out(struct run *r)
{
	struct layout l = { .arena = r->arena };

	map_init(&l.folders, r->arena);
	layout_folder(&l, S("node_modules"));
	VEC_EACH (struct workspace, w, &r->ideal->workspaces)
		layout_folder(&l,
			      path_join(r->arena, path_relative(r->arena, r->ideal->path, w->path),
					S("node_modules")));
	VEC_EACH (struct unit *, u, &r->units)
		if ((*u)->is_proven)
			layout_add_package(&l, (*u)->node);
	VEC_EACH (struct bin_link, b, &r->bin_links) {
		str path = str_view(b->path);

		/* What is made anew is linked anew. */
		if ((b->unit && !b->unit->is_proven) || !bins_will_link(r, b))
			continue;
		layout_add(&l, path, ENTRY_LINK);
		layout_add(&l, path_dirname(path), ENTRY_FOLDER);
	}
	return l;
}

/* Files of npm's and of ours. */
static bool is_bookkeeping(const char *name)
{
	return strcmp(name, ".package-lock.json") == 0 || strcmp(name, ".cpm-state") == 0;
}

static bool is_wanted(const struct map *names, const struct dir_iter *it, bool is_top)
{
	uintptr_t kind = (uintptr_t)map_get(names, str_view(it->name));

	if (kind)
		return it->type == (kind == ENTRY_LINK ? DT_LNK : DT_DIR);
	return is_top && it->type == DT_REG && is_bookkeeping(it->name);
}

/* Folders that hold packages have no row that tells their mode: it is the one they are made with.
 */
static bool is_plain_folder(const struct proof *p, int fd, bool is_top)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == p->device &&
	       (is_top || (st.st_mode & 07777) == (0777 & ~fs_umask()));
}

/* False: this folder is not one that we can reason about. */
static bool find_extra(struct proof *p, str folder, const struct map *names)
{
	struct run *r = p->r;
	bool is_top = str_eq(folder, S("node_modules"));
	AUTO_FD fd = fs_open_beneath(r->dirfd, run_path(r, folder), O_RDONLY | O_DIRECTORY, 0);
	AUTO_DIR it = { 0 };
	struct err *err;

	if (fd < 0)
		return !fs_lstat(r->dirfd, run_path(r, folder), &(struct stat){ 0 });
	if (!is_plain_folder(p, fd, is_top))
		return false;
	err = dir_open(fd, ".", &it);
	while (!err && dir_next(&it))
		if (!is_wanted(names, &it, is_top))
			VEC_PUSH(r->arena, &r->extra,
				 run_path(r, path_join(r->arena, folder, str_view(it.name))));
	if (!err) {
		err = it.err;
		it.err = NULL;
	}
	err_ignore(err);
	return !err;
}

/* Folders for packages in packages that have none in them any more. */
static void find_emptied(struct proof *p, const struct layout *l)
{
	struct run *r = p->r;

	VEC_EACH (struct claim, c, &p->claims) {
		str nested = path_join(r->arena, c->unit->node->location, S("node_modules"));

		if (c->has_nested && c->unit->is_proven && !map_has(&l->folders, nested))
			VEC_PUSH(r->arena, &r->extra, run_path(r, nested));
	}
}

static bool find_all_extra(struct proof *p)
{
	struct layout l = lay_out(p->r);

	find_emptied(p, &l);
	for (struct map_iter it = map_iter(&l.folders); map_next(&it);)
		if (!find_extra(p, it.key, it.val))
			return false;
	return true;
}

/* ---- all of it ---- */

static bool is_possible(struct run *r)
{
	const struct state *last = r->opts->last;

	return r->opts->replace_all && r->opts->store && r->opts->pool && last && last->npackages &&
	       !r->ideal->is_isolated && fs_is_dir(r->dirfd, "node_modules") &&
	       !fs_exists(r->dirfd, "node_modules/.cpm-journal");
}

/* Nothing of what was found out counts. */
static void give_up(struct run *r, const char *why)
{
	log_verbose("reify", "node_modules is made anew: %s", why);
	VEC_EACH (struct unit *, u, &r->units)
		(*u)->is_proven = false;
	VEC_RESET(&r->extra);
}

static size_t count_proven(const struct run *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->units.len; i++)
		count += r->units.items[i]->is_proven;
	return count;
}

/* The time is taken first: what is changed while we look is not older. */
static struct err *begin(struct proof *p)
{
	struct stat st;

	TRY(state_clock(p->r->dirfd, &p->now_ns));
	if (!fs_lstat(p->r->dirfd, "node_modules", &st))
		return err_new(E_NO_ENTRY, "node_modules is gone");
	p->device = st.st_dev;
	return NULL;
}

void proof_make(struct run *r)
{
	struct proof p = { .r = r };
	struct err *err;

	if (!is_possible(r))
		return;
	TRACE(PROVE);
	err = begin(&p);
	if (err) {
		give_up(r, "its state cannot be marked");
		err_ignore(err);
		return;
	}
	index_last(&p);
	fetch_prepare(r);
	shelf_look_up(r, r->shipments.len);
	VEC_EACH (struct unit *, u, &r->units)
		if (!(*u)->node->is_link)
			make_claim(&p, *u);
	check_all(&p);
	settle_units(&p);
	if (!find_all_extra(&p)) {
		give_up(r, "a folder in it is not plain");
		return;
	}
	r->proven_ns = p.now_ns;
	r->is_proof = true;
	fetch_skip_proven(r);
	log_verbose("reify", "%zu of %zu places are as they should be, %zu are not called for",
		    count_proven(r), r->units.len, r->extra.len);
}

bool proof_is_complete(const struct run *r)
{
	return r->is_proof && r->extra.len == 0 && count_proven(r) == r->units.len;
}
