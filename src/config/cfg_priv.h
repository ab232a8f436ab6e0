/* SPDX-License-Identifier: MIT
 * What the files of this module share: typed values, layers, and the order in which they are filled. */
#pragma once
#include "cpm/base/log.h"
#include "cpm/config/cfg.h"
#include "cpm/config/npmrc.h"

struct cfg_value {
	enum { VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_TEXT, VALUE_LIST } kind;
	bool boolean;
	double number;
	str text;
	const str *items;	/* LIST */
	size_t count;
};

/* One key as one layer has it. */
struct cfg_setting {
	str key;
	const struct cfg_row *row;	/* NULL: the key is not in the table */
	struct cfg_value value;
};

struct cfg_place {
	str source;		/* the file, or npm's words for the place: "environment" */
	struct map settings;	/* key -> struct cfg_setting *, in order of appearance */
};

/* A key that nobody knows; whether that is an error is decided when the command is known (npm-cli.md 3.9). */
struct cfg_unknown {
	enum cfg_layer layer;
	str key, base_key;	/* base_key: last part of "//host/:foo", else null */
};

struct cfg {
	struct arena *arena;
	const char *const *environ;
	str cwd, home, exec_prefix;
	str local_prefix, global_prefix, implicit_workspace;
	bool is_terminal;
	bool has_refused;	/* the project's file said something it may not */
	struct cfg_place places[CFG_LAYER_COUNT];
	/* What wins, by key; filled when all layers are there. */
	struct cfg_value in_force[CFG_KEY_COUNT];
	enum cfg_layer in_force_from[CFG_KEY_COUNT];
	const struct json *publish_config; /* of the package that is published; NULL */
	VEC(str) positionals;
	VEC(str) stray;		/* words behind an unknown flag: positional, though perhaps meant otherwise */
	VEC(struct cfg_unknown) unknown;
};

/* ---- cfg_value.c ---- */

/* @raw as @row wants it. False when it is not valid there: *out is then untouched. Texts live in c->arena. */
bool cfg_value_parse(const struct cfg *c, const struct cfg_row *row, struct npmrc_value raw, struct cfg_value *out);
/* A whole setting; items that are not valid are dropped, each with the two warnings of npm ("invalid config").
 * False when nothing valid is left. */
bool cfg_value_parse_all(const struct cfg *c, const struct cfg_row *row, const npmrc_values *raw, bool is_list,
			 str source, struct cfg_value *out);
str cfg_value_json(struct arena *a, const struct cfg_value *v);
/* As `config get` prints it. */
str cfg_value_plain(struct arena *a, const struct cfg_value *v);
bool cfg_value_is_truthy(const struct cfg_value *v);
/* The words of row->values, one by one: `for (str w, rest = cfg_words(row); cfg_next_word(&rest, &w);)`. */
bool cfg_next_word(str *rest, str *word);

/* ---- cfg_load.c ---- */

/* Puts one key into a layer: expands, types, warns, remembers unknown keys. E_GENERIC when it excludes another one. */
MUST_CHECK_ERR cfg_put(struct cfg *c, enum cfg_layer layer, str key, const npmrc_values *raw, bool is_list);
/* The value in force as far as the layers are loaded; NULL when no layer has the key. */
const struct cfg_setting *cfg_find(const struct cfg *c, str key, enum cfg_layer *layer);
const struct cfg_value *cfg_find_value(const struct cfg *c, enum cfg_key key);

/* ---- one layer each ---- */
MUST_CHECK_ERR cfg_load_argv(struct cfg *c, const char *const *argv);
MUST_CHECK_ERR cfg_load_environ(struct cfg *c);
void cfg_load_defaults(struct cfg *c);
MUST_CHECK_ERR cfg_find_prefix(struct cfg *c);

/* ---- cfg_guard.c ---- */

/* What a project's own .npmrc may not do (threats.md T19): false, after a warning, when this setting is to be ignored. */
bool cfg_guard_allows(struct cfg *c, str key, const npmrc_values *raw);
/* One line on how to allow what was refused, if anything was. */
void cfg_guard_explain(const struct cfg *c);

/* ---- cfg_list.c ---- */

/* A name that holds a secret, or a value that the redactor would change. */
bool cfg_is_secret(struct arena *a, str key, str value);
