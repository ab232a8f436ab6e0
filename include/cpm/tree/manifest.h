/* SPDX-License-Identifier: MIT
 * package.json as a typed value, normalised as npm does before it builds trees (npm-tree.md 5). The same type serves
 * project files, registry manifests and lockfile entries. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/base/vec.h"

struct dep {
	str name, spec;
};

struct dep_list {
	struct dep *items;
	size_t count;
	bool is_present;	/* the field exists, even when empty */
};

struct bin {
	str name, target;	/* command; file inside the package, normalised: no escape is possible */
};

struct manifest {
	str name, version;	/* null when absent */
	struct dep_list deps, dev_deps, optional_deps, peer_deps; /* in JavaScript's key order */
	str *optional_peers;	/* names in peerDependenciesMeta with optional: true */
	size_t noptional_peers;
	str *bundled;		/* normalised bundleDependencies */
	size_t nbundled;
	bool has_bundled;	/* the normalised field exists (even empty) */
	struct bin *bins;
	size_t nbins;
	/* Scripts that installing cares about; null when absent. */
	str preinstall, install, postinstall, prepare;
	bool has_install_script; /* the lock's or registry's own flag */
	bool gypfile_false;
	/* Kept as they are, for the lockfile and for checks; NULL when absent. */
	struct json *engines, *dev_engines, *os, *cpu, *libc, *license, *funding, *deprecated, *accept_deps, *peer_meta,
		*workspaces, *overrides;
	/* From `dist` of a registry manifest; null elsewhere. */
	str tarball, integrity;
	uint64_t unpacked_bytes; /* 0: not said */
	struct json *json;	/* the whole document; project files only, else NULL */
};

/* @json: a package.json document, a version's manifest or a lockfile entry; anything but an object counts as {}.
 * @from_disk: underscore keys are dropped. Wrong types are treated as npm treats them (T13); a dependency whose spec is
 * no string is E_GENERIC naming it. Lives in @a and borrows from @json. */
MUST_CHECK_ERR manifest_from_json(struct arena *a, struct json *json, bool from_disk, struct manifest **out);
/* The manifest span of a packument version, parsed. */
MUST_CHECK_ERR manifest_from_text(struct arena *a, str json_text, struct manifest **out);
/* @dir/package.json: E_NO_ENTRY when there is none, E_JSON_PARSE with npm's text when it is malformed. Limit 16 MiB.
 * @style may be NULL. */
MUST_CHECK_ERR manifest_read(struct arena *a, int dirfd, const char *dir, struct manifest **out, struct json_style *style);

str manifest_dep_spec(const struct dep_list *list, str name);	/* null when absent */
bool manifest_is_optional_peer(const struct manifest *m, str name);
bool manifest_is_bundled(const struct manifest *m, str name);
/* hasInstallScript as the lockfile records it. */
bool manifest_runs_install_script(const struct manifest *m);
