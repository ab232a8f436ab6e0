/* SPDX-License-Identifier: MIT
 * Lockfiles that git could not merge. Both sides and their ancestor are taken apart; what "ours"
 * changed is done again on top of "theirs", and the install that follows mends the rest. Twin of
 * parse-conflict-json. */
#include "lockfile_priv.h"

static bool has_run(str text, char c)
{
	const char run[] = { c, c, c, c, c, c, c };

	return str_find(text, str_of(run, sizeof(run))) != STR_NPOS;
}

bool lockfile_is_conflicted(str text)
{
	return has_run(text, '<') && has_run(text, '>') && has_run(text, '=');
}

/* ---- splitting ---- */

enum part { PART_ALL, PART_OURS, PART_THEIRS, PART_PARENT };

struct sides {
	struct str_buf ours, theirs, parent;
};

static void add_line(struct sides *s, enum part part, str line)
{
	if (part == PART_ALL || part == PART_OURS)
		buf_add(&s->ours, line);
	if (part == PART_ALL || part == PART_THEIRS)
		buf_add(&s->theirs, line);
	if (part == PART_ALL || part == PART_PARENT)
		buf_add(&s->parent, line);
}

/* Lines are joined without a break: JSON needs none. */
static void split(str text, struct sides *s)
{
	enum part part = PART_ALL;

	while (text.len) {
		size_t end = str_find_any(text, "\r\n");
		str line = str_slice(text, 0, end);

		text = end == STR_NPOS ? S("") : str_from(text, end + 1);
		if (has_run(line, '|'))
			part = PART_PARENT;
		else if (has_run(line, '<'))
			part = PART_OURS;
		else if (has_run(line, '='))
			part = PART_THEIRS;
		else if (has_run(line, '>'))
			part = PART_ALL;
		else
			add_line(s, part, line);
	}
}

/* ---- merging ---- */

struct merge {
	struct json *parent, *ours, *theirs;
};

typedef VEC(struct merge) merge_vec;

/* Does to one object of theirs what happened between parent and ours; objects inside come later. */
static void replay(struct arena *a, struct merge m, merge_vec *agenda)
{
	for (size_t i = 0; i < m.ours->count; i++) {
		str key = m.ours->members[i].key;
		struct merge inner = { json_get_str(m.parent, key), m.ours->members[i].val,
				       json_get_str(m.theirs, key) };

		if (inner.parent && json_equal(inner.parent, inner.ours))
			continue;
		if (json_is(inner.parent, JSON_OBJECT) && json_is(inner.ours, JSON_OBJECT) &&
		    json_is(inner.theirs, JSON_OBJECT))
			VEC_PUSH(a, agenda, inner);
		else
			json_set(a, m.theirs, key, inner.ours);
	}
	for (size_t i = 0; i < m.parent->count; i++)
		if (!json_get_str(m.ours, m.parent->members[i].key))
			json_del(m.theirs, m.parent->members[i].key);
}

struct err *lockfile_resolve_conflict(struct arena *a, str text, str *out)
{
	ARENA_SCOPE(tmp);
	struct sides s = { str_buf(tmp, text.len), str_buf(tmp, text.len), str_buf(tmp, text.len) };
	struct str_buf merged = str_buf(a, SIZE_MAX);
	struct merge all;
	merge_vec agenda = { 0 };

	split(text, &s);
	TRY(json_parse(tmp, buf_view(&s.parent), &all.parent));
	TRY(json_parse(tmp, buf_view(&s.ours), &all.ours));
	TRY(json_parse(tmp, buf_view(&s.theirs), &all.theirs));
	if (json_is(all.parent, JSON_OBJECT) && json_is(all.ours, JSON_OBJECT) &&
	    json_is(all.theirs, JSON_OBJECT))
		VEC_PUSH(tmp, &agenda, all);
	while (agenda.len)
		replay(tmp, VEC_POP(&agenda), &agenda);
	json_write(&merged, all.theirs, (struct json_style){ S(""), S("") });
	*out = buf_view(&merged);
	return NULL;
}
