/* SPDX-License-Identifier: MIT
 * How a vulnerability can be got rid of: by an update within what package.json allows, by changing
 * package.json, or not at all. Twin of the fixAvailable parts of arborist's audit-report.js and
 * vuln.js. */
#include "audit_priv.h"

const struct audit_fix audit_fix_in_range = { .kind = FIX_IN_RANGE },
		       audit_fix_none = { .kind = FIX_NONE };

str vuln_range(struct arena *a, const struct vuln *v)
{
	str *ranges = ARENA_ARRAY(a, str, v->advisories.len + 1);

	for (size_t i = 0; i < v->advisories.len; i++)
		ranges[i] = v->advisories.items[i]->range;
	return str_join(a, ranges, v->advisories.len, S(" || "));
}

static bool is_avoided(const struct range *avoid, const struct packument_version *v)
{
	return avoid && v->semver.text.p && range_has(avoid, &v->semver);
}

static bool allows_safe_version(const struct vuln *v, const struct spec *spec,
				const struct range *avoid)
{
	const struct audit_package *p = v->package;

	for (size_t i = 0; spec->range && i < p->nversions; i++) {
		const struct packument_version *version = audit_package_version(p, i);

		/* npm is strict with what it looks for, and loose with what it avoids. */
		if (range_has(spec->range, &version->semver) && !is_avoided(avoid, version) &&
		    semver_is_valid(version->version, SEMVER_STRICT))
			return true;
	}
	return false;
}

/* The best version for @text, or NULL when nothing is. */
static const struct packument_version *pick(struct arena *a, const struct vuln *v, str text,
					    const struct pick_opts *opts)
{
	const struct packument_version *found = NULL;
	struct spec *spec;
	struct err *e = spec_resolve(a, v->package->name, text, S("/"), &spec);

	if (!e)
		e = pick_version(v->package->packument, spec, opts, &found);
	if (!e)
		return found;
	err_ignore(e);
	return NULL;
}

/* A version that is not vulnerable, the nearer the better. */
static const struct audit_fix *find_forced(struct arena *a, const struct vuln *v, str text,
					   const struct pick_opts *opts)
{
	const struct packument_version *wanted, *found;
	struct audit_fix *fix = ARENA_NEW(a, struct audit_fix);

	*fix = (struct audit_fix){ .kind = FIX_FORCED, .name = v->package->name };
	wanted = found = v->package->packument ? pick(a, v, text, opts) : NULL;
	if (found && is_avoided(opts->avoid, found)) {
		fix->knows_major = true;
		found = pick(a, v, str_concat(a, S("^"), wanted->version), opts);
	}
	if (found && is_avoided(opts->avoid, found)) {
		fix->is_major = true;
		found = pick(a, v, S("*"), opts);
	}
	if (!found || is_avoided(opts->avoid, found))
		return &audit_fix_none;
	fix->version = found->version;
	return fix;
}

/* An update would fix it, but `before` or `min-release-age` may hide the version that does. */
static void look_behind_cutoff(struct arena *a, struct vuln *v, str text,
			       const struct pick_opts *without, str before)
{
	struct pick_opts within = *without;
	const struct packument_version *fixed, *reached;

	v->blocked_version = v->blocked_before = STR_NULL;
	if (str_is_null(before))
		return;
	within.before = before;
	fixed = pick(a, v, text, without);
	reached = pick(a, v, text, &within);
	if (!fixed || (reached && !is_avoided(without->avoid, reached)))
		return;
	v->blocked_version = fixed->version;
	v->blocked_before = before;
}

void vuln_find_fix(struct arena *a, struct vuln *v, struct edge *e, const struct audit_opts *opts)
{
	struct pick_opts without;
	str before;
	const struct spec *spec;
	struct err *failure = edge_parse_spec(e, &spec);

	v->fix = &audit_fix_none;
	if (failure) {
		err_ignore(failure);
		return;
	}
	if (!spec_is_registry(spec))
		return;
	spec = spec_target(spec);
	without = pick_opts_for(&opts->pick, v->package->name);
	before = without.before;
	without.before = STR_NULL;
	without.avoid = range_parse(a, vuln_range(a, v), AUDIT_SEMVER);
	if (!allows_safe_version(v, spec, without.avoid)) {
		v->fix = find_forced(a, v, spec->raw, &without);
		return;
	}
	v->fix = &audit_fix_in_range;
	look_behind_cutoff(a, v, spec->raw, &without, before);
}

/* ---- without the dependents' leave ---- */

/* An update of the newest copy; else whatever is safe. */
str audit_safe_version(struct arena *a, struct audit *au, str name)
{
	struct vuln *v = map_get(&au->vulns, name);
	const struct packument_version *found = NULL;
	const struct semver *newest = NULL;
	struct pick_opts opts;

	if (!v || !v->package->packument)
		return STR_NULL;
	opts = pick_opts_for(&au->opts.pick, name);
	opts.avoid = audit_avoid(au, name);
	for (struct map_iter it = map_iter(&v->nodes); map_next(&it);) {
		const struct semver *version = node_semver(it.val);

		if (version && (!newest || semver_compare(version, newest) > 0))
			newest = version;
	}
	if (newest)
		found = pick(a, v, str_concat(a, S("^"), newest->text), &opts);
	if (!found || is_avoided(opts.avoid, found))
		found = pick(a, v, S("*"), &opts);
	return found && !is_avoided(opts.avoid, found) ? found->version : STR_NULL;
}

/* ---- causes ---- */

/* A fix at the top is one for what it comes from, and none at the top is none. */
static bool is_stricter(const struct audit_fix *fix, const struct audit_fix *than)
{
	if (fix == than)
		return false;
	if (fix->kind == FIX_NONE || than->kind == FIX_IN_RANGE)
		return true;
	return fix->kind == FIX_FORCED && !than->is_major;
}

void vuln_spread_fix(struct arena *a, struct vuln *v)
{
	VEC(struct vuln *) agenda = { 0 };

	VEC_PUSH(a, &agenda, v);
	while (agenda.len) {
		struct vuln *from = VEC_POP(&agenda);

		for (size_t i = 0; i < from->via.len; i++) {
			struct vuln *to = from->via.items[i];

			if (!is_stricter(v->fix, to->fix))
				continue;
			to->fix = v->fix;
			VEC_PUSH(a, &agenda, to);
		}
	}
}
