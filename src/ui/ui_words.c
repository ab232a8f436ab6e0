/* SPDX-License-Identifier: MIT
 * Sizes and ages in words. */
#include "cpm/ui/ui_words.h"

#include <math.h>
#include <time.h>

/* With one digit, JavaScript rounds what lies just between two of them up; that can only be a quarter. */
static double in_units(double bytes, double unit)
{
	double n = bytes / unit;

	return fmod(n * 4, 2) == 1 ? n + 0.05 : n;
}

str ui_bytes(struct arena *a, double bytes)
{
	if (bytes < 1000)
		return str_printf(a, "%.0f B", bytes);
	if (bytes < 999950)
		return str_printf(a, "%.1f kB", in_units(bytes, 1e3));
	if (bytes < 999950000)
		return str_printf(a, "%.1f MB", in_units(bytes, 1e6));
	return str_printf(a, "%.1f GB", in_units(bytes, 1e9));
}

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define WEEK   (7 * DAY)
#define MONTH  (30 * DAY)
#define YEAR   (365 * DAY)

/* Ages below `limit` are said in units of `unit`; `one` is said for exactly one of them. */
static const struct {
	int64_t limit, unit;
	const char *one, *many;
} ages[] = {
	{ MINUTE, 1, NULL, "seconds" },     { 2 * MINUTE, MINUTE, "a minute", NULL },
	{ HOUR, MINUTE, NULL, "minutes" },  { DAY, HOUR, "an hour", "hours" },
	{ 2 * DAY, DAY, NULL, NULL },       { WEEK, DAY, NULL, "days" },
	{ MONTH, WEEK, "a week", "weeks" }, { YEAR, MONTH, "a month", "months" },
};

/* The midnight before, where the user is: "3 days ago" counts days, not hours. */
static int64_t midnight_before(int64_t sec)
{
	time_t t = (time_t)sec;
	struct tm local;

	if (!localtime_r(&t, &local))
		return sec;
	local.tm_hour = local.tm_min = local.tm_sec = 0;
	local.tm_isdst = -1;
	return (int64_t)mktime(&local);
}

str ui_age(struct arena *a, int64_t now_ms, int64_t then_ms)
{
	const char *side = now_ms >= then_ms ? "ago" : "from now";
	int64_t age = (int64_t)floor((double)llabs(now_ms - then_ms) / 1000 + 0.5);

	if (age > DAY && age < WEEK) {
		then_ms = midnight_before(then_ms / 1000) * 1000;
		age = (int64_t)floor((double)llabs(now_ms - then_ms) / 1000 + 0.5);
	}
	if (age < 30)
		return S("just now");
	for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
		int64_t n = age / ages[i].unit;
		if (age >= ages[i].limit)
			continue;
		if (ages[i].one && (n == 1 || !ages[i].many))
			return str_printf(a, "%s %s", ages[i].one, side);
		if (ages[i].many)
			return str_printf(a, "%lld %s %s", (long long)n, ages[i].many, side);
		return now_ms >= then_ms ? S("yesterday") : S("tomorrow");
	}
	return str_printf(a, "%s year %s", age / YEAR == 1 ? "a" : "over a", side);
}
