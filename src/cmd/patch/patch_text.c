/* SPDX-License-Identifier: MIT
 * Patches as npm writes them, so that either applies what the other has made. */
#include "patch_text.h"

#include "cpm/base/fs.h"
#include "cpm/base/map.h"
#include "cpm/base/path.h"
#include "cpm/base/unified_diff.h"
#include "cpm/base/vec.h"
#include "cpm/store/file_list.h"

#define FILE_MAX_BYTES ((size_t)64 << 20)

typedef VEC(str) path_vec;

static int by_path(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static struct err *add_files(struct arena *a, str dir, struct map *seen, path_vec *out)
{
	struct listed_file *files;
	size_t count;

	TRY(file_list_read(a, dir, S(""), FILE_LIST_IGNORED, &files, &count));
	for (size_t i = 0; i < count; i++)
		if (!files[i].is_link && !map_put(seen, files[i].path, seen))
			VEC_PUSH(a, out, files[i].path);
	return NULL;
}

/* Null when there is no such file. */
static struct err *read_text(struct arena *a, str dir, str path, str *out)
{
	struct err *e = fs_read_all(a, AT_FDCWD, str_cstr(a, path_join(a, dir, path)),
				    FILE_MAX_BYTES, out);

	if (!err_is(e, E_NO_ENTRY) && !err_is(e, E_NOT_DIRECTORY))
		return e;
	err_ignore(e);
	*out = STR_NULL;
	return NULL;
}

static bool is_text(str s)
{
	return str_is_utf8(s) && str_find_char(s, '\0') == STR_NPOS;
}

static struct err *add_patch(struct arena *a, str path, str old_text, str new_text,
			     struct str_buf *out)
{
	ARENA_SCOPE(tmp);
	const struct diff_style style = { .context = 4 };
	str old_name = str_is_null(old_text) ? S("/dev/null") : str_concat(a, S("a/"), path),
	    new_name = str_is_null(new_text) ? S("/dev/null") : str_concat(a, S("b/"), path);

	if (!is_text(old_text) || !is_text(new_text))
		return err_new(E_GENERIC,
			       "'" STR_FMT "' has changed and is no text: patches are made of text",
			       STR_ARG(path));
	buf_printf(out, "--- " STR_FMT "\t\n+++ " STR_FMT "\t\n", STR_ARG(old_name),
		   STR_ARG(new_name));
	unified_diff_make(tmp, old_text, new_text, &style, out);
	return NULL;
}

struct err *patch_text_make(struct arena *a, str old_dir, str new_dir, struct patch_text *out)
{
	struct str_buf text = str_buf(a, (size_t)256 << 20);
	path_vec paths = { 0 };
	struct map seen;

	*out = (struct patch_text){ 0 };
	map_init(&seen, a);
	TRY(add_files(a, old_dir, &seen, &paths));
	TRY(add_files(a, new_dir, &seen, &paths));
	VEC_SORT(&paths, by_path);
	VEC_EACH (str, path, &paths) {
		str old_text, new_text;

		TRY(read_text(a, old_dir, *path, &old_text));
		TRY(read_text(a, new_dir, *path, &new_text));
		if (str_is_null(old_text) == str_is_null(new_text) && str_eq(old_text, new_text))
			continue;
		if (str_eq(*path, S("package.json")))
			out->package_json_changed = true;
		else if (!str_eq(*path, S(".npm-patch-update.json"))) /* npm's own note */
			TRY(add_patch(a, *path, old_text, new_text, &text));
	}
	out->text = buf_view(&text);
	return NULL;
}
