/* SPDX-License-Identifier: MIT
 * Two texts into the hunks that lead from one to the other.
 *
 * Lines are numbered by what they say, and the shortest script of removals and insertions is found by walking
 * diagonals of the edit graph, furthest point first. Each point keeps where it came from, so that the script can be read
 * back; a text that shares too little with the other is replaced as a whole. Among scripts of one length the one with
 * removals first is taken, as npm's library does. Source: E. Myers, "An O(ND) Difference Algorithm", 1986.
 */
#include "cpm/base/map.h"
#include "cpm/base/unified_diff.h"

/* Longer scripts are not looked for: their points would take more than about 100 MB. */
#define MAX_EDITS 2500

typedef VEC(str) line_vec;

enum edit_kind { EDIT_KEEP, EDIT_REMOVE, EDIT_INSERT };

/* The end of a path: @x lines of the old text are behind it. */
struct point {
	size_t x;
	const struct point *from; /* before the last edit; NULL at the start */
	bool is_insertion;
};

struct differ {
	struct arena *arena;
	line_vec old_lines, new_lines;
	size_t *old_ids, *new_ids;
	VEC(unsigned char) script; /* enum edit_kind for each line */
};

/* ---- lines ---- */

/* With their line ends. */
static void split_lines(struct arena *a, str text, line_vec *out)
{
	while (text.len) {
		size_t end = str_find_char(text, '\n');
		size_t len = end == STR_NPOS ? text.len : end + 1;

		VEC_PUSH(a, out, str_slice(text, 0, len));
		text = str_from(text, len);
	}
}

static size_t *number_lines(struct arena *a, struct map *ids, const line_vec *lines,
			    bool ignores_space)
{
	size_t *out = ARENA_ARRAY(a, size_t, lines->len + 1);

	for (size_t i = 0; i < lines->len; i++) {
		str key = ignores_space ? str_trim_js(lines->items[i]) : lines->items[i];
		size_t id = (size_t)map_get(ids, key);

		if (!id) {
			id = ids->count + 1;
			map_put(ids, key, (void *)id);
		}
		out[i] = id;
	}
	return out;
}

/* ---- the script ---- */

/* Over the lines that both have; @k is how many more of the old text than of the new lie behind. */
static size_t follow(const struct differ *d, size_t x, ptrdiff_t k)
{
	while (x < d->old_lines.len && (size_t)((ptrdiff_t)x - k) < d->new_lines.len &&
	       d->old_ids[x] == d->new_ids[(ptrdiff_t)x - k])
		x++;
	return x;
}

static bool is_end(const struct differ *d, size_t x, ptrdiff_t k)
{
	return x >= d->old_lines.len && (size_t)((ptrdiff_t)x - k) >= d->new_lines.len;
}

/* The next point on diagonal @k: from the one above by an insertion, or from the one below by a removal; NULL when both
 * would leave the graph. */
static struct point *step(const struct differ *d, const struct point *below, const struct point *above,
			  ptrdiff_t k)
{
	ptrdiff_t y = above ? (ptrdiff_t)above->x - k - 1 : -1;
	bool can_insert = above && y >= 0 && (size_t)y < d->new_lines.len;
	bool can_remove = below && below->x < d->old_lines.len;
	bool inserts = can_insert && (!can_remove || below->x < above->x);
	struct point *p;

	if (!can_insert && !can_remove)
		return NULL;
	p = ARENA_NEW(d->arena, struct point);
	*p = (struct point){ .x = follow(d, inserts ? above->x : below->x + 1, k),
			     .from = inserts ? above : below,
			     .is_insertion = inserts };
	return p;
}

/* The last point of a shortest path; NULL when it has more than MAX_EDITS edits. */
static const struct point *find_path(const struct differ *d)
{
	size_t limit = MIN(d->old_lines.len + d->new_lines.len, (size_t)MAX_EDITS);
	const struct point **best = ARENA_ARRAY(d->arena, const struct point *, 2 * limit + 3);
	ptrdiff_t low = -(ptrdiff_t)limit, high = (ptrdiff_t)limit;
	struct point *start = ARENA_NEW(d->arena, struct point);

	best += limit + 1;
	*start = (struct point){ .x = follow(d, 0, 0) };
	best[0] = start;
	if (is_end(d, start->x, 0))
		return start;
	for (ptrdiff_t edits = 1; edits <= (ptrdiff_t)limit; edits++) {
		for (ptrdiff_t k = MAX(low, -edits); k <= MIN(high, edits); k += 2) {
			const struct point *p = step(d, best[k - 1], best[k + 1], k);

			best[k - 1] = NULL;
			best[k] = p;
			if (!p)
				continue;
			if (is_end(d, p->x, k))
				return p;
			if (p->x >= d->old_lines.len)
				high = MIN(high, k - 1);
			if ((size_t)((ptrdiff_t)p->x - k) >= d->new_lines.len)
				low = MAX(low, k + 1);
		}
	}
	return NULL;
}

static void replace_all(struct differ *d)
{
	for (size_t i = 0; i < d->old_lines.len; i++)
		VEC_PUSH(d->arena, &d->script, EDIT_REMOVE);
	for (size_t i = 0; i < d->new_lines.len; i++)
		VEC_PUSH(d->arena, &d->script, EDIT_INSERT);
}

/* The edits of a path, first one first, with the lines that are kept between them. */
static void read_path(struct differ *d, const struct point *end)
{
	VEC(const struct point *) points = { 0 };
	size_t x = 0;

	for (const struct point *p = end; p; p = p->from)
		VEC_PUSH(d->arena, &points, p);
	for (size_t i = points.len; i-- > 0;) {
		const struct point *p = points.items[i];

		if (p->from && !p->is_insertion)
			x++;
		if (p->from)
			VEC_PUSH(d->arena, &d->script, p->is_insertion ? EDIT_INSERT : EDIT_REMOVE);
		for (; x < p->x; x++)
			VEC_PUSH(d->arena, &d->script, EDIT_KEEP);
	}
}

/* ---- hunks ---- */

/* From @from on, the next edit; the end of the script when there is none. */
static size_t next_edit(const struct differ *d, size_t from)
{
	while (from < d->script.len && d->script.items[from] == EDIT_KEEP)
		from++;
	return from;
}

/* Where the hunk ends whose first edit is at @at: so many lines behind an edit that no other is near to. */
static size_t hunk_end(const struct differ *d, size_t at, size_t context)
{
	for (;;) {
		size_t last = at, next;

		while (last < d->script.len && d->script.items[last] != EDIT_KEEP)
			last++;
		next = next_edit(d, last);
		if (next >= d->script.len || next - last > 2 * context)
			return MIN(last + context, d->script.len);
		at = next;
	}
}

static void add_line(struct str_buf *out, char mark, str line)
{
	buf_add_char(out, mark);
	buf_add(out, line);
	if (!str_ends(line, S("\n")))
		buf_add_cstr(out, "\n\\ No newline at end of file\n");
}

/* Where the two texts are in the script. */
struct cursor {
	size_t at, old_line, new_line;
};

static void advance(const struct differ *d, struct cursor *c, size_t to, struct str_buf *out)
{
	for (; c->at < to; c->at++) {
		unsigned char kind = d->script.items[c->at];

		if (out && kind == EDIT_REMOVE)
			add_line(out, '-', d->old_lines.items[c->old_line]);
		else if (out)
			add_line(out, kind == EDIT_KEEP ? ' ' : '+', d->new_lines.items[c->new_line]);
		c->old_line += kind != EDIT_INSERT;
		c->new_line += kind != EDIT_REMOVE;
	}
}

static void add_hunk(const struct differ *d, struct cursor *c, size_t end, struct str_buf *out)
{
	struct cursor after = *c;
	size_t old_lines, new_lines;

	advance(d, &after, end, NULL);
	old_lines = after.old_line - c->old_line;
	new_lines = after.new_line - c->new_line;
	buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", c->old_line + (old_lines > 0), old_lines,
		   c->new_line + (new_lines > 0), new_lines);
	advance(d, c, end, out);
}

void unified_diff_make(struct arena *scratch, str old_text, str new_text, const struct diff_style *style,
		       struct str_buf *out)
{
	struct differ d = { .arena = scratch };
	struct cursor c = { 0 };
	const struct point *end;
	struct map ids;

	map_init(&ids, scratch);
	split_lines(scratch, old_text, &d.old_lines);
	split_lines(scratch, new_text, &d.new_lines);
	d.old_ids = number_lines(scratch, &ids, &d.old_lines, style->ignores_space);
	d.new_ids = number_lines(scratch, &ids, &d.new_lines, style->ignores_space);
	end = find_path(&d);
	if (end)
		read_path(&d, end);
	else
		replace_all(&d);
	for (size_t edit; (edit = next_edit(&d, c.at)) < d.script.len;) {
		size_t kept = edit - c.at;

		advance(&d, &c, edit - MIN(kept, style->context), NULL);
		add_hunk(&d, &c, hunk_end(&d, edit, style->context), out);
	}
}
