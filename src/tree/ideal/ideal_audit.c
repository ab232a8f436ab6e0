/* SPDX-License-Identifier: MIT
 * `audit fix` in the resolver. Whoever depends on something vulnerable is looked at again, and
 * vulnerable versions are picked only when nothing else will do; that alone fixes what the ranges
 * allow to be fixed. With audit_changes_specs, a spec of the project that holds a vulnerability in place is
 * replaced by the version that the audit found to help. Twin of the audit half of arborist's
 * build-ideal-tree.js. */
#include "audit_priv.h"
#include "ideal_priv.h"
#include "manifest_edit.h"

#include "cpm/base/log.h"

bool ideal_is_vulnerable(struct ideal *b, struct node *n)
{
	return b->opts->audit && n && audit_is_vulnerable(b->opts->audit, n);
}

/* ---- within the ranges ---- */

static void warn_of_release_age(const struct vuln *v)
{
	str name = v->package->name, day = str_slice(v->blocked_before, 0, 10);

	if (str_is_null(v->blocked_version))
		return;
	log_warn("audit",
		 "A fix for " STR_FMT " is available (" STR_FMT "@" STR_FMT ") but was published "
		 "after the configured release-age cutoff (" STR_FMT "), so " STR_FMT
		 " was left at a vulnerable version.\nTo install it, add \"" STR_FMT
		 "\" to min-release-age-exclude, or relax min-release-age or before.",
		 STR_ARG(name), STR_ARG(name), STR_ARG(v->blocked_version), STR_ARG(day),
		 STR_ARG(name), STR_ARG(name));
}

/* What came inside another package goes only with that. */
static void warn_of_bundle(struct arena *a, const struct node *n, const struct node *bundler)
{
	str prefix = str_printf(a, "audit fix " STR_FMT "@" STR_FMT, STR_ARG(n->name),
				STR_ARG(node_version(n)));

	log_warn(str_cstr(a, prefix),
		 STR_FMT "\nis a bundled dependency of\n" STR_FMT "@" STR_FMT " at " STR_FMT
			 "\nIt cannot be fixed automatically.\nCheck for updates to the " STR_FMT
			 " package.",
		 STR_ARG(n->location), STR_ARG(bundler->name), STR_ARG(node_version(bundler)),
		 STR_ARG(bundler->location), STR_ARG(bundler->name));
}

static void queue_dependents(struct ideal *b, struct vuln *v)
{
	warn_of_release_age(v);
	for (struct map_iter it = map_iter(&v->nodes); map_next(&it);) {
		struct node *n = it.val, *bundler = node_bundler(n);

		if (bundler) {
			warn_of_bundle(b->arena, n, bundler);
			continue;
		}
		for (size_t i = 0; i < n->edges_in.len; i++)
			ideal_queue_push(&b->queue, n->edges_in.items[i]->from);
	}
}

/* ---- beyond the ranges ---- */

/* One spec for each package and owner, however many vulnerabilities ask for it. */
static bool is_requested(const struct ideal *b, const struct node *owner, str name)
{
	VEC_EACH (struct tree_request, r, &b->tree->requests)
		if (r->owner == owner && str_eq(r->name, name))
			return true;
	return false;
}

static struct err *force(struct ideal *b, const struct vuln *v, struct node *owner)
{
	const struct audit_fix *fix = v->fix;
	str range = audit_simplify_range(b->arena, v->package, vuln_range(b->arena, v));
	struct spec *spec;

	if (!owner->is_root && !node_is_workspace(owner)) {
		log_warn("audit",
			 "Manual fix required in linked project at ./" STR_FMT " for " STR_FMT
			 "@" STR_FMT ".\n'cd ./" STR_FMT "' and run 'npm audit' for details.",
			 STR_ARG(owner->location), STR_ARG(v->package->name), STR_ARG(range),
			 STR_ARG(owner->location));
		return NULL;
	}
	if (fix->kind != FIX_FORCED) {
		log_warn("audit", "No fix available for " STR_FMT "@" STR_FMT,
			 STR_ARG(v->package->name), STR_ARG(range));
		return NULL;
	}
	log_warn("audit", "Updating " STR_FMT " to " STR_FMT ", which is %s.", STR_ARG(fix->name),
		 STR_ARG(fix->version),
		 fix->is_major ? "a SemVer major change" : "outside your stated dependency range");
	if (is_requested(b, owner, fix->name))
		return NULL;
	TRY(spec_resolve(b->arena, fix->name, fix->version, b->tree->path, &spec));
	return ideal_add_request(b, owner, spec);
}

static struct err *force_all(struct ideal *b)
{
	struct tree *t = b->tree;

	for (struct map_iter it = map_iter(&b->opts->audit->vulns); map_next(&it);) {
		const struct vuln *v = it.val;

		for (struct map_iter top = map_iter(&v->tops); map_next(&top);)
			TRY(force(b, v, top.val));
	}
	VEC_EACH (struct tree_request, r, &t->requests)
		if (tree_note_edited(t, r->owner))
			node_reload_edges(t, r->owner);
	return NULL;
}

struct err *ideal_request_fixes(struct ideal *b)
{
	struct audit *au = b->opts->audit;

	if (!au)
		return NULL;
	for (struct map_iter it = map_iter(&au->vulns); map_next(&it);)
		queue_dependents(b, it.val);
	return b->opts->audit_changes_specs ? force_all(b) : NULL;
}
