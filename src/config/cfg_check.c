/* SPDX-License-Identifier: MIT
 * Checks that wait until the command is known, because a few commands must work with a broken
 * configuration: unknown keys (npm-cli.md 3.9) and credentials that are not bound to a registry
 * (3.4, T32). */
#include "cfg_priv.h"

static bool is_file_layer(enum cfg_layer l)
{
	return l == CFG_LAYER_PROJECT || l == CFG_LAYER_USER || l == CFG_LAYER_GLOBAL ||
	       l == CFG_LAYER_BUILTIN;
}

static str quoted_key(struct arena *a, const struct cfg_unknown *u)
{
	if (str_is_null(u->base_key))
		return str_printf(a, "\"" STR_FMT "\"", STR_ARG(u->key));
	return str_printf(a, "\"" STR_FMT "\" (" STR_FMT ")", STR_ARG(u->base_key),
			  STR_ARG(u->key));
}

static void add_unknown_flags(const struct cfg *c, struct str_buf *out, size_t count)
{
	buf_printf(out, "Unknown cli flag%s:\n", count == 1 ? "" : "s");
	VEC_EACH (struct cfg_unknown, u, &c->unknown) {
		if (u->layer != CFG_LAYER_CLI)
			continue;
		if (str_is_null(u->base_key))
			buf_printf(out, "  - --" STR_FMT "\n", STR_ARG(u->key));
		else
			buf_printf(out, "  - --" STR_FMT " (" STR_FMT ")\n", STR_ARG(u->base_key),
				   STR_ARG(u->key));
	}
	buf_add_cstr(out, "Run `npm help config` for supported options.");
}

static void add_unknown_keys(const struct cfg *c, struct str_buf *out, size_t count)
{
	buf_printf(out, "%sUnknown npm configuration key%s:\n", out->len ? "\n\n" : "",
		   count == 1 ? "" : "s");
	VEC_EACH (struct cfg_unknown, u, &c->unknown) {
		if (!is_file_layer(u->layer))
			continue;
		str layer = cfg_layer_name(u->layer), key = quoted_key(c->arena, u),
		    source = c->places[u->layer].source;
		buf_printf(out, "  - " STR_FMT " config " STR_FMT " from " STR_FMT "\n",
			   STR_ARG(layer), STR_ARG(key), STR_ARG(source));
	}
	buf_add_cstr(out, "See `npm help npmrc` for supported config options.");
}

struct err *cfg_check_unknown(const struct cfg *c)
{
	struct str_buf text = str_buf(c->arena, 1 << 20);
	bool is_strict = cfg_bool(c, CFG_STRICT_NPMRC);
	size_t flags = 0, keys = 0;

	VEC_EACH (str, word, &c->stray)
		log_warn(NULL, "\"" STR_FMT "\" is being parsed as a normal command line argument.",
			 STR_ARG(*word));
	VEC_EACH (struct cfg_unknown, u, &c->unknown) {
		flags += u->layer == CFG_LAYER_CLI;
		keys += is_file_layer(u->layer);
		if (!is_file_layer(u->layer) || is_strict)
			continue;
		str layer = cfg_layer_name(u->layer), key = quoted_key(c->arena, u);
		log_warn(NULL,
			 "Unknown " STR_FMT " config " STR_FMT
			 ". This will stop working in the next major version of npm. "
			 "See `npm help npmrc` for supported config options.",
			 STR_ARG(layer), STR_ARG(key));
	}
	if (flags > 0)
		add_unknown_flags(c, &text, flags);
	if (keys > 0 && is_strict)
		add_unknown_keys(c, &text, keys);
	if (text.len == 0)
		return NULL;
	return err_new(E_UNKNOWN_CONFIG, STR_FMT, STR_ARG(buf_view(&text)));
}

/* "//host/path/" of the registry in force: where a stray credential most likely belongs. */
static str registry_key(const struct cfg *c)
{
	str url = cfg_registry_for(c, S(""));
	url = str_from(url, str_find(url, S("//")));
	size_t at = str_find_char(url, '@');
	str host = at == STR_NPOS ? str_from(url, 2) : str_from(url, at + 1);
	return str_concat(c->arena, S("//"), str_slice(host, 0, str_rfind_char(host, '/') + 1));
}

static bool has(const struct cfg *c, enum cfg_layer layer, str key)
{
	const struct cfg_setting *s = map_get(&c->places[layer].settings, key);
	return s && cfg_value_is_truthy(&s->value);
}

static void add_problem(struct str_buf *out, const struct cfg *c, enum cfg_layer layer, str key,
			bool is_allowed_elsewhere)
{
	str where = cfg_layer_name(layer), registry = registry_key(c);

	if (out->len > 0)
		buf_add_cstr(out, ", ");
	if (is_allowed_elsewhere)
		buf_printf(out,
			   "`" STR_FMT "` must be renamed to `" STR_FMT ":" STR_FMT "` in " STR_FMT
			   " config",
			   STR_ARG(key), STR_ARG(registry), STR_ARG(key), STR_ARG(where));
	else
		buf_printf(out, "`" STR_FMT "` is not allowed in " STR_FMT " config", STR_ARG(key),
			   STR_ARG(where));
}

static void check_layer(struct str_buf *out, const struct cfg *c, enum cfg_layer l)
{
	/* A key with a partner is only of use together with it. */
	static const struct {
		str key, partner;
		bool is_ever_allowed;
	} rows[] = {
		{ S("_authtoken"), { NULL, 0 }, false }, { S("-authtoken"), { NULL, 0 }, false },
		{ S("_auth"), { NULL, 0 }, true },       { S("_authToken"), { NULL, 0 }, true },
		{ S("username"), S("_password"), true }, { S("_password"), S("username"), true },
		{ S("email"), { NULL, 0 }, true },       { S("certfile"), S("keyfile"), true },
		{ S("keyfile"), S("certfile"), true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (has(c, l, rows[i].key))
			add_problem(out, c, l, rows[i].key,
				    rows[i].is_ever_allowed &&
					    (!rows[i].partner.p || has(c, l, rows[i].partner)));
}

struct err *cfg_check_auth(const struct cfg *c)
{
	struct str_buf problems = str_buf(c->arena, 1 << 16);

	check_layer(&problems, c, CFG_LAYER_GLOBAL);
	check_layer(&problems, c, CFG_LAYER_USER);
	check_layer(&problems, c, CFG_LAYER_PROJECT);
	if (problems.len == 0)
		return NULL;
	return err_new(E_INVALID_AUTH,
		       "Invalid auth configuration found: " STR_FMT
		       "\nPlease run `npm config fix` to repair your configuration.`",
		       STR_ARG(buf_view(&problems)));
}
