/* SPDX-License-Identifier: MIT
 * Two lockfiles side by side. */
#include "cpm/tree/lock_diff.h"

#include "cpm/tree/lockfile.h"

#include "check.h"

static struct tree *lock(struct arena *a, const char *packages)
{
	str text = str_printf(a, "{\"lockfileVersion\":3,\"packages\":{\"\":{},%s}}", packages);
	struct tree *t;

	CHECK_OK(lockfile_parse(a, text, S("lock"), S("/p"), ARENA_NEW(a, struct manifest), true, &t));
	return t;
}

/* "+a 1 -b 2 a 1>2 =c 1" */
static str shown(struct arena *a, const char *before, const char *after)
{
	static const char marks[] = { [LOCK_ADDED] = '+', [LOCK_REMOVED] = '-', [LOCK_CHANGED] = '~', [LOCK_REPLACED] = '=' };
	struct str_buf out = str_buf(a, 4096);
	struct lock_diff d;

	lock_diff_make(a, lock(a, before), lock(a, after), &d);
	VEC_EACH (struct lock_change, c, &d.changes)
		buf_printf(&out, "%s%c" STR_FMT " " STR_FMT "%s" STR_FMT, out.len ? " " : "",
			   marks[c->kind], STR_ARG(c->name),
			   STR_ARG(c->before ? node_version(c->before) : S("")),
			   c->direction > 0   ? "<"
			   : c->direction < 0 ? ">"
					      : ":",
			   STR_ARG(c->after ? node_version(c->after) : S("")));
	return buf_view(&out);
}

#define A1 "\"node_modules/a\":{\"version\":\"1.0.0\"}"
#define A2 "\"node_modules/a\":{\"version\":\"2.0.0\"}"
#define B_A1 "\"node_modules/b\":{\"version\":\"1.0.0\"},\"node_modules/b/node_modules/a\":{\"version\":\"1.0.0\"}"

TEST(versions_count_and_places_do_not)
{
	static const struct {
		const char *before, *after;
		str shown;
	} rows[] = {
		{ A1, A1, S("") },
		{ A1, A2, S("~a 1.0.0<2.0.0") },
		{ A2, A1, S("~a 2.0.0>1.0.0") },
		{ A1, B_A1, S("+b :1.0.0") },
		{ B_A1 "," A2, A2, S("-a 1.0.0: -b 1.0.0:") },
		{ A1, "\"node_modules/x\":{\"name\":\"a\",\"version\":\"1.0.0\"}", S("") },
		{ A1, "\"w/a\":{\"version\":\"1.0.0\"},\"node_modules/w\":{\"resolved\":\"w/a\",\"link\":true}",
		  S("-a 1.0.0:") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		CHECK_STR(shown(a, rows[i].before, rows[i].after), rows[i].shown);
	}
}

TEST(one_version_with_other_bytes_or_from_elsewhere_is_replaced)
{
	ARENA_SCOPE(a);
	struct lock_diff d;

	lock_diff_make(a,
		       lock(a, "\"node_modules/a\":{\"version\":\"1.0.0\",\"resolved\":\"https://one.example/a.tgz\",\"integrity\":\"sha512-x\"}"),
		       lock(a, "\"node_modules/a\":{\"version\":\"1.0.0\",\"resolved\":\"https://u:p@two.example:8/a.tgz\",\"integrity\":\"sha512-y\"}"),
		       &d);
	CHECK_EQ(d.changes.len, 1u);
	CHECK_EQ(d.changes.items[0].kind, LOCK_REPLACED);
	CHECK(d.changes.items[0].has_other_bytes, "the integrity differs");
	CHECK_STR(d.changes.items[0].new_host, S("two.example:8"));
	CHECK_EQ(d.hosts.len, 1u);
}

TEST(scripts_and_licences_are_compared)
{
	ARENA_SCOPE(a);
	struct lock_diff d;

	lock_diff_make(a, lock(a, "\"node_modules/a\":{\"version\":\"1.0.0\",\"license\":\"MIT\"}"),
		       lock(a, "\"node_modules/a\":{\"version\":\"1.1.0\",\"license\":\"ISC\",\"hasInstallScript\":true}"),
		       &d);
	CHECK_EQ(d.changes.len, 1u);
	CHECK(d.changes.items[0].gains_script, "it had none");
	CHECK(d.changes.items[0].has_other_license, "MIT is not ISC");
	CHECK_STR(d.changes.items[0].license_after, S("ISC"));
}

UNIT_TESTS(TESTED(versions_count_and_places_do_not),
	   TESTED(one_version_with_other_bytes_or_from_elsewhere_is_replaced),
	   TESTED(scripts_and_licences_are_compared))
