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
enum edge_error { EDGE_UNCHECKED, EDGE_OK, EDGE_MISSING, EDGE_PEER_LOCAL, EDGE_INVALID };

struct edge {
	struct node *from, *to;		/* to: NULL when missing */
	str name;
	str raw_spec;			/* as the manifest has it; overrides may replace it: see edge_spec_text() */
	str accept;			/* acceptDependencies has another spec that will do; else null */
	enum edge_type type;
	enum edge_error checked;	/* remembered answer of edge_error(); UNCHECKED after any change */
	bool peer_conflicted;		/* a conflict that was overridden on purpose */
	bool is_explicit;		/* asked for on the command line */
	bool is_explained;		/* as it is now: cleared when it is resolved again */
	struct override_set *overrides;
	const struct spec *spec, *own_spec; /* effective and raw spec of registry kind, parsed once; NULL until then */
	size_t named_at;		/* place in the tree's list of edges of this name */
};

typedef VEC(struct node *) node_vec;
typedef VEC(struct edge *) edge_vec;

struct node {
	struct tree *tree;		/* NULL while detached */
	str name;			/* folder name: may differ from the package's own */
	str location;			/* "/"-path from the root's real path; "" for the root */
	str path;			/* absolute; null in virtual roots */
	str real_path;			/* == path unless a link */
	struct node *parent;		/* node_modules child of */
	struct node *fs_parent;		/* link targets and workspaces: nearest node directory above */
	struct node *target;		/* link: what it points to (NULL: not known yet); else itself */
	struct manifest *manifest;	/* never NULL; a link shows its target's */
	bool is_inflated;		/* the lockfile was old, the manifest is the registry's: and its integrity is locked */
	str resolved, integrity;	/* null when unknown; a link has none: see node_link_resolved() */
	struct map children;		/* folded name -> struct node *; npm's order (npm-tree.md 1.4) */
	node_vec fs_children;
	node_vec links_in;
	struct map edges_out;		/* folded name -> struct edge *, in npm's order */
	edge_vec edges_in;
	struct override_set *overrides;
	struct err *load_failure;	/* stands for a failed fetch; only while the ideal tree is being built */
	unsigned depth;			/* 0 for tops, else parent's + 1 */

	bool is_link, is_root;
	bool in_bundle_flag;		/* the lock says inBundle */
	/* npm-tree.md 9: start true, only ever cleared. */
	bool extraneous, dev, optional, dev_optional, peer;
	bool inert;			/* in the lock, not on disk: platform or engine says no, or a failed optional */
	bool has_install_script;	/* as the lockfile records it */
	bool from_lock;			/* metadata came from a lockfile entry: recorded fields are kept */
	bool has_edges;			/* edges_out is filled */
	bool is_shared;			/* an entry of a linked layout's store that projects may share */
	unsigned mark;			/* for walks: see tree_next_mark() */
	unsigned set_mark, bundle_mark;	/* the same for dep sets and bundlers, which nest in other walks */
	size_t order;			/* grows with each placement: order among siblings and in the inventory */
	struct json *extended_by;	/* the packageExtensions its manifest was repaired by, as lockfiles record it; or NULL */
	struct json *patched;		/* { integrity, path } of the patch that goes onto its files; or NULL */
	bool patch_removed;		/* its files are patched, and should not be any more */
	const struct manifest *locked;	/* as its lockfile entry has it; NULL when it has none */
	const struct semver *semver;	/* parsed version, once asked for */
	bool semver_bad;

	/* The resolver's (src/tree/ideal/). */
	struct node *stands_for;	/* in a virtual root or a linked layout: the real node this one copies */
	struct node *virtual_root;	/* newest virtual root made for this node */
	struct node *peer_source;	/* whose peer set it belongs to */
	bool is_seen, is_queued, is_failed, is_link_noted;
	bool has_link_children;		/* ever had one */
	unsigned required_by;		/* number of the request that cannot do without it */
};

struct workspace {
	str name, path;			/* path: absolute and real */
};

/* A package asked for on the command line, and whose manifest it goes into. */
struct tree_request {
	struct node *owner;
	str name;
	const struct spec *spec;
};

struct tree {
	struct arena *arena;
	struct node *root;
	struct map inventory;		/* location -> struct node *, in order of insertion */
	struct map edges_by_name;	/* folded name -> edge_vec * */
	struct map nodes_by_name;	/* name -> node_vec *, in order of insertion */
	node_vec tops;			/* nodes without a parent, the root included */
	str path;			/* the project directory, absolute and real */
	bool is_global;
	bool legacy_peer_deps;
	bool install_links;
	bool is_virtual;		/* a virtual root's: no inventory, edges by name looked up in what it stands for */
	bool is_isolated;		/* a linked layout: see isolated.h */
	unsigned mark;
	size_t order;
	uint64_t generation;		/* counts every change of shape */
	size_t nmoves, nreloads;	/* work done, for tests: nodes placed or removed, edges resolved again */
	VEC(struct workspace) workspaces; /* in map order; set before the root gets its edges */
	/* For saving package.json: what was asked for, and whose manifests that edited. */
	VEC(struct tree_request) requests;
	node_vec edited;
	struct map *specs;		/* "name@raw" -> struct spec *: registry specs, parsed once per run */
	/* What was read from package-lock.json, for writing it back. */
	struct lockfile *lockfile;	/* NULL when there was none */
	str extensions_hash;		/* of the packageExtensions the tree was built with; null: none */
	struct explainer *explained;	/* why things were there when conflicts were told; NULL: none was */
};

/* ---- trees ---- */

struct tree *tree_new(struct arena *a, str path);
/* Fresh value for node.mark: `if (n->mark == mark) continue; n->mark = mark;`. */
unsigned tree_next_mark(struct tree *t);
bool tree_has_workspace(const struct tree *t, str name);
/* The node at @location, or NULL. */
struct node *tree_at(const struct tree *t, str location);
/* All nodes of one folder name, in order of insertion; NULL when there is none. */
const node_vec *tree_named(const struct tree *t, str name);

/* Folder names that occur more than once: what `dedupe` updates. */
const str *tree_duplicate_names(struct arena *a, const struct tree *t, size_t *count);

/* ---- nodes and their places ---- */

/* A detached node; give it a place with node_set_parent(), node_place() or node_set_root(). All text is borrowed. */
struct node *node_new(struct arena *a, str name, struct manifest *m);
struct node *node_new_link(struct arena *a, str name, str real_path);
/* Makes @n the root: workspaces must be known by now, its edges are made from its manifest. */
void node_set_root(struct tree *t, struct node *n);
/* Puts @n and what hangs below it at parent/node_modules/name, evicting what was there; edges follow. The first time
 * it gets its edges from its manifest. A link finds its target in the tree by real path, or brings it along. */
void node_set_parent(struct node *n, struct node *parent);
/* Puts @n at an absolute path: below node_modules it gets a parent, elsewhere an fs_parent (nearest node above). Nodes
 * that were placed earlier and lie below it become its children. */
void node_place(struct tree *t, struct node *n, str path);
/* Takes @n and what hangs below it out of its tree. */
void node_detach(struct node *n);
/* @link, placed or not, leads to @target; neither moves. */
void node_set_target(struct node *link, struct node *target);
/* Puts @n, not placed yet, where @old is; takes over its children. */
void node_replace(struct node *n, struct node *old);
/* Makes the edges of @n from its manifest, once; placing it does so as well. Dev edges only for tops. */
void node_load_edges(struct tree *t, struct node *n);
/* Throws the edges away and makes them again, after a change of the manifest. */
void node_reload_edges(struct tree *t, struct node *n);

/* ---- questions about nodes ---- */

bool node_is_top(const struct node *n);
bool node_is_workspace(const struct node *n);
/* Where linked layouts keep their packages. */
#define NODE_STORE "node_modules/.store"
/* A folder of the store of linked layouts, which holds a package but is none: see isolated.h. */
bool node_is_store_entry(const struct node *n);
/* Some of @t is a linked layout. */
bool tree_has_store(const struct tree *t);
bool node_in_bundle(struct node *n);		/* bundled by anyone */
bool node_in_dep_bundle(struct node *n);	/* bundled by something other than the root */
struct node *node_bundler(struct node *n);
struct node *node_resolve_parent(const struct node *n);	/* parent, else fs_parent */
struct node *node_top(struct node *n);			/* highest parent */
bool node_is_descendant(const struct node *n, const struct node *of); /* also of itself */
struct node *node_child(const struct node *n, str name);
/* What require(name) from @n would find: own child, then up. NULL when none. */
struct node *node_resolve(const struct node *n, str name);
struct edge *node_edge(const struct node *n, str name);
/* Own package name ("@scope/x"); null when the manifest has none. */
str node_package_name(const struct node *n);
str node_version(const struct node *n);			/* "" when there is none */
const struct semver *node_semver(struct node *n);	/* loose; NULL when there is no version, or a bad one */
bool node_is_registry_dep(const struct node *n);
/* Some edge into @n has its version from an override. */
bool node_is_overridden(const struct node *n);
/* Left out of node_modules by --omit (npm-tree.md 9). */
bool node_is_omitted(struct node *n, bool omit_dev, bool omit_optional, bool omit_peer);
/* "name@version", as npm's messages show it: aliases as "x@npm:real@1.0.0". */
str node_id(struct arena *a, const struct node *n);
/* A link's `resolved`: "file:" and the way from the link's directory to its target. */
str node_link_resolved(struct arena *a, const struct node *link);
/* The same thing in another place (npm-tree.md 6.4). */
bool node_matches(const struct node *a, const struct node *b);
/* Orders nodes as a walk of the tree meets them: parents first, siblings in order. */
int node_walk_compare(const struct node *a, const struct node *b);

/* ---- edges ---- */

/* Why the edge is not satisfied; EDGE_OK when it is. A missing optional dependency is fine. */
enum edge_error edge_error(struct edge *e);
static inline bool edge_is_valid(const struct edge *e)
{
	return edge_error((struct edge *)e) == EDGE_OK;
}
static inline bool edge_is_peer(const struct edge *e)
{
	return e->type == EDGE_PEER || e->type == EDGE_PEER_OPTIONAL;
}
static inline bool edge_is_optional(const struct edge *e)
{
	return e->type == EDGE_OPTIONAL || e->type == EDGE_PEER_OPTIONAL;
}
/* The spec that counts: raw_spec, or what an override says instead. */
str edge_spec_text(const struct edge *e);
/* The same, parsed. @out is NULL after an error; specs of registry kind are parsed once per run. */
MUST_CHECK_ERR edge_parse_spec(struct edge *e, const struct spec **out);
/* @n would do for this edge. */
bool edge_is_satisfied_by(const struct edge *e, struct node *n);
/* @n satisfies @spec as asked by @requester (npm-tree.md 6.3). */
bool dep_is_valid(struct node *n, const struct spec *spec, const struct node *requester);
