/* SPDX-License-Identifier: MIT
 * A bill of materials as SPDX 2.3. Twin of npm's sbom-spdx.js: keys stand where it puts them, and
 * what nobody says is NOASSERTION. */
#include "cpm/tree/license.h"
#include "sbom_priv.h"

#include <ctype.h>

#define DOCUMENT_ID "SPDXRef-DOCUMENT"

/* "@s/a" 1.0.0 is "SPDXRef-Package-s.a-1.0.0". */
static str element_id(struct arena *a, const struct node *n)
{
	str name = node_package_name(n);

	name = str_replace_all(a, str_starts(name, S("@")) ? str_from(name, 1) : name, S("/"),
			       S("."));
	return str_printf(a, "SPDXRef-Package-" STR_FMT "-" STR_FMT, STR_ARG(name),
			  STR_ARG(node_version(n)));
}

static str or_no_assertion(str text)
{
	return text.len ? text : S("NOASSERTION");
}

/* ---- a package ---- */

static struct json *external_refs(struct arena *a, str purl)
{
	struct json *list = json_new(a, JSON_ARRAY), *ref = json_new(a, JSON_OBJECT);

	json_set_text(a, ref, "referenceCategory", S("PACKAGE-MANAGER"));
	json_set_text(a, ref, "referenceType", S("purl"));
	json_set_text(a, ref, "referenceLocator", purl);
	json_append(a, list, ref);
	return list;
}

static str upper(struct arena *a, str s)
{
	struct str_buf out = str_buf(a, s.len + 1);

	for (size_t i = 0; i < s.len; i++)
		buf_add_char(&out, (char)toupper((unsigned char)s.p[i]));
	return buf_view(&out);
}

static void add_checksums(struct arena *a, struct json *package, const struct node *n)
{
	struct digest d = sbom_digest(n);
	struct json *list, *checksum;

	if (d.algo == DIGEST_NONE)
		return;
	list = json_new(a, JSON_ARRAY);
	checksum = json_new(a, JSON_OBJECT);
	json_set_text(a, checksum, "algorithm", upper(a, digest_algo_name(d.algo)));
	json_set_text(a, checksum, "checksumValue", digest_hex(a, &d));
	json_append(a, list, checksum);
	json_set(a, package, S("checksums"), list);
}

/* A member of the project is found by the link to it. */
static str place_of(const struct node *n)
{
	return node_is_workspace(n) && n->links_in.len ? n->links_in.items[0]->location
						       : n->location;
}

static struct err *check_name(const struct node *n)
{
	if (node_package_name(n).len)
		return NULL;
	return err_new(E_GENERIC,
		       "an SPDX document needs names, and the package.json in '" STR_FMT
		       "' has none: give it a \"name\", or use --sbom-format=cyclonedx",
		       STR_ARG(n->path));
}

static struct err *package_json(struct arena *a, const struct node *n, str purpose,
				const struct sbom_opts *opts, struct json **out)
{
	const struct json *doc = package_doc(opts->docs, n);
	struct json *package = json_new(a, JSON_OBJECT);
	struct json *homepage = json_get(doc, "homepage");
	str purl;

	TRY(sbom_purl(a, n, &purl));
	TRY(check_name(n));
	json_set_text(a, package, "name", node_package_name(n));
	json_set_text(a, package, "SPDXID", element_id(a, n));
	json_set_text(a, package, "versionInfo", node_version(n));
	json_set_text(a, package, "packageFileName", place_of(n));
	sbom_put(a, package, "description", json_get(doc, "description"));
	if (purpose.len)
		json_set_text(a, package, "primaryPackagePurpose", purpose);
	json_set_text(a, package, "downloadLocation", or_no_assertion(n->resolved));
	json_set(a, package, S("filesAnalyzed"), json_new_bool(a, false));
	json_set(a, package, S("homepage"),
		 json_is_truthy(homepage) ? homepage : json_new_string(a, or_no_assertion(S(""))));
	json_set_text(a, package, "licenseDeclared", or_no_assertion(license_of_doc(a, doc)));
	json_set(a, package, S("externalRefs"), external_refs(a, purl));
	add_checksums(a, package, n);
	*out = package;
	return NULL;
}

/* ---- relationships ---- */

static const char *relation_of(enum edge_type type)
{
	switch (type) {
	case EDGE_PEER:
		return "PREREQUISITE_FOR";
	case EDGE_OPTIONAL:
		return "OPTIONAL_DEPENDENCY_OF";
	case EDGE_DEV:
		return "DEV_DEPENDENCY_OF";
	default:
		return "DEPENDENCY_OF";
	}
}

static struct json *relationship(struct arena *a, str element, str related, const char *type)
{
	struct json *out = json_new(a, JSON_OBJECT);

	json_set_text(a, out, "spdxElementId", element);
	json_set_text(a, out, "relatedSpdxElement", related);
	json_set_text(a, out, "relationshipType", str_view(type));
	return out;
}

/* Two ways to one package, as through an alias, are one relationship. */
static void relate_edges(struct arena *a, const struct sbom_list *l, const struct node *n,
			 struct json *list)
{
	struct map seen;

	map_init(&seen, a);
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		const struct edge *e = it.val;

		if (!sbom_lists(l, e->to))
			continue;
		str element = element_id(a, e->to);
		const char *type = relation_of(e->type);
		if (map_put(&seen, str_printf(a, STR_FMT " %s", STR_ARG(element), type), e->to))
			continue;
		json_append(a, list, relationship(a, element, element_id(a, n), type));
	}
}

static struct json *relationships(struct arena *a, const node_vec *nodes, const struct sbom_list *l)
{
	struct json *list = json_new(a, JSON_ARRAY);
	str root = element_id(a, l->root);
	struct map seen;

	map_init(&seen, a);
	json_append(a, list, relationship(a, S(DOCUMENT_ID), root, "DESCRIBES"));
	for (size_t i = 0; i < nodes->len; i++) {
		struct node *n = nodes->items[i];

		n = n->is_link && n->target ? n->target : n;
		if (!map_put(&seen, n->location, n))
			relate_edges(a, l, n, list);
	}
	for (size_t i = 0; i < nodes->len; i++)
		if (nodes->items[i]->extraneous)
			json_append(a, list,
				    relationship(a, element_id(a, nodes->items[i]), root,
						 relation_of(EDGE_OPTIONAL)));
	return list;
}

/* ---- the document ---- */

static struct json *creation_info(struct arena *a, const struct sbom_opts *opts)
{
	struct json *out = json_new(a, JSON_OBJECT), *creators = json_new(a, JSON_ARRAY);
	str tool = str_concat(a, S("Tool: npm/cli-"), opts->tool_version);

	json_append(a, creators, json_new_string(a, tool));
	json_set_text(a, out, "created", opts->timestamp);
	json_set(a, out, S("creators"), creators);
	return out;
}

static str document_namespace(struct arena *a, const struct node *root,
			      const struct sbom_opts *opts)
{
	str name = str_replace_all(a, node_package_name(root), S("/"), S("%2f"));

	return str_printf(a, "http://spdx.org/spdxdocs/" STR_FMT "-" STR_FMT "-" STR_FMT,
			  STR_ARG(name), STR_ARG(node_version(root)), STR_ARG(opts->uuid));
}

struct err *sbom_spdx(struct arena *a, const node_vec *nodes, const struct sbom_opts *opts,
		      struct json **out)
{
	struct json *bom = json_new(a, JSON_OBJECT), *packages = json_new(a, JSON_ARRAY),
		    *describes = json_new(a, JSON_ARRAY);
	struct sbom_list l;

	sbom_list_init(a, nodes, &l);
	for (size_t i = 0; i < l.components.len; i++) {
		const struct node *n = l.components.items[i];
		struct json *package;

		TRY(package_json(a, n, n->is_root ? upper(a, opts->type) : STR_NULL, opts,
				 &package));
		json_append(a, packages, package);
	}
	json_append(a, describes, json_new_string(a, element_id(a, l.root)));
	json_set_text(a, bom, "spdxVersion", S("SPDX-2.3"));
	json_set_text(a, bom, "dataLicense", S("CC0-1.0"));
	json_set_text(a, bom, "SPDXID", S(DOCUMENT_ID));
	json_set_text(a, bom, "name", node_id(a, l.root));
	json_set_text(a, bom, "documentNamespace", document_namespace(a, l.root, opts));
	json_set(a, bom, S("creationInfo"), creation_info(a, opts));
	json_set(a, bom, S("documentDescribes"), describes);
	json_set(a, bom, S("packages"), packages);
	json_set(a, bom, S("relationships"), relationships(a, nodes, &l));
	*out = bom;
	return NULL;
}
