/* SPDX-License-Identifier: MIT
 * Arbitrary bytes as an archive: the reader must stay inside them, and no name may lead out of the
 * package (T1, T3, T46). */
#include "entry_path.h"
#include "tar.h"

#include "cpm/base/path.h"

static void check_body(const struct tar *t, const struct tar_entry *e)
{
	if (e->body.len &&
	    (e->body.p < t->bytes.p || e->body.p + e->body.len > t->bytes.p + t->bytes.len))
		abort();
}

static bool has_parent_step(str path)
{
	for (str part; str_cut(&path, '/', &part);)
		if (str_eq(part, S("..")) || str_is_empty(part) || str_eq(part, S(".")))
			return true;
	return false;
}

static void check_path(str inside)
{
	if (str_is_null(inside))
		return;
	if (inside.p[0] == '/' || has_parent_step(inside))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(a);
	struct tar tar = tar_open(a, str_of((const char *)data, size));
	size_t entries = 0;

	for (struct tar_entry e; tar_next(&tar, &e);) {
		check_body(&tar, &e);
		check_path(entry_path_inside(a, e.path));
		if (++entries > size / 512)
			abort();
	}
	err_ignore(tar_finish(&tar));
	return 0;
}
