/* SPDX-License-Identifier: MIT
 * The order in which nodes are looked at decides what gets the shallow places, so it must be npm's:
 * by depth, then by path in collation order. npm sorts its list again after each push; a heap gives
 * the same order, because a node's depth and path do not change while it is in the tree, and one
 * that left the tree is skipped whenever it comes up. */
#include "ideal_priv.h"

static bool comes_first(const struct queued *a, const struct queued *b)
{
	int order;

	if (a->depth != b->depth)
		return a->depth < b->depth;
	order = str_collate(a->path, b->path);
	return order ? order < 0 : a->seq < b->seq;
}

static void swap(struct queued *a, struct queued *b)
{
	struct queued t = *a;

	*a = *b;
	*b = t;
}

void ideal_queue_push(struct ideal_queue *q, struct node *n)
{
	size_t i = q->heap.len;

	if (n->is_queued)
		return;
	n->is_queued = true;
	VEC_PUSH(q->arena, &q->heap, (struct queued){ n, n->depth, n->path, q->pushes++ });
	for (size_t up; i > 0 && comes_first(&q->heap.items[i], &q->heap.items[up = (i - 1) / 2]);
	     i = up)
		swap(&q->heap.items[i], &q->heap.items[up]);
}

struct node *ideal_queue_pop(struct ideal_queue *q)
{
	struct node *n;
	size_t i = 0, len;

	if (!q->heap.len)
		return NULL;
	n = q->heap.items[0].node;
	n->is_queued = false;
	q->heap.items[0] = VEC_LAST(&q->heap);
	len = --q->heap.len;
	for (;;) {
		size_t kid = 2 * i + 1;

		if (kid >= len)
			return n;
		if (kid + 1 < len && comes_first(&q->heap.items[kid + 1], &q->heap.items[kid]))
			kid++;
		if (!comes_first(&q->heap.items[kid], &q->heap.items[i]))
			return n;
		swap(&q->heap.items[i], &q->heap.items[kid]);
		i = kid;
	}
}
