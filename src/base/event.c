/* SPDX-License-Identifier: MIT
 * One subscriber is all a program with one terminal needs; without one, events cost a branch. */
#include "cpm/base/event.h"

static event_fn subscriber;
static void *subscriber_ctx;

void event_subscribe(event_fn fn, void *ctx)
{
	subscriber = fn;
	subscriber_ctx = ctx;
}

void event_emit(const struct event *e)
{
	if (subscriber)
		subscriber(subscriber_ctx, e);
}
