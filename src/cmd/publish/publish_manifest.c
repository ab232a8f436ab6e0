/* SPDX-License-Identifier: MIT
 * From a package to the document that puts it into a registry. */
#include "publish_manifest.h"

#include "temp_folder.h"

#include "cpm/base/path.h"
#include "cpm/build_config.h"
#include "cpm/store/unpack.h"
#include "cpm/tree/package_file.h"

/* ---- the manifest ---- */

static struct err *read_folder(struct cmd_ctx *ctx, str dir, struct json **out, bool *fixed)
{
	struct package_file f;

	TRY(package_file_read(ctx->arena, dir, &f));
	TRY(package_file_prepare(ctx->arena, &f, fixed));
	*out = f.content;
	return NULL;
}

static struct err *unpack_and_read(struct cmd_ctx *ctx, str bytes, str dir, struct json **out)
{
	const struct unpack_opts opts = { .keep_gitignore = true };
	struct unpack_result ignored;
	AUTO_FD fd = -1;
	bool fixed;

	TRY(fs_open_dir(AT_FDCWD, str_cstr(ctx->arena, dir), &fd));
	TRY(unpack_tarball(ctx->arena, bytes, fd, &opts, &ignored));
	return read_folder(ctx, dir, out, &fixed);
}

/* A tarball says no more of itself than its files do, readme and all: they are unpacked for a moment. */
static struct err *read_tarball(struct cmd_ctx *ctx, str bytes, struct json **out)
{
	struct err *e;
	str dir;

	TRY(temp_folder_make(ctx, S("cpm-publish-"), &dir));
	e = unpack_and_read(ctx, bytes, dir, out);
	temp_folder_remove(ctx, dir);
	return e;
}

struct err *publish_manifest_read(struct cmd_ctx *ctx, const struct package_tarball *t, str bytes,
				  struct json **out, bool *fixed)
{
	*fixed = false;
	if (t->spec->type == SPEC_DIRECTORY)
		return read_folder(ctx, t->package.dir, out, fixed);
	return read_tarball(ctx, bytes, out);
}

/* ---- the document ---- */

static void set_text(struct arena *a, struct json *object, str key, str text)
{
	json_set(a, object, key, json_new_string(a, text));
}

static struct json *dist_of(struct arena *a, const struct package_tarball *t, str registry)
{
	struct json *dist = json_new(a, JSON_OBJECT);
	struct digest shasum;
	str url = str_printf(a, STR_FMT STR_FMT "/-/" STR_FMT "-" STR_FMT ".tgz", STR_ARG(registry),
			     STR_ARG(t->name), STR_ARG(t->name), STR_ARG(t->version));

	if (str_starts(url, S("https://"))) /* who reads it decides how it is fetched */
		url = str_concat(a, S("http://"), str_from(url, strlen("https://")));
	digest_of(DIGEST_SHA1, str_of(t->bytes, t->len), &shasum);
	set_text(a, dist, S("integrity"), t->integrity);
	set_text(a, dist, S("shasum"), digest_hex(a, &shasum));
	set_text(a, dist, S("tarball"), url);
	return dist;
}

static struct json *attachment_of(struct arena *a, const struct package_tarball *t)
{
	struct json *one = json_new(a, JSON_OBJECT), *all = json_new(a, JSON_OBJECT);
	str name = str_printf(a, STR_FMT "-" STR_FMT ".tgz", STR_ARG(t->name), STR_ARG(t->version));

	set_text(a, one, S("content_type"), S("application/octet-stream"));
	set_text(a, one, S("data"), base64_encode(a, str_of(t->bytes, t->len)));
	json_set(a, one, S("length"), json_new_number(a, (double)t->len));
	json_set(a, all, name, one);
	return all;
}

static struct json *one_member(struct arena *a, str key, struct json *val)
{
	struct json *out = json_new(a, JSON_OBJECT);

	json_set(a, out, key, val);
	return out;
}

str publish_document(struct cmd_ctx *ctx, struct json *manifest, const struct package_tarball *t,
		     str registry, str tag, str access)
{
	struct arena *a = ctx->arena;
	struct json *root = json_new(a, JSON_OBJECT), *description = json_get(manifest, "description");
	struct str_buf text = str_buf(a, SIZE_MAX);

	json_del(manifest, S("patchedDependencies"));
	set_text(a, manifest, S("_nodeVersion"), node_version_find(ctx));
	set_text(a, manifest, S("_npmVersion"), S(CPM_NPM_VERSION));
	set_text(a, manifest, S("_id"), t->id);
	json_set(a, manifest, S("dist"), dist_of(a, t, registry));
	set_text(a, root, S("_id"), t->name);
	set_text(a, root, S("name"), t->name);
	if (description)
		json_set(a, root, S("description"), description);
	json_set(a, root, S("dist-tags"), one_member(a, tag, json_new_string(a, t->version)));
	json_set(a, root, S("versions"), one_member(a, t->version, manifest));
	json_set(a, root, S("access"),
		 access.len ? json_new_string(a, access) : json_new(a, JSON_NULL));
	json_set(a, root, S("_attachments"), attachment_of(a, t));
	json_write(&text, root, (struct json_style){ S(""), S("") });
	return buf_view(&text);
}
