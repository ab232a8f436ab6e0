/* SPDX-License-Identifier: MIT
 * Files that are already as they should be are left alone: a run with nothing to do writes nothing.
 */
#include "script_result.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/store/file_list.h"

#include <errno.h>
#include <time.h>

/* The store keeps nothing larger. */
#define MAX_OUTPUT_BYTES ((size_t)256 << 20)
#define MAX_RECORD_BYTES ((size_t)64 << 20)

/* ---- pieces ---- */

void script_pieces_add(struct str_buf *log, enum script_piece kind, str bytes)
{
	buf_printf(log, "%c%zu\n", (char)kind, bytes.len);
	buf_add(log, bytes);
}

bool script_pieces_next(str *rest, enum script_piece *kind, str *bytes)
{
	size_t end = str_find_char(*rest, '\n');
	uint64_t len;

	if (end == STR_NPOS || end == 0 || !str_to_u64(str_slice(*rest, 1, end), &len) ||
	    len > rest->len - end - 1)
		return false;
	*kind = (enum script_piece)rest->p[0];
	*bytes = str_slice(*rest, end + 1, end + 1 + len);
	*rest = str_from(*rest, end + 1 + len);
	return true;
}

/* ---- blobs ---- */

static str record_key(const struct script_shelf *s)
{
	return str_concat(s->arena, S("script-result:"), s->hex);
}

/* An empty one needs no room: its digest says it all. */
static str put_blob(const struct script_shelf *s, str bytes)
{
	struct digest d;

	digest_of(DIGEST_SHA256, bytes, &d);
	if (bytes.len)
		store_put_blob(s->store, &d, bytes);
	return integrity_format(s->arena, &d);
}

static bool parse_digest(struct arena *a, str text, struct digest *out)
{
	struct integrity i;

	integrity_parse(a, text, &i);
	if (i.count != 1)
		return false;
	*out = i.items[0];
	return true;
}

static bool is_digest_of(const struct digest *d, str bytes)
{
	struct digest own;

	digest_of(d->algo, bytes, &own);
	return digest_eq(&own, d);
}

/* Lives in @a. */
static bool get_blob(struct arena *a, struct store *store, str text, uint64_t size, str *out)
{
	struct digest d;
	char *bytes;
	size_t len;

	*out = S("");
	if (!parse_digest(a, text, &d))
		return false;
	if (size == 0)
		return is_digest_of(&d, S(""));
	if (!store_get_blob(store, &d, &bytes, &len))
		return false;
	*out = str_dup(a, str_of(bytes, len));
	free(bytes);
	if (len == size && is_digest_of(&d, *out))
		return true;
	store_drop_blob(store, &d);
	return false;
}

/* ---- keeping ---- */

static struct err *keep_output(const struct script_shelf *s, int dirfd, str path,
			       struct json *outputs)
{
	ARENA_SCOPE(tmp);
	struct json *one = json_new(s->arena, JSON_OBJECT);
	struct stat st;
	str bytes;

	TRY(fs_read_all(tmp, dirfd, str_cstr(tmp, path), MAX_OUTPUT_BYTES, &bytes));
	if (!fs_lstat(dirfd, str_cstr(tmp, path), &st) || !S_ISREG(st.st_mode))
		return err_sys(ENOENT, "stat", path);
	json_set_text(s->arena, one, "path", path);
	json_set(s->arena, one, S("mode"), json_new_number(s->arena, st.st_mode & 0777));
	json_set(s->arena, one, S("size"), json_new_number(s->arena, (double)bytes.len));
	json_set_text(s->arena, one, "digest", put_blob(s, bytes));
	json_append(s->arena, outputs, one);
	return NULL;
}

static struct err *keep_outputs(const struct script_shelf *s, const struct script_place *place,
				struct json *outputs)
{
	struct listed_file *files;
	AUTO_FD dirfd = -1;
	size_t count;

	if (place->decl->outputs.count == 0)
		return NULL;
	TRY(file_list_read(s->arena, place->root, place->location, FILE_LIST_IGNORED, &files,
			   &count));
	TRY(fs_open_dir_nofollow(AT_FDCWD, str_cstr(s->arena, place->dir), &dirfd));
	for (size_t i = 0; i < count; i++) {
		str path = files[i].path;

		if (files[i].is_link && script_decl_may_pass(&place->decl->outputs, path))
			return err_new(E_GENERIC,
				       "'" STR_FMT "' among its outputs is a symbolic link",
				       STR_ARG(path));
		if (!files[i].is_link && script_decl_has(&place->decl->outputs, path))
			TRY(keep_output(s, dirfd, path, outputs));
	}
	return NULL;
}

struct err *script_result_keep(const struct script_shelf *s, const struct script_place *place,
			       str log)
{
	struct arena *a = s->arena;
	struct json *record = json_new(a, JSON_OBJECT), *outputs = json_new(a, JSON_ARRAY);
	struct str_buf text = str_buf(a, MAX_RECORD_BYTES);
	struct kv_port *kv = store_kv(s->store);

	TRY(keep_outputs(s, place, outputs));
	json_set(a, record, S("when"), json_new_number(a, (double)time(NULL)));
	json_set_text(a, record, "log", put_blob(s, log));
	json_set(a, record, S("logSize"), json_new_number(a, (double)log.len));
	json_set(a, record, S("outputs"), outputs);
	json_write(&text, record, (struct json_style){ S(""), S("") });
	if (text.overflow)
		return err_new(E_TOO_BIG, "it has too many outputs");
	kv->put(kv, record_key(s), buf_view(&text));
	store_flush(s->store);
	return NULL;
}

/* ---- restoring ---- */

struct output {
	str path, digest;
	uint64_t size;
	mode_t mode;
};

static uint64_t number_of(const struct json *v)
{
	return json_is(v, JSON_NUMBER) && v->number >= 0 && v->number <= 1e15 ? (uint64_t)v->number
									      : UINT64_MAX;
}

/* The record may be a forgery: what it names must be what package.json declares. */
static bool read_output(const struct json *v, const struct script_decl *decl, struct output *out)
{
	uint64_t mode = number_of(json_get(v, "mode"));

	out->path = json_get_text(v, "path");
	out->digest = json_get_text(v, "digest");
	out->size = number_of(json_get(v, "size"));
	out->mode = (mode_t)(mode & 0777);
	return mode <= 0777 && out->size <= MAX_OUTPUT_BYTES && path_is_inside(out->path) &&
	       script_decl_has(&decl->outputs, out->path);
}

static bool is_there(struct arena *a, int parent, const char *name, const struct output *o)
{
	struct digest d;
	struct stat st;
	str bytes;
	struct err *e;

	if (!fs_lstat(parent, name, &st) || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size != o->size || (st.st_mode & 0777) != o->mode ||
	    !parse_digest(a, o->digest, &d))
		return false;
	e = fs_read_all(a, parent, name, MAX_OUTPUT_BYTES, &bytes);
	if (e) {
		err_ignore(e);
		return false;
	}
	return is_digest_of(&d, bytes);
}

static struct err *write_output(int parent, const char *name, const struct output *o, str bytes)
{
	struct stat st;

	if (fs_lstat(parent, name, &st) && S_ISLNK(st.st_mode))
		TRY(fs_unlink(parent, name));
	TRY(fs_write_replace(parent, name, bytes, o->mode));
	if (fchmodat(parent, name, o->mode, 0) != 0)
		return err_sys(errno, "chmod", o->path);
	return NULL;
}

/* *is_damaged: what was kept is not there, or not what was kept. */
static struct err *restore_output(const struct script_shelf *s, int dirfd, const struct output *o,
				  bool *is_damaged)
{
	ARENA_SCOPE(tmp);
	const char *path = str_cstr(tmp, o->path), *name;
	str folder = path_dirname(o->path), bytes;
	AUTO_FD parent = -1;

	if (!str_eq(folder, S(".")) && fs_mkdirs_beneath(dirfd, str_cstr(tmp, folder)) != 0)
		return err_sys(errno, "mkdir", folder);
	parent = fs_parent_beneath(dirfd, path, &name);
	if (parent < 0)
		return err_sys(errno, "open", folder);
	if (is_there(tmp, parent, name, o))
		return NULL;
	*is_damaged = !get_blob(tmp, s->store, o->digest, o->size, &bytes);
	return *is_damaged ? NULL : write_output(parent, name, o, bytes);
}

static struct err *restore_outputs(const struct script_shelf *s, const struct script_place *place,
				   const struct json *outputs, bool *is_damaged)
{
	AUTO_FD dirfd = -1;

	TRY(fs_open_dir_nofollow(AT_FDCWD, str_cstr(s->arena, place->dir), &dirfd));
	for (size_t i = 0; i < outputs->count && !*is_damaged; i++) {
		struct output o;

		*is_damaged = !read_output(outputs->items[i], place->decl, &o);
		if (!*is_damaged)
			TRY(restore_output(s, dirfd, &o, is_damaged));
	}
	return NULL;
}

enum script_found script_result_restore(const struct script_shelf *s,
					const struct script_place *place, str *log,
					int64_t *when_sec)
{
	struct kv_port *kv = store_kv(s->store);
	str text = kv->get(kv, s->arena, record_key(s));
	bool is_damaged = false;
	struct json *record, *outputs;
	struct err *e;

	if (str_is_null(text))
		return RESULT_NONE;
	e = json_parse(s->arena, text, &record);
	if (e) {
		err_ignore(e);
		return RESULT_DAMAGED;
	}
	outputs = json_get(record, "outputs");
	if (!json_is(outputs, JSON_ARRAY) ||
	    !get_blob(s->arena, s->store, json_get_text(record, "log"),
		      number_of(json_get(record, "logSize")), log))
		return RESULT_DAMAGED;
	e = restore_outputs(s, place, outputs, &is_damaged);
	if (e) {
		log_warn("run", "cannot restore what " STR_FMT " left: " STR_FMT,
			 STR_ARG(place->location), STR_ARG(err_text(s->arena, e)));
		err_free(e);
		return RESULT_DAMAGED;
	}
	*when_sec = (int64_t)number_of(json_get(record, "when"));
	return is_damaged ? RESULT_DAMAGED : RESULT_RESTORED;
}
