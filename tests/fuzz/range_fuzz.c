/* SPDX-License-Identifier: MIT
 * Any bytes as a range and as a version, in every mode: what was read is read again from how it is printed and means the
 * same, and the questions about it neither crash nor contradict each other. */
#include "cpm/base/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
	if (!claim)
		abort();
}

static const char *const samples[] = { "0.0.0", "0.0.1", "0.1.2-a", "1.0.0-0", "1.2.3", "1.2.3-beta.1", "2.0.0", "10.20.30" };

static void check_range(struct arena *a, str text, unsigned flags)
{
	struct range *r = range_parse(a, text, flags), *again;
	struct semver v;

	if (!r)
		return;
	again = range_parse(a, range_format(a, r), flags);
	must(again != NULL);
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		must(semver_parse(a, str_view(samples[i]), flags, &v));
		must(range_has(r, &v) == range_has(again, &v));
	}
	must(range_is_subset(r, r));
	range_intersects(r, r);
	if (range_min_version(a, r, &v))
		must(range_has(r, &v));
}

static void check_version(struct arena *a, str text, unsigned flags)
{
	struct semver v, again;

	if (!semver_parse(a, text, flags, &v))
		return;
	must(semver_parse(a, v.text, flags, &again));
	must(str_eq(v.text, again.text) && semver_compare(&v, &again) == 0);
	for (enum semver_release kind = SEMVER_MAJOR; kind <= SEMVER_PRERELEASE; kind++)
		must(!str_is_null(semver_increment(a, &v, kind, STR_NULL)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (unsigned flags = 0; flags <= (SEMVER_LOOSE | SEMVER_INCLUDE_PRE); flags++) {
		ARENA_SCOPE(tmp);

		check_range(tmp, str_of((const char *)data, size), flags);
		check_version(tmp, str_of((const char *)data, size), flags);
	}
	return 0;
}
