/* SPDX-License-Identifier: MIT
 * git's own rules for .gitignore, which are not those that npm packs by (ignore_rules.c): for those
 * who ask what has changed, a file that is left out by mistake is a change that goes unseen. */
#include "cpm/store/file_list.h"

#include "cpm/base/fs.h"
#include "cpm/base/glob.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"

#define IGNORE_MAX_BYTES ((size_t)1 << 20)
#define MAX_FILES        500000
#define MAX_DEPTH        1024

struct rule {
	str pattern;
	bool negates, is_for_folders;
	bool is_anchored; /* compared with the whole path below its file, else with the name */
};

struct folder {
	const struct folder *parent;
	str path; /* below the root; "" for itself */
	unsigned depth;
	VEC(struct rule) rules;
};

struct walk {
	struct arena *arena;
	int dirfd; /* of the root */
	bool with_ignored;
	VEC(struct folder *) agenda;
	VEC(struct listed_file) files;
};

/* ---- rules ---- */

/* Braces mean nothing to git; "a/" and two stars are what is inside, not "a" itself. */
static str glob_of(struct arena *a, str pattern)
{
	pattern = str_replace_all(a, pattern, S("{"), S("\\{"));
	pattern = str_replace_all(a, pattern, S("}"), S("\\}"));
	return str_ends(pattern, S("/**")) ? str_concat(a, pattern, S("/*")) : pattern;
}

static bool read_rule(struct arena *a, str line, struct rule *out)
{
	*out = (struct rule){ 0 };
	if (str_ends(line, S("\r")))
		line.len--;
	while (str_ends(line, S(" ")) && !str_ends(line, S("\\ ")))
		line.len--;
	if (line.len == 0 || line.p[0] == '#')
		return false;
	if (str_starts(line, S("!"))) {
		out->negates = true;
		line = str_from(line, 1);
	}
	if (str_ends(line, S("/"))) {
		out->is_for_folders = true;
		line.len--;
	}
	out->is_anchored = str_find_char(line, '/') != STR_NPOS;
	if (str_starts(line, S("/")))
		line = str_from(line, 1);
	out->pattern = glob_of(a, line);
	return line.len > 0;
}

static str below(struct arena *a, str folder, str name)
{
	return folder.len ? str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(folder), STR_ARG(name))
			  : name;
}

static void read_rules(struct walk *w, struct folder *f)
{
	const char *path = str_cstr(w->arena, below(w->arena, f->path, S(".gitignore")));
	struct rule rule;
	str text;
	struct err *e = fs_read_all(w->arena, w->dirfd, path, IGNORE_MAX_BYTES, &text);

	if (e) {
		err_ignore(e);
		return;
	}
	for (str line; str_cut(&text, '\n', &line);)
		if (read_rule(w->arena, line, &rule))
			VEC_PUSH(w->arena, &f->rules, rule);
}

static bool rule_matches(const struct rule *r, const struct folder *f, str path, bool is_folder)
{
	ARENA_SCOPE(tmp);
	str rest = f->path.len ? str_from(path, f->path.len + 1) : path;

	if (r->is_for_folders && !is_folder)
		return false;
	return glob_match_with(tmp, r->pattern, r->is_anchored ? rest : path_basename(path),
			       GLOB_DOT);
}

static bool is_ignored(const struct folder *nearest, str path, bool is_folder)
{
	for (const struct folder *f = nearest; f; f = f->parent)
		for (size_t i = f->rules.len; i-- > 0;)
			if (rule_matches(&f->rules.items[i], f, path, is_folder))
				return !f->rules.items[i].negates;
	return false;
}

/* ---- the walk ---- */

static struct folder *open_folder(struct walk *w, const struct folder *parent, str path)
{
	struct folder *f = ARENA_NEW(w->arena, struct folder);

	*f = (struct folder){
		.parent = parent,
		.path = path,
		.depth = parent ? parent->depth + 1 : 0,
	};
	if (!w->with_ignored)
		read_rules(w, f);
	return f;
}

static bool is_never_listed(str name)
{
	return str_eq(name, S("node_modules")) || str_eq(name, S(".git")) ||
	       str_starts(name, S(FS_TEMP_PREFIX));
}

static struct err *take_entry(struct walk *w, const struct folder *f, const struct dir_iter *it)
{
	str name = str_view(it->name), path;
	bool is_folder = it->type == DT_DIR;

	if (is_never_listed(name) || (!is_folder && it->type != DT_REG && it->type != DT_LNK))
		return NULL;
	path = str_dup(w->arena, below(w->arena, f->path, name));
	if (!w->with_ignored && is_ignored(f, path, is_folder))
		return NULL;
	if (f->depth >= MAX_DEPTH || w->files.len >= MAX_FILES)
		return err_new(E_TOO_BIG,
			       "more than %d files or %d levels of folders below '" STR_FMT "'",
			       MAX_FILES, MAX_DEPTH, STR_ARG(f->path));
	if (is_folder)
		VEC_PUSH(w->arena, &w->agenda, open_folder(w, f, path));
	else
		VEC_PUSH(w->arena, &w->files, (struct listed_file){ path, it->type == DT_LNK });
	return NULL;
}

static struct err *read_folder(struct walk *w, const struct folder *f)
{
	AUTO_DIR it = { 0 };

	TRY(dir_open(w->dirfd, f->path.len ? str_cstr(w->arena, f->path) : ".", &it));
	while (dir_next(&it))
		TRY(take_entry(w, f, &it));
	struct err *e = it.err;
	it.err = NULL;
	return e;
}

/* The folders from the root down to @folder, whose rules count for all that is in it. */
static struct folder *open_way(struct walk *w, str folder)
{
	struct folder *f = open_folder(w, NULL, S(""));

	for (size_t end = 0; end < folder.len;) {
		size_t next = str_find_char(str_from(folder, end + 1), '/');

		end = next == STR_NPOS ? folder.len : end + 1 + next;
		f = open_folder(w, f, str_slice(folder, 0, end));
	}
	return f;
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct listed_file *)a)->path,
		       ((const struct listed_file *)b)->path);
}

struct err *file_list_read(struct arena *a, str root, str folder, unsigned flags,
			   struct listed_file **out, size_t *count)
{
	struct walk w = { .arena = a, .with_ignored = flags & FILE_LIST_IGNORED };
	AUTO_FD dirfd = -1;

	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, root), &dirfd));
	w.dirfd = dirfd;
	VEC_PUSH(a, &w.agenda, open_way(&w, folder));
	while (w.agenda.len)
		TRY(read_folder(&w, VEC_POP(&w.agenda)));
	VEC_EACH (struct listed_file, f, &w.files)
		if (folder.len)
			f->path = str_from(f->path, folder.len + 1);
	VEC_SORT(&w.files, by_path);
	*out = w.files.items;
	*count = w.files.len;
	return NULL;
}
