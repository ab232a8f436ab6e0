/* SPDX-License-Identifier: MIT
 * The keys of the store. A key names a package together with everything it needs: a walk of its
 * dependencies, depth first, each one once, gives a line for each of them with the way that led
 * there; the lines are sorted and digested.
 *
 *   a@1.0.0::<where a came from>
 *   a@1.0.0->b@2.0.0::<where b came from>
 */
#include "isolated_priv.h"

#include "cpm/base/digest.h"

#define KEY_DIGEST_BYTES 16
#define WAY_MAX_BYTES    ((size_t)1 << 24)

struct key_step {
	struct part *part;
	size_t next;    /* dependency to go to next */
	size_t way_len; /* the way up to and including the part */
};

struct key_walk {
	struct arena *arena; /* scratch */
	unsigned mark;
	struct str_buf way; /* "a@1.0.0->b@2.0.0" */
	VEC(struct key_step) steps;
	VEC(str) lines;
};

struct part *isolated_dep(const struct part *p, size_t i)
{
	if (i < p->external.len)
		return p->external.items[i];
	i -= p->external.len;
	if (i < p->local.len)
		return p->local.items[i];
	i -= p->local.len;
	return i < p->optional.len ? p->optional.items[i] : NULL;
}

/* A folder of the user's own counts without its version, which may change at any time. */
static str version_in_key(const struct part *p)
{
	str version = p->is_local ? S("") : node_version(p->node);

	return version.len ? version : S("undefined");
}

static void enter(struct key_walk *w, struct part *p)
{
	str resolved = p->node->resolved, patch = json_get_text(p->node->patched, "integrity");

	p->mark = w->mark;
	buf_printf(&w->way, "%s" STR_FMT "@" STR_FMT, w->way.len ? "->" : "",
		   STR_ARG(p->package_name), STR_ARG(version_in_key(p)));
	VEC_PUSH(w->arena, &w->lines,
		 str_printf(w->arena, STR_FMT "::" STR_FMT "%s" STR_FMT, STR_ARG(buf_view(&w->way)),
			    STR_ARG(str_is_empty(resolved) ? S("null") : resolved),
			    p->node->patched ? "::patch:" : "", STR_ARG(patch)));
	VEC_PUSH(w->arena, &w->steps, (struct key_step){ p, 0, w->way.len });
}

static void walk(struct key_walk *w, struct part *from)
{
	enter(w, from);
	while (w->steps.len) {
		struct key_step *step = &VEC_LAST(&w->steps);
		struct part *dep = isolated_dep(step->part, step->next++);

		w->way.len = step->way_len;
		if (!dep)
			(void)VEC_POP(&w->steps);
		else if (dep->mark != w->mark)
			enter(w, dep);
	}
}

static int compare_lines(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

str isolated_key_text(struct arena *a, str bytes)
{
	str padded = base64_encode(a, bytes);
	char *out = str_cstr(a, str_slice(padded, 0, str_find_char(padded, '=')));

	for (char *c = out; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	return str_view(out);
}

static str digest_text(struct arena *a, str text)
{
	unsigned char bytes[KEY_DIGEST_BYTES];

	digest_shake256(text, bytes, sizeof(bytes));
	return isolated_key_text(a, str_of((const char *)bytes, sizeof(bytes)));
}

str isolated_key(struct layout *l, struct part *p)
{
	ARENA_SCOPE(tmp);
	struct key_walk w = { .arena = tmp, .mark = ++l->mark, .way = str_buf(tmp, WAY_MAX_BYTES) };
	str version = node_version(p->node);

	walk(&w, p);
	VEC_SORT(&w.lines, compare_lines);
	return str_printf(
		l->arena, STR_FMT "@" STR_FMT "-" STR_FMT "%s", STR_ARG(p->package_name),
		STR_ARG(version.len ? version : S("undefined")),
		STR_ARG(digest_text(tmp, str_join(tmp, w.lines.items, w.lines.len, S(",")))),
		p->node->patched ? "+patch" : "");
}
