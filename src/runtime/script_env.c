/* SPDX-License-Identifier: MIT
 * Scripts and the tools they start read dozens of these variables, so names and values are npm's.
 * Built in two steps, because an install runs many scripts and most variables are the same in all
 * of them. */
#include "cpm/runtime/script_env.h"

#include "cpm/base/path.h"
#include "cpm/base/vec.h"
#include "cpm/build_config.h"
#include "cpm/runtime/node_find.h"
#include "cpm/runtime/runtime_shims.h"

#include <strings.h>

struct script_env {
	struct map vars; /* name -> str *: its value */
	str path;        /* directories of every variable that is called PATH in any case */
	str tools;       /* searched before them; null: nothing */
};

static void put(struct arena *a, struct map *vars, str name, str value)
{
	str *copy = ARENA_NEW(a, str);

	*copy = value;
	map_put(vars, name, copy);
}

static void put_named(struct arena *a, struct map *vars, const char *name, str value)
{
	put(a, vars, str_view(name), value);
}

/* ---- the run ---- */

static bool is_path(str name)
{
	return str_eq_nocase(name, S("PATH"));
}

static bool has_dir(str path, str wanted)
{
	for (str dir; str_cut(&path, ':', &dir);)
		if (str_eq(dir, wanted))
			return true;
	return false;
}

/* Behind @path what is in @more and not yet in it. */
static str merge_path(struct arena *a, str path, str more)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	if (path.len == 0)
		return more;
	buf_add(&out, path);
	for (str dir; str_cut(&more, ':', &dir);)
		if (!has_dir(path, dir))
			buf_printf(&out, ":" STR_FMT, STR_ARG(dir));
	return buf_view(&out);
}

static void put_inherited(struct arena *a, struct script_env *env, const char *const *environ_)
{
	for (const char *const *e = environ_; e && *e; e++) {
		str whole = str_view(*e);
		size_t eq = str_find_char(whole, '=');

		if (eq == STR_NPOS)
			continue;
		str name = str_slice(whole, 0, eq), value = str_from(whole, eq + 1);
		if (is_path(name) && value.len > 0)
			env->path = merge_path(a, env->path, value);
		put(a, &env->vars, name, value);
	}
}

static void put_settings(struct arena *a, struct map *vars, const struct cfg *cfg)
{
	size_t count;
	const struct cfg_export *exports = cfg_exports(a, cfg, &count);

	for (size_t i = 0; i < count; i++)
		put(a, vars, exports[i].name, exports[i].value);
	put_named(a, vars, "npm_config_global_prefix", cfg_global_prefix(cfg));
	put_named(a, vars, "npm_config_local_prefix", cfg_local_prefix(cfg));
	put_named(a, vars, "npm_config_user_agent", cfg_text(cfg, CFG_USER_AGENT));
	put_named(a, vars, "npm_config_npm_version", S(CPM_NPM_VERSION));
	if (cfg_text(cfg, CFG_NODE_GYP).len > 0)
		put_named(a, vars, "npm_config_node_gyp", cfg_text(cfg, CFG_NODE_GYP));
	if (cfg_text(cfg, CFG_EDITOR).len > 0)
		put_named(a, vars, "EDITOR", cfg_text(cfg, CFG_EDITOR));
	if (cfg_text(cfg, CFG_NODE_OPTIONS).len > 0)
		put_named(a, vars, "NODE_OPTIONS", cfg_text(cfg, CFG_NODE_OPTIONS));
	if (cfg_omit(cfg).dev)
		put_named(a, vars, "NODE_ENV", S("production"));
}

/* The headers of a pinned build lie beside it, so that an add-on is compiled without any download. */
static void put_build(struct arena *a, struct map *vars, const struct runtime_choice *build)
{
	put_named(a, vars, RUNTIME_VARIABLE, build->version);
	if (!map_has(vars, S("npm_config_nodedir")))
		put_named(a, vars, "npm_config_nodedir", path_dirname(path_dirname(build->node)));
}

static void put_shims(struct arena *a, struct script_env *env, const struct script_env_input *in)
{
	env->tools = in->shims->bin_dir;
	put_named(a, &env->vars, "npm_execpath", in->shims->npm_cli);
	if (cfg_text(in->cfg, CFG_NODE_GYP).len == 0)
		put_named(a, &env->vars, "npm_config_node_gyp", in->shims->node_gyp);
	if (in->runtime && in->runtime->kind == RUNTIME_BUNDLED)
		put_build(a, &env->vars, in->runtime);
}

struct script_env *script_env_new(struct arena *a, const struct script_env_input *in)
{
	struct script_env *env = ARENA_NEW(a, struct script_env);
	str node = in->shims ? in->shims->node : runtime_find_node(a, in->cfg);

	map_init(&env->vars, a);
	put_inherited(a, env, in->environ);
	put_settings(a, &env->vars, in->cfg);
	put_named(a, &env->vars, "INIT_CWD", cfg_cwd(in->cfg));
	if (!str_is_null(cfg_home(in->cfg)))
		put_named(a, &env->vars, "HOME", cfg_home(in->cfg));
	put_named(a, &env->vars, "COLOR", in->has_color ? S("1") : S("0"));
	put_named(a, &env->vars, "npm_command", in->command);
	put_named(a, &env->vars, "npm_execpath", in->program);
	if (in->shims)
		put_shims(a, env, in);
	if (!str_is_null(node)) {
		put_named(a, &env->vars, "npm_node_execpath", node);
		put_named(a, &env->vars, "NODE", node);
	}
	return env;
}

/* ---- the package ---- */

/* A value of package.json under the name of the variable that it becomes. */
struct pending {
	str name;
	const struct json *val;
};
typedef VEC(struct pending) pending_vec;

static str scalar_text(struct arena *a, const struct json *v)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	switch (v->type) {
	case JSON_STRING:
		return v->string;
	case JSON_NUMBER:
		json_write_number(&out, v->number);
		return buf_view(&out);
	case JSON_BOOL:
		return v->boolean ? S("true") : S("");
	default:
		return S("");
	}
}

/* Pushed from the last to the first, so that they are taken in their order. */
static void push_members(struct arena *a, pending_vec *agenda, const struct pending *p)
{
	const struct json *v = p->val;

	for (size_t i = v->count; i-- > 0;) {
		str key = v->type == JSON_ARRAY ? str_printf(a, "%zu", i) : v->members[i].key;
		str name = str_printf(a, STR_FMT "_" STR_FMT, STR_ARG(p->name), STR_ARG(key));

		VEC_PUSH(a, agenda,
			 (struct pending){ name, v->type == JSON_ARRAY ? v->items[i]
								       : v->members[i].val });
	}
}

/* Objects and lists become one variable for each value in them, however deep. */
static void put_flattened(struct arena *a, struct map *vars, const char *name,
			  const struct json *val)
{
	pending_vec agenda = { 0 };

	if (!val)
		return;
	VEC_PUSH(a, &agenda, (struct pending){ str_printf(a, "npm_package_%s", name), val });
	while (agenda.len > 0) {
		struct pending p = VEC_POP(&agenda);

		if (p.val->type == JSON_OBJECT || p.val->type == JSON_ARRAY)
			push_members(a, &agenda, &p);
		else
			put(a, vars, p.name, scalar_text(a, p.val));
	}
}

static void put_package(struct arena *a, struct map *vars, const struct json *package)
{
	static const char *const fields[] = { "name", "version", "config", "engines", "bin" };

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		put_flattened(a, vars, fields[i], json_get(package, fields[i]));
}

/* ---- PATH ---- */

/* Commands of the package first, then those of every folder around it, as require() looks for
 * modules. */
static str script_path(struct arena *a, const struct script_env *env, const struct script_event *e)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	str dir = e->dir, above;

	for (size_t i = 0; i < e->nbin_dirs; i++)
		buf_printf(&out, STR_FMT ":", STR_ARG(e->bin_dirs[i]));
	for (;; dir = above) {
		str bin = path_join(a, dir, S("node_modules/.bin"));

		buf_printf(&out, STR_FMT ":", STR_ARG(bin));
		above = path_dirname(dir);
		if (str_eq(above, dir))
			break;
	}
	if (!str_is_null(env->tools))
		buf_printf(&out, STR_FMT ":", STR_ARG(env->tools));
	buf_add(&out, env->path);
	return buf_view(&out);
}

/* ---- secrets ---- */

/* "npm_config_//host/:_authToken", "npm_config__auth": a project's own scripts may need to publish
 * with it, those of packages never. */
static bool is_credential(str name)
{
	str prefix = S("npm_config_");

	if (name.len <= prefix.len || !str_eq_nocase(str_slice(name, 0, prefix.len), prefix))
		return false;
	str key = str_from(name, prefix.len);
	return key.p[0] == '_' || str_starts(key, S("//")) || str_eq_nocase(key, S("otp"));
}

/* Proxies keep their place, so that what a script fetches goes the same way. */
static str foreign_value(struct arena *a, str name, str value)
{
	static const str proxies[] = { S("npm_config_proxy"), S("npm_config_https_proxy"),
				       S("npm_config_https-proxy"), S("npm_config_http_proxy"),
				       S("npm_config_http-proxy") };

	for (size_t i = 0; i < ARRAY_LEN(proxies); i++)
		if (str_eq_nocase(name, proxies[i]))
			return cfg_without_user(a, value);
	return value;
}

/* ---- all of it ---- */

static void copy_vars(struct arena *a, struct map *to, const struct map *from)
{
	map_init(to, a);
	for (struct map_iter it = map_iter(from); map_next(&it);)
		map_put(to, it.key, it.val);
}

static char *assignment(struct arena *a, str name, str value)
{
	return str_cstr(a, str_printf(a, STR_FMT "=" STR_FMT, STR_ARG(name), STR_ARG(value)));
}

char *const *script_env_for(struct arena *a, const struct script_env *env,
			    const struct script_event *e)
{
	str path = script_path(a, env, e);
	struct map vars;
	size_t count = 0;

	copy_vars(a, &vars, &env->vars);
	put_named(a, &vars, "npm_package_json", path_join(a, e->dir, S("package.json")));
	for (size_t i = 0; i < e->nextra; i++)
		put(a, &vars, e->extra[i].name, e->extra[i].value);
	put_package(a, &vars, e->package);
	put_named(a, &vars, "npm_lifecycle_event", e->event);
	put_named(a, &vars, "npm_lifecycle_script", e->command);

	char **out = ARENA_ARRAY(a, char *, vars.count + 1);
	for (struct map_iter it = map_iter(&vars); map_next(&it);) {
		str value = is_path(it.key) ? path : *(const str *)it.val;

		if (e->is_foreign && is_credential(it.key))
			continue;
		if (e->is_foreign)
			value = foreign_value(a, it.key, value);
		out[count++] = assignment(a, it.key, value);
	}
	return out;
}
