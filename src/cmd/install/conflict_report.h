/* SPDX-License-Identifier: MIT
 * What cpm adds to npm's report of a peer conflict: its core in plain words, and ways out that were tried. */
#pragma once
#include "install_stages.h"
#include "cpm/tree/way_out.h"

/* Of a run that ended in a conflict; kept in its cmd_ctx. */
struct conflict_notes {
	struct conflict conflict;
	struct way_out ways[WAYS_OUT_MAX];
	size_t nways;
};

/* ---- ways_out.c ---- */

struct way_out_trial {
	struct way_out_port port;
	const struct install *in;
};

struct err *way_out_try(struct way_out_port *port, const struct way_out *way) MUST_CHECK;
/* Puts what an OVERRIDE says into an `overrides` object. Returns @overrides. */
struct json *way_out_overrides(struct arena *a, struct json *overrides, const struct way_out *way);
