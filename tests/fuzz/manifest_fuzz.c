/* SPDX-License-Identifier: MIT
 * Any JSON as a package.json: nothing of a foreign type gets through (T13), and no command leaves its package (T25). */
#include "cpm/tree/manifest.h"

#include "cpm/base/path.h"
#include "cpm/tree/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
	if (!claim)
		abort();
}

static void check_deps(const struct dep_list *deps)
{
	for (size_t i = 0; i < deps->count; i++)
		must(!str_is_null(deps->items[i].name) && !str_is_null(deps->items[i].spec));
}

static void check_bins(const struct manifest *m)
{
	for (size_t i = 0; i < m->nbins; i++) {
		str target = m->bins[i].target;

		must(m->bins[i].name.len && str_find_any(m->bins[i].name, "/\\:") == STR_NPOS);
		must(!str_eq(m->bins[i].name, S("..")) && !str_eq(m->bins[i].name, S(".")));
		while (str_ends(target, S("/")))
			target.len--;
		must(target.len && target.p[0] != '/');
		for (str part; str_cut(&target, '/', &part);)
			must(part.len && !str_eq(part, S("..")) && !str_eq(part, S(".")));
	}
}

static void check(struct arena *a, struct json *json, bool from_disk)
{
	const struct platform platform = { S("linux"), S("x64"), S("glibc") };
	struct manifest *m;
	struct err *e = manifest_from_json(a, json, from_disk, &m);

	if (!e) {
		check_deps(&m->deps);
		check_deps(&m->dev_deps);
		check_deps(&m->optional_deps);
		check_deps(&m->peer_deps);
		check_bins(m);
		for (size_t i = 0; i < m->nbundled; i++)
			must(!str_is_null(m->bundled[i]));
		platform_is_supported(m, &platform);
		engine_is_supported(m->engines, S("26.0.0"), S("12.2.0"));
	}
	err_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(a);
	struct json *json;
	struct err *e = json_parse(a, str_of((const char *)data, size), &json);

	if (!e) {
		check(a, json, false);
		check(a, json, true);
	}
	err_free(e);
	return 0;
}
