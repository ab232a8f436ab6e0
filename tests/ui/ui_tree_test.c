/* SPDX-License-Identifier: MIT */
#include "cpm/ui/ui_tree.h"

#include "check.h"

static struct ui_branch *branch(struct arena *a, struct ui_branch *parent, str label)
{
	struct ui_branch *b = ARENA_NEW(a, struct ui_branch);

	b->label = label;
	if (parent)
		VEC_PUSH(a, &parent->kids, b);
	return b;
}

static str draw(struct arena *a, const struct ui_branch *root, bool is_unicode)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	ui_tree_format(&out, root, is_unicode);
	return buf_view(&out);
}

TEST(branches_are_joined_by_lines)
{
	ARENA_SCOPE(a);
	struct ui_branch *root = branch(a, NULL, S("root"));

	branch(a, branch(a, branch(a, root, S("a")), S("b")), S("c"));
	branch(a, root, S("d"));
	CHECK_STR(draw(a, root, true), S("root\n├─┬ a\n│ └─┬ b\n│   └── c\n└── d\n"));
	CHECK_STR(draw(a, root, false), S("root\n+-- a\n| `-- b\n|   `-- c\n`-- d\n"));
}

TEST(further_lines_of_a_label_stand_beside_the_line_down)
{
	ARENA_SCOPE(a);
	struct ui_branch *root = branch(a, NULL, S("root\nmore"));

	branch(a, branch(a, root, S("a\nsaid of a")), S("b\n"));
	branch(a, root, S("c\nsaid of c"));
	CHECK_STR(draw(a, root, true),
		  S("root\n│ more\n├─┬ a\n│ │ said of a\n│ └── b\n│     \n└── c\n    said of c\n"));
}

TEST(depth_is_no_matter)
{
	ARENA_SCOPE(a);
	struct ui_branch *root = branch(a, NULL, S("0")), *at = root;
	str text;

	for (int i = 0; i < 3000; i++)
		at = branch(a, at, S("x"));
	text = draw(a, root, true);
	CHECK(str_ends(text, S("└── x\n")));
}

UNIT_TESTS(TESTED(branches_are_joined_by_lines),
	   TESTED(further_lines_of_a_label_stand_beside_the_line_down), TESTED(depth_is_no_matter))
