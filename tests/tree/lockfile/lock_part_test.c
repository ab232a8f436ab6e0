/* SPDX-License-Identifier: MIT
 * What counts as a member's part of a lockfile. */
#include "cpm/tree/lock_part.h"

#include "cpm/tree/lockfile.h"

#include "check.h"

/* A project with the member "m" at packages/m; ' stands for ". */
static struct tree *lock(struct arena *a, const char *packages)
{
	str body = str_replace_all(a, str_view(packages), S("'"), S("\""));
	str text = str_printf(a, "{\"lockfileVersion\":3,\"packages\":{\"\":{}," STR_FMT "}}",
			      STR_ARG(body));
	struct tree *t;

	CHECK_OK(lockfile_parse(a, text, S("lock"), S("/p"), ARENA_NEW(a, struct manifest), false, &t));
	return t;
}

static bool is_same_part(struct arena *a, const char *before, const char *after)
{
	struct lock_part old, new;
	struct map members;
	struct digest x, y;

	map_init(&members, a);
	map_put(&members, S("packages/m"), &members);
	map_put(&members, S("packages/n"), &members);
	lock_part_init(&old, a, lock(a, before), &members);
	lock_part_init(&new, a, lock(a, after), &members);
	x = lock_part_digest(&old, S("packages/m"));
	y = lock_part_digest(&new, S("packages/m"));
	return digest_eq(&x, &y);
}

#define M      "'packages/m':{'dependencies':{'a':'1'}},"
#define A      "'node_modules/a':{'version':'1.0.0','dependencies':{'b':'1'}},"
#define B(n)   "'node_modules/b':{'version':'" n "'}"
#define OTHER  ",'node_modules/z':{'version':'1.0.0'}"
#define NESTED "'node_modules/a/node_modules/b':{'version':'1.0.0'}"

TEST(a_part_is_what_is_found_and_not_where)
{
	ARENA_SCOPE(tmp);

	CHECK(is_same_part(tmp, M A B("1.0.0"), M A B("1.0.0") OTHER), "an unrelated package");
	CHECK(is_same_part(tmp, M A B("1.0.0"), M A NESTED), "another place");
	CHECK(!is_same_part(tmp, M A B("1.0.0"), M A B("1.0.1")), "another version, deep down");
	CHECK(!is_same_part(tmp, M A B("1.0.0"), M A "'node_modules/b':{'version':'1.0.0','integrity':'sha512-x'}"),
	      "other bytes");
}

TEST(what_another_member_needs_is_its_own)
{
	ARENA_SCOPE(tmp);
#define TWO "'packages/m':{'dependencies':{'n':'1'}},'node_modules/n':{'resolved':'packages/n','link':true}," \
	    "'packages/n':{'version':'1.0.0','dependencies':{'b':'1'}},"

	CHECK(is_same_part(tmp, TWO B("1.0.0"), TWO B("1.0.1")), "");
}

UNIT_TESTS(TESTED(a_part_is_what_is_found_and_not_where), TESTED(what_another_member_needs_is_its_own))
