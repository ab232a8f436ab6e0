/* SPDX-License-Identifier: MIT
 * What a recording says: how long each part of the run took, what the threads did meanwhile, which packages were slow.
 * A plain value, made of a recording or read back from a trace file. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/base/trace.h"

enum timing_part {
#define TIMING_PART(id, key, label) TIMING_##id,
#include "timing_parts.def"
#undef TIMING_PART
	TIMING_PART_COUNT
};

const char *timing_part_key(enum timing_part part);
const char *timing_part_label(enum timing_part part);

/* The run is cut into that many slices; how busy each of them was goes from 0 to 1. */
#define TIMING_SLICES 32

struct timing_sum {
	int64_t wall_us; /* while at least one thread, or request, was at it */
	int64_t work_us; /* summed up */
	uint64_t count, bytes;
	double activity[TIMING_SLICES];
};

struct timing_thread {
	int64_t busy_us, cpu_us; /* the rest of the run it waited, or was not needed */
	double activity[TIMING_SLICES];
};

/* All versions and places of one package, and its packument. */
struct timing_package {
	str name;
	int64_t total_us, part_us[TIMING_PART_COUNT];
};

#define TIMING_PACKAGES 10

struct timing_report {
	/* who: in the file's metadata */
	str id, version, project;
	const str *command;
	size_t ncommand;
	int exit_status;

	int64_t wall_us;
	unsigned cores;
	struct timing_sum parts[TIMING_PART_COUNT];
	struct timing_thread *threads; /* the main one first */
	size_t nthreads;
	struct timing_package packages[TIMING_PACKAGES]; /* the slowest first */
	size_t npackages;
	uint64_t counts[TRACE_COUNTER_COUNT];
	uint64_t requests, failed, connections; /* attempts; of those, without an answer of 2xx or 304; opened */
	int64_t queued_us, first_byte_us; /* medians */
	uint64_t dropped;
};

/* The arithmetic; "who" and the cores are left to the caller. Lives in @a. */
void timing_report_make(struct arena *a, const struct trace_data *data, struct timing_report *out);

/* As JSON, times in milliseconds; and back. Returns false when @v is no report of ours. */
struct json *timing_report_json(struct arena *a, const struct timing_report *r);
bool timing_report_parse(struct arena *a, const struct json *v, struct timing_report *out);
