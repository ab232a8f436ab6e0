/* SPDX-License-Identifier: MIT
 * Ways out of a peer conflict: small changes to what is asked for, each tried before it is told. */
#pragma once
#include "cpm/registry/source.h"
#include "cpm/tree/conflict.h"
#include "cpm/tree/pick.h"

enum way_out_kind { WAY_VERSION, WAY_OVERRIDE, WAY_LEGACY_PEER_DEPS };

struct way_out {
	enum way_out_kind kind;
	str name;	/* VERSION: a dependency of the project; OVERRIDE: whose wish is overridden */
	str version;	/* VERSION: the one to use */
	str inner, value; /* OVERRIDE: { name: { inner: value } } */
};

/* Resolves the project again with one change. NULL: that worked. */
struct way_out_port {
	struct err *(*try)(struct way_out_port *port, const struct way_out *way);
};

#define WAYS_OUT_MAX 3

/**
 * ways_out_find - a version, an override and an option that resolve @c, as far as there are any.
 * @root: the project's manifest
 * @out:  WAYS_OUT_MAX of them; returns how many there are. Lives in c->arena
 *
 * Cost: at most ten trials. Versions come newest first, and those that contradict the conflict by what their own
 * manifest says are not tried.
 */
size_t ways_out_find(const struct conflict *c, const struct manifest *root, struct source *s,
		     const struct pick_opts *pick, struct way_out_port *port, struct way_out *out);
