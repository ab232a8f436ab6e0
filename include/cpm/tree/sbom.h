/* SPDX-License-Identifier: MIT
 * Bills of materials: the packages of a tree as CycloneDX 1.5 or SPDX 2.3 documents, for those who must know what a
 * program is made of (npm-cli.md 6.8). Pure: what changes from run to run is passed in. */
#pragma once
#include "cpm/config/policy.h"
#include "cpm/tree/package_doc.h"

struct sbom_opts {
	struct package_docs *docs;
	str type;		/* what the project is: "library", "application", "framework" */
	bool is_lock_only;	/* told from the lockfile, before anything is installed */
	str tool_version;	/* of the npm whose documents these are */
	str timestamp;		/* ISO 8601 with milliseconds */
	str uuid;
};

/* What keeps @nodes from being listed: a dependency that is not there, or is one that does not satisfy. Each text
 * once, lines separated; empty when all is well. */
str sbom_problems(struct arena *a, const node_vec *nodes);

/**
 * sbom_cyclonedx, sbom_spdx - @nodes as a document.
 * @nodes: the root, packages and links, by location
 *
 * Packages of one name and version are one component, that of the first place. Links give way to what they lead to.
 * Errors: E_GENERIC (EINVALIDPURLTYPE) for a package without a proper version, E_GENERIC for a project without a name
 * in SPDX.
 * Cost: O(packages + edges), and a package.json each when they were loaded from disk.
 * Source: npm's sbom-cyclonedx.js and sbom-spdx.js.
 */
MUST_CHECK_ERR sbom_cyclonedx(struct arena *a, const node_vec *nodes, const struct sbom_opts *opts,
			      struct json **out);
MUST_CHECK_ERR sbom_spdx(struct arena *a, const node_vec *nodes, const struct sbom_opts *opts, struct json **out);

/**
 * sbom_vulnerabilities - the member "vulnerabilities" of a CycloneDX document: what is known against its components, and what the
 * project says to that (a VEX).
 * @nodes:      as for the document
 * @advisories: {"name":[{"id","url","title","severity","vulnerable_versions","cwe","cvss"}]}, as a registry answers
 * @policy:     or NULL
 *
 * By identifier. An advisory stands there once for all components about which the same is said. Nobody has analysed what no
 * exception names: it has no "analysis". An exception that claims nothing is a decision for a while, not a proof: "in_triage"; so
 * is one that has expired. A component is excepted when all its places are. Lives in @a.
 * Cost: O(advisories * components of their packages). Source: CycloneDX 1.5, vulnerabilities.
 */
struct json *sbom_vulnerabilities(struct arena *a, const node_vec *nodes, const struct json *advisories, const struct policy *policy);
