/* SPDX-License-Identifier: MIT
 * From a spec to matches. The document is the registry's own, not the resolver's: people ask view
 * for fields that installing throws away. */
#include "view_query.h"

#include "cpm/base/range.h"
#include "cpm/registry/endpoints.h"
#include "cpm/tree/spec.h"

/* ---- which versions ---- */

/* The tag, version or range that was meant. */
static str wanted_version(const struct cmd_ctx *ctx, const struct spec *spec,
			  const struct json *packument)
{
	bool is_bare = spec->raw.len == 0 || str_eq(spec->raw, S("*"));
	str wanted = is_bare ? cfg_text(ctx->cfg, CFG_TAG) : spec->raw;
	const struct json *tagged = json_get_str(json_get(packument, "dist-tags"), wanted);

	return json_is(tagged, JSON_STRING) ? tagged->string : wanted;
}

struct listed {
	str text;
	struct semver version;
};

static int by_version(const void *x, const void *y)
{
	return semver_compare(&((const struct listed *)x)->version,
			      &((const struct listed *)y)->version);
}

/* The versions as a list, lowest first, which is what `view <name> versions` shows. */
static struct json *list_versions(struct arena *a, const struct json *versions)
{
	struct json *list = json_new(a, JSON_ARRAY);
	VEC(struct listed) all = { 0 };
	struct listed one;

	for (size_t i = 0; json_is(versions, JSON_OBJECT) && i < versions->count; i++) {
		one.text = versions->members[i].key;
		if (semver_parse(a, one.text, SEMVER_STRICT, &one.version))
			VEC_PUSH(a, &all, one);
		else
			log_info("view", "Ignoring invalid version: " STR_FMT, STR_ARG(one.text));
	}
	VEC_SORT(&all, by_version);
	VEC_EACH (struct listed, l, &all)
		json_append(a, list, json_new_string(a, l->text));
	return list;
}

/* ---- matches ---- */

static struct json *merge(struct arena *a, const struct json *packument, const struct json *version)
{
	struct json *out = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < packument->count; i++)
		json_set(a, out, packument->members[i].key, packument->members[i].val);
	for (size_t i = 0; i < version->count; i++)
		json_set(a, out, version->members[i].key, version->members[i].val);
	return out;
}

/* Two versions of one number (loose spellings) are one entry, as in npm's object. */
static struct view_match *match_for(struct arena *a, struct view_result *r, str version)
{
	VEC_EACH (struct view_match, m, &r->matches)
		if (str_eq(m->version, version))
			return m;
	VEC_PUSH(a, &r->matches, (struct view_match){ .version = version });
	return &VEC_LAST(&r->matches);
}

static struct err *add_match(struct cmd_ctx *ctx, struct view_result *r, struct json *manifest,
			     const str *fields, size_t nfields)
{
	str version = json_get_text(manifest, "version");
	struct view_match *m = match_for(ctx->arena, r, version);

	m->merged = merge(ctx->arena, r->packument, manifest);
	for (size_t i = 0; i < nfields; i++)
		TRY(json_path_get(ctx->arena, m->merged, fields[i], !ctx->out->is_json, &m->found));
	return NULL;
}

static struct err *add_matches(struct cmd_ctx *ctx, struct view_result *r,
			       const struct json *versions, str wanted, const str *fields,
			       size_t nfields)
{
	struct range *range = range_parse(ctx->arena, wanted, SEMVER_LOOSE);
	struct semver v;

	for (size_t i = 0; range && json_is(versions, JSON_OBJECT) && i < versions->count; i++)
		if (semver_parse(ctx->arena, versions->members[i].key, SEMVER_LOOSE, &v) &&
		    range_has(range, &v) && json_is(versions->members[i].val, JSON_OBJECT))
			TRY(add_match(ctx, r, versions->members[i].val, fields, nfields));
	return NULL;
}

static bool has(const str *fields, size_t count, str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(fields[i], name))
			return true;
	return false;
}

/* The readme is long: nobody wants it by accident. Asked for, it is the package's, not a version's.
 */
static void drop_readmes(struct json *packument, struct json *versions, bool is_wanted)
{
	if (!is_wanted)
		json_del(packument, S("readme"));
	for (size_t i = 0; is_wanted && json_is(versions, JSON_OBJECT) && i < versions->count; i++)
		if (json_is(versions->members[i].val, JSON_OBJECT))
			json_del(versions->members[i].val, S("readme"));
}

static struct err *check_published(const struct view_result *r)
{
	const struct json *gone = json_get(json_get(r->packument, "time"), "unpublished");

	if (!json_is_truthy(gone))
		return NULL;
	return registry_not_found(r->name, "Unpublished on " STR_FMT,
				  STR_ARG(json_get_text(gone, "time")));
}

static struct err *fetch(struct cmd_ctx *ctx, const struct spec *spec, struct view_result *r)
{
	struct http *http;

	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_fetch_document(ctx->arena, ctx->cfg, http, spec->name, &r->packument));
	r->name = json_get_text(r->packument, "_id");
	if (r->name.len == 0)
		r->name = spec->name;
	return check_published(r);
}

/* A version that has none of the fields is not among the answers. */
static void drop_empty(struct view_result *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->matches.len; i++)
		if (r->matches.items[i].found.len > 0)
			r->matches.items[kept++] = r->matches.items[i];
	r->matches.len = kept;
}

struct err *view_query(struct cmd_ctx *ctx, str spec_text, const str *fields, size_t nfields,
		       struct view_result *out)
{
	struct arena *a = ctx->arena;
	struct json *versions;
	struct spec *parsed;

	*out = (struct view_result){ 0 };
	TRY(spec_parse_arg(a, spec_text, cfg_cwd(ctx->cfg), &parsed));
	const struct spec *spec = spec_target(parsed);
	if (!spec_is_registry(spec))
		return err_new(E_UNSUPPORTED,
			       "cpm shows what a registry knows; '" STR_FMT "' is not in one.",
			       STR_ARG(spec_text));
	TRY(fetch(ctx, spec, out));
	versions = json_get(out->packument, "versions");
	str wanted = wanted_version(ctx, spec, out->packument);
	drop_readmes(out->packument, versions, has(fields, nfields, S("readme")));
	json_set(a, out->packument, S("versions"), list_versions(a, versions));
	TRY(add_matches(ctx, out, versions, wanted, fields, nfields));
	if (out->matches.len == 0 && !str_eq(wanted, S("latest")))
		return registry_not_found(
			str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(out->name), STR_ARG(wanted)),
			"No match found for version " STR_FMT, STR_ARG(wanted));
	if (nfields > 0)
		drop_empty(out);
	return NULL;
}
