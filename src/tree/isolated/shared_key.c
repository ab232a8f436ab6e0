/* SPDX-License-Identifier: MIT
 * Which packages of a linked layout may lie in a place that projects share, and under which keys.
 *
 * A package there sees what it depends on beside itself, so whoever shares it must mean the same
 * package all the way down. Its key is a digest of its own content and, under the names it knows
 * them by, of the keys of all it depends on. Packages that need each other in a circle are keyed
 * together: each starts with what it is by itself, and in each round takes in what the others were
 * in the round before, until a round tells no more of them apart than the last one did. Two circles
 * whose labels are then the same look the same from every package in them, however far one walks.
 *
 * What changes on its way to the disk (patches, extensions, allowed scripts), brings others inside
 * it, or has no digest to know it by, is never shared, nor is anything that depends on it. The
 * circles are the strongly connected components of Tarjan's algorithm ("Depth-first search and
 * linear graph algorithms", 1972), which gives them dependencies first. */
#include "isolated_priv.h"

#include "cpm/base/digest.h"
#include "cpm/tree/script_policy.h"

#define LABEL_BYTES sizeof(struct part_label)
#define KEY_BYTES   16
#define TEXT_MAX    ((size_t)1 << 20)
/* Goes into every key: whatever is done differently later must not meet what was done before. */
#define FORMAT "cpm-shared 1"

struct walk_step {
	struct part *part;
	size_t next; /* dependency to go to next */
};

struct share_walk {
	struct layout *layout;
	struct arena *arena; /* scratch */
	str seed;
	size_t count;
	VEC(struct walk_step) steps;
	part_vec open; /* in no component yet */
};

/* ---- who may ---- */

static bool may_run_scripts(const struct layout *l, struct node *n)
{
	const struct isolated_opts *o = l->opts;

	if (o->runs_all_scripts &&
	    (n->has_install_script || manifest_runs_install_script(n->manifest)))
		return true;
	return script_policy_verdict(o->policy, n) == SCRIPTS_ALLOWED;
}

static bool is_from_registry(const struct node *n)
{
	return str_is_empty(n->resolved) || str_starts(n->resolved, S("http:")) ||
	       str_starts(n->resolved, S("https:"));
}

static bool has_strong_digest(struct arena *a, const struct node *n)
{
	struct integrity integrity;

	integrity_parse(a, n->integrity, &integrity);
	return integrity.strongest >= DIGEST_SHA256;
}

static bool may_be_shared(struct share_walk *w, struct part *p)
{
	struct node *n = p->node;

	return !p->is_local && !n->patched && !n->patch_removed && !n->extended_by &&
	       !n->manifest->nbundled && !node_in_bundle(n) && is_from_registry(n) &&
	       has_strong_digest(w->arena, n) && !may_run_scripts(w->layout, n);
}

/* ---- what it depends on ---- */

static int by_name(const void *a, const void *b)
{
	return str_cmp((*(struct part *const *)a)->name, (*(struct part *const *)b)->name);
}

/* Only what has a place is linked to. In an order that does not depend on the lockfile's. */
static void list_deps(struct share_walk *w, struct part *p)
{
	for (size_t i = 0; isolated_dep(p, i); i++) {
		struct part *dep = isolated_dep(p, i);

		if (dep->is_local || dep->is_placed)
			VEC_PUSH(w->arena, &p->linked, dep);
	}
	VEC_SORT(&p->linked, by_name);
}

/* Two under one name: which of them is linked is nothing that a key could tell. */
static bool has_rivals(const struct part *p)
{
	for (size_t i = 1; i < p->linked.len; i++)
		if (str_eq(p->linked.items[i]->name, p->linked.items[i - 1]->name) &&
		    p->linked.items[i] != p->linked.items[i - 1])
			return true;
	return false;
}

/* ---- labels ---- */

static str label_of(const struct part *p)
{
	return str_of((const char *)p->label.bytes, LABEL_BYTES);
}

static void add_text(struct str_buf *out, str text)
{
	buf_printf(out, "%zu:" STR_FMT "\n", text.len, STR_ARG(text));
}

static void digest_into(struct part_label *label, str text)
{
	struct digest d;

	digest_of(DIGEST_SHA256, text, &d);
	memcpy(label->bytes, d.bytes, LABEL_BYTES);
}

static str strongest_digests(struct arena *a, const struct node *n)
{
	struct integrity integrity;
	struct str_buf out = str_buf(a, TEXT_MAX);

	integrity_parse(a, n->integrity, &integrity);
	for (size_t i = 0; i < integrity.count; i++)
		if (integrity.items[i].algo == integrity.strongest)
			buf_add(&out, integrity_format(a, &integrity.items[i]));
	return buf_view(&out);
}

/* What the package is by itself, and what it needs outside of its component. */
static void label_alone(struct share_walk *w, struct part *p)
{
	struct str_buf text = str_buf(w->arena, TEXT_MAX);

	add_text(&text, w->seed);
	add_text(&text, p->package_name);
	add_text(&text, node_version(p->node));
	add_text(&text, strongest_digests(w->arena, p->node));
	/* Decides about the modes of its commands: npm-tree.md 14. */
	add_text(&text, str_is_empty(p->node->resolved) ? S("unresolved") : S(""));
	VEC_EACH (struct part *, dep, &p->linked) {
		add_text(&text, (*dep)->name);
		add_text(&text, (*dep)->component == p->component ? S("") : label_of(*dep));
	}
	digest_into(&p->label, buf_view(&text));
}

/* One round: what each sees of the others. */
static void relabel(struct share_walk *w, const part_vec *circle)
{
	struct part_label *fresh = ARENA_ARRAY(w->arena, struct part_label, circle->len);

	for (size_t i = 0; i < circle->len; i++) {
		struct part *p = circle->items[i];
		struct str_buf text = str_buf(w->arena, TEXT_MAX);

		add_text(&text, label_of(p));
		VEC_EACH (struct part *, dep, &p->linked)
			if ((*dep)->component == p->component) {
				add_text(&text, (*dep)->name);
				add_text(&text, label_of(*dep));
			}
		digest_into(&fresh[i], buf_view(&text));
	}
	for (size_t i = 0; i < circle->len; i++)
		circle->items[i]->label = fresh[i];
}

static int by_label(const void *a, const void *b)
{
	return memcmp((*(struct part *const *)a)->label.bytes,
		      (*(struct part *const *)b)->label.bytes, LABEL_BYTES);
}

/* Sorts by label; how many different ones there are. */
static size_t count_labels(part_vec *circle)
{
	size_t count = 1;

	VEC_SORT(circle, by_label);
	for (size_t i = 1; i < circle->len; i++)
		count += by_label(&circle->items[i - 1], &circle->items[i]) != 0;
	return count;
}

/* The keys of all in it, made from what they have become and from what the circle is as a whole. */
static void label_circle(struct share_walk *w, part_vec *circle)
{
	size_t before, now = 0;
	struct str_buf all = str_buf(w->arena, TEXT_MAX);
	struct part_label whole;
	str last = STR_NULL;

	do {
		relabel(w, circle);
		before = now;
		now = count_labels(circle);
	} while (now > before);
	VEC_EACH (struct part *, p, circle) {
		if (!str_eq(label_of(*p), last))
			add_text(&all, label_of(*p));
		last = label_of(*p);
	}
	digest_into(&whole, buf_view(&all));
	VEC_EACH (struct part *, p, circle) {
		struct str_buf text = str_buf(w->arena, TEXT_MAX);

		add_text(&text, label_of(*p));
		add_text(&text, str_of((const char *)whole.bytes, LABEL_BYTES));
		digest_into(&(*p)->label, buf_view(&text));
	}
}

/* ---- components ---- */

static bool are_shared(struct share_walk *w, const part_vec *component)
{
	VEC_EACH (struct part *, p, component) {
		if (!may_be_shared(w, *p) || has_rivals(*p))
			return false;
		VEC_EACH (struct part *, dep, &(*p)->linked)
			if ((*dep)->component != (*p)->component && !(*dep)->is_shared)
				return false;
	}
	return true;
}

static bool needs_itself(const struct part *p)
{
	VEC_EACH (struct part *, dep, &p->linked)
		if (*dep == p)
			return true;
	return false;
}

static void close_component(struct share_walk *w, struct part *root)
{
	part_vec all = { 0 };
	struct part *p;
	bool shared;

	do {
		p = VEC_POP(&w->open);
		p->is_open = false;
		p->component = root->number;
		VEC_PUSH(w->arena, &all, p);
	} while (p != root);
	shared = are_shared(w, &all);
	VEC_EACH (struct part *, member, &all) {
		(*member)->is_shared = shared;
		if (shared)
			label_alone(w, *member);
	}
	if (shared && (all.len > 1 || needs_itself(root)))
		label_circle(w, &all);
}

static void enter(struct share_walk *w, struct part *p)
{
	p->number = p->lowest = ++w->count;
	p->is_open = true;
	list_deps(w, p);
	VEC_PUSH(w->arena, &w->open, p);
	VEC_PUSH(w->arena, &w->steps, (struct walk_step){ p, 0 });
}

static void leave(struct share_walk *w)
{
	struct part *p = VEC_POP(&w->steps).part;

	if (p->lowest == p->number)
		close_component(w, p);
	if (w->steps.len) {
		struct part *above = VEC_LAST(&w->steps).part;

		above->lowest = MIN(above->lowest, p->lowest);
	}
}

static void walk_from(struct share_walk *w, struct part *from)
{
	enter(w, from);
	while (w->steps.len) {
		struct walk_step *step = &VEC_LAST(&w->steps);
		struct part *p = step->part, *dep;

		if (step->next == p->linked.len) {
			leave(w);
			continue;
		}
		dep = p->linked.items[step->next++];
		if (!dep->number)
			enter(w, dep);
		else if (dep->is_open)
			p->lowest = MIN(p->lowest, dep->number);
	}
}

/* ---- whole ---- */

static str key_of(struct layout *l, const struct part *p)
{
	str version = node_version(p->node);

	return str_printf(l->arena, STR_FMT "@" STR_FMT "-" STR_FMT, STR_ARG(p->package_name),
			  STR_ARG(version.len ? version : S("undefined")),
			  STR_ARG(isolated_key_text(
				  l->arena, str_of((const char *)p->label.bytes, KEY_BYTES))));
}

void isolated_share(struct layout *l)
{
	ARENA_SCOPE(tmp);
	struct share_walk w = { .layout = l,
				.arena = tmp,
				.seed = str_concat(tmp, S(FORMAT "\n"), l->opts->share_seed) };

	VEC_EACH (struct part *, p, &l->externals)
		(*p)->is_placed = true;
	VEC_EACH (struct part *, p, &l->externals)
		if (!(*p)->number)
			walk_from(&w, *p);
	VEC_EACH (struct part *, p, &l->externals)
		if ((*p)->is_shared)
			(*p)->shared_key = key_of(l, *p);
}
