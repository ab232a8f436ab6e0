/* SPDX-License-Identifier: MIT
 * The file's side of an audit. It answers what a registry would: of the packages in question only
 * what concerns a version in question, so that no packument is needed for the rest. */
#include "audit_db.h"

#include "audit_run.h"

#include "cpm/base/json_scan.h"
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

/* The versions in question of one package. */
struct question {
	str name;
	struct semver *versions;
	size_t nversions;
};

static struct question parse_question(struct arena *a, const struct json_member *asked)
{
	const struct json *versions = asked->val;
	struct question q = { .name = asked->key };

	q.versions = ARENA_ARRAY(a, struct semver, versions->count);
	for (size_t i = 0; i < versions->count; i++)
		q.nversions += semver_parse(a, versions->items[i]->string, SEMVER_OF_AUDITS,
					    &q.versions[q.nversions]);
	return q;
}

/* @said: the text of one advisory. Most are about other versions, and never become more than text.
 */
static bool concerns_any(struct arena *a, str said, const struct question *q)
{
	str versions = jscan_text(a, jscan_member(a, said, S("vulnerable_versions")));
	const struct range *range = range_parse(a, versions, SEMVER_OF_AUDITS);

	for (size_t i = 0; range && i < q->nversions; i++)
		if (range_has(range, &q->versions[i]))
			return true;
	return false;
}

/* @said: the text of an array of advisories. */
static struct err *add_concerning(struct arena *a, str said, const struct question *q,
				  struct json *list)
{
	struct jscan s = jscan_init(said);
	struct json *advisory;

	jscan_enter(&s, '[');
	while (jscan_item(&s)) {
		str text = jscan_value(&s);

		if (!concerns_any(a, text, q))
			continue;
		TRY(json_parse(a, text, &advisory));
		json_append(a, list, advisory);
	}
	return jscan_finish(&s);
}

static struct err *answer_package(struct arena *a, struct advisory_db *db,
				  const struct json_member *asked, struct json *out)
{
	struct question q = parse_question(a, asked);
	struct json *list = json_new(a, JSON_ARRAY);
	advisory_rows rows = { 0 };
	struct map heard;

	map_init(&heard, a);
	TRY(advisory_db_find(a, db, q.name, &rows));
	VEC_SORT(&rows, compare_rows);
	VEC_EACH (struct advisory_row, row, &rows)
		if (rows.len == 1 || !is_heard(&heard, row->names))
			TRY(add_concerning(a, row->said, &q, list));
	if (list->count)
		json_set(a, out, q.name, list);
	return NULL;
}

static struct err *answer(struct cmd_ctx *ctx, const struct json *question, struct json *out)
{
	AUTO_ADVISORY_DB *db = NULL;

	TRY(advisory_db_open(cfg_text(ctx->cfg, CFG_DB), &db));
	TRY(check_age(ctx, db));
	for (size_t i = 0; i < question->count; i++)
		TRY(answer_package(ctx->arena, db, &question->members[i], out));
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
