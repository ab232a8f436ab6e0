/* SPDX-License-Identifier: MIT
 * The file's side of an audit. It answers what a registry would: of the packages in question only
 * what concerns a version in question, so that no packument is needed for the rest. */
#include "audit_db.h"

#include "audit_run.h"

#include "cpm/base/range.h"
#include "cpm/store/advisory_db.h"
#include "cpm/tree/osv.h"

#define DAY_SEC          (24.0 * 60 * 60)
#define SEMVER_OF_AUDITS (SEMVER_LOOSE | SEMVER_INCLUDE_PRE)

bool audit_db_is_set(const struct cmd_ctx *ctx)
{
	return !str_is_empty(cfg_text(ctx->cfg, CFG_DB));
}

/* ---- age ---- */

static struct err *check_age(const struct cmd_ctx *ctx, struct advisory_db *db)
{
	str path = cfg_text(ctx->cfg, CFG_DB);
	double days, most = cfg_number(ctx->cfg, CFG_MAX_DB_AGE);
	int64_t newest;

	if (cfg_is_null(ctx->cfg, CFG_MAX_DB_AGE))
		return NULL;
	TRY(advisory_db_newest(db, &newest));
	days = ((double)ctx->started_ms / 1000 - (double)newest) / DAY_SEC;
	if (days <= most)
		return NULL;
	if (newest == 0)
		return err_new(
			E_GENERIC,
			"the advisories in '" STR_FMT "' do not say how old they are, and "
			"--max-db-age is set: import an export whose records have \"modified\"",
			STR_ARG(path));
	return err_new(E_GENERIC,
		       "the advisories in '" STR_FMT
		       "' are %.0f days old, and --max-db-age allows %g: "
		       "import a newer export with 'cpm audit import <export> --db=" STR_FMT "'",
		       STR_ARG(path), days, most, STR_ARG(path));
}

/* ---- answering ---- */

static int compare_rows(const void *a, const void *b)
{
	return osv_compare_ids(((const struct advisory_row *)a)->record,
			       ((const struct advisory_row *)b)->record);
}

/* The record, or one that it is an alias of, was heard before; from now on all its names are known.
 */
static bool is_heard(struct map *heard, str names)
{
	bool is_known = false;

	for (str name, rest = names; str_cut(&rest, ' ', &name);)
		is_known |= map_put(heard, name, heard) != NULL;
	return is_known;
}

static bool concerns_any(struct arena *a, const struct json *said, const struct json *versions)
{
	const struct range *range = range_parse(a, json_get_text(said, "vulnerable_versions"),
						SEMVER_OF_AUDITS);
	struct semver v;

	for (size_t i = 0; range && i < versions->count; i++)
		if (semver_parse(a, versions->items[i]->string, SEMVER_OF_AUDITS, &v) &&
		    range_has(range, &v))
			return true;
	return false;
}

static struct err *answer_package(struct arena *a, struct advisory_db *db, str name,
				  const struct json *versions, struct json *out)
{
	struct json *list = json_new(a, JSON_ARRAY), *said;
	advisory_rows rows = { 0 };
	struct map heard;

	map_init(&heard, a);
	TRY(advisory_db_find(a, db, name, &rows));
	VEC_SORT(&rows, compare_rows);
	VEC_EACH (struct advisory_row, row, &rows) {
		if (is_heard(&heard, row->names))
			continue;
		TRY(json_parse(a, row->said, &said));
		for (size_t i = 0; json_is(said, JSON_ARRAY) && i < said->count; i++)
			if (concerns_any(a, said->items[i], versions))
				json_append(a, list, said->items[i]);
	}
	if (list->count)
		json_set(a, out, name, list);
	return NULL;
}

static struct err *answer(struct cmd_ctx *ctx, const struct json *question, struct json *out)
{
	AUTO_ADVISORY_DB *db = NULL;

	TRY(advisory_db_open(cfg_text(ctx->cfg, CFG_DB), &db));
	TRY(check_age(ctx, db));
	for (size_t i = 0; i < question->count; i++)
		TRY(answer_package(ctx->arena, db, question->members[i].key,
				   question->members[i].val, out));
	return NULL;
}

struct err *audit_db_answer(struct cmd_ctx *ctx, const struct json *question, struct json **out)
{
	audit_error_means(ctx, AUDIT_EXIT_NO_ANSWER);
	*out = json_new(ctx->arena, JSON_OBJECT);
	TRY(answer(ctx, question, *out));
	ctx->error_status = 0;
	return NULL;
}
