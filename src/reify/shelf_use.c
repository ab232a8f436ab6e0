/* SPDX-License-Identifier: MIT
 * When a package is linked from the shelf, when it is put there, and what the cache remembers of
 * it. The first install of a package on a machine records its files; the second puts them on the
 * shelf; from then on they are linked. */
#include "early_priv.h"

#include "cpm/base/trace.h"

/* ---- before ---- */

static bool is_requested(const struct unit *u, str path)
{
	VEC_EACH (str, bin, &u->bins)
		if (str_eq(*bin, path))
			return true;
	VEC_EACH (str, file, &u->executables)
		if (str_eq(*file, path))
			return true;
	return false;
}

/* Claims that the unit wants the same files made executable as the one whose files are on the shelf
 * did: mode and first line are part of what is shared. */
bool shelf_fits(const struct unit *u, const struct package_row *row)
{
	bool asks = u->bins.len || u->executables.len;

	for (size_t i = 0; i < row->nfiles; i++)
		if (row->files[i].is_requested != (asks && is_requested(u, row->files[i].path)))
			return false;
	return true;
}

static bool fits_all(const struct shipment *s)
{
	for (size_t i = 0; i < s->units.len; i++)
		if (!shelf_fits(s->units.items[i], &s->row))
			return false;
	return true;
}

bool shelf_is_forbidden(struct run *r, const struct unit *u, const struct package_row *row)
{
	ARENA_SCOPE(tmp);
	struct package_facts f;

	if (!scripts_may_run(r, u))
		return false;
	return row->has_binding_gyp || !package_facts_scan(tmp, row->manifest, &f) ||
	       !str_is_null(f.preinstall) || !str_is_null(f.install) || !str_is_null(f.postinstall);
}

static bool needs_own_files(struct run *r, const struct shipment *s)
{
	for (size_t i = 0; i < s->units.len; i++)
		if (shelf_is_forbidden(r, s->units.items[i], &s->row))
			return true;
	return false;
}

static void look_up(struct run *r, struct shipment *s)
{
	if (early_has(r->opts->early, s) || str_is_null(s->url) ||
	    s->integrity.strongest < DIGEST_SHA256)
		return;
	for (size_t i = 0; i < s->integrity.count && !s->has_row; i++) {
		s->digest = s->integrity.items[i];
		s->has_row = s->digest.algo == s->integrity.strongest &&
			     store_get_row(r->opts->store, r->arena, &s->digest, &s->row);
	}
	if (!s->has_row || r->shelf_fd < 0 || shared_goes_there(r, s))
		return;
	if (needs_own_files(r, s))
		return;
	s->is_linked = s->row.is_shelved && fits_all(s);
	s->goes_on_shelf = !s->row.is_shelved;
}

void shelf_inherit(struct shipment *s, const struct shipment *linked)
{
	s->digest = linked->digest;
	s->row = linked->row;
	s->has_row = true;
	s->is_linked = fits_all(s) && !needs_own_files(s->run, s);
}

void shelf_look_up(struct run *r, size_t count)
{
	count = MIN(count, r->shipments.len);
	if (!r->opts->store || r->nlooked_up >= count)
		return;
	TRACE(READ);
	store_begin_reading(r->opts->store);
	for (; r->nlooked_up < count; r->nlooked_up++)
		look_up(r, r->shipments.items[r->nlooked_up]);
	store_end_reading(r->opts->store);
}

void shelf_give_up(struct run *r, struct shipment *s)
{
	s->is_linked = false;
	if (s->shelf_result == SHELF_IMPOSSIBLE)
		r->shelf_fd = -1;
	else
		s->goes_on_shelf = true;
}

/* ---- after ---- */

static str folder_of(str path)
{
	size_t end = str_rfind_char(path, '/');

	return end == STR_NPOS ? S("") : str_slice(path, 0, end);
}

/* Folder by folder: archives are ordered by file type, and each change of folder costs an open when
 * the package is linked. */
static int by_folder(const void *a, const void *b)
{
	const struct row_file *x = a, *y = b;
	int order = str_cmp(folder_of(x->path), folder_of(y->path));

	return order ? order : str_cmp(x->path, y->path);
}

static void list_files(struct arena *a, const struct unpack_result *result, struct package_row *row)
{
	row->nfiles = result->nfiles;
	row->files = ARENA_ARRAY(a, struct row_file, row->nfiles);
	for (size_t i = 0; i < row->nfiles; i++) {
		const struct unpack_file *f = &result->files[i];

		row->files[i] = (struct row_file){ .path = f->path,
						   .mode = f->mode,
						   .is_requested = f->is_requested,
						   .size = f->size };
	}
	if (row->nfiles > 1)
		qsort(row->files, row->nfiles, sizeof(*row->files), by_folder);
	package_row_list_dirs(a, row);
}

void shelf_record(struct arena *a, struct shipment *s, const struct unpack_result *result,
		  int dirfd)
{
	struct package_row row = { .has_binding_gyp = result->has_binding_gyp };
	struct package_facts facts;
	str frozen;

	if (s->has_row && !s->goes_on_shelf)
		return;
	TRACE(SHELVE);
	if (package_facts_scan(a, result->manifest, &facts))
		row.manifest = package_facts_format(a, &facts);
	list_files(a, result, &row);
	if (s->goes_on_shelf && s->shelf_fd >= 0)
		shelf_keep(s->shelf_fd, &s->digest, dirfd, &row);
	frozen = package_row_freeze(a, &row);
	s->frozen_row = malloc(frozen.len);
	if (s->frozen_row)
		memcpy(s->frozen_row, frozen.p, frozen.len);
	s->frozen_len = frozen.len;
}
