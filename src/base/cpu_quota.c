/* SPDX-License-Identifier: MIT
 * How many CPUs this process may keep busy. Containers limit that in two ways that the number of
 * processors does not show: an affinity mask, and a cgroup quota of CPU time per period. */
#include "cpm/base/pool.h"

#include <sched.h>
#include <stdio.h>

#define PATH_ROOM 4352

static unsigned affinity_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return MAX((unsigned)CPU_COUNT(&set), 1u);
}

/* First line of a small kernel file; false when there is none. */
static bool read_line(const char *path, char *line, size_t room)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(line, (int)room, f);

	if (f)
		fclose(f);
	return ok;
}

/* Whole CPUs in quota/period, rounded up; 0 when there is no limit. */
static unsigned cpus_of(long long quota, long long period)
{
	if (quota <= 0 || period <= 0)
		return 0;
	return (unsigned)MIN((quota + period - 1) / period, (long long)CPU_SETSIZE);
}

/* cgroup v2: "max 100000" or "150000 100000". */
static unsigned limit_v2(const char *dir)
{
	char path[PATH_ROOM], line[128];
	long long quota, period;

	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max", dir);
	if (!read_line(path, line, sizeof(line)) || sscanf(line, "%lld %lld", &quota, &period) != 2)
		return 0;
	return cpus_of(quota, period);
}

static bool read_number(const char *dir, const char *name, long long *out)
{
	char path[PATH_ROOM], line[128];

	snprintf(path, sizeof(path), "/sys/fs/cgroup/cpu%s/%s", dir, name);
	return read_line(path, line, sizeof(line)) && sscanf(line, "%lld", out) == 1;
}

static unsigned limit_v1(const char *dir)
{
	long long quota, period;

	if (!read_number(dir, "cpu.cfs_quota_us", &quota) ||
	    !read_number(dir, "cpu.cfs_period_us", &period))
		return 0;
	return cpus_of(quota, period);
}

/* The tightest limit from @dir up to the root; every level counts. @dir is cut on the way. */
static unsigned limit_upwards(char *dir, unsigned (*limit)(const char *dir), unsigned most)
{
	for (;;) {
		unsigned cpus = limit(dir);
		char *slash = strrchr(dir, '/');

		if (cpus)
			most = MIN(most, cpus);
		if (!slash)
			return most;
		*slash = '\0';
	}
}

/* A line of /proc/self/cgroup: "0::/user.slice" (v2) or "4:cpu,cpuacct:/docker/x" (v1). */
static unsigned limit_of_line(char *line, unsigned most)
{
	char *controllers = strchr(line, ':'),
	     *dir = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!dir)
		return most;
	*controllers++ = '\0';
	*dir++ = '\0';
	dir[strcspn(dir, "\n")] = '\0';
	if (!*controllers)
		return limit_upwards(dir, limit_v2, most);
	for (char *at = controllers, *name; (name = strsep(&at, ","));)
		if (strcmp(name, "cpu") == 0)
			return limit_upwards(dir, limit_v1, most);
	return most;
}

unsigned cpu_quota(void)
{
	unsigned most = affinity_count();
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4096];

	while (f && fgets(line, sizeof(line), f))
		most = limit_of_line(line, most);
	if (f)
		fclose(f);
	return most;
}
