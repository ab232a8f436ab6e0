/* SPDX-License-Identifier: MIT
 * One version out of a packument. The default tag beats higher versions as long as it satisfies;
 * after that a ranking decides in which "works on this engine" and "not deprecated" come before
 * "newest". Twin of npm-pick-manifest. */
#include "cpm/tree/pick.h"

#include <time.h>

#include "cpm/base/glob.h"
#include "cpm/base/json.h"
#include "cpm/config/cfg_date.h"
#include "cpm/tree/engine.h"

struct picker {
	const struct packument *packument;
	const struct spec *spec;
	const struct pick_opts *opts;
	bool has_cutoff;
	int64_t cutoff_ms;
};

/* ---- publish times ---- */

/* The cut-off as a person reads it: "1/2/2024, 3:04:05 AM". */
static str format_cutoff(struct arena *a, int64_t ms)
{
	time_t sec = (time_t)(ms / 1000);
	struct tm tm;

	localtime_r(&sec, &tm);
	return str_printf(a, "%d/%d/%d, %d:%02d:%02d %s", tm.tm_mon + 1, tm.tm_mday,
			  tm.tm_year + 1900, tm.tm_hour % 12 ? tm.tm_hour % 12 : 12, tm.tm_min,
			  tm.tm_sec, tm.tm_hour < 12 ? "AM" : "PM");
}

/* ---- one version ---- */

static bool is_old_enough(const struct picker *p, const struct packument_version *v)
{
	int64_t ms;

	if (!p->has_cutoff || !p->packument->has_time || !v->time.len)
		return true;
	return cfg_date_ms(v->time, &ms) && ms <= p->cutoff_ms;
}

static bool runs_here(const struct picker *p, const struct packument_version *v)
{
	ARENA_SCOPE(tmp);
	struct json *engines = NULL;

	if (!v->engines.len || !p->opts)
		return true;
	err_ignore(json_parse(tmp, v->engines, &engines));
	return engine_is_supported(engines, p->opts->node_version, p->opts->npm_version);
}

static bool is_avoided(const struct picker *p, const struct packument_version *v)
{
	return p->opts && p->opts->avoid && v->semver.text.p &&
	       range_has(p->opts->avoid, &v->semver);
}

enum {
	RANK_WELCOME = 16,
	RANK_ALLOWED = 8,
	RANK_RUNS_AND_LIVES = 4,
	RANK_RUNS = 2,
	RANK_LIVES = 1,
	RANK_BEST = 31
};

static int rank_of(const struct picker *p, const struct packument_version *v)
{
	bool runs = runs_here(p, v), lives = !v->is_deprecated;

	return (is_avoided(p, v) ? 0 : RANK_WELCOME) + (v->is_restricted ? 0 : RANK_ALLOWED) +
	       (runs && lives ? RANK_RUNS_AND_LIVES : 0) + (runs ? RANK_RUNS : 0) +
	       (lives ? RANK_LIVES : 0);
}

/* ---- kinds of specs ---- */

static str cutoff_text(struct arena *a, const struct picker *p)
{
	return p->has_cutoff
		       ? str_concat(a, S(" with a date before "), format_cutoff(a, p->cutoff_ms))
		       : S("");
}

/* The registry says why. */
static struct err *forbidden(const struct picker *p)
{
	ARENA_SCOPE(tmp);
	str cutoff = cutoff_text(tmp, p), why = p->packument->policy_message;

	return err_new(E_FORBIDDEN,
		       "Could not download " STR_FMT "@" STR_FMT STR_FMT
		       " due to policy violations:\n" STR_FMT,
		       STR_ARG(p->packument->name), STR_ARG(p->spec->fetch_spec), STR_ARG(cutoff),
		       STR_ARG(str_is_null(why) ? S("undefined") : why));
}

static struct err *no_version(const struct picker *p)
{
	ARENA_SCOPE(tmp);
	str cutoff = cutoff_text(tmp, p);

	return err_new(E_TARGET, "No matching version found for " STR_FMT "@" STR_FMT STR_FMT ".",
		       STR_ARG(p->packument->name), STR_ARG(p->spec->fetch_spec), STR_ARG(cutoff));
}

static bool satisfies(const struct range *range, const struct packument_version *v)
{
	return v->semver.text.p && range_has(range, &v->semver);
}

/* The default tag's version, when nothing speaks against it. @range: NULL for a literal "*", which
 * any version is. */
static const struct packument_version *pick_default(const struct picker *p,
						    const struct range *range)
{
	str tag = p->opts && p->opts->default_tag.len ? p->opts->default_tag : S("latest");
	const struct packument_version *v = packument_find(p->packument,
							   packument_tag(p->packument, tag));

	if (!v || v->is_deprecated || v->is_restricted || !is_old_enough(p, v) || is_avoided(p, v))
		return NULL;
	return (!range || satisfies(range, v)) && runs_here(p, v) ? v : NULL;
}

/* The best of what satisfies @range. Versions come newest first, so the first of a rank is the one.
 */
static struct err *pick_ranked(const struct picker *p, const struct range *range,
			       const struct packument_version **out)
{
	int best = -1;
	bool has_any = false;

	*out = NULL;
	for (size_t i = 0; i < p->packument->nversions && best < RANK_BEST; i++) {
		const struct packument_version *v = &p->packument->versions[i];

		if (!is_old_enough(p, v))
			continue;
		has_any = true;
		if (!satisfies(range, v))
			continue;
		int rank = rank_of(p, v);

		if (rank > best) {
			best = rank;
			*out = v;
		}
	}
	if (!has_any)
		return err_new(E_NO_VERSIONS, "No versions available for " STR_FMT,
			       STR_ARG(p->packument->name));
	return *out ? NULL : no_version(p);
}

static struct err *pick_range(const struct picker *p, const struct range *range, bool is_star,
			      const struct packument_version **out)
{
	*out = pick_default(p, is_star ? NULL : range);
	return *out ? NULL : pick_ranked(p, range, out);
}

/* Exactly this tag; when it moved after the cut-off, what it may have been before. */
static struct err *pick_tag(const struct picker *p, const struct packument_version **out)
{
	ARENA_SCOPE(tmp);
	str version = packument_tag(p->packument, p->spec->fetch_spec);
	const struct packument_version *v = packument_find(p->packument, version);
	struct range *range;

	*out = v;
	if (v && is_old_enough(p, v))
		return NULL;
	range = v ? range_parse(tmp, str_concat(tmp, S("<="), version), SEMVER_LOOSE) : NULL;
	return range ? pick_range(p, range, false, out) : no_version(p);
}

static struct err *pick_exact(const struct picker *p, const struct packument_version **out)
{
	ARENA_SCOPE(tmp);
	struct semver wanted;

	*out = NULL;
	if (semver_parse(tmp, p->spec->fetch_spec, SEMVER_LOOSE, &wanted))
		*out = packument_find(p->packument, wanted.text);
	return *out && is_old_enough(p, *out) ? NULL : no_version(p);
}

/* A package may be exempt from the age limit, by the name it has in the registry, whatever it is
 * called here. */
struct pick_opts pick_opts_for(const struct pick_opts *opts, str name)
{
	ARENA_SCOPE(tmp);
	struct pick_opts own = *opts;

	for (size_t i = 0; i < opts->nnew_names && !str_is_null(own.before); i++)
		if (str_eq(opts->new_names[i], name) || glob_match(tmp, opts->new_names[i], name))
			own.before = STR_NULL;
	if (!str_is_null(own.before) &&
	    policy_use(own.exceptions, POLICY_RELEASE_AGE, name, STR_NULL))
		own.before = STR_NULL;
	return own;
}

static struct err *pick_any(const struct picker *p, str wanted,
			    const struct packument_version **out)
{
	switch (p->spec->type) {
	case SPEC_TAG:
		return pick_tag(p, out);
	case SPEC_VERSION:
		return pick_exact(p, out);
	case SPEC_RANGE:
		return pick_range(p, p->spec->range, !wanted.len || str_eq(wanted, S("*")), out);
	default:
		return err_new(E_GENERIC, "Only tag, version, and range are supported");
	}
}

struct err *pick_version(const struct packument *packument, const struct spec *spec,
			 const struct pick_opts *opts, const struct packument_version **out)
{
	struct picker p = { .packument = packument, .spec = spec_target(spec), .opts = opts };
	str wanted = p.spec->fetch_spec;

	p.has_cutoff = opts && opts->before.len && cfg_date_ms(opts->before, &p.cutoff_ms);
	TRY(pick_any(&p, wanted, out));
	return (*out)->is_restricted ? forbidden(&p) : NULL;
}
