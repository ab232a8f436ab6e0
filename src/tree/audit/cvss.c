/* SPDX-License-Identifier: MIT
 * The score behind a CVSS 3 vector. Records carry the vector alone, people and --audit-level want
 * its number and its name. Version 2 and 4 vectors have no score here: GitHub's records name their
 * severity beside them. */
#include "osv_priv.h"

#include <math.h>

/* Values of the base metrics. The weight of privileges depends on the scope: a second number. */
struct weight {
	char metric[3], value;
	double unchanged, changed;
};

static const struct weight weights[] = {
	{ "AV", 'N', 0.85, 0.85 }, { "AV", 'A', 0.62, 0.62 }, { "AV", 'L', 0.55, 0.55 },
	{ "AV", 'P', 0.2, 0.2 },   { "AC", 'L', 0.77, 0.77 }, { "AC", 'H', 0.44, 0.44 },
	{ "PR", 'N', 0.85, 0.85 }, { "PR", 'L', 0.62, 0.68 }, { "PR", 'H', 0.27, 0.5 },
	{ "UI", 'N', 0.85, 0.85 }, { "UI", 'R', 0.62, 0.62 }, { "C", 'H', 0.56, 0.56 },
	{ "C", 'L', 0.22, 0.22 },  { "C", 'N', 0, 0 },        { "I", 'H', 0.56, 0.56 },
	{ "I", 'L', 0.22, 0.22 },  { "I", 'N', 0, 0 },        { "A", 'H', 0.56, 0.56 },
	{ "A", 'L', 0.22, 0.22 },  { "A", 'N', 0, 0 },
};

/* The one-letter value of @metric in "AV:N/AC:L/..."; 0 when it has none. */
static char value_of(str metrics, const char *metric)
{
	for (str part, key; str_cut(&metrics, '/', &part);)
		if (str_cut(&part, ':', &key) && str_eq(key, str_view(metric)) && part.len == 1)
			return part.p[0];
	return 0;
}

/* Negative when the vector has no such value. */
static double weight_of(str metrics, const char *metric, bool is_changed)
{
	char value = value_of(metrics, metric);

	for (size_t i = 0; i < ARRAY_LEN(weights); i++)
		if (strcmp(weights[i].metric, metric) == 0 && weights[i].value == value)
			return is_changed ? weights[i].changed : weights[i].unchanged;
	return -1;
}

/* To the next tenth, by whole numbers as the specification's appendix A does it. */
static double round_up(double score)
{
	long hundred_thousandths = lround(score * 100000);

	if (hundred_thousandths % 10000 == 0)
		return (double)hundred_thousandths / 100000;
	return (double)(hundred_thousandths / 10000 + 1) / 10;
}

double cvss_base_score(str vector)
{
	static const char *const names[] = { "AV", "AC", "PR", "UI", "C", "I", "A" };
	double w[ARRAY_LEN(names)], base, impact;
	str metrics = str_from(vector, S("CVSS:3.1/").len);
	char scope = value_of(metrics, "S");
	bool is_changed = scope == 'C';

	if ((!str_starts(vector, S("CVSS:3.1/")) && !str_starts(vector, S("CVSS:3.0/"))) ||
	    (!is_changed && scope != 'U'))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		w[i] = weight_of(metrics, names[i], is_changed);
		if (w[i] < 0)
			return -1;
	}
	base = 1 - (1 - w[4]) * (1 - w[5]) * (1 - w[6]);
	impact = is_changed ? 7.52 * (base - 0.029) - 3.25 * pow(base - 0.02, 15) : 6.42 * base;
	if (impact <= 0)
		return 0;
	impact += 8.22 * w[0] * w[1] * w[2] * w[3];
	return round_up(MIN(is_changed ? 1.08 * impact : impact, 10.0));
}

str cvss_severity(double score)
{
	if (score >= 9)
		return S("critical");
	if (score >= 7)
		return S("high");
	if (score >= 4)
		return S("moderate");
	return score > 0 ? S("low") : S("info");
}
