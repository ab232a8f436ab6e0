/* SPDX-License-Identifier: MIT
 * What osv.c (records), osv_range.c (versions) and cvss.c (scores) share. */
#pragma once
#include "cpm/tree/osv.h"

/* How versions are read in advisories, as npm's audit does. */
#define OSV_SEMVER (SEMVER_LOOSE | SEMVER_INCLUDE_PRE)

/* The versions that an entry of "affected" means, as an npm range: ">=1.0.0 <1.2.3 || 2.0.0". */
MUST_CHECK_ERR osv_range(struct arena *a, const struct json *affected, str *out);

/* Base score of a CVSS 3.0 or 3.1 vector; negative when it is none. Source: the CVSS 3.1 specification, 7.1. */
double cvss_base_score(str vector);
/* "critical" and so on for a score. */
str cvss_severity(double score);
