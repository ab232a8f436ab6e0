/* SPDX-License-Identifier: MIT
 * Package rows as bytes: a header, tables of fixed width, one area of text they point into.
 * Little-endian. Whoever can write the cache can write rows, so they are hints: what they lead to
 * is checked where it is used. */
#include "cpm/store/package_row.h"

#include "cpm/base/map.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"
#include "store_priv.h"

#include <endian.h>

/* The last character counts up whenever the layout changes: older rows are then made anew. */
static const char magic[8] = { 'c', 'p', 'm', 'r', 'o', 'w', '0', '1' };

enum row_flags { ROW_SHELVED = 1, ROW_BINDING_GYP = 2, ROW_HAS_MANIFEST = 4 };
enum file_flags { FILE_REQUESTED = 1u << 31 };

struct frozen_header {
	char magic[8];
	uint32_t flags, nfiles, ndirs, manifest_len;
};

struct frozen_file {
	uint64_t size, mtime_ns;
	uint32_t mode, path_len;
};

/* ---- folders ---- */

void package_row_list_dirs(struct arena *a, struct package_row *row)
{
	struct map known;
	VEC(str) dirs = { 0 };

	map_init(&known, a);
	for (size_t i = 0; i < row->nfiles; i++) {
		str path = row->files[i].path;

		for (size_t at = 0; at < path.len; at++) {
			str dir = str_slice(path, 0, at);

			if (path.p[at] != '/' || map_has(&known, dir))
				continue;
			map_put(&known, dir, row);
			VEC_PUSH(a, &dirs, dir);
		}
	}
	row->dirs = dirs.items;
	row->ndirs = dirs.len;
}

/* ---- freezing ---- */

str package_row_freeze(struct arena *a, const struct package_row *row)
{
	struct frozen_header h = { .nfiles = htole32((uint32_t)row->nfiles),
				   .ndirs = htole32((uint32_t)row->ndirs),
				   .manifest_len = htole32((uint32_t)row->manifest.len) };
	struct str_buf out = str_buf(a, SIZE_MAX);

	memcpy(h.magic, magic, sizeof(magic));
	h.flags = htole32((row->is_shelved ? ROW_SHELVED : 0) |
			  (row->has_binding_gyp ? ROW_BINDING_GYP : 0) |
			  (str_is_null(row->manifest) ? 0 : ROW_HAS_MANIFEST));
	buf_add(&out, str_of((const char *)&h, sizeof(h)));
	for (size_t i = 0; i < row->nfiles; i++) {
		const struct row_file *f = &row->files[i];
		struct frozen_file frozen = {
			.size = htole64(f->size),
			.mtime_ns = htole64((uint64_t)f->mtime_ns),
			.mode = htole32(f->mode | (f->is_requested ? FILE_REQUESTED : 0)),
			.path_len = htole32((uint32_t)f->path.len)
		};

		buf_add(&out, str_of((const char *)&frozen, sizeof(frozen)));
	}
	for (size_t i = 0; i < row->ndirs; i++) {
		uint32_t len = htole32((uint32_t)row->dirs[i].len);

		buf_add(&out, str_of((const char *)&len, sizeof(len)));
	}
	buf_add(&out, row->manifest);
	for (size_t i = 0; i < row->nfiles; i++)
		buf_add(&out, row->files[i].path);
	for (size_t i = 0; i < row->ndirs; i++)
		buf_add(&out, row->dirs[i]);
	return buf_view(&out);
}

/* ---- thawing ---- */

/* The next @len bytes of *rest; the null string when there are not so many. */
static str take(str *rest, size_t len)
{
	str part = str_slice(*rest, 0, len);

	if (part.len < len)
		return STR_NULL;
	*rest = str_from(*rest, len);
	return part;
}

static bool thaw_path(str *text, size_t len, str *out)
{
	*out = take(text, len);
	return path_is_inside(*out);
}

static bool thaw_file(str *table, str *text, struct row_file *out)
{
	struct frozen_file f;
	str bytes = take(table, sizeof(f));

	memcpy(&f, bytes.p, sizeof(f));
	out->size = le64toh(f.size);
	out->mtime_ns = (int64_t)le64toh(f.mtime_ns);
	out->mode = le32toh(f.mode) & 07777;
	out->is_requested = (le32toh(f.mode) & FILE_REQUESTED) != 0;
	return thaw_path(text, le32toh(f.path_len), &out->path);
}

static bool thaw_dir(str *table, str *text, str *out)
{
	uint32_t len;
	str bytes = take(table, sizeof(len));

	memcpy(&len, bytes.p, sizeof(len));
	return thaw_path(text, le32toh(len), out);
}

bool package_row_thaw(struct arena *a, str bytes, struct package_row *out)
{
	struct frozen_header h;
	str rest = bytes, head = take(&rest, sizeof(h)), files, dirs, manifest;
	uint32_t flags;

	if (str_is_null(head) || memcmp(head.p, magic, sizeof(magic)) != 0)
		return false;
	memcpy(&h, head.p, sizeof(h));
	flags = le32toh(h.flags);
	*out = (struct package_row){ .is_shelved = flags & ROW_SHELVED,
				     .has_binding_gyp = flags & ROW_BINDING_GYP,
				     .nfiles = le32toh(h.nfiles),
				     .ndirs = le32toh(h.ndirs) };
	files = take(&rest, out->nfiles * sizeof(struct frozen_file));
	dirs = take(&rest, out->ndirs * sizeof(uint32_t));
	manifest = take(&rest, le32toh(h.manifest_len));
	if (str_is_null(files) || str_is_null(dirs) || str_is_null(manifest))
		return false;
	out->manifest = flags & ROW_HAS_MANIFEST ? manifest : STR_NULL;
	out->files = ARENA_ARRAY(a, struct row_file, out->nfiles);
	out->dirs = ARENA_ARRAY(a, str, out->ndirs);
	for (size_t i = 0; i < out->nfiles; i++)
		if (!thaw_file(&files, &rest, &out->files[i]))
			return false;
	for (size_t i = 0; i < out->ndirs; i++)
		if (!thaw_dir(&dirs, &rest, &out->dirs[i]))
			return false;
	return true;
}

/* ---- in the database ---- */

bool store_get_row(struct store *s, struct arena *a, const struct digest *key,
		   struct package_row *out)
{
	char room[BLOB_KEY_BYTES];
	AUTO_QUERY q = { 0 };
	str bytes;

	if (!entry_view(s, ENTRY_PACKAGE, blob_key(key, room), &q, &bytes))
		return false;
	return package_row_thaw(a, str_dup(a, bytes), out);
}

void store_put_row(struct store *s, const struct digest *key, str frozen)
{
	char room[BLOB_KEY_BYTES];

	if (key->algo != DIGEST_NONE)
		entry_put(s, ENTRY_PACKAGE, blob_key(key, room), frozen);
}
