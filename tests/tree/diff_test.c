/* SPDX-License-Identifier: MIT
 * What has to be done to get from one tree to another; the rows are decisions of npm's diff.js
 * (npm-tree.md 13.2). */
#include "check.h"
#include "cpm/tree/diff.h"

#define SHA_A     \
	"sha512-" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
#define SHA_B     \
	"sha512-" \
	"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=="
#define SHA1 "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA="

static struct manifest *manifest(struct arena *a, str version)
{
	struct manifest *m = ARENA_NEW(a, struct manifest);

	m->version = version;
	return m;
}

static struct tree *tree(struct arena *a)
{
	struct tree *t = tree_new(a, S("/nowhere/project"));

	node_set_root(t, node_new(a, S("project"), manifest(a, S("1.0.0"))));
	return t;
}

static struct node *add(struct arena *a, struct node *parent, str name, str version, str integrity)
{
	struct node *n = node_new(a, name, manifest(a, version));

	n->integrity = integrity;
	n->dev = n->optional = n->dev_optional = n->peer = n->extraneous = false;
	node_set_parent(n, parent);
	return n;
}

/* "+a ~b -c =d": added, changed, removed, unchanged. */
static str show(struct arena *a, const struct diff *d)
{
	struct str_buf out = str_buf(a, 1 << 16);

	for (size_t i = 0; i < d->count; i++) {
		const struct diff_entry *e = &d->items[i];
		const struct node *n = e->ideal ? e->ideal : e->actual;

		buf_printf(&out, "%c" STR_FMT " ", "+~-"[e->action], STR_ARG(n->location));
	}
	for (size_t i = 0; i < d->unchanged.len; i++)
		buf_printf(&out, "=" STR_FMT " ", STR_ARG(d->unchanged.items[i]->location));
	return str_trim(str_replace_all(a, buf_view(&out), S("node_modules"), S("nm")));
}

TEST(a_place_changes_with_its_version_or_its_bytes)
{
	/* clang-format off */
	const struct { const char *what; str version, integrity, disk_version, disk_integrity, want; } rows[] = {
		{ "same",               S("1.0.0"), S(SHA_A), S("1.0.0"), S(SHA_A), S("=nm/a") },
		{ "other version",      S("1.0.1"), S(SHA_A), S("1.0.0"), S(SHA_A), S("~nm/a") },
		{ "other bytes",        S("1.0.0"), S(SHA_A), S("1.0.0"), S(SHA_B), S("~nm/a") },
		{ "one of two matches", S("1.0.0"), S(SHA_A " " SHA_B), S("1.0.0"), S(SHA_B), S("=nm/a") },
		{ "strongest decides",  S("1.0.0"), S(SHA_A " " SHA1), S("1.0.0"), S(SHA_B " " SHA1), S("~nm/a") },
		{ "weaker in common",   S("1.0.0"), S(SHA_A " " SHA1), S("1.0.0"), S(SHA1), S("=nm/a") },
		{ "nothing in common",  S("1.0.0"), S(SHA_A), S("1.0.0"), S(SHA1), S("~nm/a") },
		{ "unknown on disk",    S("1.0.0"), S(SHA_A), S("1.0.0"), STR_NULL, S("~nm/a") },
		{ "unknown in lock",    S("1.0.0"), STR_NULL, S("1.0.0"), S(SHA_A), S("~nm/a") },
		{ "unknown in both",    S("1.0.0"), STR_NULL, S("1.0.0"), STR_NULL, S("=nm/a") },
		{ "not SRI",            S("1.0.0"), S("x"), S("1.0.0"), S("x"), S("~nm/a") },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct tree *actual = tree(a), *ideal = tree(a);

		add(a, actual->root, S("a"), rows[i].disk_version, rows[i].disk_integrity);
		add(a, ideal->root, S("a"), rows[i].version, rows[i].integrity);
		CHECK_STR(show(a, diff_trees(a, actual, ideal, &(struct diff_opts){ 0 })),
			  rows[i].want, "%s", rows[i].what);
	}
}

TEST(parents_come_before_what_hangs_below_them_and_siblings_backwards)
{
	ARENA_SCOPE(a);
	struct tree *actual = tree(a), *ideal = tree(a);
	struct node *gone = add(a, actual->root, S("gone"), S("1.0.0"), S(SHA_A));
	struct node *changed = add(a, actual->root, S("changed"), S("1.0.0"), S(SHA_A)), *fresh;

	add(a, gone, S("inner"), S("1.0.0"), S(SHA_A));
	add(a, changed, S("kept"), S("1.0.0"), S(SHA_A));
	add(a, changed, S("old"), S("1.0.0"), S(SHA_A));
	changed = add(a, ideal->root, S("changed"), S("2.0.0"), S(SHA_A));
	add(a, changed, S("kept"), S("1.0.0"), S(SHA_A));
	add(a, changed, S("new"), S("1.0.0"), S(SHA_A));
	fresh = add(a, ideal->root, S("fresh"), S("1.0.0"), S(SHA_A));
	add(a, fresh, S("inner"), S("1.0.0"), S(SHA_A));
	CHECK_STR(show(a, diff_trees(a, actual, ideal, &(struct diff_opts){ 0 })),
		  S("+nm/fresh +nm/fresh/nm/inner ~nm/changed +nm/changed/nm/new "
		    "-nm/changed/nm/old -nm/gone -nm/gone/nm/inner "
		    "=nm/changed/nm/kept"));
}

TEST(omitted_and_inert_packages_count_as_absent)
{
	ARENA_SCOPE(a);
	struct tree *actual = tree(a), *ideal = tree(a);
	struct node *dev;

	add(a, actual->root, S("dev"), S("1.0.0"), S(SHA_A));
	dev = add(a, ideal->root, S("dev"), S("1.0.0"), S(SHA_A));
	dev->dev = true;
	add(a, ideal->root, S("other-os"), S("1.0.0"), S(SHA_A))->inert = true;
	CHECK_STR(show(a, diff_trees(a, actual, ideal, &(struct diff_opts){ .omit_dev = true })),
		  S("-nm/dev"));
	CHECK(dev->inert, "npm leaves it out of the hidden lockfile");
}

TEST(a_link_changes_with_the_folder_it_leads_to)
{
	ARENA_SCOPE(a);
	struct tree *actual = tree(a), *ideal = tree(a);

	node_set_parent(node_new_link(a, S("same"), S("/nowhere/project/w")), actual->root);
	node_set_parent(node_new_link(a, S("same"), S("/nowhere/project/w")), ideal->root);
	node_set_parent(node_new_link(a, S("moved"), S("/nowhere/project/w1")), actual->root);
	node_set_parent(node_new_link(a, S("moved"), S("/nowhere/project/w2")), ideal->root);
	add(a, actual->root, S("turned"), STR_NULL, STR_NULL);
	node_set_parent(node_new_link(a, S("turned"), S("/nowhere/project/w3")), ideal->root);
	CHECK_STR(show(a, diff_trees(a, actual, ideal, &(struct diff_opts){ 0 })),
		  S("~nm/turned ~nm/moved =nm/same"));
}

TEST(two_thousand_levels_do_not_exhaust_the_stack)
{
	ARENA_SCOPE(a);
	struct tree *actual = tree(a), *ideal = tree(a);
	struct node *at = ideal->root;

	for (size_t i = 0; i < 2000; i++)
		at = add(a, at, S("d"), S("1.0.0"), S(SHA_A));
	CHECK_EQ(diff_trees(a, actual, ideal, &(struct diff_opts){ 0 })->count, 2000);
}

UNIT_TESTS(TESTED(a_place_changes_with_its_version_or_its_bytes),
	   TESTED(parents_come_before_what_hangs_below_them_and_siblings_backwards),
	   TESTED(omitted_and_inert_packages_count_as_absent),
	   TESTED(a_link_changes_with_the_folder_it_leads_to),
	   TESTED(two_thousand_levels_do_not_exhaust_the_stack))
