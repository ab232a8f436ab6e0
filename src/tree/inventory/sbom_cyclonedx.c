/* SPDX-License-Identifier: MIT
 * A bill of materials as CycloneDX 1.5. Twin of npm's sbom-cyclonedx.js: keys stand where it puts
 * them. */
#include "cpm/tree/license.h"
#include "cpm/tree/spdx.h"
#include "sbom_priv.h"

/* ---- a component ---- */

static void add_property(struct arena *a, struct json *list, bool is_so, const char *name)
{
	struct json *property;

	if (!is_so)
		return;
	property = json_new(a, JSON_OBJECT);
	json_set_text(a, property, "name", str_printf(a, "cdx:npm:package:%s", name));
	json_set_text(a, property, "value", S("true"));
	json_append(a, list, property);
}

static struct json *properties(struct arena *a, struct node *n, const struct json *doc)
{
	struct json *list = json_new(a, JSON_ARRAY);

	add_property(a, list, n->dev, "development");
	add_property(a, list, json_get_bool(doc, "private"), "private");
	add_property(a, list, n->extraneous, "extraneous");
	add_property(a, list, node_in_bundle(n), "bundled");
	return list;
}

static void add_reference(struct arena *a, struct json *list, const char *type, struct json *url)
{
	struct json *reference;

	if (!json_is_truthy(url))
		return;
	reference = json_new(a, JSON_OBJECT);
	json_set_text(a, reference, "type", str_view(type));
	json_set(a, reference, S("url"), url);
	json_append(a, list, reference);
}

static struct json *references(struct arena *a, const struct node *n, const struct json *doc)
{
	struct json *list = json_new(a, JSON_ARRAY);

	if (n->resolved.len)
		add_reference(a, list, "distribution", json_new_string(a, n->resolved));
	add_reference(a, list, "vcs", json_get(json_get(doc, "repository"), "url"));
	add_reference(a, list, "website", json_get(doc, "homepage"));
	add_reference(a, list, "issue-tracker", json_get(json_get(doc, "bugs"), "url"));
	return list;
}

static void add_hashes(struct arena *a, struct json *component, const struct node *n)
{
	static const char *const names[] = {
		[DIGEST_SHA1] = "SHA-1",
		[DIGEST_SHA256] = "SHA-256",
		[DIGEST_SHA384] = "SHA-384",
		[DIGEST_SHA512] = "SHA-512",
	};
	struct digest d = sbom_digest(n);
	struct json *hash, *list;

	if (d.algo == DIGEST_NONE)
		return;
	hash = json_new(a, JSON_OBJECT);
	list = json_new(a, JSON_ARRAY);
	json_set_text(a, hash, "alg", names[d.algo] ? str_view(names[d.algo]) : S("SHA-512"));
	json_set_text(a, hash, "content", digest_hex(a, &d));
	json_append(a, list, hash);
	json_set(a, component, S("hashes"), list);
}

/* One licence goes by its identifier (npm leaves out an exception to it), several as an expression.
 */
static void add_licenses(struct arena *a, struct json *component, const struct json *doc)
{
	str text = license_of_doc(a, doc);
	struct json *choice = json_new(a, JSON_OBJECT), *list = json_new(a, JSON_ARRAY), *license;
	struct spdx parsed;

	if (!text.len || !spdx_parse(a, text, &parsed))
		return;
	if (parsed.count > 1) {
		json_set_text(a, choice, "expression", text);
	} else {
		license = json_new(a, JSON_OBJECT);
		json_set_text(a, license, "id", parsed.steps[0].license);
		json_set(a, choice, S("license"), license);
	}
	json_append(a, list, choice);
	json_set(a, component, S("licenses"), list);
}

static struct err *component_json(struct arena *a, struct node *n, str type,
				  const struct sbom_opts *opts, struct json **out)
{
	const struct json *doc = package_doc(opts->docs, n);
	struct json *component = json_new(a, JSON_OBJECT);
	str name = node_package_name(n), purl;
	struct json *author = json_get(doc, "author");
	bool is_optional = n->optional || n->dev_optional;

	TRY(sbom_purl(a, n, &purl));
	json_set_text(a, component, "bom-ref", sbom_ref(a, n));
	json_set_text(a, component, "type", type);
	json_set(a, component, S("name"),
		 str_is_null(name) ? json_new(a, JSON_NULL) : json_new_string(a, name));
	json_set_text(a, component, "version", node_version(n));
	json_set_text(a, component, "scope", is_optional ? S("optional") : S("required"));
	sbom_put(a, component, "author",
		 json_is(author, JSON_OBJECT) ? json_get(author, "name") : author);
	sbom_put(a, component, "description", json_get(doc, "description"));
	json_set_text(a, component, "purl", purl);
	json_set(a, component, S("properties"), properties(a, n, doc));
	json_set(a, component, S("externalReferences"), references(a, n, doc));
	add_hashes(a, component, n);
	add_licenses(a, component, doc);
	*out = component;
	return NULL;
}

/* ---- who needs what ---- */

static struct json *dependency_json(struct arena *a, const struct sbom_list *l,
				    const struct node *n)
{
	struct json *out = json_new(a, JSON_OBJECT), *list = json_new(a, JSON_ARRAY);
	struct map seen;

	map_init(&seen, a);
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		struct node *to = ((const struct edge *)it.val)->to;

		if (!sbom_lists(l, to))
			continue;
		str ref = sbom_ref(a, to);
		if (!map_put(&seen, ref, to))
			json_append(a, list, json_new_string(a, ref));
	}
	json_set_text(a, out, "ref", sbom_ref(a, n));
	json_set(a, out, S("dependsOn"), list);
	return out;
}

/* ---- the document ---- */

static struct json *list_of(struct arena *a, struct json *item)
{
	struct json *list = json_new(a, JSON_ARRAY);

	json_append(a, list, item);
	return list;
}

static struct json *metadata_json(struct arena *a, const struct sbom_opts *opts,
				  struct json *component)
{
	struct json *out = json_new(a, JSON_OBJECT), *phase = json_new(a, JSON_OBJECT),
		    *tool = json_new(a, JSON_OBJECT);

	json_set_text(a, phase, "phase", opts->is_lock_only ? S("pre-build") : S("build"));
	json_set_text(a, tool, "vendor", S("npm"));
	json_set_text(a, tool, "name", S("cli"));
	json_set_text(a, tool, "version", opts->tool_version);
	json_set_text(a, out, "timestamp", opts->timestamp);
	json_set(a, out, S("lifecycles"), list_of(a, phase));
	json_set(a, out, S("tools"), list_of(a, tool));
	json_set(a, out, S("component"), component);
	return out;
}

struct err *sbom_cyclonedx(struct arena *a, const node_vec *nodes, const struct sbom_opts *opts,
			   struct json **out)
{
	struct json *bom = json_new(a, JSON_OBJECT), *components = json_new(a, JSON_ARRAY),
		    *dependencies = json_new(a, JSON_ARRAY), *root = NULL;
	struct sbom_list l;

	sbom_list_init(a, nodes, &l);
	for (size_t i = 0; i < l.components.len; i++) {
		struct node *n = l.components.items[i];
		struct json *component;

		TRY(component_json(a, n, n->is_root ? opts->type : S("library"), opts, &component));
		json_append(a, dependencies, dependency_json(a, &l, n));
		if (n->is_root)
			root = component;
		else
			json_append(a, components, component);
	}
	json_set_text(a, bom, "$schema", S("http://cyclonedx.org/schema/bom-1.5.schema.json"));
	json_set_text(a, bom, "bomFormat", S("CycloneDX"));
	json_set_text(a, bom, "specVersion", S("1.5"));
	json_set_text(a, bom, "serialNumber", str_concat(a, S("urn:uuid:"), opts->uuid));
	json_set(a, bom, S("version"), json_new_number(a, 1));
	json_set(a, bom, S("metadata"), metadata_json(a, opts, root));
	json_set(a, bom, S("components"), components);
	json_set(a, bom, S("dependencies"), dependencies);
	*out = bom;
	return NULL;
}
