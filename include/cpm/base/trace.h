/* SPDX-License-Identifier: MIT
 * Where the time of a run goes: spans of time, each with its kind, thread, bytes and subject, kept while somebody asked
 * for them. Like events they leave sideways: the layers record, and only who started the recording reads it.
 *
 * Off, a span costs one branch that is always predicted, and reads no clock. On, each thread writes into blocks of its
 * own, without a lock; memory is bounded, and what does not fit is counted. */
#pragma once
#include "cpm/base/str.h"
#include "cpm/base/vec.h"

enum trace_kind {
#define TRACE_ROW(id, name, timer, part) TRACE_##id,
#include "cpm/base/trace_kinds.def"
#undef TRACE_ROW
	TRACE_KIND_COUNT
};

/* Where packages and packuments came from. */
enum trace_counter {
	TRACE_PACKAGE_LINKED,	   /* from the shelf */
	TRACE_PACKAGE_CACHED,	   /* unpacked from the cache */
	TRACE_PACKAGE_FETCHED,	   /* from a registry or elsewhere */
	TRACE_PACKAGE_KEPT,	   /* proven to be there already */
	TRACE_PACKUMENT_CACHED,	   /* fresh enough to be used unasked */
	TRACE_PACKUMENT_UNCHANGED, /* the registry said so */
	TRACE_PACKUMENT_FETCHED,
	TRACE_COUNTER_COUNT
};

struct trace;

/* The one that records, or NULL. Set by trace_start() alone, while no worker runs. */
extern struct trace *trace_current;

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t trace_now(void);

/* ---- recording ---- */

/* A span under way. @name and @version are borrowed until it ends. */
struct trace_span {
	int64_t start_ns; /* 0: nothing is recorded */
	uint64_t bytes;
	str name, version;
	enum trace_kind kind;
};

static inline struct trace_span trace_begin(enum trace_kind kind, str name, str version)
{
	struct trace_span s = { .kind = kind, .name = name, .version = version };

	if (UNLIKELY(trace_current != NULL))
		s.start_ns = trace_now();
	return s;
}

/* Records @s as it stands, from its beginning until now. */
void trace_record(const struct trace_span *s);

static inline void trace_end(struct trace_span *s)
{
	if (UNLIKELY(s->start_ns))
		trace_record(s);
}

/* TRACE(HASH): a span of TRACE_HASH from here to the closing brace; one in a block. TRACE_PACKAGE() names its subject,
 * which spans inside it share; TRACE_BYTES() says how much it is about. */
#define TRACE_PACKAGE(id, name, version)                                                           \
	struct trace_span trace_span_ __attribute__((cleanup(trace_end), unused)) =                \
		trace_begin(TRACE_##id, name, version)
#define TRACE(id)      TRACE_PACKAGE(id, STR_NULL, STR_NULL)
#define TRACE_BYTES(n) (trace_span_.bytes += (n))

/* Something that goes on beside the thread, like a script, from @start_ns (0: nothing) until now. Main thread only. */
void trace_add_beside(enum trace_kind kind, int64_t start_ns, str name, str version);

/* A thread that ends says how much CPU time it had. Asking after each job would do, but the question invites the kernel to
 * run somebody else. */
void trace_end_thread(void);

/* The time now while something is recorded, else 0. */
static inline int64_t trace_stamp(void)
{
	return UNLIKELY(trace_current != NULL) ? trace_now() : 0;
}

/* One attempt of a request. Times of its own count from started_ns; -1: it did not get that far. */
struct trace_request {
	str method, url, subject; /* copied; @url loses its secrets */
	int64_t queued_ns, started_ns, ended_ns;
	int64_t connected_us, first_byte_us;
	uint64_t bytes;
	int status; /* 0: no answer */
	bool is_reused; /* the connection was there */
};

/* Main thread only, as is trace_count(). */
void trace_add_request(const struct trace_request *r);
void trace_add_count(enum trace_counter counter);

static inline void trace_count(enum trace_counter counter)
{
	if (UNLIKELY(trace_current != NULL))
		trace_add_count(counter);
}

/* ---- the recording ---- */

/* Begins to record; @started_ns: when the run began. The calling thread is the main one. */
void trace_start(int64_t started_ns);
/* Ends it: spans that are under way are lost. Other threads must have nothing more to record. Free the result, which is
 * NULL when nothing was recorded. */
struct trace *trace_stop(void);
void trace_free(struct trace *t);

struct trace_event {
	int64_t start_ns, end_ns;
	uint64_t bytes;
	str subject; /* "name@version", "name" or null */
	enum trace_kind kind;
};

struct trace_lane {
	VEC(struct trace_event) events; /* in order of their beginnings, outer before inner ones */
	int64_t cpu_ns; /* of the thread; 0: it had not ended */
};

/* A recording as it is read: plain values, that a test can make up. */
struct trace_data {
	int64_t started_ns, ended_ns;
	VEC(struct trace_lane) lanes; /* the main thread's first, then the workers' */
	VEC(struct trace_event) beside;
	VEC(struct trace_request) requests;
	uint64_t counts[TRACE_COUNTER_COUNT];
	size_t dropped; /* spans that were too many */
};

/* What was recorded, in @a; texts are the recording's. */
void trace_read(struct arena *a, struct trace *t, struct trace_data *out);

const char *trace_kind_name(enum trace_kind kind);
/* npm's timer of that kind, or NULL. */
const char *trace_kind_timer(enum trace_kind kind);
