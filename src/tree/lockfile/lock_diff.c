/* SPDX-License-Identifier: MIT
 * Comparing lockfiles. A package moves up and down in node_modules for reasons that nobody reviews,
 * so places do not count: each tree is a set of versions by name. What is in both sets is compared,
 * the rest is paired. */
#include "cpm/tree/lock_diff.h"

#include "cpm/tree/license.h"

/* ---- sets of versions ---- */

typedef VEC(struct node *) version_vec; /* of one name, each version once, highest first */

static bool is_foreign(const struct node *n)
{
	return !n->is_root && !n->is_link && !node_is_store_entry(n) &&
	       str_find(n->location, S("node_modules/")) != STR_NPOS;
}

static str own_name(const struct node *n)
{
	str name = node_package_name(n);

	return str_is_null(name) ? n->name : name;
}

static int compare_versions(const struct node *x, const struct node *y)
{
	const struct semver *a = node_semver((struct node *)x), *b = node_semver((struct node *)y);

	if (a && b)
		return semver_compare(a, b);
	return !a && !b ? str_cmp(node_version(x), node_version(y)) : (a != NULL) - (b != NULL);
}

static int higher_first(const void *a, const void *b)
{
	return -compare_versions(*(struct node *const *)a, *(struct node *const *)b);
}

static struct node *find_version(const version_vec *list, const struct node *like)
{
	for (size_t i = 0; list && i < list->len; i++)
		if (str_eq(node_version(list->items[i]), node_version(like)))
			return list->items[i];
	return NULL;
}

static void collect(struct arena *a, struct tree *t, struct map *by_name, struct map *names)
{
	map_init(by_name, a);
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		struct node *n = it.val;
		str name = own_name(n);
		version_vec *list = map_get(by_name, name);

		if (!is_foreign(n))
			continue;
		if (!list) {
			list = ARENA_NEW(a, version_vec);
			map_put(by_name, name, list);
			map_put(names, name, list);
		}
		if (!find_version(list, n))
			VEC_PUSH(a, list, n);
	}
	for (struct map_iter it = map_iter(by_name); map_next(&it);) {
		version_vec *list = it.val;
		VEC_SORT(list, higher_first);
	}
}

/* ---- hosts ---- */

/* "registry.example:8080" of an address; null when there is no network in it. */
static str host_of(const struct node *n)
{
	size_t slashes = str_find(n->resolved, S("://"));
	str rest = slashes == STR_NPOS ? STR_NULL : str_from(n->resolved, slashes + 3);
	str authority = str_slice(rest, 0, MIN(str_find_any(rest, "/?#"), rest.len));
	size_t at = str_rfind_char(authority, '@');

	if (str_starts(n->resolved, S("file:")) || !authority.len)
		return STR_NULL;
	return at == STR_NPOS ? authority : str_from(authority, at + 1);
}

static void collect_hosts(struct arena *a, struct tree *t, struct map *hosts)
{
	map_init(hosts, a);
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		str host = host_of(it.val);
		if (is_foreign(it.val) && host.len)
			map_put(hosts, host, it.val);
	}
}

/* ---- changes ---- */

struct comparison {
	struct arena *arena;
	struct lock_diff *out;
	struct map hosts_before, hosts_told;
};

static str license_of(struct arena *a, const struct node *n)
{
	struct json *doc = json_new(a, JSON_OBJECT);

	if (!n || !n->manifest->license)
		return STR_NULL;
	json_set(a, doc, S("license"), n->manifest->license);
	return license_guess(a, doc);
}

/* What a version brings that the one before it did not. */
static void judge(struct comparison *c, struct lock_change *x)
{
	const struct node *before = x->before, *after = x->after;

	x->license_before = license_of(c->arena, before);
	x->license_after = license_of(c->arena, after);
	if (!after)
		return;
	bool had_script = before && before->has_install_script;
	x->gains_script = after->has_install_script && !had_script;
	x->keeps_script = after->has_install_script && had_script;
	x->has_other_license = x->license_before.len && x->license_after.len &&
			       !str_eq(x->license_before, x->license_after);
	str host = host_of(after);
	if (!host.len || map_has(&c->hosts_before, host))
		return;
	x->new_host = host;
	if (!map_put(&c->hosts_told, host, (void *)after))
		VEC_PUSH(c->arena, &c->out->hosts, host);
}

static void add(struct comparison *c, struct lock_change x)
{
	x.name = own_name(x.after ? x.after : x.before);
	judge(c, &x);
	VEC_PUSH(c->arena, &c->out->changes, x);
}

/* Both have the version: only bytes and origin can be other ones. */
static void compare_same(struct comparison *c, const struct node *before, const struct node *after)
{
	bool has_other_bytes = before->integrity.len && after->integrity.len &&
			       !str_eq(before->integrity, after->integrity);
	bool is_elsewhere = before->resolved.len && after->resolved.len &&
			    !str_eq(before->resolved, after->resolved);
	bool gains_script = after->has_install_script && !before->has_install_script;

	if (has_other_bytes || is_elsewhere || gains_script)
		add(c, (struct lock_change){ .kind = LOCK_REPLACED,
					     .before = before,
					     .after = after,
					     .has_other_bytes = has_other_bytes });
}

/* The next version of @list from @at on that @other does not have. */
static const struct node *next_alone(const version_vec *list, const version_vec *other, size_t *at)
{
	while (list && *at < list->len) {
		const struct node *n = list->items[(*at)++];
		if (!find_version(other, n))
			return n;
	}
	return NULL;
}

static void compare_name(struct comparison *c, const version_vec *before, const version_vec *after)
{
	size_t at_before = 0, at_after = 0;

	for (size_t i = 0; after && i < after->len; i++) {
		const struct node *old = find_version(before, after->items[i]);
		if (old)
			compare_same(c, old, after->items[i]);
	}
	for (;;) {
		const struct node *went = next_alone(before, after, &at_before);
		const struct node *came = next_alone(after, before, &at_after);

		if (!went && !came)
			return;
		int order = went && came ? compare_versions(came, went) : 0;
		add(c, (struct lock_change){ .kind = !went   ? LOCK_ADDED
						     : !came ? LOCK_REMOVED
							     : LOCK_CHANGED,
					     .before = went,
					     .after = came,
					     .direction = (order > 0) - (order < 0) });
	}
}

void lock_diff_make(struct arena *a, struct tree *before, struct tree *after, struct lock_diff *out)
{
	struct comparison c = { .arena = a, .out = out };
	struct map old, new, names;
	VEC(str) sorted = { 0 };

	*out = (struct lock_diff){ 0 };
	map_init(&names, a);
	map_init(&c.hosts_told, a);
	collect(a, before, &old, &names);
	collect(a, after, &new, &names);
	collect_hosts(a, before, &c.hosts_before);
	for (struct map_iter it = map_iter(&names); map_next(&it);)
		VEC_PUSH(a, &sorted, it.key);
	VEC_SORT(&sorted, str_collate_qsort);
	VEC_EACH (str, name, &sorted)
		compare_name(&c, map_get(&old, *name), map_get(&new, *name));
}
