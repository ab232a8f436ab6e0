/* SPDX-License-Identifier: MIT
 * Where the project is: the nearest folder with a package.json or a node_modules, or the workspace
 * root above it. Each level costs one or two system calls, and a package.json above the project is
 * only read to see whether it has workspaces. */
#include "cfg_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/glob.h"
#include "cpm/base/json.h"
#include "cpm/base/path.h"

#define MANIFEST_MAX_BYTES (16u << 20)

static bool has_file(struct arena *a, str dir, const char *name)
{
	return fs_is_file(AT_FDCWD, str_cstr(a, path_join(a, dir, str_view(name))));
}

static bool is_project_dir(struct arena *a, str dir)
{
	if (has_file(a, dir, "package.json"))
		return true;
	struct stat st;
	const char *modules = str_cstr(a, path_join(a, dir, S("node_modules")));
	return stat(modules, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The patterns decide in order: a later one re-includes or, with "!", removes again
 * (npm-cli.md 5.1). */
static bool matches_workspaces(struct arena *a, const struct json *patterns, str relative)
{
	bool is_member = false;

	for (size_t i = 0; i < patterns->count; i++) {
		str pattern = patterns->items[i]->string;
		bool negated = false;
		while (str_starts(pattern, S("!"))) {
			negated = !negated;
			pattern = str_from(pattern, 1);
		}
		while (str_starts(pattern, S("/")) || str_starts(pattern, S("./")))
			pattern = str_from(pattern, pattern.p[0] == '/' ? 1 : 2);
		while (str_ends(pattern, S("/")))
			pattern.len--;
		if (glob_match(a, pattern, relative))
			is_member = !negated;
	}
	return is_member;
}

/* True when @root's package.json counts @dir among its workspaces. Whatever cannot be read has
 * none. */
static bool is_workspace_of(struct arena *a, str root, str dir)
{
	str text;
	struct json *doc;
	struct err *e = fs_read_all(a, AT_FDCWD, str_cstr(a, path_join(a, root, S("package.json"))),
				    MANIFEST_MAX_BYTES, &text);

	if (!e && str_find(text, S("\"workspaces\"")) == STR_NPOS)
		return false;
	if (!e)
		e = json_parse(a, text, &doc);
	if (e) {
		err_ignore(e);
		return false;
	}
	const struct json *patterns = json_get(doc, "workspaces");
	if (json_is(patterns, JSON_OBJECT))
		patterns = json_get(patterns, "packages");
	str relative = path_relative(a, root, dir);
	if (!json_is(patterns, JSON_ARRAY) || str_find(relative, S("node_modules")) != STR_NPOS ||
	    !has_file(a, dir, "package.json"))
		return false;
	return matches_workspaces(a, patterns, relative);
}

static str parent_of(str dir)
{
	str parent = path_dirname(dir);
	return str_eq(parent, dir) ? STR_NULL : parent;
}

static bool is_global_mode(const struct cfg *c)
{
	const struct cfg_value *global = cfg_find_value(c, CFG_GLOBAL),
			       *location = cfg_find_value(c, CFG_LOCATION);
	return global->boolean || str_eq(location->text, S("global"));
}

static void adopt_workspace(struct cfg *c, str root)
{
	if (has_file(c->arena, c->local_prefix, ".npmrc"))
		log_warn("config", "ignoring workspace config at " STR_FMT "/.npmrc",
			 STR_ARG(c->local_prefix));
	c->implicit_workspace = c->local_prefix;
	c->local_prefix = root;
	log_info("config", "found workspace root at " STR_FMT, STR_ARG(root));

	struct cfg_setting *s = map_get(&c->places[CFG_LAYER_DEFAULT].settings, S("workspace"));
	s->value = (struct cfg_value){ .kind = VALUE_LIST,
				       .items = &c->implicit_workspace,
				       .count = 1 };
}

struct err *cfg_find_prefix(struct cfg *c)
{
	ARENA_SCOPE(tmp);
	const struct cfg_setting *given = map_get(&c->places[CFG_LAYER_CLI].settings, S("prefix"));
	const struct cfg_setting *ws = map_get(&c->places[CFG_LAYER_CLI].settings, S("workspaces"));

	if (given) {
		c->local_prefix = given->value.text;
		return NULL;
	}
	str dir = c->cwd;
	while (!str_is_null(dir) && !is_project_dir(tmp, dir))
		dir = parent_of(dir);
	c->local_prefix = str_is_null(dir) ? c->cwd : dir;

	bool is_alone = is_global_mode(c) ||
			(ws && ws->value.kind == VALUE_BOOL && !ws->value.boolean);
	if (str_is_null(dir) || is_alone)
		return NULL;
	for (str root = parent_of(dir); !str_is_null(root); root = parent_of(root)) {
		if (has_file(tmp, root, "package.json") && is_workspace_of(tmp, root, dir)) {
			adopt_workspace(c, root);
			break;
		}
	}
	return NULL;
}
