/* SPDX-License-Identifier: MIT
 * Any bytes as a lockfile: no place outside of the project gets a node (T21), and what was written once is read and
 * written again without a change. */
#include "cpm/tree/lockfile.h"

#include "cpm/base/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
	if (!claim)
		abort();
}

static struct tree *parse(struct arena *a, str text)
{
	struct tree *t = NULL;
	struct err *e = lockfile_parse(a, text, S("package-lock.json"), S("/p/x"), ARENA_NEW(a, struct manifest), false, &t);

	must(!e || !t);
	err_free(e);
	return t;
}

static str format(struct arena *a, const struct tree *t, int version)
{
	const struct lockfile_opts opts = { .style = JSON_STYLE_DEFAULT, .has_manifest = true, .is_formatted = true, .version = version };
	str out = { 0 };

	err_free(lockfile_format(a, t, &opts, &out));
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(a);
	struct tree *t = parse(a, str_of((const char *)data, size)), *again;
	str text;

	if (!t)
		return 0;
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		must(!it.key.len || path_is_inside(it.key));
	format(a, t, 1);
	text = format(a, t, 3);
	again = parse(a, text);
	/* A link whose target was a stale folder loses it: the one case in which npm's own file is not read again. */
	if (again)
		must(str_eq(format(a, again, 3), text));
	return 0;
}
