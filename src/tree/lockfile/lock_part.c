/* SPDX-License-Identifier: MIT
 * Parts of lockfiles. A part is the set of its nodes' texts, sorted: two trees that lay the same
 * packages out in other places, or in another order, give the same bytes. */
#include "cpm/tree/lock_part.h"

#define TEXT_MAX_BYTES ((size_t)16 << 20)

void lock_part_init(struct lock_part *p, struct arena *a, struct tree *t, const struct map *members)
{
	*p = (struct lock_part){ .arena = a, .tree = t, .members = members };
	map_init(&p->texts, a);
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static const struct node *what_is_there(const struct node *n)
{
	return n->is_link && n->target ? n->target : n;
}

/* A package is what it is wherever it lies; a folder is where it lies. */
static void add_identity(struct str_buf *out, const struct node *n)
{
	if (n->is_link || str_find(n->location, S("node_modules/")) == STR_NPOS) {
		buf_add(out, n->location);
		return;
	}
	str name = node_package_name(n), version = node_version(n);
	buf_printf(out, STR_FMT "@" STR_FMT " " STR_FMT " " STR_FMT,
		   STR_ARG(str_is_null(name) ? n->name : name), STR_ARG(version),
		   STR_ARG(n->resolved), STR_ARG(n->integrity));
	if (n->patched)
		json_write(out, n->patched, (struct json_style){ 0 });
}

/* One line for the node, one for each name it asks for. */
static str text_of(struct lock_part *p, const struct node *n)
{
	str *known = map_get(&p->texts, n->location);
	struct str_buf out = str_buf(p->arena, TEXT_MAX_BYTES);
	VEC(str) names = { 0 };

	if (known)
		return *known;
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
		VEC_PUSH(p->arena, &names, ((struct edge *)it.val)->name);
	VEC_SORT(&names, by_bytes);
	add_identity(&out, n);
	VEC_EACH (str, name, &names) {
		const struct edge *e = node_edge(n, *name);
		buf_printf(&out, "\n\t" STR_FMT " ", STR_ARG(*name));
		if (e->to)
			add_identity(&out, what_is_there(e->to));
	}
	buf_add_char(&out, '\n');
	known = ARENA_NEW(p->arena, str);
	*known = buf_view(&out);
	map_put(&p->texts, n->location, known);
	return *known;
}

struct digest lock_part_digest(struct lock_part *p, str location)
{
	struct node *start = tree_at(p->tree, location);
	unsigned mark = tree_next_mark(p->tree);
	struct digest_stream stream;
	VEC(const struct node *) agenda = { 0 };
	VEC(str) texts = { 0 };
	struct digest out;

	if (start) {
		start->mark = mark;
		VEC_PUSH(p->arena, &agenda, start);
	}
	for (size_t i = 0; i < agenda.len; i++) {
		VEC_PUSH(p->arena, &texts, text_of(p, agenda.items[i]));
		for (struct map_iter it = map_iter(&agenda.items[i]->edges_out); map_next(&it);) {
			struct node *to = ((struct edge *)it.val)->to;

			to = (struct node *)(to ? what_is_there(to) : NULL);
			if (!to || to->mark == mark || map_has(p->members, to->location))
				continue;
			to->mark = mark;
			VEC_PUSH(p->arena, &agenda, to);
		}
	}
	VEC_SORT(&texts, by_bytes);
	digest_init(&stream, DIGEST_SHA256);
	VEC_EACH (str, text, &texts)
		digest_update(&stream, text->p, text->len);
	digest_final(&stream, &out);
	return out;
}
