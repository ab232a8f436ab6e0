/* SPDX-License-Identifier: MIT
 * From advisories to vulnerabilities. Each advisory is held against the packages in the tree; what
 * depends on one that it concerns may have to be avoided as well, which is a new advisory and joins
 * the list. When the list is through, every vulnerability learns what it comes from. Twin of
 * arborist's audit-report.js. */
#include "audit_priv.h"

/* ---- what is in question ---- */

static bool is_covered(const struct audit_opts *opts, const struct node *n)
{
	const struct cfg_omit *omit = &opts->omit;

	if (str_is_empty(node_version(n)) || n->is_root || n->is_link || n->links_in.len > 0)
		return false;
	if (opts->only && opts->only->count && map_get(opts->only, n->location) != n)
		return false;
	return !node_is_omitted((struct node *)n, omit->dev, omit->optional, omit->peer);
}

/* Where it comes from is no business of the default registry's. */
static bool is_private(const struct audit_opts *opts, const struct node *n)
{
	str name = node_package_name(n);

	if (str_is_null(name) || (n->edges_in.len > 0 && !node_is_registry_dep(n)))
		return true;
	return !str_eq(cfg_registry_for(opts->cfg, name), cfg_registry_for(opts->cfg, S("x")));
}

bool audit_may_ask(const struct cfg *cfg, const struct node *n)
{
	return !is_private(&(struct audit_opts){ .cfg = cfg }, n);
}

static bool has_text(const struct json *list, str text)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i]->string, text))
			return true;
	return false;
}

struct json *audit_question(struct arena *a, const struct tree *t, const struct audit_opts *opts)
{
	struct json *out = json_new(a, JSON_OBJECT);

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct node *n = it.val;
		struct json *versions;

		if (!is_covered(opts, n) || is_private(opts, n))
			continue;
		versions = json_get_str(out, node_package_name(n));
		if (!versions) {
			versions = json_new(a, JSON_ARRAY);
			json_set(a, out, node_package_name(n), versions);
		}
		if (!has_text(versions, node_version(n)))
			json_append(a, versions, json_new_string(a, node_version(n)));
	}
	return out;
}

/* Not for this machine. The registry is asked about it, since the lockfile has it; but when that is
 * all that is written, npm has let go of it by the time the answer is there. */
static bool is_set_aside(const struct audit_opts *opts, const struct node *n)
{
	return opts->is_install && !opts->is_on_disk && n->inert;
}

static void index_nodes(struct audit *au, const struct tree *t)
{
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		str name = node_package_name(it.val);
		node_vec *list = str_is_null(name) ? NULL : map_get(&au->nodes, name);

		if (str_is_null(name) || !is_covered(&au->opts, it.val) ||
		    is_set_aside(&au->opts, it.val))
			continue;
		if (!list) {
			list = ARENA_NEW(au->arena, node_vec);
			map_put(&au->nodes, name, list);
		}
		VEC_PUSH(au->arena, list, it.val);
	}
}

/* ---- packages ---- */

static struct err *read_packument(struct audit *au, struct audit_package *p)
{
	struct err *e = source_get(au->opts.source, p->name, &p->packument);

	if (err_is(e, E_INTERRUPTED))
		return e;
	if (e)
		p->packument = NULL;
	err_ignore(e);
	return NULL;
}

/* @n: some node of that name. */
static struct err *find_package(struct audit *au, str name, const struct node *n,
				struct audit_package **out)
{
	struct audit_package *p = map_get(&au->packages, name);

	*out = p;
	if (p)
		return NULL;
	*out = p = ARENA_NEW(au->arena, struct audit_package);
	p->name = name;
	p->is_private = is_private(&au->opts, n);
	if (!p->is_private)
		TRY(read_packument(au, p));
	/* Rows that are no versions come last. */
	while (p->packument && p->nversions < p->packument->nversions &&
	       p->packument->versions[p->nversions].semver.text.p)
		p->nversions++;
	p->manifests = ARENA_ARRAY(au->arena, struct audit_manifest, p->nversions + 1);
	map_put(&au->packages, name, p);
	return NULL;
}

/* ---- advisories ---- */

static void list_advisory(struct audit *au, struct advisory *adv)
{
	if (adv->is_listed)
		return;
	adv->is_listed = true;
	advisory_complete(au->arena, adv);
	VEC_PUSH(au->arena, &au->agenda, adv);
}

/* What depends on @n is looked at sooner or later. Packuments are announced as soon as it is known
 * that they are needed, so that they arrive together however long the chains are. */
static void announce_dependents(struct audit *au, const struct node *n)
{
	for (size_t i = 0; i < n->edges_in.len; i++) {
		const struct node *from = n->edges_in.items[i]->from;
		str name = node_package_name(from);

		if (!node_is_top(from) && !str_is_null(name) && !map_has(&au->packages, name) &&
		    !is_private(&au->opts, from))
			source_announce(au->opts.source, name);
	}
}

static void announce_above(struct audit *au, struct advisory *adv, const node_vec *nodes)
{
	for (size_t i = 0; i < nodes->len; i++)
		if (advisory_concerns(au->arena, adv, node_version(nodes->items[i]), STR_NULL))
			announce_dependents(au, nodes->items[i]);
}

/* The same advisory, answered twice. */
static bool is_known(const struct audit *au, const struct audit_package *p, const struct json *said)
{
	const struct json *id = json_get(said, "id");

	for (size_t i = au->agenda.len; i > 0 && au->agenda.items[i - 1]->package == p; i--)
		if (id && json_equal(json_get(au->agenda.items[i - 1]->said, "id"), id))
			return true;
	return false;
}

static struct err *take_advisories(struct audit *au, const struct json *answer)
{
	for (size_t i = 0; answer && i < answer->count; i++)
		if (map_has(&au->nodes, answer->members[i].key))
			source_announce(au->opts.source, answer->members[i].key);
	for (size_t i = 0; answer && i < answer->count; i++) {
		const struct json *list = answer->members[i].val;
		const node_vec *nodes = map_get(&au->nodes, answer->members[i].key);
		struct audit_package *p;

		if (!nodes || !json_is(list, JSON_ARRAY))
			continue;
		TRY(find_package(au, answer->members[i].key, nodes->items[0], &p));
		for (size_t j = 0; j < list->count; j++) {
			if (!json_is(list->items[j], JSON_OBJECT) ||
			    is_known(au, p, list->items[j]))
				continue;
			list_advisory(au, advisory_new(au->arena, p, list->items[j]));
			announce_above(au, VEC_LAST(&au->agenda), nodes);
		}
	}
	return NULL;
}

/* @e leads to a package that @adv concerns: where it comes from may be one to avoid as well. */
static struct err *consider_dependent(struct audit *au, struct advisory *adv, const struct edge *e)
{
	struct arena *a = au->arena;
	str name = node_package_name(e->from);
	struct audit_package *p;
	struct advisory *derived;

	/* A newer version that depends on an older one of itself speaks for itself. */
	if (str_is_null(name) || str_eq(name, adv->package->name))
		return NULL;
	derived = map_get(&adv->derived, name);
	if (!derived) {
		TRY(find_package(au, name, e->from, &p));
		derived = advisory_derive(a, p, adv);
		map_put(&adv->derived, p->name, derived);
	}
	if (!advisory_concerns(a, derived, node_version(e->from), edge_spec_text(e)))
		return NULL;
	list_advisory(au, derived);
	announce_dependents(au, e->from);
	return NULL;
}

/* ---- vulnerabilities ---- */

static struct vuln *find_vuln(struct audit *au, struct audit_package *p)
{
	struct vuln *v = map_get(&au->vulns, p->name);

	if (v)
		return v;
	v = ARENA_NEW(au->arena, struct vuln);
	*v = (struct vuln){ .package = p, .fix = &audit_fix_in_range };
	map_init(&v->nodes, au->arena);
	map_init(&v->tops, au->arena);
	map_put(&au->vulns, p->name, v);
	return v;
}

static void raise_severity(struct vuln *v, const struct advisory *adv)
{
	if (audit_severity_rank(adv->severity) > audit_severity_rank(v->severity))
		v->severity = adv->severity;
}

static struct err *follow_dependents(struct audit *au, struct vuln *v, struct advisory *adv,
				     const struct node *n)
{
	for (size_t i = 0; i < n->edges_in.len; i++) {
		struct edge *e = n->edges_in.items[i];

		if (!node_is_top(e->from)) {
			TRY(consider_dependent(au, adv, e));
			continue;
		}
		if (map_has(&v->tops, e->from->location))
			continue;
		vuln_find_fix(au->arena, v, e, &au->opts);
		if (v->fix->kind != FIX_IN_RANGE)
			map_put(&v->tops, e->from->location, e->from);
	}
	return NULL;
}

static struct err *mark_nodes(struct audit *au, struct vuln *v, struct advisory *adv)
{
	const node_vec *nodes = map_get(&au->nodes, adv->package->name);
	node_vec found = { 0 };

	for (size_t i = 0; nodes && i < nodes->len; i++) {
		struct node *n = nodes->items[i];

		if (!advisory_concerns(au->arena, adv, node_version(n), STR_NULL) ||
		    map_has(&v->nodes, n->location))
			continue;
		map_put(&v->nodes, n->location, n);
		announce_dependents(au, n);
		VEC_PUSH(au->arena, &found, n);
	}
	for (size_t i = 0; i < found.len; i++)
		TRY(follow_dependents(au, v, adv, found.items[i]));
	return NULL;
}

static bool is_relevant(struct audit *au, const struct vuln *v, struct advisory *adv)
{
	for (struct map_iter it = map_iter(&v->nodes); map_next(&it);)
		if (advisory_concerns(au->arena, adv, node_version(it.val), STR_NULL))
			return true;
	return false;
}

static void drop_irrelevant(struct audit *au, struct vuln *v)
{
	size_t kept = 0;

	v->severity = STR_NULL;
	for (size_t i = 0; i < v->advisories.len; i++) {
		struct advisory *adv = v->advisories.items[i];

		if (!is_relevant(au, v, adv))
			continue;
		raise_severity(v, adv);
		v->advisories.items[kept++] = adv;
	}
	v->advisories.len = kept;
}

static struct err *examine(struct audit *au, struct advisory *adv)
{
	struct vuln *v = find_vuln(au, adv->package);
	str key = str_printf(au->arena, STR_FMT "@" STR_FMT, STR_ARG(adv->package->name),
			     STR_ARG(adv->range));

	VEC_PUSH(au->arena, &v->advisories, adv);
	raise_severity(v, adv);
	if (!map_has(&au->seen, key))
		TRY(mark_nodes(au, v, adv));
	map_put(&au->seen, key, adv);
	if (v->nodes.count)
		drop_irrelevant(au, v);
	else
		map_del(&au->vulns, adv->package->name);
	return NULL;
}

static bool has_vuln(const struct vuln *v, const struct vuln *cause)
{
	for (size_t i = 0; i < v->via.len; i++)
		if (v->via.items[i] == cause)
			return true;
	return false;
}

static void link_causes(struct audit *au)
{
	for (struct map_iter it = map_iter(&au->vulns); map_next(&it);) {
		struct vuln *v = it.val;

		for (size_t i = 0; i < v->advisories.len; i++) {
			const struct advisory *adv = v->advisories.items[i];
			struct vuln *cause = adv->source ? map_get(&au->vulns,
								   adv->source->package->name)
							 : NULL;

			if (!cause)
				continue;
			if (!has_vuln(v, cause)) {
				VEC_PUSH(au->arena, &v->via, cause);
				VEC_PUSH(au->arena, &cause->effects, v);
			}
			vuln_spread_fix(au->arena, v);
		}
	}
}

struct err *audit_examine(struct arena *a, const struct tree *t, const struct json *advisories,
			  const struct audit_opts *opts, struct audit **out)
{
	struct audit *au = ARENA_NEW(a, struct audit);

	*au = (struct audit){ .arena = a, .tree = t, .opts = *opts };
	map_init(&au->nodes, a);
	map_init(&au->packages, a);
	map_init(&au->seen, a);
	map_init(&au->vulns, a);
	map_init(&au->avoid, a);
	index_nodes(au, t);
	TRY(take_advisories(au, json_is(advisories, JSON_OBJECT) ? advisories : NULL));
	for (size_t i = 0; i < au->agenda.len; i++)
		TRY(examine(au, au->agenda.items[i]));
	link_causes(au);
	*out = au;
	return NULL;
}

/* ---- parts of it ---- */

void audit_list_packuments(struct arena *a, const struct audit *au, audit_packuments *out)
{
	for (struct map_iter it = map_iter(&au->packages); map_next(&it);) {
		const struct audit_package *p = it.val;

		if (!p->is_private)
			VEC_PUSH(a, out, (struct audit_packument){ p->name, p->packument });
	}
}

size_t audit_count(const struct audit *au)
{
	return au->vulns.count;
}

struct audit *audit_only(struct arena *a, const struct audit *au, str name)
{
	struct audit *part = ARENA_NEW(a, struct audit);
	struct vuln *first = map_get(&au->vulns, name);
	VEC(struct vuln *) agenda = { 0 };

	*part = *au;
	part->arena = a;
	map_init(&part->vulns, a);
	map_init(&part->avoid, a);
	if (first)
		VEC_PUSH(a, &agenda, first);
	while (agenda.len) {
		struct vuln *v = VEC_POP(&agenda);

		if (map_has(&part->vulns, v->package->name))
			continue;
		map_put(&part->vulns, v->package->name, v);
		for (size_t i = 0; i < v->effects.len; i++)
			VEC_PUSH(a, &agenda, v->effects.items[i]);
	}
	return part;
}

/* ---- what the resolver asks ---- */

bool audit_is_vulnerable(struct audit *au, struct node *n)
{
	str name = node_package_name(n);
	struct vuln *v = str_is_null(name) ? NULL : map_get(&au->vulns, name);

	if (!v)
		return false;
	if (map_get(&v->nodes, n->location) == n)
		return true;
	for (size_t i = 0; i < v->advisories.len && !str_is_empty(node_version(n)); i++)
		if (advisory_concerns(au->arena, v->advisories.items[i], node_version(n), STR_NULL))
			return true;
	return false;
}

const struct range *audit_avoid(struct audit *au, str name)
{
	struct vuln *v = str_is_null(name) ? NULL : map_get(&au->vulns, name);
	struct range *range = v ? map_get(&au->avoid, name) : NULL;

	if (!v || range)
		return range;
	range = range_parse(au->arena, vuln_range(au->arena, v), AUDIT_SEMVER);
	map_put(&au->avoid, v->package->name, range);
	return range;
}
