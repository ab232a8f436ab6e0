/* SPDX-License-Identifier: MIT
 * Sizes and ages as npm says them. */
#include "cpm/ui/ui_words.h"

#include <time.h>

#include "check.h"

TEST(sizes_are_decimal)
{
	const struct {
		double bytes;
		str want;
	} rows[] = {
		{ 0, S("0 B") },	   { 999, S("999 B") },	       { 1000, S("1.0 kB") },
		{ 12345, S("12.3 kB") },   { 999949, S("999.9 kB") },  { 999950, S("1.0 MB") },
		{ 25e6, S("25.0 MB") },	   { 1.5e9, S("1.5 GB") },    { 1250, S("1.3 kB") },
		{ 1150, S("1.1 kB") },	   { 2250, S("2.3 kB") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		CHECK_STR(ui_bytes(a, rows[i].bytes), rows[i].want, "row %zu", i);
	}
}

TEST(ages_are_said_in_their_largest_unit)
{
	const int64_t now_sec = 1700000000, minute = 60, hour = 3600, day = 86400;
	const struct {
		int64_t age_sec;
		str want;
	} rows[] = {
		{ 0, S("just now") },
		{ 29, S("just now") },
		{ 30, S("30 seconds ago") },
		{ 60, S("a minute ago") },
		{ 10 * minute, S("10 minutes ago") },
		{ hour, S("an hour ago") },
		{ 5 * hour, S("5 hours ago") },
		{ 30 * hour, S("yesterday") },
		{ 9 * day, S("a week ago") },
		{ 20 * day, S("2 weeks ago") },
		{ 40 * day, S("a month ago") },
		{ 200 * day, S("6 months ago") },
		{ 500 * day, S("a year ago") },
		{ 1000 * day, S("over a year ago") },
		{ -5 * hour, S("5 hours from now") },
		{ -30 * day, S("a month from now") },
	};

	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		CHECK_STR(ui_age(a, now_sec * 1000, (now_sec - rows[i].age_sec) * 1000), rows[i].want, "row %zu",
			  i);
	}
}

TEST(days_are_counted_from_midnight)
{
	ARENA_SCOPE(a);
	/* 23:00 three days before 01:00 is 50 hours ago, and yet the day before yesterday's eve. */
	int64_t now_ms = 1700010000000, then_ms = now_ms - 50 * 3600 * 1000;

	setenv("TZ", "UTC", 1);
	tzset();
	CHECK_STR(ui_age(a, now_ms, then_ms), S("3 days ago"));
}

UNIT_TESTS(TESTED(sizes_are_decimal), TESTED(ages_are_said_in_their_largest_unit),
	   TESTED(days_are_counted_from_midnight))
