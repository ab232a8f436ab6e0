/* SPDX-License-Identifier: MIT
 * The door to the workers. The few giants of a project (a browser's data, an editor) take much
 * memory even packed, and more than all other packages at once where they have to be inflated as a
 * whole: a few of them at a time are let through, while the small ones pass by. As many as it takes
 * to keep the workers busy to the very end, since they are what is left over then. While the tree is
 * being resolved none is: packuments fill the memory then. */
#include "reify_priv.h"

#include "cpm/base/gunzip.h"

#define GIANT_BYTES    ((uint64_t)6 << 20) /* inflated */
#define GIANTS_AT_ONCE 2

static void let_through(struct run *r, struct shipment *s)
{
	r->gate->ninside++;
	s->is_giant = true;
	pool_send(r->opts->pool, unpack_job, s);
}

static bool may_pass(const struct unpack_gate *g)
{
	return !g->is_shut && g->ninside < GIANTS_AT_ONCE;
}

void unpack_send(struct run *r, struct shipment *s)
{
	if (gunzip_guess(str_of(s->bytes, s->len)) < GIANT_BYTES)
		pool_send(r->opts->pool, unpack_job, s);
	else if (may_pass(r->gate))
		let_through(r, s);
	else
		VEC_PUSH(r->arena, &r->gate->giants, s);
}

static void let_more_through(struct run *r)
{
	struct unpack_gate *g = r->gate;

	while (g->giants.len && may_pass(g)) {
		struct shipment *next = g->giants.items[0];

		VEC_REMOVE_AT(&g->giants, 0);
		let_through(r, next);
	}
}

void unpack_open_gate(struct run *r)
{
	r->gate->is_shut = false;
	let_more_through(r);
}

void unpack_returned(struct run *r, struct shipment *s)
{
	if (!s->is_giant)
		return;
	s->is_giant = false;
	r->gate->ninside--;
	let_more_through(r);
}
