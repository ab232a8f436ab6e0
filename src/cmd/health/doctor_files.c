/* SPDX-License-Identifier: MIT
 * A walk that asks about each file what npm asks: is it ours, may we use it. Folders wait in a
 * list, since trees may be as deep as they like. */
#include "doctor_files.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"

#include <errno.h>
#include <unistd.h>

struct walk {
	struct arena *arena; /* of the folders that wait */
	const struct file_demand *demand;
	VEC(const char *) folders;
	bool is_sound;
};

static str mode_words(struct arena *a, int mode)
{
	static const struct {
		int bit;
		const char *word;
	} rows[] = { { R_OK, "readable" }, { W_OK, "writable" }, { X_OK, "executable" } };
	struct str_buf out = str_buf(a, 64);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (mode & rows[i].bit)
			buf_printf(&out, "%s%s", out.len ? ", " : "", rows[i].word);
	return buf_view(&out);
}

static void complain(struct walk *w, const char *what, const char *path)
{
	w->is_sound = false;
	log_warn("doctor", "checkFilesPermission %s %s", what, path);
}

static void look_at(struct walk *w, const char *path, bool is_root)
{
	ARENA_SCOPE(tmp);
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (errno != ENOENT || !is_root || !w->demand->may_be_missing)
			complain(w, "error getting info for", path);
		return;
	}
	if (w->demand->must_own && (st.st_uid != getuid() || st.st_gid != getgid()))
		complain(w, "should be owner of", path);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return;
	if (access(path, w->demand->mode) < 0) {
		w->is_sound = false;
		log_error("doctor",
			  "checkFilesPermission Missing permissions on %s (expect: " STR_FMT ")",
			  path, STR_ARG(mode_words(tmp, w->demand->mode)));
		return;
	}
	if (S_ISDIR(st.st_mode))
		VEC_PUSH(w->arena, &w->folders, str_cstr(w->arena, str_view(path)));
}

static void look_into(struct walk *w, const char *folder)
{
	AUTO_DIR it = { 0 };
	struct err *e = dir_open(AT_FDCWD, folder, &it);

	while (!e && dir_next(&it)) {
		ARENA_SCOPE(tmp);

		look_at(w, str_cstr(tmp, path_join(tmp, str_view(folder), str_view(it.name))),
			false);
	}
	if (e || it.err)
		complain(w, "error reading directory", folder);
	err_ignore(e);
	err_ignore(it.err);
}

bool doctor_check_files(str root, const struct file_demand *demand)
{
	ARENA_SCOPE(a);
	struct walk w = { .arena = a, .demand = demand, .is_sound = true };

	look_at(&w, str_cstr(a, root), true);
	while (w.folders.len)
		look_into(&w, VEC_POP(&w.folders));
	return w.is_sound;
}
