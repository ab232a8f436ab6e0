/* SPDX-License-Identifier: MIT
 * Events reach the one subscriber, or nobody. */
#include "cpm/base/event.h"

#include "check.h"

static void count_bytes(void *ctx, const struct event *e)
{
	if (e->kind == EVENT_BYTES)
		*(uint64_t *)ctx += e->bytes;
}

TEST(events_reach_the_last_subscriber)
{
	uint64_t first = 0, second = 0;

	event_emit(&(struct event){ .kind = EVENT_BYTES, .bytes = 1 });
	event_subscribe(count_bytes, &first);
	event_emit(&(struct event){ .kind = EVENT_BYTES, .bytes = 2 });
	event_emit(&(struct event){ .kind = EVENT_STAGE, .stage = STAGE_DONE });
	event_subscribe(count_bytes, &second);
	event_emit(&(struct event){ .kind = EVENT_BYTES, .bytes = 4 });
	event_subscribe(NULL, NULL);
	event_emit(&(struct event){ .kind = EVENT_BYTES, .bytes = 8 });
	CHECK_EQ(first, 2);
	CHECK_EQ(second, 4);
}

UNIT_TESTS(TESTED(events_reach_the_last_subscriber))
