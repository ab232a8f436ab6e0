/* SPDX-License-Identifier: MIT
 * Lockfiles of npm 6 and before: nested `dependencies` instead of places (npm-tree.md 7.3). What
 * `version` holds may be a version, an alias, a path, a URL; what `requires` means depends on the
 * marks of what it leads to. Twin of shrinkwrap.js, metaFromLock and fixDependencies. The result
 * lacks what such files never recorded; whoever builds a tree from it asks the registry for the
 * rest. */
#include "lockfile_doc.h"
#include "lockfile_priv.h"

#include "cpm/base/path.h"

/* One old entry on its way to a place. */
struct old {
	str location, name;
	const struct json *lock;
};

typedef VEC(struct old) old_vec;

struct converter {
	struct arena *arena;
	struct lock_doc *doc;
	str dir;
	old_vec agenda;
	struct map requires; /* location -> struct json * of the old entry */
};

/* ---- what an old entry names ---- */

static struct spec *try_resolve(struct converter *c, str name, str text)
{
	struct spec *spec;
	struct err *e = str_is_null(text) ? NULL
					  : spec_resolve(c->arena, name, text, c->dir, &spec);

	if (!e)
		return str_is_null(text) ? NULL : spec;
	err_free(e);
	return NULL;
}

/* NULL when nothing in it can be read. */
static struct spec *spec_of(struct converter *c, str name, const struct json *lock,
			    bool without_version)
{
	str version = without_version ? STR_NULL : json_get_text(lock, "version");
	str from = json_get_text(lock, "from"), resolved = json_get_text(lock, "resolved");
	struct spec *spec = try_resolve(c, name, version);

	if (spec && (json_get_text(lock, "integrity").len || spec->type == SPEC_GIT))
		return spec;
	if (from.len) {
		struct spec *asked = try_resolve(c, name, from);

		if (asked && spec_is_registry(asked) && version.len)
			return spec;
		if (asked && !resolved.len)
			return asked;
	}
	if (resolved.len && try_resolve(c, name, resolved))
		return try_resolve(c, name, resolved);
	return spec;
}

/* "name-1.2.3.tgz" at the end of a path or URL. */
static str version_of_tarball(struct arena *a, str name, str url)
{
	str base = path_basename(url), folder = path_basename(name), version;
	struct semver v;

	if (!str_ends(base, S(".tgz")) || !str_starts(base, folder) || base.len < folder.len + 6 ||
	    base.p[folder.len] != '-')
		return STR_NULL;
	version = str_slice(base, folder.len + 1, base.len - 4);
	return semver_parse(a, version, SEMVER_STRICT, &v) ? v.text : STR_NULL;
}

/* ---- entries ---- */

static void fill_version(struct converter *c, struct lock_entry *entry, const struct spec *spec)
{
	struct manifest *m = entry->manifest;

	if (m->version.len || !spec)
		return;
	if (spec->type == SPEC_FILE || spec->type == SPEC_REMOTE) {
		m->version = version_of_tarball(c->arena, spec->name, spec->fetch_spec);
	} else if (spec->type == SPEC_ALIAS) {
		m->name = spec->sub->name;
		m->version = spec->sub->fetch_spec;
	} else if (spec->type == SPEC_VERSION) {
		m->version = spec->fetch_spec;
	}
}

static void fill_resolved(struct converter *c, struct lock_entry *entry, const struct spec *spec,
			  str resolved)
{
	if (spec && spec_is_registry(spec))
		entry->resolved = resolved;
	else if (spec && spec->type == SPEC_FILE)
		entry->resolved = spec_resolved(c->arena, spec->save_spec, c->dir, c->dir);
	else if (spec && spec->fetch_spec.len)
		entry->resolved = spec->fetch_spec;
}

static void fill_entry(struct converter *c, struct lock_entry *entry, const struct json *lock,
		       const struct spec *spec, str version)
{
	const struct json *requires = json_get(lock, "requires");

	if (json_is(requires, JSON_OBJECT))
		map_put(&c->requires, entry->key, (void *) requires);
	entry->optional = json_is_truthy(json_get(lock, "optional"));
	entry->dev = json_is_truthy(json_get(lock, "dev"));
	entry->in_bundle = json_is_truthy(json_get(lock, "bundled"));
	entry->integrity = json_get_text(lock, "integrity");
	if (version.len && !entry->integrity.len && spec && spec->type == SPEC_GIT) {
		entry->resolved = spec_resolved(c->arena, spec->raw, c->dir, c->dir);
		return;
	}
	/* Of an alias too: it is then looked up by what it stands for. */
	if (version.len && !entry->integrity.len && spec && spec_is_registry(spec))
		entry->manifest->version = version;
	fill_resolved(c, entry, spec, json_get_text(lock, "resolved"));
	fill_version(c, entry, spec);
}

/* A "file:" folder is a link, and what is below it belongs to the folder. Returns where that is. */
static str add_old_link(struct converter *c, const struct old *old, const struct spec *spec)
{
	struct lock_entry *link = lock_doc_add(c->arena, c->doc, old->location);
	str target = path_relative(c->arena, c->dir, spec->fetch_spec);

	link->is_link = true;
	link->resolved = target;
	if (target.len && !map_has(&c->doc->entries, target))
		fill_entry(c, lock_doc_add(c->arena, c->doc, target), old->lock,
			   spec_of(c, old->name, old->lock, true), STR_NULL);
	return target;
}

static void add_children(struct converter *c, str location, const struct json *lock)
{
	const struct json *deps = json_get(lock, "dependencies");

	/* Pushed last to first, so that they are taken first to last. */
	for (size_t i = json_is(deps, JSON_OBJECT) ? deps->count : 0; i-- > 0;) {
		str name = deps->members[i].key;
		str below = str_printf(c->arena, STR_FMT "%snode_modules/" STR_FMT,
				       STR_ARG(location), location.len ? "/" : "", STR_ARG(name));

		VEC_PUSH(c->arena, &c->agenda, (struct old){ below, name, deps->members[i].val });
	}
}

static void add_old(struct converter *c, struct old old)
{
	struct spec *spec = spec_of(c, old.name, old.lock, false);
	str location = old.location;

	if (spec && spec->type == SPEC_DIRECTORY)
		location = add_old_link(c, &old, spec);
	else
		fill_entry(c, lock_doc_add(c->arena, c->doc, location), old.lock, spec,
			   json_get_text(old.lock, "version"));
	add_children(c, location, old.lock);
}

/* ---- edges ---- */

/* What require(@name) from @location would find. */
static struct lock_entry *find_from(struct converter *c, str location, str name)
{
	for (;;) {
		ARENA_SCOPE(tmp);
		str key = str_printf(tmp, STR_FMT "%snode_modules/" STR_FMT, STR_ARG(location),
				     location.len ? "/" : "", STR_ARG(name));
		struct lock_entry *found = map_get(&c->doc->entries, key);
		size_t slash = str_rfind_char(location, '/');

		if (found || !location.len)
			return found;
		location = slash == STR_NPOS ? S("") : str_slice(location, 0, slash);
	}
}

static void push_dep(struct arena *a, struct dep_list *list, size_t room, struct dep dep)
{
	if (!list->items)
		list->items = ARENA_ARRAY(a, struct dep, room);
	list->is_present = true;
	list->items[list->count++] = dep;
}

/* Old files say what is needed, not how much: the marks of both ends tell. */
static void sort_requires(struct converter *c, struct lock_entry *entry,
			  const struct json *requires)
{
	struct manifest *m = entry->manifest;

	for (size_t i = 0; i < requires->count; i++) {
		struct dep dep = { .name = requires->members[i].key };
		const struct json *spec = requires->members[i].val;
		const struct lock_entry *found = find_from(c, entry->key, dep.name);
		struct dep_list *list = &m->deps;

		if (!json_is(spec, JSON_STRING))
			continue;
		dep.spec = spec->string;
		if (found && found->optional && !entry->optional)
			list = &m->optional_deps;
		else if (found && found->dev && !entry->dev)
			list = &m->dev_deps;
		push_dep(c->arena, list, requires->count, dep);
	}
}

/* A bundled package whose owner is not bundled itself makes the owner a bundler. */
static void assign_bundle(struct converter *c, const struct lock_entry *entry)
{
	str parent_key, name = lockfile_folder_name(entry->key), *names;
	struct lock_entry *parent = lockfile_key_parent(entry->key, &parent_key)
					    ? map_get(&c->doc->entries, parent_key)
					    : NULL;
	struct manifest *m = parent ? parent->manifest : NULL;

	if (!entry->in_bundle || !m || parent->in_bundle || !parent_key.len)
		return;
	if (str_is_null(manifest_dep_spec(&m->deps, name)) &&
	    str_is_null(manifest_dep_spec(&m->optional_deps, name)))
		return;
	names = ARENA_ARRAY(c->arena, str, m->nbundled + 1);
	if (m->nbundled)
		memcpy(names, m->bundled, m->nbundled * sizeof(*names));
	names[m->nbundled++] = name;
	m->bundled = names;
	m->has_bundled = true;
}

/* ---- whole ---- */

struct err *lock_doc_read_legacy(struct arena *a, struct lock_doc *doc, str dir,
				 const struct manifest *root)
{
	struct converter c = { .arena = a, .doc = doc, .dir = dir };
	struct json *deps, *top = json_new(a, JSON_OBJECT);

	TRY(json_parse(a, doc->legacy, &deps));
	map_init(&c.requires, a);
	json_set(a, top, S("dependencies"), deps);
	if (root)
		lock_doc_add(a, doc, S(""))->manifest = (struct manifest *)root;
	add_children(&c, S(""), top);
	while (c.agenda.len)
		add_old(&c, VEC_POP(&c.agenda));
	for (struct map_iter it = map_iter(&c.requires); map_next(&it);)
		sort_requires(&c, map_get(&doc->entries, it.key), it.val);
	for (struct map_iter it = map_iter(&doc->entries); map_next(&it);)
		assign_bundle(&c, it.val);
	return NULL;
}
