/* SPDX-License-Identifier: MIT
 * Editing the dependencies of a manifest in memory. See manifest_edit.h. Integer-like names would
 * go to the front of a JavaScript object; no package is called like that, and here they simply go
 * last. */
#include "manifest_edit.h"

#include "cpm/base/log.h"

static struct dep *find(const struct dep_list *list, str name)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].name, name))
			return &list->items[i];
	return NULL;
}

void manifest_set_dep(struct arena *a, struct dep_list *list, str name, str spec)
{
	struct dep *old = find(list, name), *items;

	list->is_present = true;
	if (old) {
		old->spec = spec;
		return;
	}
	items = ARENA_ARRAY(a, struct dep, list->count + 1);
	for (size_t i = 0; i < list->count; i++)
		items[i] = list->items[i];
	items[list->count++] = (struct dep){ name, spec };
	list->items = items;
}

bool manifest_del_dep(struct dep_list *list, str name)
{
	struct dep *old = find(list, name);

	if (!old)
		return false;
	memmove(old, old + 1, (size_t)(list->items + list->count - (old + 1)) * sizeof(*old));
	list->count--;
	list->is_present = list->count > 0;
	return true;
}

static void drop_optional_peer(struct arena *a, struct manifest *m, str name)
{
	str *kept = ARENA_ARRAY(a, str, m->noptional_peers);
	size_t nkept = 0;

	for (size_t i = 0; i < m->noptional_peers; i++)
		if (!str_eq(m->optional_peers[i], name))
			kept[nkept++] = m->optional_peers[i];
	m->optional_peers = kept;
	m->noptional_peers = nkept;
	if (!m->peer_meta)
		return;
	m->peer_meta = json_dup(a, m->peer_meta);
	json_del(m->peer_meta, name);
	if (!m->peer_meta->count)
		m->peer_meta = NULL;
}

/* Takes @name out of @list because it now goes elsewhere, or (@now NULL) altogether. */
static void drop(struct arena *a, struct manifest *m, struct dep_list *list, str name,
		 const char *now)
{
	const char *was = list == &m->deps            ? "dependencies"
			  : list == &m->dev_deps      ? "devDependencies"
			  : list == &m->optional_deps ? "optionalDependencies"
						      : "peerDependencies";

	if (!manifest_del_dep(list, name))
		return;
	if (now)
		log_warn("idealTree", "Removing %s." STR_FMT " in favor of %s." STR_FMT, was,
			 STR_ARG(name), now, STR_ARG(name));
	if (list == &m->peer_deps)
		drop_optional_peer(a, m, name);
}

enum save_type manifest_infer_type(const struct manifest *m, str name)
{
	if (find(&m->dev_deps, name))
		return SAVE_DEV;
	if (find(&m->optional_deps, name))
		return SAVE_OPTIONAL;
	if (find(&m->deps, name))
		return SAVE_PROD;
	return find(&m->peer_deps, name) ? SAVE_PEER : SAVE_PROD;
}

static void add_bundled(struct arena *a, struct manifest *m, str name)
{
	str *names = ARENA_ARRAY(a, str, m->nbundled + 1);

	m->has_bundled = true;
	for (size_t i = 0; i < m->nbundled; i++)
		names[i] = m->bundled[i];
	m->bundled = names;
	if (!manifest_is_bundled(m, name))
		names[m->nbundled++] = name;
	qsort(names, m->nbundled, sizeof(*names), str_collate_qsort);
}

static void put(struct arena *a, struct dep_list *list, str name, str spec)
{
	if (!str_eq(spec, S("*")) || !find(list, name))
		manifest_set_dep(a, list, name, spec);
}

void manifest_add_dep(struct arena *a, struct manifest *m, str name, str spec, enum save_type type,
		      bool save_bundle)
{
	if (type == SAVE_INFER)
		type = manifest_infer_type(m, name);
	switch (type) {
	case SAVE_INFER:
	case SAVE_PROD:
		drop(a, m, &m->dev_deps, name, "dependencies");
		drop(a, m, &m->peer_deps, name, "dependencies");
		put(a, &m->deps, name, spec);
		break;
	case SAVE_DEV:
		drop(a, m, &m->deps, name, "devDependencies");
		put(a, &m->dev_deps, name, spec);
		break;
	case SAVE_OPTIONAL:
		drop(a, m, &m->peer_deps, name, "optionalDependencies");
		put(a, &m->optional_deps, name, spec);
		/* Older clients expect it in both. */
		manifest_set_dep(a, &m->deps, name, find(&m->optional_deps, name)->spec);
		break;
	case SAVE_PEER:
		drop(a, m, &m->deps, name, "peerDependencies");
		drop(a, m, &m->optional_deps, name, "peerDependencies");
		put(a, &m->peer_deps, name, spec);
		if (find(&m->dev_deps, name))
			manifest_set_dep(a, &m->dev_deps, name, find(&m->peer_deps, name)->spec);
		break;
	}
	if (save_bundle && type != SAVE_PEER)
		add_bundled(a, m, name);
}

void manifest_remove_dep(struct arena *a, struct manifest *m, str name)
{
	struct dep_list *lists[] = { &m->dev_deps, &m->optional_deps, &m->deps, &m->peer_deps };
	size_t kept = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		drop(a, m, lists[i], name, NULL);
	for (size_t i = 0; i < m->nbundled; i++)
		if (!str_eq(m->bundled[i], name))
			m->bundled[kept++] = m->bundled[i];
	m->nbundled = kept;
	m->has_bundled = m->has_bundled && kept > 0;
}
