/* SPDX-License-Identifier: MIT
 * Scripts that nobody watches: a list of them, a few at a time, until one fails. What they print is
 * kept for whoever has to explain a failure. */
#include "cpm/runtime/host.h"

#include <signal.h>

#include "cpm/base/proc.h"
#include "cpm/runtime/crew.h"

#define FIRST_BYTES ((size_t)128 * 1024)
#define WAIT_MS     1000

/* The end of what was printed. */
struct tail {
	char *bytes;
	size_t len, room;
};

/* Doubles up to twice what is kept, and then moves the newer half to the front. */
static void tail_make_room(struct arena *a, struct tail *t)
{
	size_t want = t->room ? 2 * t->room : FIRST_BYTES;

	if (t->room < 2 * HOST_KEEP_BYTES) {
		t->bytes = arena_grow(a, t->bytes, t->room, want);
		t->room = want;
		return;
	}
	memmove(t->bytes, t->bytes + t->len - HOST_KEEP_BYTES, HOST_KEEP_BYTES);
	t->len = HOST_KEEP_BYTES;
}

/* @bytes is at most what one event has, which is less than half of the first room. */
static void tail_add(struct arena *a, struct tail *t, str bytes)
{
	if (t->room - t->len < bytes.len)
		tail_make_room(a, t);
	memcpy(t->bytes + t->len, bytes.p, bytes.len);
	t->len += bytes.len;
}

static str tail_view(const struct tail *t)
{
	return str_from(str_of(t->bytes, t->len),
			t->len > HOST_KEEP_BYTES ? t->len - HOST_KEEP_BYTES : 0);
}

/* ---- the list ---- */

struct crowd {
	struct arena *arena;
	const struct script *scripts;
	struct script_outcome *outcomes;
	struct tail *out, *err; /* of each script */
	struct crew *crew;
};

/* True when a script ended whose failure counts. */
static bool settle(struct crowd *c, const struct crew_event *e)
{
	struct script_outcome *o = &c->outcomes[e->id];

	if (e->kind != CREW_ENDED) {
		tail_add(c->arena, &(e->kind == CREW_OUT ? c->out : c->err)[e->id], e->bytes);
		return false;
	}
	*o = e->outcome;
	o->out = tail_view(&c->out[e->id]);
	o->err = tail_view(&c->err[e->id]);
	return script_failed(o) && !c->scripts[e->id].may_fail;
}

static struct err *run_all(struct crowd *c, size_t count)
{
	struct crew_event event;

	for (size_t next = 0; next < count || crew_running(c->crew) > 0;) {
		TRY(proc_check_stop());
		for (; next < count && crew_has_room(c->crew); next++)
			TRY(crew_start(c->crew, &c->scripts[next], next));
		if (crew_wait(c->crew, WAIT_MS, &event) && settle(c, &event))
			return NULL;
	}
	return NULL;
}

static void end_all(struct crowd *c)
{
	struct crew_event event;

	crew_stop(c->crew, proc_stop_signal() ? proc_stop_signal() : SIGTERM, HOST_PATIENCE_MS);
	while (crew_running(c->crew) > 0)
		if (crew_wait(c->crew, WAIT_MS, &event))
			(void)settle(c, &event);
	crew_close(c->crew);
}

struct err *host_run_many(struct arena *a, const struct script *scripts, size_t count,
			  unsigned limit, struct script_outcome *out)
{
	struct crowd c = { .arena = a, .scripts = scripts, .outcomes = out };

	memset(out, 0, count * sizeof(*out));
	c.out = ARENA_ARRAY(a, struct tail, count + 1);
	c.err = ARENA_ARRAY(a, struct tail, count + 1);
	TRY(crew_open(a, MIN(limit > 0 ? (size_t)limit : 1, count), &c.crew));
	struct err *e = run_all(&c, count);
	end_all(&c);
	return e;
}
