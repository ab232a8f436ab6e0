/* SPDX-License-Identifier: MIT
 * package.json on disk. Only here is `directories.bin` looked into: npm does so for folders, never
 * for what a registry describes (npm-tree.md 5). */
#include "cpm/tree/manifest.h"
#include "manifest_priv.h"

#include "cpm/base/fs.h"

#define MANIFEST_MAX_BYTES   ((size_t)16 * 1024 * 1024)
#define BIN_FOLDER_MAX_FILES 10000

/* ---- directories.bin ---- */

struct bin_folder {
	int fd;
	str path;      /* below the package */
	VEC(str) agenda; /* sub-folders not visited yet, relative to the folder */
	VEC(struct bin) bins;
};

/* Everything that is not hidden is a command named after itself: npm's glob counts folders, too. */
static struct err *visit_folder(struct arena *a, struct bin_folder *folder, str rel)
{
	AUTO_DIR it = { 0 };

	TRY(dir_open(folder->fd, rel.len ? str_cstr(a, rel) : ".", &it));
	while (dir_next(&it) && folder->bins.len < BIN_FOLDER_MAX_FILES) {
		if (it.name[0] == '.')
			continue;
		str name = str_dup(a, str_view(it.name));
		str below = rel.len ? str_printf(a, STR_FMT "/%s", STR_ARG(rel), it.name) : name;
		str target = str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(folder->path),
					STR_ARG(below));

		VEC_PUSH(a, &folder->bins, (struct bin){ name, target });
		if (it.type == DT_DIR)
			VEC_PUSH(a, &folder->agenda, below);
	}
	return it.err;
}

/* What cannot be read has no commands. */
static void add_bin_folder(struct arena *a, int package_fd, str text, struct manifest *m)
{
	AUTO_FD fd = -1;
	struct bin_folder folder = { .path = manifest_secure_path(a, text) };
	struct err *e;

	while (folder.path.len && folder.path.p[folder.path.len - 1] == '/')
		folder.path.len--;
	if (!folder.path.len)
		return;
	e = fs_open_dir(package_fd, str_cstr(a, folder.path), &fd);
	folder.fd = fd;
	VEC_PUSH(a, &folder.agenda, S(""));
	while (!e && folder.agenda.len)
		e = visit_folder(a, &folder, VEC_POP(&folder.agenda));
	err_ignore(e);
	manifest_set_bins(a, m, folder.bins.items, folder.bins.len);
}

/* ---- package.json ---- */

/* npm shows the parser's complaint behind these words; ours has line and column, and no content
 * (T25). */
static struct err *bad_json(struct err *cause, const char *path)
{
	ARENA_SCOPE(tmp);
	str reason = err_text(tmp, cause);
	struct err *e = err_new(E_JSON_PARSE, "Invalid package.json: JSONParseError: " STR_FMT,
				STR_ARG(reason));

	e->path = str_dup(&e->arena, str_view(path));
	err_free(cause);
	return e;
}

struct err *manifest_read_json(struct arena *a, int dirfd, const char *path, str *text,
			       struct json **json)
{
	struct err *e = fs_read_all(a, dirfd, path, MANIFEST_MAX_BYTES, text);

	if (e) {
		e->message = str_printf(&e->arena, "Could not read package.json: Error: " STR_FMT,
					STR_ARG(e->message));
		return e;
	}
	e = json_parse(a, *text, json);
	if (!e && !json_is(*json, JSON_OBJECT))
		e = err_new(E_JSON_PARSE, "expected an object");
	return e ? bad_json(e, path) : NULL;
}

struct err *manifest_read(struct arena *a, int dirfd, const char *dir, struct manifest **out,
			  struct json_style *style)
{
	str path = str_printf(a, "%s/package.json", dir);
	struct json *json;
	str text, bin_folder;
	AUTO_FD fd = -1;

	TRY(manifest_read_json(a, dirfd, path.p, &text, &json));
	if (style)
		*style = json_style_of(text);
	TRY_AS(manifest_from_json(a, json, true, out), "cannot use '%s'", path.p);
	bin_folder = json_get_text(json_get(json, "directories"), "bin");
	if (!bin_folder.len || json_is_truthy(json_get(json, "bin")))
		return NULL;
	TRY(fs_open_dir(dirfd, dir, &fd));
	add_bin_folder(a, fd, bin_folder, *out);
	return NULL;
}
