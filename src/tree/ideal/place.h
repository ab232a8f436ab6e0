/* SPDX-License-Identifier: MIT
 * Where a package goes (npm-tree.md 8.7, 8.8): can_place.c answers whether a place will do, without touching anything;
 * place_dep.c walks up from the deepest possible place, picks one and changes the tree; place_prune.c clears away what
 * became superfluous. Twins of arborist's can-place-dep.js, place-dep.js and deepest-nesting-target.js. */
#pragma once
#include "cpm/tree/ideal.h"
#include "cpm/tree/node.h"

enum place_verdict { PLACE_UNDECIDED, PLACE_OK, PLACE_KEEP, PLACE_REPLACE, PLACE_CONFLICT };

/* One question: may @dep stand in @target's node_modules to satisfy @edge? */
struct can_place {
	struct node *dep, *target;
	struct edge *edge;
	struct can_place *parent;	/* of a peer: the question about whoever brings it */
	const struct can_place *path;	/* chain of questions whose answer depends on this one */
	struct audit *audit;		/* what is to be got rid of; or NULL */
	bool prefer_dedupe, is_explicit;

	struct node *current;		/* what is there under that name */
	enum place_verdict verdict;	/* with all its peers */
	enum place_verdict self;	/* leaving its peers aside */
	enum place_verdict peers;	/* remembered answer about them */
	VEC(struct can_place *) children;
};

/* @q has its upper part filled in; the lower part is the answer. Lives in @a. Cost: the peer group, in the worst case
 * its simple paths. @work counts questions. */
void can_place_ask(struct arena *a, struct can_place *q, size_t *work);
/* The deepest node whose node_modules may hold @name on behalf of @start: above everything that has it as a peer. */
struct node *deepest_nesting_target(struct node *start, str name);

/* What all placements of one run share. */
struct placer {
	struct arena *arena;		/* questions and placements of the current step live here */
	struct tree *tree;
	const struct ideal_opts *opts;
	struct ideal_work *work;
	struct {
		struct node *target;
		uint64_t generation;
		bool is_explicit;
	} clean;			/* last deep search for duplicates that found none */
};

/* One package put (or found) somewhere, and the peers placed along with it. */
struct placement {
	struct placer *placer;
	struct placement *parent, *top;
	struct edge *edge;
	struct node *dep;		/* in its virtual root */
	bool is_explicit;
	unsigned depth;			/* peers of peers of ... */

	struct can_place *can_place, *can_place_self;
	struct node *current;		/* where the edge led before */
	struct node *placed;		/* NULL: nothing had to be */
	struct node *old;
	node_vec need_evaluation;	/* lost something and have to be looked at again */
	VEC(struct placement *) children;
};

/* Peers of peers may be followed this deep; groups that need more never end. */
#define PEER_DEPTH_MAX 1000

/* Errors: E_RESOLVE. @edge is what the placement is for. */
MUST_CHECK_ERR placement_run(struct placer *p, struct placement *parent, struct edge *edge, struct node *dep,
			     bool is_explicit, struct placement **out);

/* place_prune.c */
/* Puts the placed node where the old one is, takes away what only the old one needed, and peer groups that the new one
 * breaks but that can live deeper. */
void placement_replace_old(struct placement *p);
/* Removes @n if nobody needs this copy of it; with @descend looks at all below it otherwise. */
void placement_prune(struct placement *p, struct node *n, bool descend);

/* place_conflict.c */
/* Overrides the peer dependency @edge, and says so. */
void placement_warn_conflict(struct placement *p, struct edge *edge, struct node *dep);
MUST_CHECK_ERR placement_conflict(struct placement *p);
/* The root or a workspace is who asked for this. */
bool placement_is_mine(struct placement *p);
/* E_RESOLVE of two peers that cannot live in one group. @current_edge may be NULL. */
MUST_CHECK_ERR peer_conflict(struct tree *t, struct edge *edge, struct edge *current_edge, const struct ideal_opts *o);
