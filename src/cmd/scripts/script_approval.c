/* SPDX-License-Identifier: MIT
 * What approving and denying does to allowScripts. Approving pins versions, so that the next
 * version is looked at again; denying never does, since nobody wants to be asked again. */
#include "script_approval.h"

static bool is_true(const struct json *v)
{
	return json_is(v, JSON_BOOL) && v->boolean;
}

static bool is_false(const struct json *v)
{
	return json_is(v, JSON_BOOL) && !v->boolean;
}

static void set_entry(struct arena *a, struct json *entries, str key, bool value,
		      struct approval *out)
{
	json_set(a, entries, key, json_new_bool(a, value));
	VEC_PUSH(a, &out->changes, (struct approval_change){ key, "added" });
}

/* ---- entries about a package ---- */

static bool is_about(struct arena *a, str key, str where, struct node *n)
{
	const struct spec *spec = script_key_parse(a, key, where);

	return spec && script_key_targets(spec, n);
}

static bool is_single_pin(struct arena *a, str key, str where)
{
	const struct spec *spec = script_key_parse(a, key, where);

	return spec && spec->type == SPEC_VERSION;
}

/* Keys that are there now: removing while walking would skip some. */
static str *keys_of(struct arena *a, const struct json *entries)
{
	str *keys = ARENA_ARRAY(a, str, entries->count + 1);

	for (size_t i = 0; i < entries->count; i++)
		keys[i] = entries->members[i].key;
	return keys;
}

static bool has_key(const str *keys, size_t count, str key)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(keys[i], key))
			return true;
	return false;
}

/* Takes out the pins of @n that allow, but for @kept. @what: NULL when nobody needs to hear of it.
 */
static void remove_pins(struct arena *a, struct json *entries, str where, struct node *n,
			const str *kept, size_t nkept, const char *what, struct approval *out)
{
	size_t count = entries->count;
	const str *keys = keys_of(a, entries);

	for (size_t i = 0; i < count; i++) {
		if (has_key(kept, nkept, keys[i]) || !is_true(json_get_str(entries, keys[i])) ||
		    !is_single_pin(a, keys[i], where) || !is_about(a, keys[i], where, n))
			continue;
		(void)json_del(entries, keys[i]);
		if (what)
			VEC_PUSH(a, &out->changes, (struct approval_change){ keys[i], what });
	}
}

/* ---- approving ---- */

static str denial_text(struct arena *a, str key, str where, str name)
{
	const struct spec *spec = script_key_parse(a, key, where);
	str subject = str_is_null(name) ? S("this package") : name;

	if (spec && script_key_is_name_only(spec))
		return str_printf(
			a,
			STR_FMT " is denied; remove the entry from allowScripts to approve " STR_FMT
				".",
			STR_ARG(key), STR_ARG(subject));
	return str_printf(a,
			  STR_FMT " is a versioned deny; run `npm install-scripts deny " STR_FMT
				  "` to widen the deny to all versions of " STR_FMT
				  ", or remove the entry to approve " STR_FMT ".",
			  STR_ARG(key), STR_ARG(subject), STR_ARG(subject), STR_ARG(subject));
}

static bool is_denied(struct arena *a, const struct json *entries, str where, const node_vec *nodes,
		      str name, struct approval *out)
{
	for (size_t i = 0; i < nodes->len; i++)
		for (size_t k = 0; k < entries->count; k++) {
			str key = entries->members[k].key;

			if (!is_false(entries->members[k].val) ||
			    !is_about(a, key, where, nodes->items[i]))
				continue;
			out->warning = denial_text(a, key, where, name);
			return true;
		}
	return false;
}

/* A version that nobody can vouch for cannot be pinned either. */
static void allow_unpinnable(struct arena *a, struct json *entries, str where, struct node *n,
			     str name, struct approval *out)
{
	remove_pins(a, entries, where, n, &name, 1, "removed-pinned-allow", out);
	if (!is_true(json_get_str(entries, name)))
		set_entry(a, entries, name, true, out);
	if (out->changes.len > 0)
		out->warning = str_printf(
			a,
			STR_FMT
			": approved by name (all versions) because its package-lock.json "
			"entry has no \"resolved\" URL, so npm can't pin a specific version. "
			"Run `npm install` to refresh the lockfile and enable pinning.",
			STR_ARG(name));
}

static void allow_pinned(struct arena *a, struct json *entries, str where, struct node *n, str name,
			 const str *pins, size_t npins, struct approval *out)
{
	remove_pins(a, entries, where, n, pins, npins, "removed-stale", out);
	for (size_t i = 0; i < npins; i++)
		if (!is_true(json_get_str(entries, pins[i])))
			set_entry(a, entries, pins[i], true, out);
	if (str_is_null(name) || has_key(pins, npins, name) ||
	    !is_true(json_get_str(entries, name)))
		return;
	(void)json_del(entries, name);
	VEC_PUSH(a, &out->changes, (struct approval_change){ name, "replaced-by-pin" });
}

void approval_allow(struct arena *a, struct json *entries, str where, const node_vec *nodes,
		    bool pins, struct approval *out)
{
	struct node *sample = nodes->items[0];
	str name = script_key_named(a, sample), *keys = ARENA_ARRAY(a, str, nodes->len);
	size_t nkeys = 0;
	bool is_unpinnable = false;

	*out = (struct approval){ .warning = STR_NULL };
	if (is_denied(a, entries, where, nodes, name, out))
		return;
	for (size_t i = 0; i < nodes->len; i++) {
		str key = script_key_pinned(a, nodes->items[i]);

		is_unpinnable |= str_is_null(key);
		if (!str_is_null(key) && !has_key(keys, nkeys, key))
			keys[nkeys++] = key;
	}
	if (!pins) {
		remove_pins(a, entries, where, sample, &name, 1, NULL, out);
		if (!str_is_null(name) && !is_true(json_get_str(entries, name)))
			set_entry(a, entries, name, true, out);
	} else if (is_unpinnable && !str_is_null(name)) {
		allow_unpinnable(a, entries, where, sample, name, out);
	} else {
		allow_pinned(a, entries, where, sample, name, keys, nkeys, out);
	}
}

/* ---- denying ---- */

void approval_deny(struct arena *a, struct json *entries, str where, const node_vec *nodes,
		   struct approval *out)
{
	struct node *sample = nodes->items[0];
	str name = script_key_named(a, sample);
	size_t count = entries->count;
	const str *keys = keys_of(a, entries);

	*out = (struct approval){ .warning = STR_NULL };
	if (str_is_null(name))
		return;
	for (size_t i = 0; i < count; i++) {
		if (str_eq(keys[i], name) || !is_about(a, keys[i], where, sample))
			continue;
		(void)json_del(entries, keys[i]);
		VEC_PUSH(a, &out->changes,
			 (struct approval_change){ keys[i], "removed-pinned-allow" });
	}
	if (!is_false(json_get_str(entries, name)))
		set_entry(a, entries, name, false, out);
}

/* ---- content ---- */

/* Of all that the key is about; empty when nothing can be told. */
static str content_of(struct arena *a, str key, str where, const node_vec *nodes)
{
	const struct spec *spec = script_key_parse(a, key, where);
	struct str_buf out = str_buf(a, 1 << 16);

	for (size_t i = 0; spec && i < nodes->len; i++) {
		struct node *n = nodes->items[i];

		if (!str_is_empty(n->integrity) && script_key_matches(spec, n, false))
			buf_printf(&out, "%s" STR_FMT, out.len ? " " : "", STR_ARG(n->integrity));
	}
	return buf_view(&out);
}

void approval_tie(struct arena *a, struct json *ties, const struct json *entries, str where,
		  const node_vec *nodes, bool is_wanted, struct approval *out)
{
	for (size_t i = 0; i < entries->count; i++) {
		str key = entries->members[i].key;
		const struct json *old = json_get_str(ties, key);

		if (!is_true(entries->members[i].val) || (!is_wanted && !old))
			continue;
		str content = content_of(a, key, where, nodes);
		if (content.len == 0 || (json_is(old, JSON_STRING) && str_eq(old->string, content)))
			continue;
		json_set(a, ties, key, json_new_string(a, content));
		VEC_PUSH(a, &out->changes, (struct approval_change){ key, "tied-to-content" });
	}
}

void approval_drop_ties(struct arena *a, struct json *ties, const struct json *entries)
{
	size_t count = ties->count;
	const str *keys = keys_of(a, ties);

	for (size_t i = 0; i < count; i++)
		if (!is_true(json_get_str(entries, keys[i])))
			(void)json_del(ties, keys[i]);
}
