/* SPDX-License-Identifier: MIT
 * The tree model: nodes (packages in places), edges (who needs what), the inventory (npm-tree.md 6).
 *
 * A node knows where it is (parent, location) and what it is (manifest, resolved, integrity). Which node an edge leads
 * to is a function of the tree: whenever a node named X comes or goes, the edges named X (and only those; the tree
 * keeps them by name) are resolved again. Twin of arborist's node.js, edge.js, link.js and inventory.js. */
#pragma once
#include "cpm/base/map.h"
#include "cpm/base/vec.h"
#include "cpm/tree/manifest.h"
#include "cpm/tree/spec.h"

struct tree;
struct node;
struct override_set;

enum edge_type { EDGE_PROD, EDGE_DEV, EDGE_OPTIONAL, EDGE_PEER, EDGE_PEER_OPTIONAL, EDGE_WORKSPACE };
enum edge_error { EDGE_OK, EDGE_MISSING, EDGE_PEER_LOCAL, EDGE_INVALID };

struct edge {
	struct node *from, *to;		/* to: NULL when missing */
	str name;
	str raw_spec;			/* as the manifest has it; overrides may replace it: see spec */
	const struct spec *spec;	/* effective, parsed once; NULL when it cannot be parsed (invalid for ever) */
	enum edge_type type;
	enum edge_error error;
	bool peer_conflicted;		/* a conflict that was overridden on purpose */
	struct override_set *overrides;
	size_t named_at;		/* place in the tree's list of edges of this name */
};

typedef VEC(struct node *) node_vec;
typedef VEC(struct edge *) edge_vec;

struct node {
	struct tree *tree;		/* NULL while detached */
	str name;			/* folder name: may differ from the package's own */
	str location;			/* "/"-path from the root's real path; "" for the root */
	str path;			/* absolute */
	str real_path;			/* == path unless a link */
	struct node *parent;		/* node_modules child of */
	struct node *fs_parent;		/* link targets and workspaces: nearest node directory above */
	struct node *target;		/* link: what it points to; else itself */
	struct manifest *manifest;	/* never NULL; a link shows its target's */
	str resolved, integrity;	/* null when unknown */
	struct map children;		/* folded name -> struct node *; npm's order (npm-tree.md 1.4) */
	node_vec fs_children;
	node_vec links_in;
	struct map edges_out;		/* folded name -> struct edge *, in npm's order */
	edge_vec edges_in;
	struct override_set *overrides;
	struct err *load_failure;	/* set on a node that stands for a failed fetch; owned by the tree */
	unsigned depth;			/* 0 for tops, else parent's + 1 */

	bool is_link, is_root, is_workspace;
	bool in_bundle_flag;		/* the lock says inBundle */
	/* npm-tree.md 9: start true, only ever cleared. */
	bool extraneous, dev, optional, dev_optional, peer;
	bool inert;			/* in the lock, not on disk: platform or engine says no, or a failed optional */
	bool has_install_script;	/* as the lockfile records it */
	bool from_lock;			/* metadata came from a lockfile entry: recorded fields are kept */
	unsigned mark;			/* for walks: see tree_next_mark() */
	struct json *lock_entry;	/* the entry it was loaded from, or NULL */
	void *peer_source;		/* resolver's: whose peer set it belongs to */
};

struct tree {
	struct arena *arena;
	struct node *root;
	struct map inventory;		/* location -> struct node *, in order of insertion */
	struct map edges_by_name;	/* folded name -> edge_vec * */
	str path;			/* the project directory, absolute and real */
	bool is_global;
	bool legacy_peer_deps;
	unsigned mark;
	/* What was read from package-lock.json, for writing it back. */
	struct lockfile *lockfile;	/* NULL when there was none */
};

struct tree *tree_new(struct arena *a, str path);
/* Fresh value for node.mark: `if (n->mark == mark) continue; n->mark = mark;`. */
unsigned tree_next_mark(struct tree *t);

/* A detached node; give it a place with node_set_parent(), node_set_fs_parent() or node_set_root(). */
struct node *node_new(struct arena *a, str name, struct manifest *m);
struct node *node_new_link(struct arena *a, str name, str real_path);
void node_set_root(struct tree *t, struct node *n);
/* Puts @n and what hangs below it at parent/node_modules/name, evicting what was there; edges follow. */
void node_set_parent(struct node *n, struct node *parent);
void node_set_fs_parent(struct node *n, struct node *fs_parent);
/* Takes @n and what hangs below it out of its tree. */
void node_detach(struct node *n);
void node_set_target(struct node *link, struct node *target);

bool node_is_top(const struct node *n);
bool node_in_bundle(const struct node *n);	/* bundled by anyone */
bool node_in_dep_bundle(const struct node *n);	/* bundled by something other than the root */
struct node *node_bundler(const struct node *n);
struct node *node_resolve_parent(const struct node *n);	/* parent, else fs_parent */
struct node *node_child(const struct node *n, str name);
/* What require(name) from @n would find: own child, then up. NULL when none. */
struct node *node_resolve(const struct node *n, str name);
struct edge *node_edge(const struct node *n, str name);
/* Own package name ("@scope/x"); null when the manifest has none. */
str node_package_name(const struct node *n);
str node_version(const struct node *n);
bool node_is_registry_dep(const struct node *n);
/* Left out of node_modules by --omit (npm-tree.md 9). */
bool node_is_omitted(const struct node *n, bool omit_dev, bool omit_optional, bool omit_peer);
/* "name@version", as npm's messages show it. */
str node_id(struct arena *a, const struct node *n);
bool edge_is_valid(const struct edge *e);
/* @n satisfies @spec as asked by @requester (npm-tree.md 6.3). */
bool dep_is_valid(const struct node *n, const struct spec *spec, const struct node *requester);
