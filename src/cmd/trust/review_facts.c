/* SPDX-License-Identifier: MIT
 * What only the registry knows of the versions that came: age, size, who published them and with
 * what proof. */
#include "review.h"

#include "cpm/registry/endpoints.h"

/* Whose document a name is for. */
struct asking {
	struct review *review;
	VEC(str) names;
	VEC(size_t) items;
};

static const struct json *version_json(const struct json *document, const struct node *n)
{
	return n ? json_get_str(json_get(document, "versions"), node_version(n)) : NULL;
}

static str dup_text(struct arena *a, const struct json *v, const char *key)
{
	str text = json_get_text(v, key);

	return str_is_null(text) ? text : str_dup(a, text);
}

static double unpacked_bytes(const struct json *version)
{
	const struct json *size = json_get(json_get(version, "dist"), "unpackedSize");

	return json_is(size, JSON_NUMBER) && size->number > 0 ? size->number : 0;
}

static bool has_attestations(const struct json *version)
{
	return json_is_truthy(json_get(json_get(version, "dist"), "attestations"));
}

static bool is_maintainer(const struct json *version, str name)
{
	const struct json *list = json_get(version, "maintainers");

	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++)
		if (str_eq(json_get_text(list->items[i], "name"), name))
			return true;
	return false;
}

/* Those of @from who are not maintainers of @other. */
static void add_missing(struct arena *a, const struct json *from, const struct json *other,
			typeof(((struct review_facts *)0)->lost) *out)
{
	const struct json *list = json_get(from, "maintainers");

	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++) {
		str name = json_get_text(list->items[i], "name");
		if (name.len && !is_maintainer(other, name))
			VEC_PUSH(a, out, str_dup(a, name));
	}
}

static void compare_people(struct arena *a, const struct json *before, const struct json *after,
			   struct review_facts *f)
{
	if (!json_is(json_get(before, "maintainers"), JSON_ARRAY) ||
	    !json_is(json_get(after, "maintainers"), JSON_ARRAY))
		return;
	f->is_new_publisher = f->publisher.len && !is_maintainer(before, f->publisher);
	add_missing(a, before, after, &f->lost);
	add_missing(a, after, before, (void *)&f->joined);
}

static void receive(void *ctx, size_t at, const struct json *document)
{
	struct asking *q = ctx;
	struct review_item *item = &q->review->items.items[q->items.items[at]];
	struct review_facts *f = &item->facts;
	struct arena *a = q->review->ctx->arena;
	const struct json *before = version_json(document, item->change->before),
			  *after = version_json(document, item->change->after);

	if (!after) {
		q->review->nunknown++;
		return;
	}
	f->is_known = true;
	str time = json_get_text(json_get(document, "time"),
				 str_cstr(a, node_version(item->change->after)));
	f->time = str_is_null(time) ? time : str_dup(a, time);
	f->bytes_before = unpacked_bytes(before);
	f->bytes_after = unpacked_bytes(after);
	f->had_provenance = has_attestations(before);
	f->has_provenance = has_attestations(after);
	f->publisher = dup_text(a, json_get(after, "_npmUser"), "name");
	compare_people(a, before, after, f);
}

/* What no registry answers for (git, files, plain URLs) is not asked about. */
static bool is_askable(const struct lock_change *c)
{
	return c->after && (c->after->resolved.len == 0 || node_is_registry_dep(c->after) ||
			    str_find(c->after->resolved, S("/-/")) != STR_NPOS);
}

struct err *review_ask_registry(struct review *r)
{
	struct asking q = { .review = r };
	struct http *http;

	for (size_t i = 0; i < r->items.len; i++)
		if (is_askable(r->items.items[i].change)) {
			VEC_PUSH(r->ctx->arena, &q.names, r->items.items[i].change->name);
			VEC_PUSH(r->ctx->arena, &q.items, i);
		}
	if (!q.names.len)
		return NULL;
	TRY(cmd_ctx_http(r->ctx, &http));
	return registry_fetch_documents(r->ctx->cfg, http, q.names.items, q.names.len, receive, &q);
}
