/* SPDX-License-Identifier: MIT
 * npm's report of a tarball, to the letter, since tools read both its forms. Source: npm's tar.js. */
#include "tarball_report.h"

#include "cpm/base/map.h"
#include "cpm/store/archive.h"
#include "cpm/ui/ui_words.h"

#include <ctype.h>

#define INTEGRITY_HEAD 20
#define INTEGRITY_TAIL 80

/* ---- reading ---- */

static str bare_path(str path)
{
	return str_starts(path, S("package/")) ? str_from(path, 8) : path;
}

/* "@s/x" of "node_modules/@s/x/index.js"; null for a file of the package's own. */
static str bundled_name(str path)
{
	str rest = path, part;
	size_t end;

	if (!str_starts(path, S("node_modules/")) || path.len == 13)
		return STR_NULL;
	rest = str_from(path, 13);
	end = str_find_char(rest, '/');
	part = str_slice(rest, 0, end);
	if (part.len < 2 || part.p[0] != '@' || end == STR_NPOS || end + 1 == rest.len)
		return part;
	end += 1 + MIN(str_find_char(str_from(rest, end + 1), '/'), rest.len);
	return str_slice(rest, 0, end);
}

/* npm asks whether the first letter is its own upper case, which a digit is too. */
static bool comes_first(const struct tarball_entry *e)
{
	return !e->path.len || !islower((unsigned char)e->path.p[0]);
}

static int as_listed(const void *a, const void *b)
{
	const struct tarball_entry *x = a, *y = b;
	int order = comes_first(y) - comes_first(x);

	if (!order)
		order = str_collate_numeric(x->path, y->path);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

struct err *tarball_contents_read(struct arena *a, const struct package_tarball *t,
				  struct tarball_contents *out)
{
	struct archive_file *files;
	VEC(str) bundled = { 0 };
	struct digest digest;
	struct map seen;

	*out = (struct tarball_contents){ 0 };
	map_init(&seen, a);
	TRY(archive_list(a, str_of(t->bytes, t->len), false, &files, &out->count));
	out->files = ARENA_ARRAY(a, struct tarball_entry, out->count + 1);
	for (size_t i = 0; i < out->count; i++) {
		str path = bare_path(files[i].path), name = bundled_name(path);

		out->files[i] = (struct tarball_entry){ path, files[i].mode, files[i].size,
						       i };
		out->unpacked_bytes += files[i].size;
		if (!str_is_null(name) && !map_put(&seen, name, out))
			VEC_PUSH(a, &bundled, name);
	}
	qsort(out->files, out->count, sizeof(*out->files), as_listed);
	out->bundled = bundled.items;
	out->nbundled = bundled.len;
	digest_of(DIGEST_SHA1, str_of(t->bytes, t->len), &digest);
	out->shasum = digest_hex(a, &digest);
	return NULL;
}

/* ---- notices ---- */

static void tell_files(struct arena *a, const struct tarball_contents *c)
{
	struct str_buf lines = str_buf(a, SIZE_MAX);

	if (!c->count)
		return;
	for (size_t i = 0; i < c->count; i++) {
		const struct tarball_entry *f = &c->files[i];

		if (str_starts(f->path, S("node_modules/")))
			continue;
		buf_printf(&lines, "%s" STR_FMT " " STR_FMT, lines.len ? "\n" : "",
			   STR_ARG(str_replace_all(a, ui_bytes(a, (double)f->size), S(" "), S(""))),
			   STR_ARG(f->path));
	}
	log_notice("", STR_FMT, STR_ARG(buf_view(&lines)));
}

static void tell_bundled(const struct tarball_contents *c)
{
	if (!c->nbundled)
		return;
	log_notice("Bundled Dependencies", "%s", "");
	for (size_t i = 0; i < c->nbundled; i++)
		log_notice("", STR_FMT, STR_ARG(c->bundled[i]));
}

static str short_integrity(struct arena *a, str integrity)
{
	return str_printf(a, STR_FMT "[...]" STR_FMT,
			  STR_ARG(str_slice(integrity, 0, INTEGRITY_HEAD)),
			  STR_ARG(str_from(integrity, INTEGRITY_TAIL)));
}

/* The two empty lines differ for the reporter, which shows no notice twice. */
void tarball_tell(struct cmd_ctx *ctx, const struct package_tarball *t,
		  const struct tarball_contents *c)
{
	struct arena *a = ctx->arena;

	log_notice(NULL, "%s", "");
	log_notice("", "%s " STR_FMT, cfg_bool(ctx->cfg, CFG_UNICODE) ? "\U0001F4E6 " : "package:",
		   STR_ARG(t->id));
	log_notice("Tarball Contents", "%s", "");
	tell_files(a, c);
	tell_bundled(c);
	log_notice("Tarball Details", "%s", "");
	log_notice("", "name: " STR_FMT, STR_ARG(t->name));
	log_notice("", "version: " STR_FMT, STR_ARG(t->version));
	log_notice("", "filename: " STR_FMT,
		   STR_ARG(package_tarball_file_name(a, t->name, t->version)));
	log_notice("", "package size: " STR_FMT, STR_ARG(ui_bytes(a, (double)t->len)));
	log_notice("", "unpacked size: " STR_FMT, STR_ARG(ui_bytes(a, (double)c->unpacked_bytes)));
	log_notice("", "shasum: " STR_FMT, STR_ARG(c->shasum));
	log_notice("", "integrity: " STR_FMT, STR_ARG(short_integrity(a, t->integrity)));
	if (c->nbundled) {
		log_notice("", "bundled deps: %zu", c->nbundled);
		log_notice("", "bundled files: %d", 0);
		log_notice("", "own files: %zu", c->count);
	}
	log_notice("", "total files: %zu", c->count);
	log_notice("", "%s", "");
}

/* ---- the document ---- */

static void set_number(struct arena *a, struct json *object, const char *key, double n)
{
	json_set(a, object, str_view(key), json_new_number(a, n));
}

static struct json *files_json(struct arena *a, const struct tarball_contents *c)
{
	struct json *files = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < c->count; i++) {
		struct json *file = json_new(a, JSON_OBJECT);

		json_set_text(a, file, "path", c->files[i].path);
		set_number(a, file, "size", (double)c->files[i].size);
		set_number(a, file, "mode", c->files[i].mode);
		json_append(a, files, file);
	}
	return files;
}

static struct json *package_json(struct arena *a, const struct package_tarball *t,
				 const struct tarball_contents *c)
{
	struct json *out = json_new(a, JSON_OBJECT), *bundled = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < c->nbundled; i++)
		json_append(a, bundled, json_new_string(a, c->bundled[i]));
	json_set_text(a, out, "id", t->id);
	json_set_text(a, out, "name", t->name);
	json_set_text(a, out, "version", t->version);
	set_number(a, out, "size", (double)t->len);
	set_number(a, out, "unpackedSize", (double)c->unpacked_bytes);
	json_set_text(a, out, "shasum", c->shasum);
	json_set_text(a, out, "integrity", t->integrity);
	json_set_text(a, out, "filename", package_tarball_file_name(a, t->name, t->version));
	json_set(a, out, S("files"), files_json(a, c));
	set_number(a, out, "entryCount", (double)c->count);
	json_set(a, out, S("bundled"), bundled);
	return out;
}

void tarball_tell_json(struct cmd_ctx *ctx, const struct package_tarball *t,
		       const struct tarball_contents *c)
{
	struct json *all = json_new(ctx->arena, JSON_OBJECT);

	json_set(ctx->arena, all, t->name, package_json(ctx->arena, t, c));
	out_json(ctx->out, all);
}
