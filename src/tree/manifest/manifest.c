/* SPDX-License-Identifier: MIT
 * package.json becomes a typed value once, here, so that nobody further on has to ask what a
 * foreign field is instead of what it should be. The steps and their order are npm's (npm-tree.md
 * 5): what a tree is made of depends on them, down to the bytes of the lockfile. Commands are in
 * manifest_bins.c, files on disk in manifest_read.c. */
#include "cpm/tree/manifest.h"
#include "manifest_priv.h"

#include "cpm/base/digest.h"

#include <stdlib.h>

/* ---- dependencies ---- */

/* One dependency map. An array counts as npm's Object.entries() counts it: its indices are the
 * names.
 * @lenient: an entry that is no text is left out instead of refused. */
static struct err *read_deps(struct arena *a, const struct json *json, const char *field,
			     bool lenient, struct dep_list *out)
{
	const struct json *map = json_get(json, field);
	bool is_array = json_is(map, JSON_ARRAY);

	*out = (struct dep_list){ 0 };
	if (!is_array && !json_is(map, JSON_OBJECT))
		return NULL;
	out->is_present = true;
	out->items = ARENA_ARRAY(a, struct dep, map->count);
	for (size_t i = 0; i < map->count; i++) {
		const struct json *spec = is_array ? map->items[i] : map->members[i].val;
		str name = is_array ? str_printf(a, "%zu", i) : map->members[i].key;

		if (json_is(spec, JSON_STRING))
			out->items[out->count++] = (struct dep){ name, spec->string };
		else if (!lenient)
			return err_new(E_GENERIC, "%s of '" STR_FMT "' must be a string", field,
				       STR_ARG(name));
	}
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* Once it was usual to list optional packages in both maps; npm lets the optional one win. */
void manifest_dedupe_optional(struct manifest *m)
{
	ARENA_SCOPE(tmp);
	size_t kept = 0, nnames = m->optional_deps.count;
	str *names = ARENA_ARRAY(tmp, str, nnames);

	if (!m->deps.is_present || !m->optional_deps.is_present)
		return;
	for (size_t i = 0; i < nnames; i++)
		names[i] = m->optional_deps.items[i].name;
	qsort(names, nnames, sizeof(*names), by_name);
	for (size_t i = 0; i < m->deps.count; i++)
		if (!bsearch(&m->deps.items[i].name, names, nnames, sizeof(*names), by_name))
			m->deps.items[kept++] = m->deps.items[i];
	m->deps.count = kept;
	m->deps.is_present = kept > 0;
}

static struct err *read_all_deps(struct arena *a, const struct json *json, bool from_disk,
				 struct manifest *m)
{
	TRY(read_deps(a, json, "dependencies", false, &m->deps));
	TRY(read_deps(a, json, "optionalDependencies", false, &m->optional_deps));
	TRY(read_deps(a, json, "peerDependencies", false, &m->peer_deps));
	/* Nobody looks at the devDependencies of a published package: oddities in there stop
	 * nothing. */
	TRY(read_deps(a, json, "devDependencies", !from_disk, &m->dev_deps));
	manifest_dedupe_optional(m);
	return NULL;
}

void manifest_set_peer_meta(struct arena *a, struct manifest *m, struct json *meta)
{
	m->peer_meta = meta;
	if (!json_is(meta, JSON_OBJECT))
		return;
	m->optional_peers = ARENA_ARRAY(a, str, meta->count);
	for (size_t i = 0; i < meta->count; i++)
		if (json_is_truthy(json_get(meta->members[i].val, "optional")))
			m->optional_peers[m->noptional_peers++] = meta->members[i].key;
}

static void add_bundled(struct arena *a, const struct json *names, struct manifest *m)
{
	m->bundled = ARENA_ARRAY(a, str, names->count);
	for (size_t i = 0; i < names->count; i++) {
		if (names->type == JSON_OBJECT)
			m->bundled[m->nbundled++] = names->members[i].key;
		else if (json_is(names->items[i], JSON_STRING))
			m->bundled[m->nbundled++] = names->items[i]->string;
	}
}

/* Both spellings; true means all dependencies, false none, an object its keys. */
static void read_bundled(struct arena *a, const struct json *json, struct manifest *m)
{
	const struct json *field = json_get(json, "bundleDependencies");
	const struct json *deps = json_get(json, "dependencies");

	if (!field)
		field = json_get(json, "bundledDependencies");
	m->has_bundled = json_is(field, JSON_BOOL) || json_is(field, JSON_OBJECT) ||
			 json_is(field, JSON_ARRAY);
	if (json_is(field, JSON_OBJECT) || json_is(field, JSON_ARRAY))
		add_bundled(a, field, m);
	else if (json_is_truthy(field) && m->has_bundled && json_is(deps, JSON_OBJECT))
		add_bundled(a, deps, m);
}

/* ---- scripts and the rest ---- */

static void read_scripts(const struct json *json, struct manifest *m)
{
	const struct json *scripts = json_get(json, "scripts");
	const struct json *gypfile = json_get(json, "gypfile");

	m->preinstall = json_get_text(scripts, "preinstall");
	m->install = json_get_text(scripts, "install");
	m->postinstall = json_get_text(scripts, "postinstall");
	m->prepare = json_get_text(scripts, "prepare");
	m->has_install_script = json_is_truthy(json_get(json, "hasInstallScript"));
	m->gypfile_false = json_is(gypfile, JSON_BOOL) && !gypfile->boolean;
}

/* A non-empty text becomes { "url": text }. */
static struct json *read_funding(struct arena *a, struct json *json)
{
	struct json *funding = json_get(json, "funding"), *object;

	if (!json_is(funding, JSON_STRING) || !funding->string.len)
		return funding;
	object = json_new(a, JSON_OBJECT);
	json_set(a, object, S("url"), funding);
	return object;
}

/* Non-empty objects only. */
static struct json *read_overrides(struct json *json)
{
	struct json *overrides = json_get(json, "overrides");

	return json_is(overrides, JSON_OBJECT) && overrides->count ? overrides : NULL;
}

static void read_kept(struct arena *a, struct json *json, struct manifest *m)
{
	m->engines = json_get(json, "engines");
	m->dev_engines = json_get(json, "devEngines");
	m->os = json_get(json, "os");
	m->cpu = json_get(json, "cpu");
	m->libc = json_get(json, "libc");
	m->license = json_get(json, "license");
	m->deprecated = json_get(json, "deprecated");
	m->accept_deps = json_get(json, "acceptDependencies");
	m->workspaces = json_get(json, "workspaces");
	m->funding = read_funding(a, json);
	m->overrides = read_overrides(json);
	manifest_set_peer_meta(a, m, json_get(json, "peerDependenciesMeta"));
}

/* What a registry says about the tarball: an SRI text, or the SHA-1 of old times. */
static void read_dist(struct arena *a, const struct json *json, struct manifest *m)
{
	const struct json *dist = json_get(json, "dist"), *size = json_get(dist, "unpackedSize");

	m->tarball = json_get_text(dist, "tarball");
	m->integrity = json_get_text(dist, "integrity");
	if (!m->integrity.len) {
		str shasum = json_get_text(dist, "shasum");

		m->integrity = shasum.len ? integrity_from_shasum(a, shasum) : STR_NULL;
	}
	if (json_is(size, JSON_NUMBER) && size->number > 0 && size->number < 0x1p53)
		m->unpacked_bytes = (uint64_t)size->number;
}

/* ---- commands ---- */

static str target_text(const struct json *target)
{
	return json_is(target, JSON_STRING) ? target->string : STR_NULL;
}

/* A text is the command named like the package; an array lists files, each named after itself. */
static void read_bins(struct arena *a, const struct json *json, struct manifest *m)
{
	const struct json *bin = json_get(json, "bin");
	size_t count = json_is(bin, JSON_STRING) ? 1 : json_is_truthy(bin) ? bin->count : 0;
	struct bin *raw = ARENA_ARRAY(a, struct bin, count);

	for (size_t i = 0; i < count; i++) {
		if (bin->type == JSON_OBJECT) {
			raw[i] = (struct bin){ bin->members[i].key,
					       target_text(bin->members[i].val) };
		} else if (bin->type == JSON_ARRAY) {
			raw[i].target = target_text(bin->items[i]);
			raw[i].name = raw[i].target;
		} else {
			raw[i] = (struct bin){ m->name, m->name.len ? bin->string : STR_NULL };
		}
	}
	manifest_set_bins(a, m, raw, count);
}

/* ---- whole ---- */

struct err *manifest_from_json(struct arena *a, struct json *json, bool from_disk,
			       struct manifest **out)
{
	struct manifest *m = ARENA_NEW(a, struct manifest);

	*out = m;
	if (!json_is(json, JSON_OBJECT))
		return NULL;
	if (from_disk)
		m->json = json;
	m->name = json_get_text(json, "name");
	m->version = json_get_text(json, "version");
	TRY(read_all_deps(a, json, from_disk, m));
	read_bundled(a, json, m);
	read_scripts(json, m);
	read_kept(a, json, m);
	read_bins(a, json, m);
	if (!from_disk)
		read_dist(a, json, m);
	return NULL;
}

struct err *manifest_from_text(struct arena *a, str json_text, struct manifest **out)
{
	struct json *json;

	TRY(json_parse(a, json_text, &json));
	return manifest_from_json(a, json, false, out);
}

/* ---- questions ---- */

str manifest_dep_spec(const struct dep_list *list, str name)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].name, name))
			return list->items[i].spec;
	return STR_NULL;
}

static bool has_name(const str *names, size_t count, str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

bool manifest_is_optional_peer(const struct manifest *m, str name)
{
	return has_name(m->optional_peers, m->noptional_peers, name);
}

bool manifest_is_bundled(const struct manifest *m, str name)
{
	return has_name(m->bundled, m->nbundled, name);
}

bool manifest_runs_install_script(const struct manifest *m)
{
	return m->has_install_script || m->preinstall.len || m->install.len || m->postinstall.len;
}

struct json *manifest_shown_license(const struct manifest *m)
{
	struct json *type = json_get(m->license, "type");

	return json_is_truthy(type) ? type : m->license;
}
