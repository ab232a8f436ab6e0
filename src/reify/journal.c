/* SPDX-License-Identifier: MIT
 * The promise behind kill -9 (F1): before the first file of a package is written,
 * node_modules/.cpm-journal names every place this run will write. It goes away when all of them
 * are complete. A run that finds one takes what it names for damaged, and so writes it again; a
 * journal that was itself cut short damns everything.
 *
 *   cpm-journal 1
 *   node_modules/a
 *   node_modules/a/node_modules/b
 *   end
 */
#include "early_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/log.h"
#include "state_priv.h"

#include <errno.h>

#define NODE_MODULES      "node_modules"
#define JOURNAL           "node_modules/.cpm-journal"
#define HIDDEN_LOCKFILE   "node_modules/.package-lock.json"
#define HEADER            "cpm-journal 1\n"
#define FOOTER            "end\n"
#define JOURNAL_MAX_BYTES ((size_t)256 << 20)

/* ---- a node_modules that is none ---- */

/* npm takes a link away, with a warning, and makes a real folder (npm-tree.md 13.1); a file is not
 * ours to remove. */
static struct err *replace_linked_node_modules(struct run *r)
{
	str target;

	TRY(fs_read_link(r->arena, r->dirfd, NODE_MODULES, &target));
	log_warn("reify", "Removing non-directory " STR_FMT "/%s", STR_ARG(r->ideal->path),
		 NODE_MODULES);
	TRY(fs_unlink(r->dirfd, NODE_MODULES));
	r->linked_node_modules = target;
	return NULL;
}

static struct err *ensure_node_modules(struct run *r)
{
	struct stat st;

	if (fs_lstat(r->dirfd, NODE_MODULES, &st)) {
		if (S_ISDIR(st.st_mode))
			return NULL;
		if (!S_ISLNK(st.st_mode))
			return err_sys(ENOTDIR, "mkdir",
				       str_concat(r->arena, r->ideal->path, S("/" NODE_MODULES)));
		TRY(replace_linked_node_modules(r));
	}
	TRY(fs_mkdir(r->dirfd, NODE_MODULES));
	r->made_node_modules = true;
	return NULL;
}

/* ---- writing ---- */

static str journal_text(struct run *r)
{
	struct str_buf out = str_buf(r->arena, JOURNAL_MAX_BYTES);

	buf_add(&out, S(HEADER));
	VEC_EACH (struct unit *, u, &r->units) {
		if ((*u)->is_proven)
			continue;
		buf_add(&out, (*u)->node->location);
		buf_add_char(&out, '\n');
	}
	buf_add(&out, S(FOOTER));
	return buf_view(&out);
}

struct err *journal_begin(struct run *r)
{
	AUTO_FD fd = -1;

	TRY(ensure_node_modules(r));
	retire_sweep(r->dirfd, early_folder(r->opts->early));
	fd = fs_open_beneath(r->dirfd, JOURNAL, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0)
		return err_sys(errno, "open", S(JOURNAL));
	r->has_journal = true;
	TRY(fs_write_all(fd, journal_text(r), JOURNAL));
	/* They speak of a tree that is about to change. */
	if (fs_exists(r->dirfd, STATE_PATH))
		TRY(retire_path(r, STATE_PATH));
	return fs_exists(r->dirfd, HIDDEN_LOCKFILE) ? retire_path(r, HIDDEN_LOCKFILE) : NULL;
}

struct err *journal_end(struct run *r)
{
	if (!r->has_journal)
		return NULL;
	r->has_journal = false;
	return fs_unlink(r->dirfd, JOURNAL);
}

/* ---- reading ---- */

/* No digest equals this: the place differs from whatever is wanted. */
static const str condemned = S("damaged");

static void condemn(struct node *n)
{
	n->integrity = condemned;
}

static void condemn_all(struct tree *t)
{
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		if (!((struct node *)it.val)->is_root)
			condemn(it.val);
}

struct err *reify_recover(struct arena *a, int dirfd, struct tree *actual)
{
	str text, line;
	struct err *err = fs_read_all(a, dirfd, JOURNAL, JOURNAL_MAX_BYTES, &text);

	if (err && (err->code == E_NO_ENTRY || err->code == E_NOT_DIRECTORY)) {
		err_ignore(err);
		return NULL;
	}
	if (err)
		return err;
	log_verbose("reify", "an earlier install was interrupted: repairing");
	if (!str_starts(text, S(HEADER)) || !str_ends(text, S("\n" FOOTER))) {
		condemn_all(actual);
		return NULL;
	}
	text = str_slice(text, sizeof(HEADER) - 1, text.len - (sizeof(FOOTER) - 1));
	while (str_cut(&text, '\n', &line)) {
		struct node *n = line.len ? tree_at(actual, line) : NULL;

		if (n)
			condemn(n);
	}
	return NULL;
}

void reify_drop_damaged(struct arena *a, struct tree *start)
{
	node_vec damaged = { 0 };

	for (struct map_iter it = map_iter(&start->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (n->integrity.p == condemned.p)
			VEC_PUSH(a, &damaged, n);
	}
	for (size_t i = 0; i < damaged.len; i++)
		if (damaged.items[i]->tree)
			node_detach(damaged.items[i]);
}
