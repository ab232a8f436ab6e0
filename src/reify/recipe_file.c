/* SPDX-License-Identifier: MIT
 * A recipe on disk: a header with a checksum, then all texts one after the other, each with a zero
 * behind it so that it can be handed to the system as it is read. Only this program reads it. */
#include "recipe_file.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/store/shared.h"

#include <limits.h>

#define SHARED_RECIPES ".recipes"
#define MAX_BYTES      ((size_t)64 << 20)
#define KEPT           16
#define NAME_BYTES     48

static const char magic[8] = "cpm-rcp1";

struct frozen_header {
	char magic[8];
	struct fingerprint checksum; /* of all behind it */
	uint64_t nentries, nlinks;
};

static void name_of(struct fingerprint key, char name[NAME_BYTES])
{
	snprintf(name, NAME_BYTES, SHARED_RECIPES "/%016llx%016llx", (unsigned long long)key.a,
		 (unsigned long long)key.b);
}

/* ---- writing ---- */

static void add(struct str_buf *out, str text)
{
	buf_add(out, text);
	buf_add_char(out, '\0');
}

static str freeze(struct arena *a, const struct recipe *r)
{
	struct str_buf body = str_buf(a, MAX_BYTES), out = str_buf(a, MAX_BYTES + 64);
	struct frozen_header h = { .nentries = r->entries.len, .nlinks = r->links.len };

	add(&body, r->report);
	add(&body, r->hidden_lockfile);
	VEC_EACH (const str, key, &r->entries)
		add(&body, *key);
	VEC_EACH (const struct recipe_link, link, &r->links) {
		add(&body, link->path);
		add(&body, link->target);
	}
	memcpy(h.magic, magic, sizeof(magic));
	h.checksum = fingerprint_of(buf_view(&body));
	buf_add(&out, str_of((const char *)&h, sizeof(h)));
	buf_add(&out, buf_view(&body));
	return buf_view(&out);
}

struct old_recipe {
	str name;
	int64_t sec;
};

static int by_age(const void *a, const void *b)
{
	const struct old_recipe *x = a, *y = b;

	return x->sec > y->sec ? -1 : x->sec < y->sec;
}

/* The newest stay. */
static void drop_old(int shared_fd)
{
	ARENA_SCOPE(tmp);
	AUTO_DIR it = { 0 };
	VEC(struct old_recipe) all = { 0 };
	struct err *err = dir_open(shared_fd, SHARED_RECIPES, &it);
	struct stat st;

	while (!err && dir_next(&it)) {
		str name = str_printf(tmp, SHARED_RECIPES "/%s", it.name);

		if (fs_lstat(shared_fd, name.p, &st))
			VEC_PUSH(tmp, &all, (struct old_recipe){ name, st.st_mtim.tv_sec });
	}
	err_ignore(err);
	err_ignore(it.err);
	it.err = NULL;
	VEC_SORT(&all, by_age);
	for (size_t i = KEPT; i < all.len; i++)
		err_ignore(fs_unlink(shared_fd, all.items[i].name.p));
}

void recipe_write(int shared_fd, struct fingerprint key, const struct recipe *r)
{
	ARENA_SCOPE(tmp);
	char name[NAME_BYTES];
	struct err *err = fs_mkdir(shared_fd, SHARED_RECIPES);

	name_of(key, name);
	if (!err)
		err = fs_write_replace(shared_fd, name, freeze(tmp, r), 0600);
	if (err) {
		log_verbose("shared", "no recipe is kept: " STR_FMT, STR_ARG(err_text(tmp, err)));
		err_free(err);
		return;
	}
	drop_old(shared_fd);
}

/* ---- reading ---- */

static bool take(str *rest, str *out)
{
	const char *end = rest->len ? memchr(rest->p, '\0', rest->len) : NULL;

	if (!end)
		return false;
	*out = str_slice(*rest, 0, (size_t)(end - rest->p));
	*rest = str_from(*rest, out->len + 1);
	return true;
}

static bool take_path(str *rest, str *out)
{
	return take(rest, out) && out->len > 0 && out->len < PATH_MAX;
}

static bool thaw(struct arena *a, const struct frozen_header *h, str rest, struct recipe *out)
{
	str key;
	struct recipe_link link;

	*out = (struct recipe){ 0 };
	if (!take(&rest, &out->report) || !take(&rest, &out->hidden_lockfile))
		return false;
	for (uint64_t i = 0; i < h->nentries; i++) {
		if (!take_path(&rest, &key))
			return false;
		VEC_PUSH(a, &out->entries, key);
	}
	for (uint64_t i = 0; i < h->nlinks; i++) {
		if (!take_path(&rest, &link.path) || !take_path(&rest, &link.target))
			return false;
		VEC_PUSH(a, &out->links, link);
	}
	return str_is_empty(rest);
}

bool recipe_read(struct arena *a, int shared_fd, struct fingerprint key, struct recipe *out)
{
	char name[NAME_BYTES];
	struct frozen_header h;
	struct err *err;
	str bytes;

	name_of(key, name);
	if (!fs_lstat(shared_fd, name, &(struct stat){ 0 }))
		return false;
	err = fs_read_all(a, shared_fd, name, MAX_BYTES, &bytes);
	err_ignore(err);
	if (err || bytes.len < sizeof(h))
		return false;
	memcpy(&h, bytes.p, sizeof(h));
	bytes = str_from(bytes, sizeof(h));
	return memcmp(h.magic, magic, sizeof(magic)) == 0 &&
	       fingerprint_eq(h.checksum, fingerprint_of(bytes)) && thaw(a, &h, bytes, out);
}
