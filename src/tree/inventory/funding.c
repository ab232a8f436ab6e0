/* SPDX-License-Identifier: MIT
 * The tree of those who ask for funding. Twin of libnpmfund, which goes down recursively; here each
 * package on the way down is a level of a stack, with what was found below it so far. */
#include "cpm/tree/funding.h"

#include "spec_priv.h"

/* ---- a package's word ---- */

static bool is_funding_url(str url)
{
	ARENA_SCOPE(tmp);
	struct spec_url u;

	return url.len && spec_url_parse(tmp, url, &u) && u.host.len &&
	       (str_eq(u.scheme, S("http")) || str_eq(u.scheme, S("https")));
}

static str url_of(const struct json *item)
{
	return json_is(item, JSON_STRING) ? item->string : json_get_text(item, "url");
}

bool funding_is_valid(const struct json *funding)
{
	if (!json_is(funding, JSON_ARRAY))
		return is_funding_url(url_of(funding));
	for (size_t i = 0; i < funding->count; i++)
		if (!is_funding_url(url_of(funding->items[i])))
			return false;
	return true;
}

const struct funding_place *funding_places(struct arena *a, const struct json *funding,
					   size_t *count)
{
	VEC(struct funding_place) found = { 0 };
	size_t n = json_is(funding, JSON_ARRAY) ? funding->count : 1;

	for (size_t i = 0; i < n; i++) {
		const struct json *item = json_is(funding, JSON_ARRAY) ? funding->items[i]
								       : funding;
		if (is_funding_url(url_of(item)))
			VEC_PUSH(a, &found,
				 (struct funding_place){ url_of(item),
							 json_get_text(item, "type") });
	}
	*count = found.len;
	return found.items;
}

static struct json *place_json(struct arena *a, struct json *item)
{
	struct json *out;

	if (!json_is(item, JSON_STRING))
		return item;
	out = json_new(a, JSON_OBJECT);
	json_set(a, out, S("url"), item);
	return out;
}

/* Texts become objects. */
static struct json *funding_json(struct arena *a, struct json *funding)
{
	struct json *list;

	if (!json_is(funding, JSON_ARRAY))
		return place_json(a, funding);
	list = json_new(a, JSON_ARRAY);
	for (size_t i = 0; i < funding->count; i++)
		json_append(a, list, place_json(a, funding->items[i]));
	return list;
}

/* ---- the way down ---- */

struct found {
	struct node *node;
	struct json *item; /* its version and funding, later its dependencies */
	bool is_entered;
};

struct level {
	VEC(struct found) items;
	size_t at;
	struct json *own, *trailing; /* who asks here; what those have below who do not */
};

struct descent {
	struct arena *arena;
	const struct map *only;
	struct map seen; /* "name@version" */
	VEC(struct level) stack;
	size_t count;
};

static bool is_new(struct descent *d, const struct node *n)
{
	str key = str_printf(d->arena, STR_FMT "@" STR_FMT, STR_ARG(node_package_name(n)),
			     STR_ARG(node_version(n)));

	return !map_put(&d->seen, key, (void *)n);
}

static struct json *item_json(struct descent *d, const struct node *n)
{
	struct json *item = json_new(d->arena, JSON_OBJECT), *funding = n->manifest->funding;
	str version = node_version(n);

	if (version.len)
		json_set_text(d->arena, item, "version", version);
	if (json_is_truthy(funding) && funding_is_valid(funding)) {
		json_set(d->arena, item, S("funding"), funding_json(d->arena, funding));
		d->count++;
	}
	return item;
}

/* All that a package depends on is met before anything below it. */
static void enter(struct descent *d, struct node *from)
{
	struct level l = { .own = json_new(d->arena, JSON_OBJECT),
			   .trailing = json_new(d->arena, JSON_OBJECT) };

	for (struct map_iter it = map_iter(&from->edges_out); map_next(&it);) {
		struct node *n = ((const struct edge *)it.val)->to;

		if (n && n->target)
			n = n->target;
		if (!n || n->inert || (d->only->count && map_get(d->only, n->location) != n) ||
		    !is_new(d, n))
			continue;
		VEC_PUSH(d->arena, &l.items, (struct found){ .node = n, .item = item_json(d, n) });
	}
	VEC_PUSH(d->arena, &d->stack, l);
}

static void merge(struct arena *a, struct json *into, const struct json *from)
{
	for (size_t i = 0; i < from->count; i++)
		json_set(a, into, from->members[i].key, from->members[i].val);
}

static struct json *leave(struct descent *d)
{
	struct level l = VEC_POP(&d->stack);

	merge(d->arena, l.own, l.trailing);
	return l.own;
}

/* @below: what was found below @f. */
static void settle(struct descent *d, struct level *l, const struct found *f, struct json *below)
{
	str name = node_package_name(f->node);

	if (below->count)
		json_set(d->arena, f->item, S("dependencies"), below);
	if (json_get(f->item, "funding"))
		json_set(d->arena, l->own, str_is_null(name) ? S("undefined") : name, f->item);
	else
		merge(d->arena, l->trailing, below);
}

static struct json *descend(struct descent *d, struct node *root)
{
	struct json *below = NULL;

	enter(d, root);
	while (d->stack.len) {
		struct level *l = &VEC_LAST(&d->stack);

		if (l->at == l->items.len) {
			below = leave(d);
			continue;
		}
		struct found *f = &l->items.items[l->at];
		if (!f->is_entered) {
			f->is_entered = true;
			enter(d, f->node);
			continue;
		}
		settle(d, l, f, below);
		l->at++;
	}
	return below;
}

struct json *funding_report(struct arena *a, struct tree *t, const struct map *only)
{
	struct descent d = { .arena = a, .only = only };
	struct json *out = json_new(a, JSON_OBJECT), *dependencies,
		    *funding = t->root->manifest->funding;
	str name = node_package_name(t->root), version = node_version(t->root);

	map_init(&d.seen, a);
	dependencies = descend(&d, t->root);
	json_set(a, out, S("length"), json_new_number(a, (double)d.count));
	json_set_text(a, out, "name", name.len ? name : t->root->name);
	if (version.len)
		json_set_text(a, out, "version", version);
	if (json_is_truthy(funding))
		json_set(a, out, S("funding"), funding_json(a, funding));
	json_set(a, out, S("dependencies"), dependencies);
	return out;
}
