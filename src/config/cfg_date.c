/* SPDX-License-Identifier: MIT
 * `before` takes whatever new Date() takes. ISO forms are read here to the letter, because their
 * time zone rule is easily got wrong (a bare date is UTC, a date with a time is local); the rest is
 * left to strptime(). */
#include "cpm/config/cfg_date.h"

#include <time.h>

static str format_ms(struct arena *a, int64_t ms)
{
	time_t sec = (time_t)(ms / 1000 - (ms % 1000 < 0));
	struct tm tm;

	gmtime_r(&sec, &tm);
	return str_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
			  tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			  (int)(ms - (int64_t)sec * 1000));
}

/* Exactly @digits digits at *p; moves behind them. */
static bool read_digits(const char **p, int digits, int *out)
{
	*out = 0;
	for (; digits > 0; digits--, ++*p) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return true;
}

/* "Z", "+02:00" or nothing, up to the end of the text. */
static bool read_zone(const char *p, bool *is_local, int *offset_min)
{
	int hours, minutes;

	*is_local = *p == 0;
	*offset_min = 0;
	if (*p == 0 || strcmp(p, "Z") == 0)
		return true;
	if (*p != '+' && *p != '-')
		return false;
	int sign = *p++ == '-' ? -1 : 1;
	if (!read_digits(&p, 2, &hours) || *p++ != ':' || !read_digits(&p, 2, &minutes) || *p)
		return false;
	*offset_min = sign * (hours * 60 + minutes);
	return true;
}

static bool read_clock(const char **p, struct tm *tm, int *ms)
{
	if (!read_digits(p, 2, &tm->tm_hour) || *(*p)++ != ':' || !read_digits(p, 2, &tm->tm_min))
		return false;
	if (**p != ':')
		return true;
	++*p;
	if (!read_digits(p, 2, &tm->tm_sec))
		return false;
	if (**p != '.')
		return true;
	++*p;
	int place = 100;
	for (; **p >= '0' && **p <= '9'; ++*p, place /= 10)
		*ms += (**p - '0') * place;
	return true;
}

static bool parse_iso(const char *p, int64_t *out_ms)
{
	struct tm tm = { .tm_mday = 1 };
	int year, month = 1, ms = 0, offset_min = 0;
	bool is_local = false;

	if (!read_digits(&p, 4, &year))
		return false;
	if (*p == '-') {
		p++;
		if (!read_digits(&p, 2, &month))
			return false;
		if (*p == '-') {
			p++;
			if (!read_digits(&p, 2, &tm.tm_mday))
				return false;
		}
	}
	if (*p == 'T' || *p == ' ') {
		p++;
		if (!read_clock(&p, &tm, &ms) || !read_zone(p, &is_local, &offset_min))
			return false;
	} else if (*p) {
		return false;
	}
	if (month < 1 || month > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 24 ||
	    tm.tm_min > 59)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_isdst = -1;
	*out_ms = ((int64_t)(is_local ? mktime(&tm) : timegm(&tm)) - offset_min * 60) * 1000 + ms;
	return true;
}

static bool parse_english(const char *p, int64_t *out_ms)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT",
		"%a %b %d %Y",
		"%b %d %Y %H:%M:%S",
		"%b %d, %Y %H:%M:%S",
		"%b %d %Y",
		"%b %d, %Y",
		"%d %b %Y %H:%M:%S",
		"%d %b %Y",
		"%Y/%m/%d %H:%M:%S",
		"%Y/%m/%d",
		"%m/%d/%Y",
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct tm tm = { .tm_mday = 1, .tm_isdst = -1 };
		const char *end = strptime(p, forms[i], &tm);
		if (!end || *end)
			continue;
		*out_ms = (int64_t)(i == 0 ? timegm(&tm) : mktime(&tm)) * 1000;
		return true;
	}
	return false;
}

bool cfg_date_ms(str text, int64_t *out_ms)
{
	ARENA_SCOPE(tmp);
	const char *p = str_cstr(tmp, str_trim_js(text));

	return parse_iso(p, out_ms) || parse_english(p, out_ms);
}

bool cfg_date_parse(struct arena *a, str text, str *out)
{
	int64_t ms;

	if (!cfg_date_ms(text, &ms))
		return false;
	*out = format_ms(a, ms);
	return true;
}

str cfg_date_days_ago(struct arena *a, int64_t now_sec, double days)
{
	return format_ms(a, now_sec * 1000 - (int64_t)(days * 86400000.0));
}
