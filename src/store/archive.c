/* SPDX-License-Identifier: MIT
 * Looking into an archive without unpacking it: the resolver wants the manifest of a tarball, and
 * of the packages that came inside it, long before it is known whether any of it will be installed.
 * What is seen here is what unpack.c would write: the same walker, the same paths, the last entry
 * of a name wins. */
#include "cpm/store/archive.h"

#include "cpm/base/gunzip.h"
#include "cpm/base/map.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"
#include "cpm/store/pack.h"
#include "cpm/store/store.h"
#include "cpm/store/unpack.h"
#include "entry_path.h"
#include "tar.h"

#define MANIFEST_MAX_BYTES ((size_t)16 << 20)

/* ---- looking ---- */

struct look {
	struct arena *arena;
	struct map rows; /* folder -> index + 1 in manifests */
	struct map seen; /* files */
	VEC(struct packed_manifest) manifests;
	VEC(str) files;
};

/* One package's name at the start of *rest, which moves behind it and its slash. */
static bool cut_name(str *rest)
{
	str part;

	if (!str_cut(rest, '/', &part) || !part.len || part.p[0] == '.')
		return false;
	return part.p[0] != '@' || (str_cut(rest, '/', &part) && part.len && part.p[0] != '.');
}

/* "" or ("node_modules/" name "/")+: where the folder of a package can be. */
static bool is_package_folder(str folder)
{
	str rest = folder.len ? folder : STR_NULL, part;

	while (!str_is_null(rest))
		if (!str_cut(&rest, '/', &part) || !str_eq(part, S("node_modules")) ||
		    !cut_name(&rest))
			return false;
	return true;
}

static void add_manifest(struct look *l, str folder, str text)
{
	struct packed_manifest row = { str_dup(l->arena, folder), str_dup(l->arena, text) };
	size_t known = (size_t)map_get(&l->rows, folder);

	if (known) {
		l->manifests.items[known - 1] = row;
		return;
	}
	VEC_PUSH(l->arena, &l->manifests, row);
	map_put(&l->rows, row.folder, (void *)l->manifests.len);
}

static struct err *add_entry(void *ctx, const struct tar_entry *e)
{
	struct look *l = ctx;
	str path, folder;

	if (e->type != '0' && e->type != '7')
		return NULL;
	path = entry_path_inside(l->arena, e->path);
	if (str_is_null(path) || !path_is_inside(path))
		return NULL;
	path = str_dup(l->arena, path);
	if (!map_put(&l->seen, path, l))
		VEC_PUSH(l->arena, &l->files, path);
	if (!str_eq(path_basename(path), S("package.json")))
		return NULL;
	folder = str_eq(path, S("package.json")) ? S("") : path_dirname(path);
	if (!is_package_folder(folder))
		return NULL;
	if (e->body.len > MANIFEST_MAX_BYTES)
		return err_new(E_TOO_BIG, "the archive's package.json is larger than %zu bytes",
			       MANIFEST_MAX_BYTES);
	add_manifest(l, folder, e->body);
	return NULL;
}

static int by_folder(const void *a, const void *b)
{
	return str_cmp(((const struct packed_manifest *)a)->folder,
		       ((const struct packed_manifest *)b)->folder);
}

static void free_auto(char **p)
{
	free(*p);
}

/* Reads the archive to its end, or to the first entry that @visit has something against. */
static struct err *visit_all(struct arena *a, str bytes,
			     struct err *(*visit)(void *ctx, const struct tar_entry *e), void *ctx)
{
	__attribute__((cleanup(free_auto))) char *plain = NULL;
	size_t plain_len, count = 0;
	struct err *err = NULL, *end;
	struct tar tar;

	TRY(gunzip(bytes, UNPACK_MAX_BYTES, true, &plain, &plain_len));
	tar = tar_open(a, str_of(plain, plain_len));
	for (struct tar_entry e; !err && tar_next(&tar, &e);) {
		if (++count > UNPACK_MAX_ENTRIES)
			err = err_new(E_TOO_BIG, "the archive has more than %d entries",
				      UNPACK_MAX_ENTRIES);
		else
			err = visit(ctx, &e);
	}
	end = tar_finish(&tar);
	if (!err)
		return end;
	err_ignore(end);
	return err;
}

struct err *archive_look(struct arena *a, str bytes, struct archive_content *out)
{
	struct look l = { .arena = a };

	map_init(&l.rows, a);
	map_init(&l.seen, a);
	TRY(visit_all(a, bytes, add_entry, &l));
	VEC_SORT(&l.manifests, by_folder);
	*out = (struct archive_content){ l.manifests.items, l.manifests.len, l.files.items,
					 l.files.len };
	return NULL;
}

/* ---- listing ---- */

struct listing {
	struct arena *arena;
	bool with_bodies;
	VEC(struct archive_file) files;
};

static struct err *list_entry(void *ctx, const struct tar_entry *e)
{
	struct listing *l = ctx;

	VEC_PUSH(l->arena, &l->files,
		 (struct archive_file){ .path = str_dup(l->arena, e->path),
					.type = e->type,
					.mode = e->mode,
					.size = e->body.len,
					.body = l->with_bodies ? str_dup(l->arena, e->body)
							       : STR_NULL });
	return NULL;
}

struct err *archive_list(struct arena *a, str bytes, bool with_bodies, struct archive_file **files,
			 size_t *count)
{
	struct listing l = { .arena = a, .with_bodies = with_bodies };

	TRY(visit_all(a, bytes, list_entry, &l));
	*files = l.files.items;
	*count = l.files.len;
	return NULL;
}

/* ---- the port ---- */

struct archives {
	struct archive_port port;
	struct store *store;
};

static struct store *store_of(struct archive_port *p)
{
	return ((struct archives *)p)->store;
}

static struct err *port_look(struct archive_port *p, struct arena *a, str bytes,
			     struct archive_content *out)
{
	(void)p;
	return archive_look(a, bytes, out);
}

static struct err *port_pack(struct archive_port *p, str folder, char **bytes, size_t *len)
{
	(void)p;
	return pack_folder(folder, NULL, bytes, len);
}

static struct err *port_unpack(struct archive_port *p, str bytes, int dirfd)
{
	ARENA_SCOPE(tmp);
	const struct unpack_opts opts = { .keep_gitignore = true };
	struct unpack_result ignored;

	(void)p;
	return unpack_tarball(tmp, bytes, dirfd, &opts, &ignored);
}

static bool port_get(struct archive_port *p, const struct digest *key, char **bytes, size_t *len)
{
	return store_of(p) && store_get_blob(store_of(p), key, bytes, len);
}

static void port_put(struct archive_port *p, const struct digest *key, str bytes)
{
	if (store_of(p))
		store_put_blob(store_of(p), key, bytes);
}

struct archive_port *archive_port_new(struct arena *a, struct store *store)
{
	struct archives *archives = ARENA_NEW(a, struct archives);

	archives->port = (struct archive_port){ port_look, port_pack, port_unpack, port_get,
						port_put };
	archives->store = store;
	return &archives->port;
}
