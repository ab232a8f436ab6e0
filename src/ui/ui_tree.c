/* SPDX-License-Identifier: MIT
 * Trees drawn with lines. What stands in front of a line depends on the way down to it, so one
 * prefix is kept, two columns longer at each step down and cut back at each step up. */
#include "cpm/ui/ui_tree.h"

struct strokes {
	str down, last, next, across, kids;
};

static const struct strokes unicode = { S("│"), S("└"), S("├"), S("─"), S("┬") };
static const struct strokes ascii = { S("|"), S("`"), S("+"), S("-"), S("-") };

struct step {
	const struct ui_branch *branch;
	size_t next;       /* kid to draw next */
	size_t prefix_len; /* of the lines below this branch */
};

/* Further lines of a label stand under the first, beside the line down to the kids. */
static void add_label(struct str_buf *out, const struct strokes *s, str prefix,
		      const struct ui_branch *b)
{
	str rest = b->label, line;
	bool is_first = true;

	while (str_cut(&rest, '\n', &line)) {
		if (!is_first) {
			buf_add(out, prefix);
			buf_add(out, b->kids.len ? s->down : S(" "));
			buf_add_char(out, ' ');
		}
		buf_add(out, line);
		buf_add_char(out, '\n');
		is_first = false;
	}
}

static void add_kid(struct str_buf *out, const struct strokes *s, struct str_buf *prefix,
		    const struct ui_branch *kid, bool is_last)
{
	buf_add(out, buf_view(prefix));
	buf_add(out, is_last ? s->last : s->next);
	buf_add(out, s->across);
	buf_add(out, kid->kids.len ? s->kids : s->across);
	buf_add_char(out, ' ');
	buf_add(prefix, is_last ? S(" ") : s->down);
	buf_add_char(prefix, ' ');
	add_label(out, s, buf_view(prefix), kid);
}

void ui_tree_format(struct str_buf *out, const struct ui_branch *root, bool is_unicode)
{
	ARENA_SCOPE(tmp);
	const struct strokes *s = is_unicode ? &unicode : &ascii;
	struct str_buf prefix = str_buf(tmp, SIZE_MAX);
	VEC(struct step) stack = { 0 };

	add_label(out, s, S(""), root);
	VEC_PUSH(tmp, &stack, (struct step){ .branch = root });
	while (stack.len) {
		struct step *at = &VEC_LAST(&stack);

		prefix.len = at->prefix_len;
		if (at->next == at->branch->kids.len) {
			(void)VEC_POP(&stack);
			continue;
		}
		const struct ui_branch *kid = at->branch->kids.items[at->next++];
		add_kid(out, s, &prefix, kid, at->next == at->branch->kids.len);
		VEC_PUSH(tmp, &stack, (struct step){ .branch = kid, .prefix_len = prefix.len });
	}
}
