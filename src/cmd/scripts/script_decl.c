/* SPDX-License-Identifier: MIT
 * Reading strictly: a misspelt key would otherwise be an input that nobody watches. */
#include "script_decl.h"

#include "cpm/base/glob.h"
#include "cpm/base/path.h"

struct place {
	struct arena *arena;
	str where, key; /* "packages/a/package.json", "cpm.scripts.build" */
};

static struct err *refuse(const struct place *p, const char *key, const char *what)
{
	return err_new(E_GENERIC, STR_FMT "%s%s in '" STR_FMT "' %s", STR_ARG(p->key),
		       *key ? "." : "", key, STR_ARG(p->where), what);
}

/* Patterns stay inside: what is in them is read, removed and written. */
static bool is_inside(str pattern)
{
	if (str_starts(pattern, S("!")))
		pattern = str_from(pattern, 1);
	if (pattern.len == 0 || path_is_absolute(pattern))
		return false;
	for (str part; str_cut(&pattern, '/', &part);)
		if (str_eq(part, S("..")) ||
		    (!glob_is_plain(part) && str_find(part, S("..")) != STR_NPOS))
			return false;
	return true;
}

static str plain_pattern(struct arena *a, str pattern)
{
	bool negates = str_starts(pattern, S("!"));

	pattern = str_from(pattern, negates);
	while (str_starts(pattern, S("./")))
		pattern = str_from(pattern, 2);
	if (str_ends(pattern, S("/")))
		pattern = str_concat(a, pattern, S("**"));
	if (str_ends(pattern, S("/**")))
		pattern = str_concat(a, pattern, S("/*"));
	return negates ? str_concat(a, S("!"), pattern) : pattern;
}

static struct err *read_list(const struct place *p, const struct json *v, const char *key,
			     bool are_patterns, struct name_list *out)
{
	if (!json_is(v, JSON_ARRAY))
		return refuse(p, key, "must be a list of texts");
	out->items = ARENA_ARRAY(p->arena, str, v->count + 1);
	for (size_t i = 0; i < v->count; i++) {
		const struct json *item = v->items[i];

		if (!json_is(item, JSON_STRING) || item->string.len == 0)
			return refuse(p, key, "must be a list of texts");
		if (are_patterns && !is_inside(item->string))
			return refuse(p, key, "leads out of the package's folder");
		out->items[out->count++] = are_patterns ? plain_pattern(p->arena, item->string)
							: item->string;
	}
	return NULL;
}

static struct err *read_member(const struct place *p, const struct json_member *m,
			       struct script_decl *out)
{
	if (str_eq(m->key, S("outputs")))
		return read_list(p, m->val, "outputs", true, &out->outputs);
	if (str_eq(m->key, S("env")))
		return read_list(p, m->val, "env", false, &out->env);
	if (!str_eq(m->key, S("inputs")))
		return refuse(p, "", "may have inputs, outputs and env, nothing else");
	out->has_inputs = true;
	return read_list(p, m->val, "inputs", true, &out->inputs);
}

static const struct json *find(const struct json *package, str script)
{
	return json_get_str(json_get(json_get(package, "cpm"), "scripts"), script);
}

struct err *script_decl_read(struct arena *a, const struct json *package, str where,
			     const struct json *root, str script, struct script_decl *out)
{
	struct place p = { a, where, str_concat(a, S("cpm.scripts."), script) };
	const struct json *decl = find(package, script);

	*out = (struct script_decl){ 0 };
	if (!decl) {
		p.where = S("package.json");
		decl = find(root, script);
	}
	if (!decl)
		return NULL;
	if (!json_is(decl, JSON_OBJECT))
		return refuse(&p, "", "must be an object");
	out->is_made = true;
	for (size_t i = 0; i < decl->count; i++)
		TRY(read_member(&p, &decl->members[i], out));
	return NULL;
}

struct err *script_decl_read_shared(struct arena *a, const struct json *root, struct name_list *out)
{
	const struct place p = { a, S("package.json"), S("cpm") };
	const struct json *v = json_get(json_get(root, "cpm"), "sharedInputs");

	*out = (struct name_list){ 0 };
	return v ? read_list(&p, v, "sharedInputs", true, out) : NULL;
}

/* ---- patterns ---- */

static bool is_at_or_below(str path, str folder)
{
	return folder.len == 0 ||
	       (str_starts(path, folder) && (path.len == folder.len || path.p[folder.len] == '/'));
}

/* "dist" is the file of that name, or all that is in the folder of that name. */
static bool matches(struct arena *tmp, str pattern, str path)
{
	return glob_match_with(tmp, pattern, path, GLOB_DOT) ||
	       (glob_is_plain(pattern) && is_at_or_below(path, pattern));
}

bool script_decl_has(const struct name_list *patterns, str path)
{
	ARENA_SCOPE(tmp);
	bool is_meant = false;

	for (size_t i = 0; i < patterns->count; i++) {
		str pattern = patterns->items[i];
		bool negates = str_starts(pattern, S("!"));

		if (!matches(tmp, str_from(pattern, negates), path))
			continue;
		if (negates)
			return false;
		is_meant = true;
	}
	return is_meant;
}

/* What of a pattern is the same for all it means. */
static str fixed_part(str pattern)
{
	size_t end = 0;

	for (str rest = pattern, part; str_cut(&rest, '/', &part) && glob_is_plain(part);)
		end = (size_t)(part.p + part.len - pattern.p);
	return str_slice(pattern, 0, end);
}

bool script_decl_may_pass(const struct name_list *patterns, str path)
{
	for (size_t i = 0; i < patterns->count; i++) {
		str fixed = fixed_part(patterns->items[i]);

		if (!str_starts(patterns->items[i], S("!")) &&
		    (is_at_or_below(path, fixed) || is_at_or_below(fixed, path)))
			return true;
	}
	return false;
}
