/* SPDX-License-Identifier: MIT
 * Settings as a person sees them: what each layer holds, what overrides it, and what must not be
 * shown. */
#include "cfg_priv.h"

str cfg_layer_name(enum cfg_layer layer)
{
	static const str names[] = {
		[CFG_LAYER_CLI] = S("cli"),         [CFG_LAYER_ENV] = S("env"),
		[CFG_LAYER_PROJECT] = S("project"), [CFG_LAYER_USER] = S("user"),
		[CFG_LAYER_GLOBAL] = S("global"),   [CFG_LAYER_BUILTIN] = S("builtin"),
		[CFG_LAYER_DEFAULT] = S("default"),
	};
	return names[layer];
}

str cfg_layer_path(const struct cfg *c, enum cfg_layer layer)
{
	return c->places[layer].source;
}

static bool is_secret_word(str word)
{
	static const char *const words[] = { "auth",    "authToken", "certfile", "email",
					     "keyfile", "password",  "username", NULL };

	if (str_starts(word, S("_")))
		word = str_from(word, 1);
	for (const char *const *w = words; *w; w++)
		if (str_eq(str_view(*w), word))
			return true;
	return false;
}

bool cfg_is_secret(struct arena *a, str key, str value)
{
	if (str_starts(key, S("_")) || is_secret_word(key))
		return true;
	if (str_starts(key, S("//"))) {
		size_t colon = str_rfind_char(key, ':');
		if (str_find(key, S(":_")) != STR_NPOS ||
		    (colon != STR_NPOS && is_secret_word(str_from(key, colon + 1))))
			return true;
	}
	return !str_eq(log_redact(a, value), value);
}

static struct cfg_entry entry_of(struct arena *a, const struct cfg_setting *s, enum cfg_layer layer)
{
	struct cfg_entry e = { .key = s->key, .layer = layer, .overridden_by = CFG_LAYER_COUNT };

	e.json = cfg_value_json(a, &s->value);
	e.plain = cfg_value_plain(a, &s->value);
	e.is_secret = cfg_is_secret(a, s->key, e.plain);
	return e;
}

const struct cfg_entry *cfg_layer_entries(struct arena *a, const struct cfg *c,
					  enum cfg_layer layer, size_t *count)
{
	VEC(struct cfg_entry) out = { 0 };

	for (struct map_iter it = map_iter(&c->places[layer].settings); map_next(&it);) {
		struct cfg_entry e = entry_of(a, it.val, layer);
		enum cfg_layer winner = layer;
		(void)cfg_find(c, it.key, &winner);
		if (winner != layer)
			e.overridden_by = winner;
		VEC_PUSH(a, &out, e);
	}
	*count = out.len;
	return out.items;
}

bool cfg_entry_of(struct arena *a, const struct cfg *c, str key, struct cfg_entry *out)
{
	enum cfg_layer layer;
	const struct cfg_setting *s = cfg_find(c, key, &layer);

	if (s)
		*out = entry_of(a, s, layer);
	else
		out->is_secret = cfg_is_secret(a, key, S(""));
	return s != NULL;
}

struct err *cfg_check_settable(str key)
{
	size_t colon = str_rfind_char(key, ':');
	str base = colon == STR_NPOS ? key : str_from(key, colon + 1);
	const struct cfg_row *row = cfg_row_by_name(base);

	if (!row && !is_secret_word(base))
		return err_new(E_GENERIC, "`" STR_FMT "` is not a valid npm option", STR_ARG(base));
	if (row && row->flags & CFG_DEPRECATED)
		return err_new(E_GENERIC,
			       "The `" STR_FMT
			       "` option is deprecated, and cannot be set in this way",
			       STR_ARG(base));
	return NULL;
}
