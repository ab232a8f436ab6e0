/* SPDX-License-Identifier: MIT
 * The resolver's parts and what they share. One run is one struct ideal; nothing of it outlives ideal_build(). */
#pragma once
#include "cpm/tree/ideal.h"
#include "cpm/tree/package_extensions.h"
#include "place.h"

/* Nodes whose edges are to be looked at, shallowest first, then by path. See ideal_queue.c. */
struct ideal_queue {
	struct arena *arena;
	VEC(struct queued) heap;
	size_t pushes;
};

struct queued {
	struct node *node;
	unsigned depth;
	str path;
	size_t seq;
};

void ideal_queue_push(struct ideal_queue *q, struct node *n);
struct node *ideal_queue_pop(struct ideal_queue *q);	/* NULL when empty */

/* Asks for packuments long before the resolver needs them. See prefetch.c. */
struct prefetch {
	struct ideal *ideal;
	struct map wanted;		/* package name -> struct prefetch_name * */
	VEC(struct prefetch_name *) ready; /* arrived, with specs that were not looked at yet */
};

struct ideal {
	struct arena *arena;
	struct tree *tree;
	const struct ideal_opts *opts;
	struct ideal_work work;
	struct ideal_queue queue;
	struct prefetch prefetch;
	struct placer placer;
	struct map manifests;		/* "name@raw spec" -> struct manifest *: what the spec was resolved to */
	struct map parsed;		/* "name@version" -> struct manifest * */
	struct map update_names;
	struct package_extensions *extensions; /* NULL: the project has none */
	node_vec links;			/* noted on the way, their targets are built when the queue is empty */
	VEC(struct err *) errors;	/* of all nodes that stand for a failure, placed or not */
	node_vec failures;		/* placed nodes whose package could not be had, in order */
	unsigned request;		/* number of the current top-level request, for node.required_by */
	unsigned peer_depth;
	bool requested;			/* add, rm or update was asked for */
	bool mutated;			/* the tree was changed */
};

/* ideal_step.c */
MUST_CHECK_ERR ideal_build_deps(struct ideal *b);
void ideal_note_link(struct ideal *b, struct node *link);

/* ideal_peers.c: a node for an edge, with its peer group, in a virtual root */
struct node *ideal_virtual_root(struct ideal *b, struct node *source, bool reuse);
/* @vr: where it goes, or NULL for a new virtual root of edge->from. @second may be NULL. */
MUST_CHECK_ERR ideal_node_from_edge(struct ideal *b, struct edge *edge, struct node *vr, struct edge *second,
				    struct node **out);

/* ideal_fetch.c */
/* A node for @spec as a child of @vr. What cannot be had becomes a node with a load_failure; an error is returned only
 * for what ends the run whoever asked. */
MUST_CHECK_ERR ideal_node_from_spec(struct ideal *b, const struct spec *spec, struct node *vr, struct edge *edge,
				    struct node **out);
/* The manifest of a registry spec; the same text gives the same answer all through the run. */
MUST_CHECK_ERR ideal_fetch_manifest(struct ideal *b, const struct spec *spec, struct manifest **out);
/* The manifest of a version of a packument that was fetched for @spec. */
MUST_CHECK_ERR ideal_pick_manifest(struct ideal *b, const struct packument *p, const struct spec *spec,
				   struct manifest **out);

/* The allow-* settings (npm-tree.md 17.2). @by_project: the project itself or a member of it asks. */
MUST_CHECK_ERR ideal_check_allowed(struct ideal *b, const struct spec *spec, bool by_project);

/* ideal_package.c */
/* The manifest of a spec that no registry answers for; its `tarball` is what the node's resolved will be. */
MUST_CHECK_ERR ideal_package_manifest(struct ideal *b, const struct spec *spec, bool is_own,
				      struct manifest **out);
/* Packages that came inside @n, read out of its tarball, for a tree that is never unpacked. */
MUST_CHECK_ERR ideal_open_bundle(struct ideal *b, struct node *n);

/* prefetch.c */
/* Announces what a manifest depends on; for a project's own also what developing it takes. */
void prefetch_manifest(struct prefetch *f, const struct manifest *m, bool is_own);
/* Announces one dependency. @spec is remembered: when its packument comes, what it picks is announced as well. */
void prefetch_spec(struct prefetch *f, str name, str spec);
/* Blocks until @name is there, and makes use of whatever else arrives meanwhile. */
MUST_CHECK_ERR prefetch_get(struct prefetch *f, str name, const struct packument **out);

/* ideal_request.c */
MUST_CHECK_ERR ideal_apply_requests(struct ideal *b);
/* @spec goes into the manifest of @owner, whose edges stay as they are for now. */
MUST_CHECK_ERR ideal_add_request(struct ideal *b, struct node *owner, struct spec *spec);

/* ideal_audit.c */
/* Whoever depends on something vulnerable is looked at again; with --force, what holds it in place gets another spec. */
MUST_CHECK_ERR ideal_request_fixes(struct ideal *b);
/* @n may be NULL. False when nothing is to be fixed. */
bool ideal_is_vulnerable(struct ideal *b, struct node *n);

/* ideal_inflate.c */
/* Lockfiles older than version 2 know little about their packages: asks the registry for the rest. */
MUST_CHECK_ERR ideal_inflate(struct ideal *b);

/* ideal_extensions.c */
/* The rules of the project; what the lockfile has by other rules is built anew. */
MUST_CHECK_ERR ideal_load_extensions(struct ideal *b);
/* Says where rules do nothing: in members, and for them. */
void ideal_warn_of_extensions(const struct ideal *b);

/* patched_deps.c */
/* patchedDependencies of the project: finds out which package gets which patch. */
MUST_CHECK_ERR ideal_find_patches(struct ideal *b);

/* ideal_check.c */
/* Engines and platforms: warnings, errors, and optional packages that do not run here become inert. */
MUST_CHECK_ERR ideal_check_platforms(struct ideal *b);

/* ideal_yarn.c */
/* @spec as a yarn.lock pins it, and the @integrity that must then hold; null: any. */
MUST_CHECK_ERR ideal_pin(struct ideal *b, const struct spec **spec, str *integrity);
MUST_CHECK_ERR ideal_check_pin(const struct spec *spec, const struct manifest *m, str integrity);
