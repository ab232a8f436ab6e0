/* SPDX-License-Identifier: MIT
 * The arithmetic. Spans lie inside each other and threads work side by side, so that adding up
 * would count time twice. Each thread's spans are cut into pieces that belong to the innermost one:
 *
 *	write   ├───────┬────────┬──────┤          pieces: write, gunzip, write
 *	gunzip          ├────────┤
 *
 * The pieces of a part, of all threads, then add up to its work; put into one line, to the time
 * during which somebody was at it. */
#include "timing_report.h"

#include "cpm/base/map.h"

struct piece {
	enum timing_part part;
	int64_t start_ns, end_ns;
};
typedef VEC(struct piece) piece_vec;

struct maker {
	struct arena *arena;
	const struct trace_data *data;
	struct timing_report *report;
	piece_vec pieces;
	struct map packages; /* name -> struct timing_package */
};

static enum timing_part part_of(enum trace_kind kind)
{
	static const enum timing_part parts[] = {
#define TRACE_ROW(id, name, timer, part) TIMING_##part,
#include "cpm/base/trace_kinds.def"
#undef TRACE_ROW
	};
	return parts[kind];
}

/* ---- packages ---- */

static str package_name(str subject)
{
	size_t at = subject.len > 1 ? str_find_char(str_from(subject, 1), '@') : STR_NPOS;

	return at == STR_NPOS ? subject : str_slice(subject, 0, at + 1);
}

static void add_to_package(struct maker *m, str subject, enum timing_part part, int64_t ns)
{
	str name = package_name(subject);
	struct timing_package *p;

	if (str_is_empty(name))
		return;
	p = map_get(&m->packages, name);
	if (!p) {
		p = ARENA_NEW(m->arena, struct timing_package);
		p->name = name;
		map_put(&m->packages, name, p);
	}
	p->part_us[part] += ns;
	p->total_us += ns;
}

static int slowest_first(const void *a, const void *b)
{
	const struct timing_package *x = a, *y = b;

	if (x->total_us != y->total_us)
		return x->total_us > y->total_us ? -1 : 1;
	return str_cmp(x->name, y->name);
}

/* Until here their times are in nanoseconds. */
static void choose_packages(struct maker *m)
{
	VEC(struct timing_package) all = { 0 };
	struct timing_report *r = m->report;

	for (struct map_iter it = map_iter(&m->packages); map_next(&it);)
		VEC_PUSH(m->arena, &all, *(const struct timing_package *)it.val);
	VEC_SORT(&all, slowest_first);
	r->npackages = MIN(all.len, (size_t)TIMING_PACKAGES);
	for (size_t i = 0; i < r->npackages; i++) {
		struct timing_package *p = &r->packages[i];

		*p = all.items[i];
		p->total_us /= 1000;
		for (size_t part = 0; part < TIMING_PART_COUNT; part++)
			p->part_us[part] /= 1000;
	}
}

/* ---- pieces ---- */

static void add_piece(struct maker *m, enum timing_part part, str subject, int64_t from, int64_t to)
{
	if (to <= from)
		return;
	VEC_PUSH(m->arena, &m->pieces, (struct piece){ part, from, to });
	add_to_package(m, subject, part, to - from);
}

static void count_event(struct maker *m, const struct trace_event *e)
{
	struct timing_sum *sum = &m->report->parts[part_of(e->kind)];

	sum->count++;
	sum->bytes += e->bytes;
}

/* Spans that the end of the run, or of what is around them, has cut. */
struct open_span {
	enum timing_part part;
	int64_t end_ns;
	str subject;
};

static void cut_lane(struct maker *m, const struct trace_lane *lane)
{
	VEC(struct open_span) stack = { 0 };
	int64_t at = 0;

	for (size_t i = 0; i <= lane->events.len; i++) {
		const struct trace_event *e = i < lane->events.len ? &lane->events.items[i] : NULL;

		while (stack.len && (!e || VEC_LAST(&stack).end_ns <= e->start_ns)) {
			struct open_span top = VEC_POP(&stack);

			add_piece(m, top.part, top.subject, at, top.end_ns);
			at = MAX(at, top.end_ns);
		}
		if (!e)
			break;
		struct open_span span = { part_of(e->kind), e->end_ns, e->subject };
		if (stack.len) {
			struct open_span top = VEC_LAST(&stack);

			add_piece(m, top.part, top.subject, at, e->start_ns);
			span.end_ns = MIN(span.end_ns, top.end_ns);
			if (str_is_null(span.subject))
				span.subject = top.subject;
		}
		at = e->start_ns;
		count_event(m, e);
		VEC_PUSH(m->arena, &stack, span);
	}
}

/* ---- sums ---- */

/* Adds what @from to @to covers of each slice. */
static void mark_activity(const struct maker *m, double *activity, int64_t from, int64_t to)
{
	double slice = (double)(m->data->ended_ns - m->data->started_ns) / TIMING_SLICES;
	double a = (double)(from - m->data->started_ns) / slice;
	double b = (double)(to - m->data->started_ns) / slice;

	if (!(slice > 0))
		return;
	for (int i = 0; i < TIMING_SLICES; i++) {
		double covered = MIN(b, i + 1.0) - MAX(a, (double)i);

		if (covered > 0)
			activity[i] = MIN(activity[i] + covered, 1.0);
	}
}

static int by_part(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

static void close_stretch(struct maker *m, const struct piece *p)
{
	struct timing_sum *sum = &m->report->parts[p->part];

	sum->wall_us += p->end_ns - p->start_ns;
	mark_activity(m, sum->activity, p->start_ns, p->end_ns);
}

/* Pieces of one part that touch or overlap become one stretch. Sums are in nanoseconds until the
 * end. */
static void sum_pieces(struct maker *m)
{
	struct piece stretch = { 0 };

	VEC_SORT(&m->pieces, by_part);
	VEC_EACH (struct piece, p, &m->pieces) {
		m->report->parts[p->part].work_us += p->end_ns - p->start_ns;
		if (stretch.end_ns && p->part == stretch.part && p->start_ns <= stretch.end_ns) {
			stretch.end_ns = MAX(stretch.end_ns, p->end_ns);
			continue;
		}
		if (stretch.end_ns)
			close_stretch(m, &stretch);
		stretch = *p;
	}
	if (stretch.end_ns)
		close_stretch(m, &stretch);
	for (size_t i = 0; i < TIMING_PART_COUNT; i++) {
		m->report->parts[i].wall_us /= 1000;
		m->report->parts[i].work_us /= 1000;
	}
}

/* A thread is busy where it has a piece that is not waiting. */
static void sum_thread(struct maker *m, size_t first_piece, const struct trace_lane *lane,
		       struct timing_thread *out)
{
	int64_t busy_ns = 0;

	for (size_t i = first_piece; i < m->pieces.len; i++) {
		const struct piece *p = &m->pieces.items[i];

		if (p->part == TIMING_WAIT)
			continue;
		busy_ns += p->end_ns - p->start_ns;
		mark_activity(m, out->activity, p->start_ns, p->end_ns);
	}
	out->busy_us = busy_ns / 1000;
	out->cpu_us = lane->cpu_ns / 1000;
}

/* ---- requests ---- */

static int compare_times(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int64_t median(int64_t *times, size_t count)
{
	if (!count)
		return 0;
	qsort(times, count, sizeof(*times), compare_times);
	return times[count / 2];
}

static bool is_answered(const struct trace_request *r)
{
	return (r->status >= 200 && r->status < 300) || r->status == 304;
}

static void sum_requests(struct maker *m)
{
	const struct trace_data *d = m->data;
	struct timing_report *out = m->report;
	int64_t *queued = ARENA_ARRAY(m->arena, int64_t, d->requests.len + 1);
	int64_t *first = ARENA_ARRAY(m->arena, int64_t, d->requests.len + 1);
	size_t nfirst = 0;

	for (size_t i = 0; i < d->requests.len; i++) {
		const struct trace_request *r = &d->requests.items[i];

		add_piece(m, TIMING_NETWORK, r->subject, r->started_ns, r->ended_ns);
		out->parts[TIMING_NETWORK].bytes += r->bytes;
		queued[i] = (r->started_ns - r->queued_ns) / 1000;
		if (r->first_byte_us >= 0)
			first[nfirst++] = r->first_byte_us;
		out->failed += !is_answered(r);
		out->connections += !r->is_reused;
	}
	out->requests = out->parts[TIMING_NETWORK].count = d->requests.len;
	out->queued_us = median(queued, d->requests.len);
	out->first_byte_us = median(first, nfirst);
}

/* ---- all of it ---- */

void timing_report_make(struct arena *a, const struct trace_data *data, struct timing_report *out)
{
	struct maker m = { .arena = a, .data = data, .report = out };

	*out = (struct timing_report){ .wall_us = (data->ended_ns - data->started_ns) / 1000,
				       .nthreads = data->lanes.len,
				       .dropped = data->dropped };
	memcpy(out->counts, data->counts, sizeof(out->counts));
	out->threads = ARENA_ARRAY(a, struct timing_thread, data->lanes.len + 1);
	map_init(&m.packages, a);
	for (size_t i = 0; i < data->lanes.len; i++) {
		size_t first_piece = m.pieces.len;

		cut_lane(&m, &data->lanes.items[i]);
		sum_thread(&m, first_piece, &data->lanes.items[i], &out->threads[i]);
	}
	for (size_t i = 0; i < data->beside.len; i++) {
		const struct trace_event *e = &data->beside.items[i];

		count_event(&m, e);
		add_piece(&m, part_of(e->kind), e->subject, e->start_ns, e->end_ns);
	}
	sum_requests(&m);
	sum_pieces(&m);
	choose_packages(&m);
}

static const struct {
	const char *key, *label;
} parts[] = {
#define TIMING_PART(id, key, label) { key, label },
#include "timing_parts.def"
#undef TIMING_PART
};

const char *timing_part_key(enum timing_part part)
{
	return parts[part].key;
}

const char *timing_part_label(enum timing_part part)
{
	return parts[part].label;
}
