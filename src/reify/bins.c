/* SPDX-License-Identifier: MIT
 * Commands of packages: node_modules/.bin/<name> -> ../<package>/<file> (npm-tree.md 15).
 *
 * Each link path is handled once, for the first package by depth and path, whether its file exists
 * or not. That can be known before anything is unpacked, and so the unpacker creates those files
 * executable and with a repaired first line; only for files that are on disk already is that done
 * here, the way npm does it.
 *
 * Global packages have theirs in the prefix's bin, beside the programs of others: only what leads
 * into the package itself is replaced there, unless --force says otherwise.
 *
 * Packages that stay have their say too, where npm looks at those only that it has just written: a
 * clash is settled as a clean install would settle it, and links that went with a folder around
 * them come back. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/path.h"
#include "cpm/base/trace.h"

#include <errno.h>

#define FILE_MAX_BYTES ((size_t)256 << 20)
#define SHEBANG_BYTES  2048
#define BIN_NAME_MAX   255

/* ---- who gets which name ---- */

static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;

	/* In a linked layout everything but the packages themselves is a link: the path alone
	 * decides. */
	if (x->is_link != y->is_link && !x->tree->is_isolated)
		return x->is_link ? 1 : -1;
	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	return str_collate(x->path, y->path);
}

static const struct manifest *bin_manifest(const struct node *n)
{
	return n->is_link && n->target ? n->target->manifest : n->manifest;
}

/* Checked here again, where names become paths (T8). */
static bool is_usable(const struct bin *b)
{
	if (b->name.len == 0 || b->name.len > BIN_NAME_MAX || !path_is_inside(b->target) ||
	    !path_is_inside(b->name))
		return false;
	for (size_t i = 0; i < b->name.len; i++)
		if ((unsigned char)b->name.p[i] < ' ' || b->name.p[i] == '/' ||
		    b->name.p[i] == 0x7f)
			return false;
	return true;
}

/* A package that was installed globally, not for another one: <prefix>/lib/node_modules/x. */
static bool is_global(const struct node *n)
{
	return n->parent && node_is_top(n);
}

static str bin_folder(struct run *r, const struct node *n)
{
	return is_global(n) ? S("../bin") : str_concat(r->arena, node_folder(n), S(".bin"));
}

/* What links to the package's files begin with. */
static str link_prefix(struct run *r, const struct node *n)
{
	return str_printf(r->arena, "%s" STR_FMT "/", is_global(n) ? "../lib/node_modules/" : "../",
			  STR_ARG(n->name));
}

static str link_path(struct run *r, const struct node *n, const struct bin *b)
{
	return str_printf(r->arena, STR_FMT "/" STR_FMT, STR_ARG(bin_folder(r, n)),
			  STR_ARG(b->name));
}

static void claim_bins(struct run *r, struct node *n)
{
	const struct manifest *m = bin_manifest(n);
	struct unit *u = n->is_link ? NULL : plan_unit_of(r, n);

	for (size_t i = 0; i < m->nbins; i++) {
		const struct bin *b = &m->bins[i];
		str path = link_path(r, n, b);

		bool is_taken = map_has(&r->claimed_bins, path);

		if (!is_usable(b))
			continue;
		/* What is shared cannot be made executable later, when a project links to it. */
		if (is_taken && u && shared_entry_of(r, n))
			VEC_PUSH(r->arena, &u->bins, b->target);
		if (is_taken)
			continue;
		map_put(&r->claimed_bins, path, n);
		VEC_PUSH(r->arena, &r->bin_links, (struct bin_link){ n, b, u, run_path(r, path) });
		if (u)
			VEC_PUSH(r->arena, &u->bins, b->target);
	}
}

/* Links that the project manages itself are looked at in every install. */
bool bins_is_own_link(const struct run *r, const struct node *n)
{
	const struct node *root = r->ideal->root;

	return n->is_link && (n->parent == root || (n->target && n->target->fs_parent == root));
}

/* In an entry that is shared already its commands are linked. */
static bool is_shared_already(struct run *r, const struct node *n)
{
	if (!n->parent->is_shared)
		return false;
	return shared_entry_of(r, n) ? shared_is_elsewhere(r, n) : shared_is_behind_link(r, n);
}

/* A run for some members leaves the commands of everybody else alone. */
static bool is_within(const struct run *r, const struct node *n)
{
	return !r->diff->within.count || map_has(&r->diff->within, n->location);
}

void bins_plan(struct run *r, bool all)
{
	node_vec nodes = { 0 };

	map_init(&r->claimed_bins, r->arena);
	for (struct map_iter it = map_iter(&r->ideal->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (n->parent && !n->inert && bin_manifest(n)->nbins && is_within(r, n) &&
		    (all || bins_is_own_link(r, n)) && !is_shared_already(r, n))
			VEC_PUSH(r->arena, &nodes, n);
	}
	VEC_SORT(&nodes, compare_nodes);
	for (size_t i = 0; i < nodes.len; i++)
		claim_bins(r, nodes.items[i]);
}

static void claim_bundled(struct run *r, struct node *n)
{
	claim_bins(r, n);
}

void bins_plan_bundled(struct run *r)
{
	for (size_t i = 0; i < r->bundlers.len; i++)
		bundles_walk(r, r->bundlers.items[i], claim_bundled);
}

/* ---- a file that is on disk already ---- */

/* Replaces the file by a private copy with this content and mode; other names of the old file keep
 * what they have. */
static struct err *rewrite(struct run *r, const char *path, str text, mode_t mode)
{
	const char *name, *beside;
	AUTO_FD parent = fs_parent_beneath(r->dirfd, path, &name), fd = -1;
	struct err *err;

	beside = run_path(r, str_printf(r->arena, ".cpm-tmp-%s", name));
	if (parent < 0)
		return err_sys(errno, "open", str_view(path));
	unlinkat(parent, beside, 0);
	fd = fs_open_beneath(parent, beside, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd < 0)
		return err_sys(errno, "open", str_view(path));
	err = fs_write_all(fd, text, path);
	if (!err && (fchmod(fd, mode) < 0 || renameat(parent, beside, parent, name) < 0))
		err = err_sys(errno, "rename", str_view(path));
	if (err)
		unlinkat(parent, beside, 0);
	return err;
}

/* "#!...\r\n" within the first 2 KiB: where the carriage return is. */
static size_t shebang_return(str text)
{
	size_t end = str_find_char(str_slice(text, 0, SHEBANG_BYTES), '\n');

	return str_starts(text, S("#!")) && end != STR_NPOS && end >= 4 && text.p[end - 1] == '\r'
		       ? end - 1
		       : STR_NPOS;
}

/* Executable by all whom the umask lets, and without a Windows line end behind the interpreter. */
static struct err *fix_file(struct run *r, const char *path)
{
	ARENA_SCOPE(tmp);
	AUTO_FD fd = fs_open_beneath(r->dirfd, path, O_RDONLY | O_NONBLOCK, 0);
	mode_t wanted = 0777 & ~fs_umask(), mode;
	char head[2];
	size_t cut;
	struct stat st;
	str text;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	mode = (st.st_mode & wanted) == wanted ? st.st_mode & 07777 : wanted;
	if (pread(fd, head, 2, 0) == 2 && memcmp(head, "#!", 2) == 0) {
		TRY(fs_read_all(tmp, r->dirfd, path, FILE_MAX_BYTES, &text));
		cut = shebang_return(text);
		if (cut != STR_NPOS)
			return rewrite(
				r, path,
				str_concat(tmp, str_slice(text, 0, cut), str_from(text, cut + 1)),
				mode);
	}
	if (mode == (st.st_mode & 07777))
		return NULL;
	if (st.st_nlink > 1) {
		TRY(fs_read_all(tmp, r->dirfd, path, FILE_MAX_BYTES, &text));
		return rewrite(r, path, text, mode);
	}
	return fchmod(fd, mode) < 0 ? err_sys(errno, "chmod", str_view(path)) : NULL;
}

/* ---- linking ---- */

static const char *bin_file(struct run *r, const struct bin_link *l)
{
	const struct node *n = l->node->is_link && l->node->target ? l->node->target : l->node;
	str folder = str_is_empty(n->location) ? S(".") : n->location;

	return run_path(r, str_printf(r->arena, STR_FMT "/" STR_FMT, STR_ARG(folder),
				      STR_ARG(l->bin->target)));
}

/* Packages hold regular files; in a folder of the user's own, a link will do as well. */
static bool is_linkable(struct run *r, const struct bin_link *l, const char *file)
{
	struct stat st;

	return fs_lstat(r->dirfd, file, &st) &&
	       (S_ISREG(st.st_mode) || (l->node->is_link && S_ISLNK(st.st_mode)));
}

/* *made: the link is new, or leads elsewhere than before. */
static struct err *make_bin_link(struct run *r, const struct bin_link *l, bool *made)
{
	str target = str_concat(r->arena, link_prefix(r, l->node), l->bin->target), old;
	const char *name;
	AUTO_FD folder = fs_parent_beneath(r->dirfd, l->path, &name);
	struct err *err;

	*made = false;
	if (folder < 0)
		return err_sys(errno, "open", str_view(l->path));
	if (symlinkat(run_path(r, target), folder, name) < 0) {
		if (errno != EEXIST)
			return err_sys(errno, "symlink", str_view(l->path));
		err = fs_read_link(r->arena, folder, name, &old);
		if (!err && str_eq(old, target))
			return NULL;
		err_ignore(err);
		TRY(retire_path(r, l->path));
		if (symlinkat(run_path(r, target), folder, name) < 0)
			return err_sys(errno, "symlink", str_view(l->path));
	}
	VEC_PUSH(r->arena, &r->made_links, l->path);
	*made = true;
	return NULL;
}

bool bins_will_link(struct run *r, const struct bin_link *l)
{
	return !l->node->inert && !(l->unit && l->unit->is_dropped) &&
	       is_linkable(r, l, bin_file(r, l));
}

static struct err *link_bin(struct run *r, struct bin_link *l, struct map *folders)
{
	str folder = bin_folder(r, l->node);
	const char *file = bin_file(r, l);
	bool made;

	if (!bins_will_link(r, l))
		return NULL;
	if (!map_has(folders, folder)) {
		if (fs_mkdirs_beneath(r->dirfd, run_path(r, folder)) < 0)
			return err_sys(errno, "mkdir", folder);
		map_put(folders, folder, r);
	}
	TRY(make_bin_link(r, l, &made));
	return (made || r->rebuilt) && !l->unit ? fix_file(r, file) : NULL;
}

static bool is_within_shared(const struct run *r, const struct bin_link *l)
{
	const struct shared_entry *e = shared_entry_of(r, l->node);

	return e && e->goes_there;
}

struct err *bins_link_shared(struct run *r)
{
	struct map folders;

	map_init(&folders, r->arena);
	VEC_EACH (struct bin_link, l, &r->bin_links)
		if (is_within_shared(r, l))
			TRY(link_bin(r, l, &folders));
	return NULL;
}

/* ---- what is in the way of global commands ---- */

static bool is_in_the_way(struct run *r, const struct node *n, const char *path)
{
	struct stat st;
	str target;

	if (!fs_lstat(r->dirfd, path, &st))
		return false;
	struct err *err = fs_read_link(r->arena, r->dirfd, path, &target);
	bool is_own = !err && str_starts(target, link_prefix(r, n));
	err_ignore(err);
	return !is_own;
}

static struct err *check_global(struct run *r, const struct node *n)
{
	const struct manifest *m = bin_manifest(n);

	for (size_t i = 0; is_global(n) && i < m->nbins; i++) {
		str path = link_path(r, n, &m->bins[i]);

		if (is_usable(&m->bins[i]) && is_in_the_way(r, n, run_path(r, path)))
			return err_exists(path_resolve(r->arena, r->ideal->path, path));
	}
	return NULL;
}

struct err *bins_check_global(struct run *r)
{
	if (!r->ideal->is_global || !r->opts->bin_links || cfg_bool(r->opts->cfg, CFG_FORCE))
		return NULL;
	VEC_EACH (struct unit *, u, &r->units)
		TRY(check_global(r, (*u)->node));
	for (size_t i = 0; r->rebuilt && i < r->rebuilt->len; i++)
		TRY(check_global(r, r->rebuilt->items[i]));
	return NULL;
}

/* Of a folder that lies outside node_modules; packages in the store of a linked layout are
 * packages. */
static bool is_of_link(const struct bin_link *l)
{
	const struct node *n = l->node;

	return n->is_link && !(n->target && str_starts(n->target->location, S(NODE_STORE "/")));
}

struct err *bins_link_all(struct run *r, bool of_links)
{
	struct map folders;
	TRACE(BINS);

	map_init(&folders, r->arena);
	VEC_EACH (struct bin_link, l, &r->bin_links)
		if (is_of_link(l) == of_links && !is_within_shared(r, l) &&
		    (!r->rebuilt || l->node->mark == r->rebuilt_mark))
			TRY(link_bin(r, l, &folders));
	return NULL;
}

/* ---- unlinking ---- */

struct err *bins_retire(struct run *r, const struct node *actual)
{
	const struct manifest *m = bin_manifest(actual);
	str inside = link_prefix(r, actual), target;

	for (size_t i = 0; i < m->nbins; i++) {
		const char *path;
		struct err *err;

		if (!is_usable(&m->bins[i]))
			continue;
		path = run_path(r, link_path(r, actual, &m->bins[i]));
		err = fs_read_link(r->arena, r->dirfd, path, &target);
		if (!err && str_starts(target, inside))
			TRY(retire_path(r, path));
		err_ignore(err);
	}
	return NULL;
}
