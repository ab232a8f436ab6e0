/* SPDX-License-Identifier: MIT
 * audit import: an OSV export becomes a database. An export is a zip archive or a folder with a
 * record in each file, or one JSON file with a record or a list of them. It is all or nothing: a
 * damaged export leaves the database as it was. A record that makes no sense is something else:
 * exports have some, so it is named, counted and passed over. Importing again replaces what the
 * same records said before. */
#include "audit_db.h"

#include "cpm/base/path.h"
#include "cpm/base/proc.h"
#include "cpm/store/advisory_db.h"
#include "cpm/store/zip.h"
#include "cpm/tree/osv.h"
#include "cpm/ui/ui_words.h"

#include <errno.h>
#include <time.h>

#define RECORD_MAX_BYTES ((size_t)16 << 20)
#define FILE_MAX_BYTES   ((size_t)512 << 20)
#define MAX_NAMED        10 /* malformed records in warnings; --json has them all */

struct import {
	struct cmd_ctx *ctx;
	struct advisory_db *db;
	str export; /* absolute */
	size_t kept, withdrawn, elsewhere;
	struct json *malformed; /* an array of {"name","problem"} */
	int64_t newest_sec;
};

/* ---- records ---- */

static void note_malformed(struct import *im, str name, struct err *e)
{
	struct arena *a = im->ctx->arena;
	struct json *entry = json_new(a, JSON_OBJECT);

	json_set_text(a, entry, "name", str_dup(a, name));
	json_set_text(a, entry, "problem", err_text(a, e));
	err_free(e);
	json_append(a, im->malformed, entry);
	if (im->malformed->count <= MAX_NAMED)
		log_warn("audit", "passed over '" STR_FMT "': " STR_FMT, STR_ARG(name),
			 STR_ARG(json_get_text(entry, "problem")));
}

static struct err *put_record(struct arena *a, struct import *im, const struct osv_record *r)
{
	TRY(advisory_db_forget(im->db, r->id));
	VEC_EACH (const struct osv_package, p, &r->packages) {
		struct str_buf text = str_buf(a, SIZE_MAX);

		json_write(&text, p->said, (struct json_style){ S(""), S("") });
		TRY(advisory_db_put(im->db, &(struct advisory_row){ .package = p->name,
								    .record = r->id,
								    .names = r->names,
								    .said = buf_view(&text) }));
	}
	return NULL;
}

static struct err *import_record(struct arena *a, struct import *im, str file,
				 const struct json *doc)
{
	struct osv_record r;
	struct err *e = osv_read(a, doc, &r);

	TRY(proc_check_stop());
	if (e) {
		note_malformed(im, str_is_empty(r.id) ? file : r.id, e);
		return NULL;
	}
	im->newest_sec = MAX(im->newest_sec, r.modified_sec);
	im->withdrawn += r.is_withdrawn;
	im->elsewhere += !r.is_withdrawn && r.packages.len == 0;
	im->kept += r.packages.len > 0;
	return put_record(a, im, &r);
}

/* A record, a list of them, or a list in "vulns" as OSV's own interface answers. */
static struct err *import_document(struct arena *a, struct import *im, str file,
				   const struct json *doc)
{
	const struct json *list = json_get(doc, "vulns");

	list = json_is(list, JSON_ARRAY) ? list : doc;
	if (!json_is(list, JSON_ARRAY))
		return import_record(a, im, file, doc);
	for (size_t i = 0; i < list->count; i++)
		TRY(import_record(a, im, file, list->items[i]));
	return NULL;
}

/* One of many files: @e is what went wrong reading it, or NULL. */
static struct err *import_text(struct arena *a, struct import *im, str file, str text,
			       struct err *e)
{
	struct json *doc;

	e = e ? e : json_parse(a, text, &doc);
	if (e) {
		note_malformed(im, file, e);
		return NULL;
	}
	return import_document(a, im, file, doc);
}

/* ---- the forms of an export ---- */

static struct err *import_zip(struct import *im, int fd)
{
	AUTO_ZIP *z = NULL;

	TRY(zip_open(fd, im->export, &z));
	for (bool is_end = false; !is_end;) {
		ARENA_SCOPE(tmp);
		str name, bytes;
		struct err *e = zip_next(tmp, z, RECORD_MAX_BYTES, &name, &bytes);

		if (e && !err_is(e, E_TOO_BIG))
			return e;
		is_end = str_is_null(name);
		if (is_end || !str_ends(name, S(".json")))
			err_ignore(e);
		else
			TRY(import_text(tmp, im, name, bytes, e));
	}
	return NULL;
}

typedef VEC(str) str_vec;

/* The files of one folder; its folders are for later. Links are not followed. */
static struct err *import_entries(struct import *im, str dir, str_vec *later)
{
	struct arena *a = im->ctx->arena;
	AUTO_DIR it = { 0 };

	TRY(dir_open(AT_FDCWD, str_cstr(a, dir), &it));
	while (dir_next(&it)) {
		ARENA_SCOPE(tmp);
		str path = path_join(tmp, dir, str_view(it.name)), text = STR_NULL;

		if (it.type == DT_DIR)
			VEC_PUSH(a, later, str_dup(a, path));
		if (it.type != DT_REG || !str_ends(path, S(".json")))
			continue;
		TRY(import_text(
			tmp, im, str_from(path, im->export.len + 1), text,
			fs_read_all(tmp, AT_FDCWD, str_cstr(tmp, path), RECORD_MAX_BYTES, &text)));
	}
	return it.err;
}

static struct err *import_folder(struct import *im)
{
	str_vec folders = { 0 };

	VEC_PUSH(im->ctx->arena, &folders, im->export);
	while (folders.len)
		TRY(import_entries(im, VEC_POP(&folders), &folders));
	return NULL;
}

static struct err *import_file(struct import *im, const char *path)
{
	ARENA_SCOPE(tmp);
	AUTO_FD fd = -1;
	struct json *doc;
	char first[4];
	str text;

	TRY(fs_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, &fd));
	if (pread(fd, first, sizeof(first), 0) == sizeof(first) &&
	    zip_is_zip(str_of(first, sizeof(first))))
		return import_zip(im, fd);
	TRY(fs_read_all(tmp, AT_FDCWD, path, FILE_MAX_BYTES, &text));
	TRY_AS(json_parse(tmp, text, &doc), "'%s' is neither a zip archive nor JSON", path);
	return import_document(tmp, im, path_basename(im->export), doc);
}

static struct err *import_all(struct import *im)
{
	const char *path = str_cstr(im->ctx->arena, im->export);

	if (fs_is_dir(AT_FDCWD, path))
		TRY(import_folder(im));
	else
		TRY(import_file(im, path));
	if (im->kept + im->withdrawn + im->elsewhere == 0)
		return err_new(E_GENERIC,
			       "'%s' has no OSV record that can be read: nothing was imported",
			       path);
	/* A record from the future must not keep the rest young. */
	return advisory_db_set_newest(im->db, MIN(im->newest_sec, im->ctx->started_ms / 1000));
}

/* ---- the report ---- */

static str moment(struct arena *a, int64_t sec)
{
	time_t t = (time_t)sec;
	struct tm tm;

	gmtime_r(&t, &tm);
	return str_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
			  tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void set_number(struct arena *a, struct json *o, str key, double n)
{
	json_set(a, o, key, json_new_number(a, n));
}

/* What the file holds after this import. */
struct totals {
	int64_t packages, newest_sec;
	double bytes;
};

static struct err *count(struct import *im, struct totals *out)
{
	str path = cfg_text(im->ctx->cfg, CFG_DB);
	struct stat st = { 0 };
	int64_t rows;

	TRY(advisory_db_count(im->db, &rows, &out->packages));
	TRY(advisory_db_newest(im->db, &out->newest_sec));
	(void)fs_lstat(AT_FDCWD, str_cstr(im->ctx->arena, path), &st);
	out->bytes = (double)st.st_size;
	return NULL;
}

static void report_text(struct import *im, const struct totals *t)
{
	struct cmd_ctx *ctx = im->ctx;

	out_line(ctx->out,
		 "imported %zu advisor%s; passed over: %zu withdrawn, %zu malformed, "
		 "%zu of other ecosystems",
		 im->kept, im->kept == 1 ? "y" : "ies", im->withdrawn, im->malformed->count,
		 im->elsewhere);
	out_line(ctx->out, STR_FMT ": about %lld package%s, as of " STR_FMT ", " STR_FMT,
		 STR_ARG(cfg_text(ctx->cfg, CFG_DB)), (long long)t->packages,
		 t->packages == 1 ? "" : "s",
		 STR_ARG(t->newest_sec ? moment(ctx->arena, t->newest_sec) : S("an unknown day")),
		 STR_ARG(ui_bytes(ctx->arena, t->bytes)));
}

static void report_json(struct import *im, const struct totals *t)
{
	struct arena *a = im->ctx->arena;
	struct json *o = json_new(a, JSON_OBJECT);

	json_set_text(a, o, "file", cfg_text(im->ctx->cfg, CFG_DB));
	set_number(a, o, S("bytes"), t->bytes);
	json_set(a, o, S("newest"),
		 t->newest_sec ? json_new_string(a, moment(a, t->newest_sec))
			       : json_new(a, JSON_NULL));
	set_number(a, o, S("packages"), (double)t->packages);
	set_number(a, o, S("imported"), (double)im->kept);
	set_number(a, o, S("withdrawn"), (double)im->withdrawn);
	set_number(a, o, S("elsewhere"), (double)im->elsewhere);
	json_set(a, o, S("malformed"), im->malformed);
	out_json(im->ctx->out, o);
}

static struct err *report(struct import *im)
{
	struct totals totals;

	TRY(count(im, &totals));
	if (im->malformed->count > MAX_NAMED)
		log_warn("audit", "passed over %zu more; --json names all",
			 im->malformed->count - MAX_NAMED);
	if (im->ctx->out->is_json)
		report_json(im, &totals);
	else
		report_text(im, &totals);
	return NULL;
}

/* ---- the command ---- */

struct err *audit_import(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	AUTO_ADVISORY_DB *db = NULL;
	struct import im = { .ctx = ctx, .malformed = json_new(ctx->arena, JSON_ARRAY) };

	if (nargs != 1)
		return cmd_usage_error(ctx,
				       "import needs one OSV export: a folder, a zip archive or "
				       "a JSON file");
	if (!audit_db_is_set(ctx))
		return cmd_usage_error(ctx,
				       "import needs --db=<file>, the database to import into");
	im.export = path_resolve(ctx->arena, cfg_cwd(ctx->cfg), args[0]);
	if (!fs_exists(AT_FDCWD, str_cstr(ctx->arena, im.export)))
		return err_sys(ENOENT, "open", im.export);
	TRY(advisory_db_open_import(cfg_text(ctx->cfg, CFG_DB), &db));
	im.db = db;
	TRY(import_all(&im));
	TRY(advisory_db_commit(db));
	return report(&im);
}
