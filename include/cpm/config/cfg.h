/* SPDX-License-Identifier: MIT
 * Settings: every key npm has that our commands need, in one table (config/cfg_keys.def), merged from the layers
 * with the place each value came from. */
#pragma once
#include "cpm/base/err.h"
#include "cpm/base/map.h"

enum cfg_key {
#define CFG_KEY(id, key, type, def, short_, flags, values, help) CFG_##id,
#include "cpm/config/cfg_keys.def"
#undef CFG_KEY
	CFG_KEY_COUNT,
	CFG_END = CFG_KEY_COUNT
};

enum cfg_type {
	CFG_TYPE_BOOL,
	CFG_TYPE_STRING,
	CFG_TYPE_NUMBER,
	CFG_TYPE_PATH,		/* absolute once loaded; "~/" is the home directory */
	CFG_TYPE_URL,
	CFG_TYPE_DATE,		/* ISO 8601 in UTC once loaded */
	CFG_TYPE_SEMVER,
	CFG_TYPE_OCTAL,		/* a number; 022 and 0o22 are octal, 18 is decimal */
	CFG_TYPE_ENUM,		/* one of `values` */
	CFG_TYPE_LIST,		/* texts */
	CFG_TYPE_ENUMS,		/* any of `values` */
};

/* Highest first, as npm-cli.md 3.1. */
enum cfg_layer { CFG_LAYER_CLI, CFG_LAYER_ENV, CFG_LAYER_PROJECT, CFG_LAYER_USER, CFG_LAYER_GLOBAL, CFG_LAYER_BUILTIN, CFG_LAYER_DEFAULT, CFG_LAYER_COUNT };

struct cfg_row {
	enum cfg_key id;
	const char *key;	/* "omit-lockfile-registry-resolved" */
	enum cfg_type type;
	const char *def;	/* as .npmrc text; NULL: null */
	const char *short_letters; /* NULL: none */
	unsigned flags;		/* enum cfg_flags */
	const char *values;	/* ENUM, ENUMS: the words, separated by blanks; else literals accepted too; or NULL */
	const char *help;
};

enum cfg_flags {
	CFG_REPEAT = 1,		/* may be given more than once */
	CFG_NULLABLE = 2,
	CFG_DEPRECATED = 4,	/* works, with a warning */
	CFG_NO_EXPORT = 8,	/* not passed on to scripts */
	CFG_OWN = 16,		/* npm does not know it */
};

const struct cfg_row *cfg_row(enum cfg_key key);
const struct cfg_row *cfg_row_by_name(str name);	/* NULL when unknown */
/* Words that the command line expands into others: "ws" -> "--workspaces". Ends with a row whose name is NULL. */
struct cfg_shorthand {
	const char *name, *first, *second; /* second: NULL, or the value that goes with the flag */
};
extern const struct cfg_shorthand cfg_shorthands[];

struct cfg;

/* What cfg_load() needs from the outside; tests pass their own. */
struct cfg_input {
	const char *const *argv;	/* without the program's name; NULL-terminated */
	const char *const *environ;	/* NULL-terminated */
	str cwd;
	str exec_prefix;		/* two levels above the running binary: the default global prefix */
	bool is_terminal;		/* stdout and stderr both are: the default of `progress` */
};

/**
 * cfg_load - parses the command line and merges all layers (npm-cli.md 1.2, 3).
 *
 * Warnings (invalid values, unknown keys in files, deprecated keys) go to the log. Flag errors and exclusive
 * conflicts come back as E_GENERIC with npm's text. Unknown flags are remembered: see cfg_check_unknown().
 * Lives in @a.
 */
MUST_CHECK_ERR cfg_load(struct arena *a, const struct cfg_input *in, struct cfg **out);

/* Positional arguments; the first is the command as typed. */
const str *cfg_positionals(const struct cfg *c, size_t *count);

bool cfg_bool(const struct cfg *c, enum cfg_key key);
bool cfg_is_null(const struct cfg *c, enum cfg_key key);
double cfg_number(const struct cfg *c, enum cfg_key key);	/* 0 when null */
str cfg_text(const struct cfg *c, enum cfg_key key);		/* null string when null */
const str *cfg_list(const struct cfg *c, enum cfg_key key, size_t *count);
bool cfg_list_has(const struct cfg *c, enum cfg_key key, str value);
enum cfg_layer cfg_source(const struct cfg *c, enum cfg_key key);
/* Overrides a value from code, as ci does with save=false; above every layer. */
void cfg_force(struct cfg *c, enum cfg_key key, const char *value);
/* Fills in the `user-agent` template; cfg_text(CFG_USER_AGENT) is what to send from then on. @node_version without "v". */
void cfg_expand_user_agent(struct cfg *c, str node_version);

str cfg_local_prefix(const struct cfg *c);	/* the project's root: absolute, clean */
str cfg_global_prefix(const struct cfg *c);
str cfg_cwd(const struct cfg *c);
str cfg_home(const struct cfg *c);		/* null when there is none */
/* The settings of @c for a project at @dir, which has no members and is not global. Nothing is read: they stay those of
 * the user's own project. Lives in @a and borrows from @c. */
struct cfg *cfg_in_folder(struct arena *a, const struct cfg *c, str dir);
/* The settings of @c for publishing a package that says @own as its publishConfig: what the command line says outweighs
 * it, every other layer does not. Lives in @a and borrows both. */
struct json;
struct cfg *cfg_for_publishing(struct arena *a, const struct cfg *c, const struct json *own);
/* The settings of @c for the global packages, whose node_modules is in @dir: that is the project, and --global is set.
 * Lives in @a and borrows from @c. */
struct cfg *cfg_globally(struct arena *a, const struct cfg *c, str dir);
/* Some service for continuous integration has started us. */
bool cfg_is_ci(const struct cfg *c);
bool cfg_is_global(const struct cfg *c);	/* --global, or --location=global */
/* A variable of the environment that the settings were read from; null when unset. */
str cfg_getenv(const struct cfg *c, const char *name);
/* The member's directory when cwd lies in a workspace of the project, else null. */
str cfg_implicit_workspace(const struct cfg *c);

/* The registry for a package name ("@scope/x" or "x") or for a bare scope ("@scope"); always ends in '/'. */
str cfg_registry_for(const struct cfg *c, str name);
/* Raw value of a key outside the table, e.g. "//host/:_authToken" or "@scope:registry"; null when unset. */
str cfg_raw(const struct cfg *c, str key);
/* Claims that some key belongs to a host ("//host/:..."), as credentials do. Cost: a look at each key that is set. */
bool cfg_has_host_keys(const struct cfg *c);

/* EUNKNOWNCONFIG for unknown flags, ERR_INVALID_AUTH for unscoped credentials, strict-npmrc, unknown env keys. */
MUST_CHECK_ERR cfg_check_unknown(const struct cfg *c);
MUST_CHECK_ERR cfg_check_auth(const struct cfg *c);
/* What the latter is about: a credential that belongs to no host. */
struct cfg_auth_problem {
	enum cfg_layer layer;
	str key;
	str rename_to;	/* the same for the registry in force; null: the key is of no use */
};
const struct cfg_auth_problem *cfg_auth_problems(const struct cfg *c, size_t *count);

/* Dependency kinds to leave out of node_modules: omit, production, only ... minus include (npm-tree.md 9). */
struct cfg_omit {
	bool dev, optional, peer;
};
struct cfg_omit cfg_omit(const struct cfg *c);
/* `before`, or the moment that `min-release-age` means; null when neither is set. Within a layer `before` wins. */
str cfg_before(struct arena *a, const struct cfg *c);
/* "hoisted", "nested", "shallow" or "linked", the deprecated spellings included. */
str cfg_install_strategy(const struct cfg *c);

/* One key of one layer, for `config list`. */
struct cfg_entry {
	str key;
	enum cfg_layer layer;	/* where it is from */
	str json, plain;	/* the value as JSON, and as `config get` prints it */
	bool is_secret;		/* must not be shown */
	enum cfg_layer overridden_by; /* CFG_LAYER_COUNT: in force */
};
/* Every key set in @layer, in order of appearance. */
const struct cfg_entry *cfg_layer_entries(struct arena *a, const struct cfg *c, enum cfg_layer layer, size_t *count);
/* The entry in force for any key, in the table or not; false when no layer has it: then only is_secret is set. */
bool cfg_entry_of(struct arena *a, const struct cfg *c, str key, struct cfg_entry *out);
str cfg_layer_path(const struct cfg *c, enum cfg_layer layer);	/* the file, or npm's words for the place */
str cfg_layer_name(enum cfg_layer layer);	/* "project" */
/* A key that `config set` takes: in the table and not deprecated, or a credential of a registry. Else E_GENERIC. */
MUST_CHECK_ERR cfg_check_settable(str key);

/* A variable that tells scripts about a setting. */
struct cfg_export {
	str name, value;	/* "npm_config_save_prefix"; what JavaScript's truthiness makes false is "" */
};
/**
 * cfg_exports - the settings that differ from their defaults, as scripts see them (npm-cli.md 4.3).
 *
 * What the environment sets already is not repeated. Credentials never leave: where npm hands them on to every script
 * (one-time passwords, unknown keys named like secrets), we do not; of proxies the address does, without user and password.
 * Source: @npmcli/config, set-envs.js.
 */
const struct cfg_export *cfg_exports(struct arena *a, const struct cfg *c, size_t *count);
/* "http://host:1/" of "http://user:word@host:1/": what scripts see of a proxy (T33). */
str cfg_without_user(struct arena *a, str url);
