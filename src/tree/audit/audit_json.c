/* SPDX-License-Identifier: MIT
 * The audit report as npm prints it with --json: version 2 of its form (npm-cli.md 6.6). */
#include "audit_priv.h"

#include <stdlib.h>

static const str severities[] = { S("info"), S("low"), S("moderate"), S("high"), S("critical") };

int audit_severity_rank(str severity)
{
	for (size_t i = 0; i < ARRAY_LEN(severities); i++)
		if (str_eq(severity, severities[i]))
			return (int)i;
	return -1;
}

/* ---- sorted lists ---- */

struct sorted {
	str key;
	size_t order;
	struct json *val;
};

typedef VEC(struct sorted) sorted_vec;

static int compare_sorted(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int order = str_collate(x->key, y->key);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

static void add_sorted(struct arena *a, sorted_vec *list, str key, struct json *val)
{
	VEC_PUSH(a, list, (struct sorted){ key, list->len, val });
}

static struct json *finish_sorted(struct arena *a, sorted_vec *list)
{
	struct json *out = json_new(a, JSON_ARRAY);

	VEC_SORT(list, compare_sorted);
	VEC_EACH (struct sorted, s, list)
		json_append(a, out, s->val);
	return out;
}

/* ---- a vulnerability ---- */

static void copy_field(struct arena *a, struct json *to, const char *as, const struct json *from,
		       const char *key)
{
	const struct json *val = json_get(from, key);

	if (val)
		json_set(a, to, str_view(as), json_dup(a, val));
}

static struct json *advisory_json(struct arena *a, const struct advisory *adv)
{
	struct json *out = json_new(a, JSON_OBJECT);

	copy_field(a, out, "source", adv->said, "id");
	json_set_text(a, out, "name", adv->package->name);
	json_set_text(a, out, "dependency", adv->package->name);
	copy_field(a, out, "title", adv->said, "title");
	copy_field(a, out, "url", adv->said, "url");
	json_set_text(a, out, "severity", adv->severity);
	copy_field(a, out, "cwe", adv->said, "cwe");
	copy_field(a, out, "cvss", adv->said, "cvss");
	json_set_text(a, out, "range", adv->range);
	return out;
}

str advisory_id(struct arena *a, const struct json *id)
{
	struct str_buf out = str_buf(a, 64);

	if (json_is(id, JSON_STRING) && id->string.len)
		return id->string;
	if (!json_is(id, JSON_NUMBER) || id->number == 0)
		return STR_NULL;
	json_write_number(&out, id->number);
	return buf_view(&out);
}

/* JavaScript's String() of it. */
static str source_text(struct arena *a, const struct json *id)
{
	str text = advisory_id(a, id);

	return str_is_null(text) ? S("[object Object]") : text;
}

static struct json *via_json(struct arena *a, const struct vuln *v)
{
	sorted_vec list = { 0 };

	for (size_t i = 0; i < v->advisories.len; i++) {
		const struct advisory *adv = v->advisories.items[i];
		str name = adv->source ? adv->source->package->name : STR_NULL;

		if (adv->source)
			add_sorted(a, &list, name, json_new_string(a, name));
		else
			add_sorted(a, &list, source_text(a, json_get(adv->said, "id")),
				   advisory_json(a, adv));
	}
	return finish_sorted(a, &list);
}

static struct json *effects_json(struct arena *a, const struct vuln *v)
{
	sorted_vec list = { 0 };

	for (size_t i = 0; i < v->effects.len; i++) {
		str name = v->effects.items[i]->package->name;
		add_sorted(a, &list, name, json_new_string(a, name));
	}
	return finish_sorted(a, &list);
}

static struct json *nodes_json(struct arena *a, const struct vuln *v)
{
	sorted_vec list = { 0 };

	for (struct map_iter it = map_iter(&v->nodes); map_next(&it);)
		add_sorted(a, &list, it.key, json_new_string(a, it.key));
	return finish_sorted(a, &list);
}

static struct json *fix_json(struct arena *a, const struct audit_fix *fix)
{
	struct json *out;

	if (fix->kind != FIX_FORCED)
		return json_new_bool(a, fix->kind == FIX_IN_RANGE);
	out = json_new(a, JSON_OBJECT);
	json_set_text(a, out, "name", fix->name);
	json_set_text(a, out, "version", fix->version);
	if (fix->knows_major)
		json_set(a, out, S("isSemVerMajor"), json_new_bool(a, fix->is_major));
	return out;
}

/* The project or one of its members asks for it. */
static bool is_direct(const struct vuln *v)
{
	for (struct map_iter it = map_iter(&v->nodes); map_next(&it);) {
		const struct node *n = it.val;

		for (size_t i = 0; i < n->edges_in.len; i++) {
			const struct node *from = n->edges_in.items[i]->from;
			if (from->is_root || node_is_workspace(from))
				return true;
		}
	}
	return false;
}

static struct json *vuln_json(struct arena *a, const struct vuln *v)
{
	struct json *out = json_new(a, JSON_OBJECT), *blocked;

	json_set_text(a, out, "name", v->package->name);
	json_set_text(a, out, "severity", v->severity);
	json_set(a, out, S("isDirect"), json_new_bool(a, is_direct(v)));
	json_set(a, out, S("via"), via_json(a, v));
	json_set(a, out, S("effects"), effects_json(a, v));
	json_set_text(a, out, "range", audit_simplify_range(a, v->package, vuln_range(a, v)));
	json_set(a, out, S("nodes"), nodes_json(a, v));
	json_set(a, out, S("fixAvailable"), fix_json(a, v->fix));
	if (str_is_null(v->blocked_version))
		return out;
	blocked = json_new(a, JSON_OBJECT);
	json_set_text(a, blocked, "version", v->blocked_version);
	json_set_text(a, blocked, "before", v->blocked_before);
	json_set(a, out, S("fixBlockedByReleaseAge"), blocked);
	return out;
}

/* ---- metadata ---- */

static void set_count(struct arena *a, struct json *o, str key, size_t n)
{
	json_set(a, o, key, json_new_number(a, (double)n));
}

static struct json *count_vulns(struct arena *a, const struct map *vulns)
{
	struct json *out = json_new(a, JSON_OBJECT);
	size_t counts[ARRAY_LEN(severities)] = { 0 };

	for (struct map_iter it = map_iter(vulns); map_next(&it);) {
		const struct vuln *v = it.val;
		counts[audit_severity_rank(v->severity)]++;
	}
	for (size_t i = 0; i < ARRAY_LEN(severities); i++)
		set_count(a, out, severities[i], counts[i]);
	set_count(a, out, S("total"), vulns->count);
	return out;
}

static bool is_counted(const struct node *n, const struct audit_opts *opts)
{
	const struct cfg_omit *omit = &opts->omit;

	if (opts->is_install && n->inert)
		return false;
	return !opts->is_on_disk ||
	       !node_is_omitted((struct node *)n, omit->dev, omit->optional, omit->peer);
}

/* npm knows no node that is peerOptional, and counts the project itself as prod. */
static struct json *count_dependencies(struct arena *a, const struct tree *t,
				       const struct audit_opts *opts)
{
	struct json *out = json_new(a, JSON_OBJECT);
	size_t prod = 0, dev = 0, optional = 0, peer = 0, all = 0;

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct node *n = it.val;

		if (!is_counted(n, opts))
			continue;
		all++;
		dev += n->dev;
		optional += n->optional;
		peer += n->peer;
		prod += !n->dev && !n->optional && !n->peer;
	}
	set_count(a, out, S("prod"), prod);
	set_count(a, out, S("dev"), dev);
	set_count(a, out, S("optional"), optional);
	set_count(a, out, S("peer"), peer);
	set_count(a, out, S("peerOptional"), 0);
	set_count(a, out, S("total"), all - 1);
	return out;
}

struct json *audit_report_json(struct arena *a, const struct audit *au)
{
	struct json *out = json_new(a, JSON_OBJECT), *list = json_new(a, JSON_OBJECT),
		    *metadata = json_new(a, JSON_OBJECT);
	sorted_vec sorted = { 0 };

	for (struct map_iter it = map_iter(&au->vulns); map_next(&it);)
		add_sorted(a, &sorted, it.key, vuln_json(a, it.val));
	VEC_SORT(&sorted, compare_sorted);
	VEC_EACH (struct sorted, s, &sorted)
		json_set(a, list, s->key, s->val);
	json_set(a, metadata, S("vulnerabilities"), count_vulns(a, &au->vulns));
	json_set(a, metadata, S("dependencies"), count_dependencies(a, au->tree, &au->opts));
	json_set(a, out, S("auditReportVersion"), json_new_number(a, 2));
	json_set(a, out, S("vulnerabilities"), list);
	json_set(a, out, S("metadata"), metadata);
	return out;
}
