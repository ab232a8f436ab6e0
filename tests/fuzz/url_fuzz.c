/* SPDX-License-Identifier: MIT
 * URLs from packuments, lockfiles and Location headers. A URL that is accepted has one normal form,
 * which parses to itself, keeps its origin, and holds no user info, no dot segment and no byte that
 * could end a header. */
#include "url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
	if (!claim)
		abort();
}

static void check_normal(struct arena *a, const struct url *u)
{
	str text = url_format(a, u);
	struct url again;

	must(url_parse(a, text, &again));
	must(url_same_origin(u, &again));
	must(str_is_null(again.userinfo));
	must(str_eq(url_format(a, &again), text));
	must(str_find(u->path, S("/../")) == STR_NPOS && !str_ends(u->path, S("/..")));
	must(str_find_any(text, "\r\n \\") == STR_NPOS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(a);
	str text = str_of((const char *)data, size);
	struct url base, u;

	if (url_parse(a, text, &u))
		check_normal(a, &u);
	if (url_parse(a, S("https://h:1/a/b?c"), &base) && url_resolve(a, &base, text, &u))
		check_normal(a, &u);
	return 0;
}
