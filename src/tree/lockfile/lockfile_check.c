/* SPDX-License-Identifier: MIT
 * Whether a lockfile may be used at all. It is half trusted: it comes with the project, but often
 * enough from somebody else's branch. So a key or a link that leads elsewhere refuses the file as a
 * whole, before anything is read, fetched or written on its account (T21). */
#include "hidden_lockfile.h"
#include "lockfile_doc.h"
#include "lockfile_priv.h"

#include "cpm/base/path.h"

static struct err *bad_key(str name, str key, const char *fault)
{
	return err_new(E_LOCKFILE_PATH, "'" STR_FMT "' names '" STR_FMT "': %s", STR_ARG(name),
		       STR_ARG(key), fault);
}

/* ---- keys ---- */

static bool has_capitals(str key)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.p[i] >= 'A' && key.p[i] <= 'Z')
			return true;
	return false;
}

/* Folders that are one to npm, and to file systems that do not tell capitals apart. Of two twins
 * one has capitals. */
static struct err *check_twins(const struct lock_doc *doc, str name)
{
	ARENA_SCOPE(tmp);
	struct map folded;

	map_init(&folded, tmp);
	for (struct map_iter it = map_iter(&doc->entries); map_next(&it);) {
		str small = has_capitals(it.key) ? str_lower(tmp, it.key) : STR_NULL;

		if (small.p && (map_has(&doc->entries, small) || map_put(&folded, small, it.val)))
			return bad_key(name, it.key, "another differs from it only in capitals");
	}
	return NULL;
}

/* The hidden lockfile of a linked layout also names what is in the store, which is no package's name.
 */
static const char *key_fault(str name, str key)
{
	const str store = S(NODE_STORE "/");

	return str_eq(name, S(HIDDEN_LOCKFILE)) && str_starts(key, store)
		       ? lockfile_key_fault(str_from(key, store.len))
		       : lockfile_key_fault(key);
}

static struct err *check_keys(const struct lock_doc *doc, str name)
{
	str parent;

	for (struct map_iter it = map_iter(&doc->entries); map_next(&it);) {
		const struct lock_entry *entry = it.val;
		const char *fault = key_fault(name, it.key);
		bool is_package = !fault && lockfile_key_parent(it.key, &parent);

		if (fault)
			return bad_key(name, it.key, fault);
		if (is_package && entry->manifest->name.len &&
		    !spec_is_valid_name(entry->manifest->name))
			return bad_key(name, entry->manifest->name, "it is no package name");
	}
	return NULL;
}

/* ---- links ---- */

static struct err *missing_target(str target, str key)
{
	return err_new(E_MISSING_TARGET,
		       "Missing target in lock file: \"" STR_FMT "\" is referenced by \"" STR_FMT
		       "\" but does not exist.\nTo fix:\n1. rm package-lock.json\n2. npm install",
		       STR_ARG(target), STR_ARG(key));
}

static struct err *check_link(struct arena *a, const struct lock_doc *doc, str name,
			      struct lock_entry *link)
{
	str parent, target = link->resolved;
	struct lock_entry *found;

	if (!lockfile_key_parent(link->key, &parent))
		return bad_key(name, link->key, "a link outside of node_modules");
	if (str_is_null(target) || path_is_absolute(target))
		return bad_key(name, link->key, "its target is no relative path");
	target = target.len ? path_clean(a, target) : target;
	if (str_eq(target, S(".")))
		target = S("");
	if (key_fault(name, target))
		return bad_key(name, target, key_fault(name, target));
	link->resolved = target;
	if (!target.len)
		return NULL;
	found = map_get(&doc->entries, target);
	if (!found || found->is_link)
		return missing_target(target, link->key);
	found->is_link_target = true;
	return NULL;
}

static struct err *check_links(struct arena *a, const struct lock_doc *doc, str name)
{
	for (struct map_iter it = map_iter(&doc->entries); map_next(&it);) {
		struct lock_entry *entry = it.val;

		if (entry->is_link)
			TRY(check_link(a, doc, name, entry));
	}
	return NULL;
}

/* node_modules/.store/<key>, of a linked layout. */
static bool is_store_entry(str key)
{
	return str_starts(key, S(NODE_STORE "/")) &&
	       str_find(key, S("/node_modules/")) == STR_NPOS;
}

/* A folder inside of a package is only there because something links to it. */
static struct err *check_folders(const struct lock_doc *doc, str name)
{
	str parent;

	for (struct map_iter it = map_iter(&doc->entries); map_next(&it);) {
		const struct lock_entry *entry = it.val;
		bool is_inside = (str_starts(it.key, S("node_modules/")) ||
				  str_find(it.key, S("/node_modules/")) != STR_NPOS) &&
				 !is_store_entry(it.key);

		if (is_inside && !entry->is_link_target && !lockfile_key_parent(it.key, &parent))
			return bad_key(name, it.key,
				       "a folder inside of a package that nothing links to");
	}
	return NULL;
}

/* ---- what only npm can do ---- */

static struct err *check_repairs(const struct lock_doc *doc, str name)
{
	for (struct map_iter it = map_iter(&doc->entries); map_next(&it);) {
		const struct lock_entry *entry = it.val;
		struct err *e;

		if (!entry->unsupported)
			continue;
		e = err_new(E_UNSUPPORTED,
			    "'" STR_FMT "' records a package that npm repaired (\"%s\" of '" STR_FMT
			    "')",
			    STR_ARG(name), entry->unsupported, STR_ARG(it.key));
		return err_detail(
			e,
			"It needs the project's .npm-extension file, which is not run here, and "
			"leaving it out would\n"
			"change what is installed. Use npm for this project, or say the same with "
			"packageExtensions in\n"
			"package.json, remove the file and run 'cpm install'.");
	}
	return NULL;
}

struct err *lock_doc_check(struct arena *a, const struct lock_doc *doc, str name)
{
	TRY(check_keys(doc, name));
	TRY(check_twins(doc, name));
	TRY(check_links(a, doc, name));
	TRY(check_folders(doc, name));
	return check_repairs(doc, name);
}
