/* SPDX-License-Identifier: MIT
 * Made-up recordings and what a report says of them: nothing counts twice, and what overlaps is not longer than it
 * took. Times are in milliseconds after the beginning. */
#include "timing_report.h"

#include "check.h"
#include "timing_file.h"
#include "timing_text.h"

#define MS ((int64_t)1000000)

static void add_span(struct arena *a, struct trace_data *d, size_t lane, enum trace_kind kind, int64_t from, int64_t to,
		     const char *subject)
{
	while (d->lanes.len <= lane)
		VEC_PUSH(a, &d->lanes, (struct trace_lane){ .cpu_ns = MS });
	VEC_PUSH(a, &d->lanes.items[lane].events,
		 (struct trace_event){ .start_ns = (1000 + from) * MS,
				       .end_ns = (1000 + to) * MS,
				       .kind = kind,
				       .subject = subject ? str_view(subject) : STR_NULL,
				       .bytes = 10 });
}

static void add_request(struct arena *a, struct trace_data *d, int64_t queued, int64_t from, int64_t to, int status,
			const char *subject)
{
	VEC_PUSH(a, &d->requests,
		 (struct trace_request){ .method = S("GET"),
					 .url = S("http://127.0.0.1/x"),
					 .subject = str_view(subject),
					 .queued_ns = (1000 + queued) * MS,
					 .started_ns = (1000 + from) * MS,
					 .ended_ns = (1000 + to) * MS,
					 .connected_us = 1000,
					 .first_byte_us = status ? 2000 : -1,
					 .status = status,
					 .bytes = 100,
					 .is_reused = queued == from });
}

static struct trace_data hundred_ms(void)
{
	return (struct trace_data){ .started_ns = 1000 * MS, .ended_ns = 1100 * MS };
}

TEST(time_counts_to_the_innermost_span_and_once)
{
	ARENA_SCOPE(a);
	struct trace_data d = hundred_ms();
	struct timing_report r;

	add_span(a, &d, 0, TRACE_COMMAND, 0, 100, NULL);
	add_span(a, &d, 0, TRACE_WAIT, 10, 60, NULL);
	add_span(a, &d, 1, TRACE_JOB, 10, 50, NULL);
	add_span(a, &d, 1, TRACE_WRITE, 10, 50, "a@1.0.0");
	add_span(a, &d, 1, TRACE_GUNZIP, 20, 30, NULL);
	add_span(a, &d, 2, TRACE_JOB, 40, 60, NULL);
	add_span(a, &d, 2, TRACE_WRITE, 40, 60, "b@1.0.0");
	timing_report_make(a, &d, &r);
	CHECK_EQ(r.wall_us, 100000);
	CHECK_EQ(r.parts[TIMING_WRITE].work_us, 50000, "40 less the gunzip inside, and 20");
	CHECK_EQ(r.parts[TIMING_WRITE].wall_us, 40000, "10 to 20 and 30 to 60");
	CHECK_EQ(r.parts[TIMING_WRITE].count, 2);
	CHECK_EQ(r.parts[TIMING_WRITE].bytes, 20);
	CHECK_EQ(r.parts[TIMING_GUNZIP].work_us, 10000);
	CHECK_EQ(r.parts[TIMING_OTHER].work_us, 50000, "the command around the waiting");
	CHECK_EQ(r.nthreads, 3);
	CHECK_EQ(r.threads[0].busy_us, 50000, "waiting is not being busy");
	CHECK_EQ(r.threads[1].busy_us, 40000);
	CHECK_EQ(r.threads[2].busy_us, 20000);
	CHECK_EQ(r.threads[1].cpu_us, 1000);
}

TEST(activity_says_when)
{
	ARENA_SCOPE(a);
	struct trace_data d = hundred_ms();
	struct timing_report r;

	add_span(a, &d, 0, TRACE_COMMAND, 0, 100, NULL);
	add_span(a, &d, 0, TRACE_HASH, 50, 100, NULL);
	timing_report_make(a, &d, &r);
	for (int i = 0; i < TIMING_SLICES; i++) {
		CHECK(r.parts[TIMING_HASH].activity[i] == (i < TIMING_SLICES / 2 ? 0.0 : 1.0), "slice %d", i);
		CHECK(r.threads[0].activity[i] > 0.999, "slice %d", i);
	}
}

TEST(overlapping_requests_are_no_longer_than_they_took)
{
	ARENA_SCOPE(a);
	struct trace_data d = hundred_ms();
	struct timing_report r;

	add_span(a, &d, 0, TRACE_COMMAND, 0, 100, NULL);
	add_request(a, &d, 0, 0, 50, 200, "a");
	add_request(a, &d, 5, 25, 75, 304, "b");
	add_request(a, &d, 90, 90, 95, 404, "c");
	add_request(a, &d, 95, 95, 100, 0, "d");
	timing_report_make(a, &d, &r);
	CHECK_EQ(r.parts[TIMING_NETWORK].wall_us, 85000);
	CHECK_EQ(r.parts[TIMING_NETWORK].work_us, 110000);
	CHECK_EQ(r.parts[TIMING_NETWORK].bytes, 400);
	CHECK_EQ(r.requests, 4);
	CHECK_EQ(r.failed, 2, "404, and no answer");
	CHECK_EQ(r.connections, 1);
	CHECK_EQ(r.first_byte_us, 2000);
}

TEST(slowest_packages_come_first_whatever_their_version)
{
	ARENA_SCOPE(a);
	struct trace_data d = hundred_ms();
	struct timing_report r;

	add_span(a, &d, 0, TRACE_COMMAND, 0, 100, NULL);
	add_span(a, &d, 1, TRACE_WRITE, 0, 5, "@s/a@1.0.0");
	add_span(a, &d, 1, TRACE_WRITE, 5, 10, "@s/a@2.0.0");
	add_span(a, &d, 1, TRACE_WRITE, 10, 18, "b@1.0.0");
	add_request(a, &d, 0, 0, 3, 200, "b");
	for (int i = 0; i < 20; i++)
		add_span(a, &d, 1, TRACE_LINK, 20 + i, 21 + i, str_printf(a, "p%d@1.0.0", i).p);
	timing_report_make(a, &d, &r);
	CHECK_EQ(r.npackages, TIMING_PACKAGES);
	CHECK_STR(r.packages[0].name, S("b"));
	CHECK_EQ(r.packages[0].total_us, 11000);
	CHECK_EQ(r.packages[0].part_us[TIMING_NETWORK], 3000);
	CHECK_STR(r.packages[1].name, S("@s/a"));
	CHECK_EQ(r.packages[1].part_us[TIMING_WRITE], 10000);
}

TEST(an_empty_recording_is_a_report_too)
{
	ARENA_SCOPE(a);
	struct trace_data d = { 0 };
	struct str_buf out = str_buf(a, SIZE_MAX);
	struct timing_report r;

	timing_report_make(a, &d, &r);
	timing_text(&out, &r, (struct timing_style){ 0 }, STR_NULL);
	CHECK(str_starts(buf_view(&out), S("cpm: 0 ms")), STR_FMT, STR_ARG(buf_view(&out)));
}

static struct timing_report sample(struct arena *a, struct trace_data *d)
{
	struct timing_report r;

	*d = hundred_ms();
	add_span(a, d, 0, TRACE_COMMAND, 0, 100, NULL);
	add_span(a, d, 0, TRACE_IDEAL, 10, 20, NULL);
	add_span(a, d, 1, TRACE_WRITE, 30, 60, "a@1.0.0");
	add_request(a, d, 0, 5, 25, 200, "a");
	add_request(a, d, 0, 10, 15, 200, "b");
	d->counts[TRACE_PACKAGE_CACHED] = 3;
	d->counts[TRACE_PACKAGE_FETCHED] = 1;
	timing_report_make(a, d, &r);
	r.id = S("2026-11-24T12_57_09_850Z");
	r.version = S("1.0.0");
	r.project = S("/p");
	r.cores = 2;
	static const str command[] = { S("ci"), S("--timing") };
	r.command = command;
	r.ncommand = 2;
	return r;
}

TEST(json_and_back_is_the_same_report)
{
	ARENA_SCOPE(a);
	struct trace_data d;
	struct timing_report r = sample(a, &d), back;
	struct json *first = timing_report_json(a, &r);

	CHECK(timing_report_parse(a, first, &back));
	CHECK(json_equal(first, timing_report_json(a, &back)));
	CHECK_EQ(back.parts[TIMING_WRITE].wall_us, 30000);
	CHECK_EQ(back.packages[0].total_us, r.packages[0].total_us);
	CHECK_STR(back.command[1], S("--timing"));
}

TEST(what_is_no_report_is_refused_and_odd_values_are_tamed)
{
	ARENA_SCOPE(a);
	const str texts[] = { S("1"), S("{}"), S("[]"), S("{\"parts\":[]}") };
	struct timing_report r;
	struct json *v;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CHECK_OK(json_parse(a, texts[i], &v));
		CHECK(!timing_report_parse(a, v, &r), STR_FMT, STR_ARG(texts[i]));
	}
	CHECK_OK(json_parse(a,
			    S("{\"parts\":{\"write\":{\"wallMs\":-5,\"bytes\":1e300,\"activity\":[9,\"x\",-1]}},"
			      "\"wallMs\":\"x\",\"cores\":1e9,\"threads\":[1],\"command\":[1,\"ci\"],\"slowestPackages\":[{}]}"),
			    &v));
	CHECK(timing_report_parse(a, v, &r));
	CHECK_EQ(r.parts[TIMING_WRITE].wall_us, 0);
	CHECK_EQ(r.parts[TIMING_WRITE].bytes, 0);
	CHECK(r.parts[TIMING_WRITE].activity[0] == 1.0 && r.parts[TIMING_WRITE].activity[2] == 0.0);
	CHECK_EQ(r.ncommand, 1);
	struct str_buf out = str_buf(a, SIZE_MAX);
	timing_text(&out, &r, (struct timing_style){ .columns = 40 }, S("/f"));
}

TEST(text_has_aligned_numbers_in_one_unit)
{
	ARENA_SCOPE(a);
	struct trace_data d;
	struct timing_report r = sample(a, &d);
	struct str_buf out = str_buf(a, SIZE_MAX);

	timing_text(&out, &r, (struct timing_style){ 0 }, S("/logs/x-timing.json"));
	CHECK_STR(buf_view(&out),
		  S("cpm ci: 100.0 ms, 1% of 2 cores used\n"
		    "\n"
		    "Where the time went  wall ms  work ms  start ---------------------- end\n"
		    "  resolve and place     10.0     10.0     +##:\n"
		    "  network               20.0        -   :######                          2 requests, 200 B\n"
		    "  write files           30.0     30.0           :#########.              10 B\n"
		    "  all else              90.0     90.0  ###.  +#########################\n"
		    "\n"
		    "Threads              busy ms   CPU ms  start ---------------------- end\n"
		    "  main                 100.0      1.0  ################################  100% busy\n"
		    "  worker 1              30.0      1.0           :#########.              30% busy\n"
		    "\n"
		    "Slowest packages  total ms  network  hash  gunzip  write  link  scripts\n"
		    "  a                   50.0     20.0     -       -   30.0     -        -\n"
		    "  b                    5.0      5.0     -       -      -     -        -\n"
		    "\n"
		    "From the cache    3 of 4 packages (75%)\n"
		    "Over the network  2 requests, 200 B on 2 connections; half of them had their turn within 10.0 ms and an answer "
		    "2.0 ms later\n"
		    "Trace file        /logs/x-timing.json"));
}

TEST(long_runs_are_in_seconds_and_narrow_terminals_get_less)
{
	ARENA_SCOPE(a);
	struct trace_data d;
	struct timing_report r = sample(a, &d);
	struct str_buf out = str_buf(a, SIZE_MAX);

	r.wall_us = 1234567890;
	timing_text(&out, &r, (struct timing_style){ .columns = 60, .is_unicode = true }, STR_NULL);
	str text = buf_view(&out);
	CHECK(str_find(text, S("cpm ci: 1,234.57 s")) != STR_NPOS, STR_FMT, STR_ARG(text));
	CHECK(str_find(text, S("wall s")) != STR_NPOS);
	CHECK(str_find(text, S("start ────── end")) != STR_NPOS);
	CHECK(str_find(text, S("requests, 200 B\n")) == STR_NPOS, "no notes");
}

TEST(names_from_a_file_give_a_terminal_no_orders)
{
	ARENA_SCOPE(a);
	struct trace_data d;
	struct timing_report r = sample(a, &d);
	struct str_buf out = str_buf(a, SIZE_MAX);

	r.packages[0].name = S("a\033[2J");
	timing_text(&out, &r, (struct timing_style){ 0 }, S("/\033[2J"));
	CHECK(str_find_char(buf_view(&out), '\033') == STR_NPOS);
	buf_reset(&out);
	timing_text(&out, &r, (struct timing_style){ .is_colored = true }, STR_NULL);
	CHECK(str_find(buf_view(&out), S("\033[2J")) == STR_NPOS);
	CHECK(str_find(buf_view(&out), S("\033[1mWhere the time went")) != STR_NPOS);
}

TEST(trace_file_is_json_with_the_events_first)
{
	ARENA_SCOPE(a);
	struct trace_data d;
	struct timing_report r = sample(a, &d);
	str text = timing_file_format(a, &d, &r);
	struct json *v;
	size_t networks = 0, rows = 0;

	CHECK_OK(json_parse(a, text, &v));
	CHECK(str_starts(text, S("{\"traceEvents\":[")), "viewers stop at what they do not know");
	CHECK_STR(v->members[0].key, S("traceEvents"));
	const struct json *events = v->members[0].val;
	for (size_t i = 0; i < events->count; i++) {
		const struct json *e = events->items[i];

		if (str_eq(json_get_text(e, "ph"), S("M")))
			continue;
		CHECK_STR(json_get_text(e, "ph"), S("X"));
		CHECK(json_get(e, "ts")->number >= 0 && json_get(e, "dur")->number >= 0);
		if (!str_starts(json_get_text(e, "name"), S("GET ")))
			continue;
		networks++;
		rows = MAX(rows, (size_t)json_get(e, "tid")->number);
	}
	CHECK_EQ(networks, 2);
	CHECK_EQ(rows, 2, "the requests overlap");
	CHECK_EQ(json_get(json_get(v, "timers"), "idealTree")->number, 10);
	CHECK_EQ(json_get(json_get(v, "timers"), "command:ci")->number, 100);
	CHECK_STR(json_get_text(json_get(v, "metadata"), "id"), r.id);
}

UNIT_TESTS(TESTED(time_counts_to_the_innermost_span_and_once), TESTED(activity_says_when),
	   TESTED(overlapping_requests_are_no_longer_than_they_took),
	   TESTED(slowest_packages_come_first_whatever_their_version), TESTED(an_empty_recording_is_a_report_too),
	   TESTED(json_and_back_is_the_same_report), TESTED(what_is_no_report_is_refused_and_odd_values_are_tamed),
	   TESTED(text_has_aligned_numbers_in_one_unit), TESTED(long_runs_are_in_seconds_and_narrow_terminals_get_less),
	   TESTED(names_from_a_file_give_a_terminal_no_orders), TESTED(trace_file_is_json_with_the_events_first))
