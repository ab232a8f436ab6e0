/* SPDX-License-Identifier: MIT
 * A registry's answer, and the form the cache keeps of it. What scans must freeze and thaw to the
 * same text; bytes that were never frozen must be refused or give texts that lie inside them. */
#include "cpm/registry/packument.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
	if (!claim)
		abort();
}

/* Reads every byte that a packument points at. */
static uint64_t touch(const struct packument *p)
{
	uint64_t sum = str_hash(p->name);

	for (size_t i = 0; i < p->nversions; i++) {
		const struct packument_version *v = &p->versions[i];

		sum += str_hash(v->version) + str_hash(v->manifest) + str_hash(v->engines) +
		       str_hash(v->time) + str_hash(v->semver.text) + str_hash(v->semver.pre) +
		       str_hash(v->semver.build);
	}
	for (size_t i = 0; i < p->ntags; i++)
		sum += str_hash(packument_tag(p, p->tags[i].tag));
	return sum;
}

static void scan_and_freeze(struct arena *a, str body)
{
	struct packument *p, *q;
	str frozen;
	struct err *e = packument_scan(a, S("a"), body, &p);

	if (e) {
		err_free(e);
		return;
	}
	touch(p);
	for (size_t i = 0; i < p->nversions; i++)
		must(packument_find(p, p->versions[i].version) == &p->versions[i]);
	frozen = packument_freeze(a, p);
	e = packument_thaw(a, frozen, &q);
	must(!e);
	packument_take_manifests(q, p->manifests);
	must(touch(p) == touch(q));
	must(str_eq(packument_freeze(a, q), frozen));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(a);
	str bytes = str_of((const char *)data, size);
	struct packument *p;
	struct err *e;

	scan_and_freeze(a, bytes);
	e = packument_thaw(a, bytes, &p);
	if (!e) {
		touch(p);
		packument_find(p, S("1.0.0"));
	}
	err_free(e);
	return 0;
}
