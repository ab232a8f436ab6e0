/* SPDX-License-Identifier: MIT
 * The report as JSON, and back. Both directions are here, one table for what they share, because
 * `cpm trace last` shows nothing but what is in the file. Who reads JSON by eye wants milliseconds.
 */
#include "timing_report.h"

#include <math.h>

static const char *const counter_keys[] = {
	[TRACE_PACKAGE_LINKED] = "packagesLinked",
	[TRACE_PACKAGE_CACHED] = "packagesUnpacked",
	[TRACE_PACKAGE_FETCHED] = "packagesFetched",
	[TRACE_PACKAGE_KEPT] = "packagesKept",
	[TRACE_PACKUMENT_CACHED] = "packumentsCached",
	[TRACE_PACKUMENT_UNCHANGED] = "packumentsUnchanged",
	[TRACE_PACKUMENT_FETCHED] = "packumentsFetched",
};

/* ---- writing ---- */

static void set_number(struct arena *a, struct json *o, const char *key, double n)
{
	json_set(a, o, str_view(key), json_new_number(a, n));
}

static void set_ms(struct arena *a, struct json *o, const char *key, int64_t us)
{
	set_number(a, o, key, (double)us / 1000);
}

static void set_activity(struct arena *a, struct json *o, const double *activity)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (int i = 0; i < TIMING_SLICES; i++)
		json_append(a, list, json_new_number(a, round(activity[i] * 100) / 100));
	json_set(a, o, S("activity"), list);
}

static struct json *threads_json(struct arena *a, const struct timing_report *r)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < r->nthreads; i++) {
		struct json *o = json_new(a, JSON_OBJECT);

		set_ms(a, o, "busyMs", r->threads[i].busy_us);
		set_ms(a, o, "cpuMs", r->threads[i].cpu_us);
		set_activity(a, o, r->threads[i].activity);
		json_append(a, list, o);
	}
	return list;
}

static struct json *parts_json(struct arena *a, const struct timing_report *r)
{
	struct json *parts = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < TIMING_PART_COUNT; i++) {
		const struct timing_sum *sum = &r->parts[i];
		struct json *o = json_new(a, JSON_OBJECT);

		if (!sum->count)
			continue;
		set_ms(a, o, "wallMs", sum->wall_us);
		set_ms(a, o, "workMs", sum->work_us);
		set_number(a, o, "count", (double)sum->count);
		set_number(a, o, "bytes", (double)sum->bytes);
		set_activity(a, o, sum->activity);
		json_set(a, parts, str_view(timing_part_key((enum timing_part)i)), o);
	}
	return parts;
}

static struct json *packages_json(struct arena *a, const struct timing_report *r)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < r->npackages; i++) {
		const struct timing_package *p = &r->packages[i];
		struct json *o = json_new(a, JSON_OBJECT), *parts = json_new(a, JSON_OBJECT);

		json_set_text(a, o, "name", p->name);
		set_ms(a, o, "totalMs", p->total_us);
		for (size_t part = 0; part < TIMING_PART_COUNT; part++)
			if (p->part_us[part])
				set_ms(a, parts, timing_part_key((enum timing_part)part),
				       p->part_us[part]);
		json_set(a, o, S("parts"), parts);
		json_append(a, list, o);
	}
	return list;
}

static struct json *network_json(struct arena *a, const struct timing_report *r)
{
	struct json *o = json_new(a, JSON_OBJECT);

	set_number(a, o, "requests", (double)r->requests);
	set_number(a, o, "failed", (double)r->failed);
	set_number(a, o, "connections", (double)r->connections);
	set_number(a, o, "bytes", (double)r->parts[TIMING_NETWORK].bytes);
	set_ms(a, o, "queuedMs", r->queued_us);
	set_ms(a, o, "firstByteMs", r->first_byte_us);
	return o;
}

struct json *timing_report_json(struct arena *a, const struct timing_report *r)
{
	struct json *o = json_new(a, JSON_OBJECT), *command = json_new(a, JSON_ARRAY),
		    *cache = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < r->ncommand; i++)
		json_append(a, command, json_new_string(a, r->command[i]));
	for (size_t i = 0; i < TRACE_COUNTER_COUNT; i++)
		set_number(a, cache, counter_keys[i], (double)r->counts[i]);
	json_set_text(a, o, "id", r->id);
	json_set(a, o, S("command"), command);
	json_set_text(a, o, "version", r->version);
	json_set_text(a, o, "project", r->project);
	set_number(a, o, "exitStatus", r->exit_status);
	set_ms(a, o, "wallMs", r->wall_us);
	set_number(a, o, "cores", r->cores);
	json_set(a, o, S("threads"), threads_json(a, r));
	json_set(a, o, S("parts"), parts_json(a, r));
	json_set(a, o, S("slowestPackages"), packages_json(a, r));
	json_set(a, o, S("network"), network_json(a, r));
	json_set(a, o, S("cache"), cache);
	set_number(a, o, "spansDropped", (double)r->dropped);
	return o;
}

/* ---- reading ---- */

static double get_number(const struct json *o, const char *key)
{
	const struct json *v = json_get(o, key);

	return json_is(v, JSON_NUMBER) && v->number > 0 && v->number < 1e15 ? v->number : 0;
}

static int64_t get_us(const struct json *o, const char *key)
{
	return llround(get_number(o, key) * 1000);
}

static void get_activity(const struct json *o, double *activity)
{
	const struct json *list = json_get(o, "activity");

	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < MIN(list->count, (size_t)TIMING_SLICES);
	     i++)
		if (json_is(list->items[i], JSON_NUMBER))
			activity[i] = MAX(0.0, MIN(1.0, list->items[i]->number));
}

static size_t count_of(const struct json *list)
{
	return json_is(list, JSON_ARRAY) ? list->count : 0;
}

static void parse_threads(struct arena *a, const struct json *list, struct timing_report *out)
{
	out->nthreads = count_of(list);
	out->threads = ARENA_ARRAY(a, struct timing_thread, out->nthreads + 1);
	for (size_t i = 0; i < out->nthreads; i++) {
		out->threads[i].busy_us = get_us(list->items[i], "busyMs");
		out->threads[i].cpu_us = get_us(list->items[i], "cpuMs");
		get_activity(list->items[i], out->threads[i].activity);
	}
}

static void parse_parts(const struct json *parts, struct timing_report *out)
{
	for (size_t i = 0; i < TIMING_PART_COUNT; i++) {
		const struct json *o = json_get(parts, timing_part_key((enum timing_part)i));
		struct timing_sum *sum = &out->parts[i];

		sum->wall_us = get_us(o, "wallMs");
		sum->work_us = get_us(o, "workMs");
		sum->count = (uint64_t)get_number(o, "count");
		sum->bytes = (uint64_t)get_number(o, "bytes");
		get_activity(o, sum->activity);
	}
}

static void parse_packages(const struct json *list, struct timing_report *out)
{
	out->npackages = MIN(count_of(list), (size_t)TIMING_PACKAGES);
	for (size_t i = 0; i < out->npackages; i++) {
		const struct json *parts = json_get(list->items[i], "parts");
		struct timing_package *p = &out->packages[i];

		p->name = json_get_text(list->items[i], "name");
		p->total_us = get_us(list->items[i], "totalMs");
		for (size_t part = 0; part < TIMING_PART_COUNT; part++)
			p->part_us[part] = get_us(parts, timing_part_key((enum timing_part)part));
	}
}

static void parse_command(struct arena *a, const struct json *list, struct timing_report *out)
{
	str *words = ARENA_ARRAY(a, str, count_of(list) + 1);

	for (size_t i = 0; i < count_of(list); i++)
		if (json_is(list->items[i], JSON_STRING))
			words[out->ncommand++] = list->items[i]->string;
	out->command = words;
}

bool timing_report_parse(struct arena *a, const struct json *v, struct timing_report *out)
{
	const struct json *network = json_get(v, "network"), *cache = json_get(v, "cache");

	*out = (struct timing_report){ 0 };
	if (!json_is(v, JSON_OBJECT) || !json_is(json_get(v, "parts"), JSON_OBJECT))
		return false;
	out->id = json_get_text(v, "id");
	out->version = json_get_text(v, "version");
	out->project = json_get_text(v, "project");
	out->exit_status = (int)MIN(get_number(v, "exitStatus"), 255);
	out->wall_us = get_us(v, "wallMs");
	out->cores = (unsigned)MIN(get_number(v, "cores"), 65536);
	parse_command(a, json_get(v, "command"), out);
	parse_threads(a, json_get(v, "threads"), out);
	parse_parts(json_get(v, "parts"), out);
	parse_packages(json_get(v, "slowestPackages"), out);
	for (size_t i = 0; i < TRACE_COUNTER_COUNT; i++)
		out->counts[i] = (uint64_t)get_number(cache, counter_keys[i]);
	out->requests = (uint64_t)get_number(network, "requests");
	out->failed = (uint64_t)get_number(network, "failed");
	out->connections = (uint64_t)get_number(network, "connections");
	out->queued_us = get_us(network, "queuedMs");
	out->first_byte_us = get_us(network, "firstByteMs");
	out->dropped = (uint64_t)get_number(v, "spansDropped");
	return true;
}
