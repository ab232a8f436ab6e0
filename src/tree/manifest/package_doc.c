/* SPDX-License-Identifier: MIT
 * Whole packages for those who show them. The steps are manifest.c's, but on the document: what it
 * makes into typed fields, this keeps as JSON, with the keys where npm leaves them. */
#include "cpm/tree/package_doc.h"

#include "cpm/base/fs.h"

#define LOCKFILE_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define MANIFEST_MAX_BYTES ((size_t)16 * 1024 * 1024)

void package_docs_init(struct package_docs *docs, struct arena *a, int dirfd, const char *lock_path)
{
	*docs = (struct package_docs){ .arena = a, .dirfd = dirfd, .lock_path = lock_path };
	map_init(&docs->docs, a);
}

/* ---- where documents come from ---- */

static struct json *parse_file(struct arena *a, int dirfd, const char *path, size_t cap_bytes)
{
	struct json *doc = NULL;
	str text;
	struct err *e = fs_read_all(a, dirfd, path, cap_bytes, &text);

	if (!e)
		e = json_parse(a, text, &doc);
	if (!e)
		return doc;
	err_ignore(e);
	return NULL;
}

/* A lockfile does not repeat the name of a package that is called like its folder. */
static struct json *from_lockfile(struct package_docs *docs, const struct node *n)
{
	struct json *entry;

	if (!docs->is_lock_read)
		docs->lock = json_get(
			parse_file(docs->arena, docs->dirfd, docs->lock_path, LOCKFILE_MAX_BYTES),
			"packages");
	docs->is_lock_read = true;
	entry = json_get_str(docs->lock, n->location);
	if (json_is(entry, JSON_OBJECT) && !json_is_truthy(json_get(entry, "name")))
		json_set_text(docs->arena, entry, "name", n->name);
	return entry;
}

static struct json *from_disk(struct package_docs *docs, const struct node *n)
{
	ARENA_SCOPE(tmp);

	if (str_is_null(n->path))
		return NULL;
	return parse_file(docs->arena, docs->dirfd,
			  str_printf(tmp, STR_FMT "/package.json", STR_ARG(n->path)).p,
			  MANIFEST_MAX_BYTES);
}

/* A package that exists in the tree alone, as one that is missing does. */
static struct json *from_manifest(struct arena *a, const struct manifest *m)
{
	struct json *doc = json_new(a, JSON_OBJECT);

	if (!str_is_null(m->name))
		json_set_text(a, doc, "name", m->name);
	if (!str_is_null(m->version))
		json_set_text(a, doc, "version", m->version);
	return doc;
}

/* npm reads the package.json of a folder that a link leads to anew, but the link keeps what the
 * lockfile says of it. */
static struct json *find_document(struct package_docs *docs, const struct node *n)
{
	const struct node *target = n->is_link && n->target ? n->target : n;
	struct json *doc = n->is_link && n->from_lock ? from_lockfile(docs, target) : NULL;

	if (!doc)
		doc = target->manifest->json;
	if (!doc)
		doc = target->from_lock ? from_lockfile(docs, target) : from_disk(docs, target);
	return json_is(doc, JSON_OBJECT) ? doc : from_manifest(docs->arena, n->manifest);
}

/* ---- normalising ---- */

static struct json *copy_object(struct arena *a, const struct json *object,
				bool (*keep)(const struct json_member *))
{
	struct json *out = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < object->count; i++)
		if (keep(&object->members[i]))
			json_set(a, out, object->members[i].key, object->members[i].val);
	return out;
}

static bool is_public(const struct json_member *m)
{
	return !str_starts(m->key, S("_"));
}

static bool is_text(const struct json_member *m)
{
	return m->val->type == JSON_STRING;
}

/* true means all dependencies, false none, an object its keys; both spellings. */
static void normalize_bundled(struct arena *a, struct json *doc)
{
	struct json *other = json_get(doc, "bundledDependencies"), *list = json_new(a, JSON_ARRAY);
	const struct json *names;

	if (other && !json_get(doc, "bundleDependencies"))
		json_set(a, doc, S("bundleDependencies"), other);
	(void)json_del(doc, S("bundledDependencies"));
	const struct json *field = json_get(doc, "bundleDependencies");
	if (!field || field->type == JSON_ARRAY)
		return;
	if (field->type != JSON_BOOL && field->type != JSON_OBJECT) {
		(void)json_del(doc, S("bundleDependencies"));
		return;
	}
	names = json_is_truthy(field) && field->type == JSON_BOOL ? json_get(doc, "dependencies")
								  : field;
	for (size_t i = 0; json_is(names, JSON_OBJECT) && i < names->count; i++)
		json_append(a, list, json_new_string(a, names->members[i].key));
	json_set(a, doc, S("bundleDependencies"), list);
}

static void normalize_overrides(struct json *doc)
{
	const struct json *overrides = json_get(doc, "overrides");

	if (overrides && !(overrides->type == JSON_OBJECT && overrides->count))
		(void)json_del(doc, S("overrides"));
}

/* Optional dependencies are not repeated among the others. */
static void normalize_dependencies(struct arena *a, struct json *doc)
{
	const struct json *deps = json_get(doc, "dependencies"),
			  *optional = json_get(doc, "optionalDependencies");
	struct json *kept = json_new(a, JSON_OBJECT);

	if (!json_is(deps, JSON_OBJECT) || !json_is(optional, JSON_OBJECT))
		return;
	for (size_t i = 0; i < deps->count; i++)
		if (!json_get_str(optional, deps->members[i].key))
			json_set(a, kept, deps->members[i].key, deps->members[i].val);
	if (kept->count)
		json_set(a, doc, S("dependencies"), kept);
	else
		(void)json_del(doc, S("dependencies"));
}

static void normalize_scripts(struct arena *a, struct json *doc)
{
	const struct json *scripts = json_get(doc, "scripts");

	if (json_is(scripts, JSON_OBJECT))
		json_set(a, doc, S("scripts"), copy_object(a, scripts, is_text));
	else if (scripts)
		(void)json_del(doc, S("scripts"));
}

static void normalize_funding(struct arena *a, struct json *doc)
{
	struct json *funding = json_get(doc, "funding"), *object;

	if (!json_is(funding, JSON_STRING) || !funding->string.len)
		return;
	object = json_new(a, JSON_OBJECT);
	json_set(a, object, S("url"), funding);
	json_set(a, doc, S("funding"), object);
}

static void normalize_bins(struct arena *a, struct json *doc, const struct manifest *m)
{
	struct json *bins = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < m->nbins; i++)
		json_set(a, bins, m->bins[i].name, json_new_string(a, m->bins[i].target));
	if (bins->count)
		json_set(a, doc, S("bin"), bins);
	else
		(void)json_del(doc, S("bin"));
}

/* Last, because npm makes it anew each time a package goes from hand to hand. */
static void add_id(struct arena *a, struct json *doc)
{
	str name = json_get_text(doc, "name"), version = json_get_text(doc, "version");

	if (name.len && version.len)
		json_set(a, doc, S("_id"),
			 json_new_string(a, str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(name),
						       STR_ARG(version))));
}

struct json *package_doc_normalize(struct arena *a, const struct json *raw,
				   const struct manifest *m)
{
	struct json *doc = copy_object(a, raw, is_public);

	normalize_bundled(a, doc);
	normalize_overrides(doc);
	normalize_dependencies(a, doc);
	normalize_scripts(a, doc);
	normalize_funding(a, doc);
	normalize_bins(a, doc, m);
	add_id(a, doc);
	return doc;
}

const struct json *package_doc(struct package_docs *docs, const struct node *n)
{
	struct json *doc;

	doc = n->tree ? map_get(&docs->docs, n->location) : NULL;
	if (doc)
		return doc;
	doc = package_doc_normalize(docs->arena, find_document(docs, n), n->manifest);
	if (n->tree)
		map_put(&docs->docs, n->location, doc);
	return doc;
}
