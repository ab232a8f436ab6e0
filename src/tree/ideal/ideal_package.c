/* SPDX-License-Identifier: MIT
 * Manifests from elsewhere than a registry: out of tarballs, folders that are copied, repositories.
 * And the packages that lie inside others: an installation finds them on disk, but a lockfile that
 * is written without one has to look into the tarball (npm-tree.md 8.5). Twin of what arborist has
 * pacote do. */
#include "ideal_priv.h"
#include "manifest_priv.h"

#include "cpm/base/path.h"
#include "cpm/tree/spec_address.h"

#include <fcntl.h>

/* ---- one package ---- */

static bool is_below(str path, str folder)
{
	return path.len > folder.len && str_starts(path, folder) && path.p[folder.len] == '/';
}

/* `directories.bin`, when there is no `bin`: every file in that folder is a command named after
 * itself. */
static void add_bin_folder(struct arena *a, const struct json *json,
			   const struct archive_content *content, struct manifest *m)
{
	str folder = json_get_text(json_get(json, "directories"), "bin");
	VEC(struct bin) bins = { 0 };

	folder = folder.len ? manifest_secure_path(a, folder) : S("");
	if (!folder.len || json_is_truthy(json_get(json, "bin")))
		return;
	for (size_t i = 0; i < content->nfiles; i++) {
		str path = content->files[i];

		if (is_below(path, folder) && !str_starts(path_basename(path), S(".")))
			VEC_PUSH(a, &bins, (struct bin){ path_basename(path), path });
	}
	manifest_set_bins(a, m, bins.items, bins.len);
}

/* What `dist` says in a package's own file is nobody's business. */
static struct err *read_packed(struct arena *a, str text, struct json **json, struct manifest **out)
{
	TRY(json_parse(a, text, json));
	TRY(manifest_from_json(a, *json, false, out));
	(*out)->tarball = (*out)->integrity = STR_NULL;
	return NULL;
}

static struct err *read_top(struct arena *a, const struct package_content *content,
			    const struct package_address *at, struct manifest **out)
{
	struct json *json;

	if (!content->archive.nmanifests || content->archive.manifests[0].folder.len)
		return err_new(E_BAD_ARCHIVE, "there is no package.json in " STR_FMT,
			       STR_ARG(at->place));
	TRY_AS(read_packed(a, content->archive.manifests[0].text, &json, out),
	       "cannot read the package.json of " STR_FMT, STR_ARG(at->place));
	add_bin_folder(a, json, &content->archive, *out);
	return NULL;
}

/* ---- repositories ---- */

static struct err *pin_commit(struct ideal *b, const struct spec *spec, struct package_address *at)
{
	return spec_address_find_commit(b->arena, b->opts->packages, spec, b->tree->path,
					&b->opts->pick, at);
}

/* npm records the digest of a packed repository only when it did not have to ask for the commit. */
static bool has_integrity(const struct spec *spec)
{
	return spec->type != SPEC_GIT || (spec->is_hosted && spec_is_commit(spec->committish));
}

/* ---- manifests ---- */

static struct err *read_folder(struct ideal *b, const struct package_address *at,
			       struct manifest **out)
{
	return manifest_read(b->arena, AT_FDCWD, str_cstr(b->arena, at->place), out, NULL);
}

static struct err *look(struct ideal *b, const struct spec *spec, struct package_address *at,
			struct manifest **out)
{
	struct package_content content;

	TRY(pin_commit(b, spec, at));
	TRY(package_look(b->opts->packages, b->arena, at, &content));
	TRY(read_top(b->arena, &content, at, out));
	at->place = content.place;
	(*out)->integrity = has_integrity(spec) ? content.integrity : STR_NULL;
	return NULL;
}

struct err *ideal_package_manifest(struct ideal *b, const struct spec *spec, bool is_own,
				   struct manifest **out)
{
	struct package_address at = spec_address(b->arena, spec, is_own);
	str hash = str_is_null(spec->hash) ? S("") : spec->hash;
	str key = str_printf(b->arena, STR_FMT " " STR_FMT "#" STR_FMT, STR_ARG(spec->name),
			     STR_ARG(at.place), STR_ARG(hash));

	if (!b->opts->packages)
		return err_new(E_UNSUPPORTED,
			       "cannot install '" STR_FMT "': only registries are asked here",
			       STR_ARG(spec_format(b->arena, spec)));
	*out = map_get(&b->manifests, key);
	if (*out)
		return NULL;
	if (at.kind == PACKAGE_FOLDER)
		TRY(read_folder(b, &at, out));
	else
		TRY(look(b, spec, &at, out));
	b->work.manifests++;
	(*out)->tarball = spec_address_resolved(b->arena, spec, &at);
	map_put(&b->manifests, key, *out);
	prefetch_manifest(&b->prefetch, *out, false);
	return NULL;
}

/* ---- what came inside ---- */

static struct err *address_of_node(struct ideal *b, const struct node *n, bool is_own,
				   struct package_address *out)
{
	struct spec *spec;

	if (str_starts(n->resolved, S("http:")) || str_starts(n->resolved, S("https:"))) {
		*out = (struct package_address){ .kind = PACKAGE_URL,
						 .name = n->name,
						 .place = n->resolved };
	} else {
		TRY(spec_resolve(b->arena, n->name, n->resolved, b->tree->path, &spec));
		*out = spec_address(b->arena, spec, is_own);
	}
	if (out->kind == PACKAGE_URL || out->kind == PACKAGE_FILE)
		out->integrity = n->integrity;
	return NULL;
}

/* The node of @folder below @n, "node_modules/a/node_modules/b"; *name: its last part. NULL: what
 * it is in is no package. */
static struct node *holder_of(struct node *n, str folder, str *name)
{
	for (;;) {
		size_t next;

		*name = str_from(folder, sizeof("node_modules/") - 1);
		next = str_find(*name, S("/node_modules/"));
		if (next == STR_NPOS || !n)
			return n;
		n = node_child(n, str_slice(*name, 0, next));
		folder = str_from(*name, next + 1);
	}
}

struct err *ideal_open_bundle(struct ideal *b, struct node *n)
{
	struct package_content content;
	struct package_address at;

	if (!b->opts->packages)
		return NULL;
	TRY(address_of_node(b, n, true, &at));
	TRY(package_look(b->opts->packages, b->arena, &at, &content));
	for (size_t i = 0; i < content.archive.nmanifests; i++) {
		const struct packed_manifest *packed = &content.archive.manifests[i];
		struct node *holder = NULL;
		struct manifest *m;
		struct json *json;
		str name;

		if (packed->folder.len)
			holder = holder_of(n, packed->folder, &name);
		if (!holder)
			continue;
		TRY_AS(read_packed(b->tree->arena, packed->text, &json, &m),
		       "cannot read " STR_FMT "/package.json in " STR_FMT, STR_ARG(packed->folder),
		       STR_ARG(at.place));
		node_set_parent(node_new(b->tree->arena, name, m), holder);
	}
	return NULL;
}
