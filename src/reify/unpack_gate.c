/* SPDX-License-Identifier: MIT
 * The door to the workers. The few giants of a project (a browser's data, an editor) take much
 * memory even packed, and more than all other packages at once where they have to be inflated as a
 * whole; one of them at a time is let through, while the small ones pass by. While the tree is being resolved none is:
 * packuments fill the memory then. */
#include "reify_priv.h"

#include "cpm/base/gunzip.h"

#define GIANT_BYTES ((uint64_t)6 << 20) /* inflated */

void unpack_send(struct run *r, struct shipment *s)
{
	if (gunzip_guess(str_of(s->bytes, s->len)) >= GIANT_BYTES) {
		if (r->gate->is_shut) {
			VEC_PUSH(r->arena, &r->gate->giants, s);
			return;
		}
		r->gate->is_shut = s->is_giant = true;
	}
	pool_send(r->opts->pool, unpack_job, s);
}

void unpack_open_gate(struct run *r)
{
	r->gate->is_shut = false;
	if (r->gate->giants.len) {
		struct shipment *next = r->gate->giants.items[0];

		VEC_REMOVE_AT(&r->gate->giants, 0);
		unpack_send(r, next);
	}
}

void unpack_returned(struct run *r, struct shipment *s)
{
	if (!s->is_giant)
		return;
	s->is_giant = false;
	unpack_open_gate(r);
}
