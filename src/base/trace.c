/* SPDX-License-Identifier: MIT
 * The recorder. A span becomes one event when it ends, in a block that only its own thread writes
 * to:
 *
 *	trace ─► lane of the main thread ─► block ─► block
 *	      └► lane of a worker        ─► block
 *
 * A thread meets its lane through a thread-local pointer, and hangs a new lane into the list with
 * one atomic exchange; that, and the count of blocks, is all that threads share. Who reads does so
 * when the workers are done, so that nothing needs to be ordered beyond what the pool's lock does.
 */
#include "cpm/base/trace.h"

#include "cpm/base/log.h"

#include <stdatomic.h>
#include <time.h>

#define BLOCK_EVENTS 512
#define BLOCKS_MAX   1024 /* half a million spans, 32 MiB */
#define SUBJECT_MAX  ((size_t)256)
#define REQUESTS_MAX ((size_t)100000)

struct block {
	struct block *next;
	size_t count;
	struct trace_event events[BLOCK_EVENTS];
};

struct lane {
	struct lane *next;
	struct arena arena;
	struct block *first, *last;
	unsigned number;
	int64_t cpu_ns;
	size_t dropped;
};

struct trace {
	_Atomic(struct lane *) lanes;
	atomic_uint nlanes, nblocks;
	unsigned generation;

	struct arena arena; /* of the main thread's own, as is what follows */
	int64_t started_ns, ended_ns;
	VEC(struct trace_event) beside;
	VEC(struct trace_request) requests;
	uint64_t counts[TRACE_COUNTER_COUNT];
	size_t dropped;
};

struct trace *trace_current;

/* A thread may outlive a recording: its lane then is nobody's. */
static _Thread_local struct lane *own_lane;
static _Thread_local unsigned own_generation;

static int64_t read_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t trace_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* ---- recording ---- */

static struct lane *lane_of_thread(struct trace *t)
{
	struct lane *l = own_lane;

	if (l && own_generation == t->generation)
		return l;
	l = calloc(1, sizeof(*l));
	if (!l)
		out_of_memory();
	l->number = atomic_fetch_add(&t->nlanes, 1);
	l->next = atomic_load(&t->lanes);
	while (!atomic_compare_exchange_weak(&t->lanes, &l->next, l))
		;
	own_lane = l;
	own_generation = t->generation;
	return l;
}

/* Room for one more event; NULL when there is none. */
static struct trace_event *lane_room(struct trace *t, struct lane *l)
{
	struct block *b = l->last;

	if (b && b->count < BLOCK_EVENTS)
		return &b->events[b->count++];
	if (atomic_fetch_add(&t->nblocks, 1) >= BLOCKS_MAX) {
		atomic_fetch_sub(&t->nblocks, 1);
		l->dropped++;
		return NULL;
	}
	b = ARENA_NEW(&l->arena, struct block);
	*(l->last ? &l->last->next : &l->first) = b;
	l->last = b;
	b->count = 1;
	return b->events;
}

static str subject_text(struct arena *a, str name, str version)
{
	char *text;

	if (str_is_empty(name))
		return STR_NULL;
	name.len = MIN(name.len, SUBJECT_MAX);
	version.len = MIN(version.len, SUBJECT_MAX);
	if (str_is_empty(version))
		return str_dup(a, name);
	text = arena_alloc_raw(a, name.len + 1 + version.len);
	memcpy(text, name.p, name.len);
	text[name.len] = '@';
	memcpy(text + name.len + 1, version.p, version.len);
	return str_of(text, name.len + 1 + version.len);
}

void trace_record(const struct trace_span *s)
{
	struct trace *t = trace_current;
	struct trace_event *e;
	struct lane *l;

	if (!t)
		return;
	l = lane_of_thread(t);
	e = lane_room(t, l);
	if (e)
		*e = (struct trace_event){ .start_ns = s->start_ns,
					   .end_ns = trace_now(),
					   .bytes = s->bytes,
					   .subject = subject_text(&l->arena, s->name, s->version),
					   .kind = s->kind };
}

void trace_end_thread(void)
{
	struct trace *t = trace_current;

	if (t && own_lane && own_generation == t->generation)
		own_lane->cpu_ns = read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void trace_add_beside(enum trace_kind kind, int64_t start_ns, str name, str version)
{
	struct trace *t = trace_current;

	if (!t || !start_ns)
		return;
	if (t->beside.len >= REQUESTS_MAX) {
		t->dropped++;
		return;
	}
	VEC_PUSH(&t->arena, &t->beside,
		 (struct trace_event){ .start_ns = start_ns,
				       .end_ns = trace_now(),
				       .subject = subject_text(&t->arena, name, version),
				       .kind = kind });
}

void trace_add_request(const struct trace_request *r)
{
	struct trace *t = trace_current;
	struct trace_request copy = *r;

	if (!t)
		return;
	if (t->requests.len >= REQUESTS_MAX) {
		t->dropped++;
		return;
	}
	copy.method = str_dup(&t->arena, r->method);
	copy.url = str_dup(&t->arena, log_redact(&t->arena, r->url));
	copy.subject = str_dup(&t->arena, r->subject);
	VEC_PUSH(&t->arena, &t->requests, copy);
}

void trace_add_count(enum trace_counter counter)
{
	if (trace_current)
		trace_current->counts[counter]++;
}

/* ---- life ---- */

void trace_start(int64_t started_ns)
{
	static atomic_uint generations;
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		out_of_memory();
	t->started_ns = started_ns;
	t->generation = atomic_fetch_add(&generations, 1) + 1;
	lane_of_thread(t);
	trace_current = t;
}

struct trace *trace_stop(void)
{
	struct trace *t = trace_current;

	trace_current = NULL;
	if (t) {
		lane_of_thread(t)->cpu_ns = read_clock(CLOCK_THREAD_CPUTIME_ID);
		t->ended_ns = trace_now();
	}
	return t;
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	for (struct lane *l = t->lanes, *next; l; l = next) {
		next = l->next;
		arena_fini(&l->arena);
		free(l);
	}
	arena_fini(&t->arena);
	free(t);
}

/* ---- reading ---- */

/* Events are recorded as they end, inner ones first. */
static int by_start(const void *a, const void *b)
{
	const struct trace_event *x = a, *y = b;

	if (x->start_ns != y->start_ns)
		return x->start_ns < y->start_ns ? -1 : 1;
	return x->end_ns > y->end_ns ? -1 : x->end_ns < y->end_ns;
}

static void read_lane(struct arena *a, const struct lane *l, struct trace_lane *out)
{
	for (const struct block *b = l->first; b; b = b->next)
		for (size_t i = 0; i < b->count; i++)
			VEC_PUSH(a, &out->events, b->events[i]);
	VEC_SORT(&out->events, by_start);
	out->cpu_ns = l->cpu_ns;
}

void trace_read(struct arena *a, struct trace *t, struct trace_data *out)
{
	unsigned nlanes = atomic_load(&t->nlanes);

	*out = (struct trace_data){ .started_ns = t->started_ns,
				    .ended_ns = t->ended_ns,
				    .dropped = t->dropped };
	memcpy(out->counts, t->counts, sizeof(out->counts));
	for (unsigned i = 0; i < nlanes; i++)
		VEC_PUSH(a, &out->lanes, (struct trace_lane){ 0 });
	for (const struct lane *l = t->lanes; l; l = l->next) {
		read_lane(a, l, &out->lanes.items[l->number]);
		out->dropped += l->dropped;
	}
	VEC_EACH (struct trace_event, e, &t->beside)
		VEC_PUSH(a, &out->beside, *e);
	VEC_SORT(&out->beside, by_start);
	VEC_EACH (struct trace_request, r, &t->requests)
		VEC_PUSH(a, &out->requests, *r);
}

static const struct {
	const char *name, *timer;
} kinds[] = {
#define TRACE_ROW(id, name, timer, part) { name, timer },
#include "cpm/base/trace_kinds.def"
#undef TRACE_ROW
};

const char *trace_kind_name(enum trace_kind kind)
{
	return kinds[kind].name;
}

const char *trace_kind_timer(enum trace_kind kind)
{
	return kinds[kind].timer;
}
