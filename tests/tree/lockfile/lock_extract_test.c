/* SPDX-License-Identifier: MIT
 * Members out of lockfiles: where their packages go. */
#include "cpm/tree/lock_extract.h"

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

/* "a@1 a/b@2": places without "node_modules". */
static str layout(struct arena *a, const char *packages)
{
	struct str_buf out = str_buf(a, 4096);
	struct tree *t = lock(a, packages);
	struct lock_extract x;

	CHECK_OK(lock_extract_member(a, tree_at(t, S("packages/m")), &x));
	VEC_EACH (struct extracted, e, &x.items) {
		str place = str_replace_all(a, e->location, S("node_modules/"), S(""));
		if (place.len)
			buf_printf(&out, "%s" STR_FMT "@" STR_FMT, out.len ? " " : "",
				   STR_ARG(place), STR_ARG(node_version(e->node)));
	}
	return buf_view(&out);
}

TEST(what_a_member_needs_keeps_its_version_and_goes_up)
{
	ARENA_SCOPE(tmp);

	CHECK_STR(layout(tmp, "'packages/m':{'dependencies':{'a':'1','b':'2'},'devDependencies':{'t':'1'}},"
			      "'packages/m/node_modules/b':{'version':'2.0.0'},"
			      "'node_modules/a':{'version':'1.0.0','dependencies':{'b':'1'}},"
			      "'node_modules/b':{'version':'1.0.0'},'node_modules/t':{'version':'1.0.0'},"
			      "'node_modules/u':{'version':'1.0.0'}"),
		  S("a@1.0.0 b@2.0.0 a/b@1.0.0"), "hidden by the member's own");
	CHECK_STR(layout(tmp, "'packages/m':{'dependencies':{'a':'1'}},"
			      "'node_modules/a':{'version':'1.0.0','dependencies':{'b':'1'}},"
			      "'node_modules/b':{'version':'1.0.0','dependencies':{'a':'1'}}"),
		  S("a@1.0.0 b@1.0.0"), "a circle");
}

/* a finds c@1 at the top; its b wants c@2, which may not come in between. */
TEST(nobody_comes_between_a_package_and_what_it_finds)
{
	ARENA_SCOPE(tmp);

	CHECK_STR(layout(tmp, "'packages/m':{'dependencies':{'a':'1','c':'1'}},"
			      "'node_modules/a':{'version':'1.0.0','dependencies':{'b':'1','c':'1'}},"
			      "'node_modules/b':{'version':'1.0.0','dependencies':{'c':'2'}},"
			      "'node_modules/b/node_modules/c':{'version':'2.0.0'},"
			      "'node_modules/c':{'version':'1.0.0'}"),
		  S("a@1.0.0 c@1.0.0 b@1.0.0 b/c@2.0.0"), "");
	CHECK_STR(layout(tmp, "'packages/m':{'dependencies':{'a':'1','b':'2','c':'1'}},"
			      "'packages/m/node_modules/b':{'version':'2.0.0'},"
			      "'node_modules/a':{'version':'1.0.0','dependencies':{'b':'1','c':'1'}},"
			      "'node_modules/b':{'version':'1.0.0','dependencies':{'c':'2'}},"
			      "'node_modules/b/node_modules/c':{'version':'2.0.0'},"
			      "'node_modules/c':{'version':'1.0.0'}"),
		  S("a@1.0.0 b@2.0.0 c@1.0.0 a/b@1.0.0 a/b/c@2.0.0"), "not beside b, since a finds c@1");
}

TEST(members_are_packages_and_optional_ones_may_be_missing)
{
	ARENA_SCOPE(tmp);
	struct lock_extract x;
	struct tree *t;

	CHECK_STR(layout(tmp, "'packages/m':{'dependencies':{'n':'1'},'optionalDependencies':{'o':'1'}},"
			      "'packages/n':{'version':'1.0.0','dependencies':{'a':'1'},'devDependencies':{'t':'1'}},"
			      "'node_modules/n':{'resolved':'packages/n','link':true},"
			      "'node_modules/a':{'version':'1.0.0'},'node_modules/t':{'version':'1.0.0'}"),
		  S("n@1.0.0 a@1.0.0"), "");
	t = lock(tmp, "'packages/m':{'dependencies':{'gone':'1'}}");
	CHECK_FAILS(lock_extract_member(tmp, tree_at(t, S("packages/m")), &x), E_GENERIC);
}

UNIT_TESTS(TESTED(what_a_member_needs_keeps_its_version_and_goes_up),
	   TESTED(nobody_comes_between_a_package_and_what_it_finds),
	   TESTED(members_are_packages_and_optional_ones_may_be_missing))
