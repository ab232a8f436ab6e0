/* SPDX-License-Identifier: MIT
 * `devEngines` in npm's reading. We stand in for npm, so a project that asks for `packageManager:
 * npm` is served, and one that asks for another manager is told so in npm's words. */
#include "cpm/tree/dev_engines.h"

#include "cpm/base/range.h"

struct engine_here {
	str name, version;
};

static bool find_here(const struct dev_engines_here *here, str engine, struct engine_here *out)
{
	const struct {
		str engine;
		struct engine_here here;
	} rows[] = {
		{ S("packageManager"), { S("npm"), here->npm_version } },
		{ S("runtime"), { S("node"), here->node_version } },
		{ S("cpu"), { here->platform.cpu, STR_NULL } },
		{ S("libc"), { here->platform.libc, STR_NULL } },
		{ S("os"), { here->platform.os, here->os_version } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_eq(rows[i].engine, engine)) {
			*out = rows[i].here;
			return true;
		}
	return false;
}

/* ---- the form ---- */

static struct err *check_text(const struct json *wanted, const char *key, str engine)
{
	const struct json *v = json_get(wanted, key);

	if (v && !json_is(v, JSON_STRING))
		return err_new(E_GENERIC,
			       "Invalid non-string value for \"%s\" within \"" STR_FMT "\"", key,
			       STR_ARG(engine));
	return NULL;
}

static bool is_known_on_fail(str word)
{
	return str_eq(word, S("ignore")) || str_eq(word, S("warn")) || str_eq(word, S("error")) ||
	       str_eq(word, S("download"));
}

static struct err *check_form(const struct json *wanted, str engine, const struct engine_here *here)
{
	if (!json_is(wanted, JSON_OBJECT))
		return err_new(E_GENERIC, "Invalid non-object value for \"" STR_FMT "\"",
			       STR_ARG(engine));
	for (size_t i = 0; i < wanted->count; i++) {
		str key = wanted->members[i].key;
		if (!str_eq(key, S("name")) && !str_eq(key, S("version")) &&
		    !str_eq(key, S("onFail")))
			return err_new(E_GENERIC,
				       "Invalid property \"" STR_FMT "\" for \"" STR_FMT "\"",
				       STR_ARG(key), STR_ARG(engine));
	}
	if (!json_get(wanted, "name"))
		return err_new(E_GENERIC, "Missing \"name\" property for \"" STR_FMT "\"",
			       STR_ARG(engine));
	TRY(check_text(wanted, "name", engine));
	TRY(check_text(wanted, "version", engine));
	TRY(check_text(wanted, "onFail", engine));
	if (here->name.len == 0)
		return err_new(E_GENERIC, "Unable to determine \"name\" for \"" STR_FMT "\"",
			       STR_ARG(engine));
	str on_fail = json_get_text(wanted, "onFail");
	if (!str_is_null(on_fail) && !is_known_on_fail(on_fail))
		return err_new(E_GENERIC,
			       "Invalid onFail value \"" STR_FMT "\" for \"" STR_FMT "\"",
			       STR_ARG(on_fail), STR_ARG(engine));
	return NULL;
}

/* ---- one alternative ---- */

/* Why it does not hold, in *why; the null string when it does. */
static struct err *check_one(struct arena *a, const struct json *wanted, str engine,
			     const struct engine_here *here, str *why)
{
	str name, version;

	*why = STR_NULL;
	TRY(check_form(wanted, engine, here));
	name = json_get_text(wanted, "name");
	version = json_get_text(wanted, "version");
	if (!str_eq(name, here->name)) {
		*why = str_printf(a,
				  "Invalid name \"" STR_FMT "\" does not match \"" STR_FMT
				  "\" for \"" STR_FMT "\"",
				  STR_ARG(name), STR_ARG(here->name), STR_ARG(engine));
		return NULL;
	}
	if (str_is_null(version))
		return NULL;
	if (here->version.len == 0)
		return err_new(E_GENERIC,
			       "Unable to determine \"version\" for \"" STR_FMT "\" \"" STR_FMT
			       "\"",
			       STR_ARG(engine), STR_ARG(name));
	bool is_range = range_parse(a, version, SEMVER_STRICT) != NULL;
	if (is_range ? range_satisfies(here->version, version, SEMVER_STRICT)
		     : str_eq(here->version, version))
		return NULL;
	*why = str_printf(a,
			  "Invalid %sversion \"" STR_FMT "\" does not match \"" STR_FMT
			  "\" for \"" STR_FMT "\"",
			  is_range ? "semver " : "", STR_ARG(version), STR_ARG(here->version),
			  STR_ARG(engine));
	return NULL;
}

static struct json *show_here(struct arena *a, const struct engine_here *here)
{
	struct json *out = json_new(a, JSON_OBJECT);

	json_set_text(a, out, "name", here->name);
	if (here->version.len > 0)
		json_set_text(a, out, "version", here->version);
	return out;
}

/* ---- all of them ---- */

static struct err *check_engine(struct arena *a, str engine, const struct json *wanted,
				const struct engine_here *here, dev_engines_failures *out)
{
	bool is_list = json_is(wanted, JSON_ARRAY);
	size_t count = is_list ? wanted->count : 1;
	struct str_buf message = str_buf(a, 1 << 16);
	const struct json *one = NULL;

	buf_printf(&message, "Invalid devEngines." STR_FMT, STR_ARG(engine));
	bool holds = count == 0;
	for (size_t i = 0; i < count; i++) {
		str why;
		one = is_list ? wanted->items[i] : wanted;
		TRY(check_one(a, one, engine, here, &why));
		holds = holds || str_is_null(why);
		buf_printf(&message, "\n" STR_FMT, STR_ARG(why));
	}
	str on_fail = holds ? S("ignore") : json_get_text(one, "onFail");
	if (str_eq(on_fail, S("ignore")))
		return NULL;
	VEC_PUSH(a, out,
		 (struct dev_engines_failure){
			 .engine = engine,
			 .message = buf_view(&message),
			 .current = show_here(a, here),
			 .required = wanted,
			 .is_warning = str_eq(on_fail, S("warn")),
		 });
	return NULL;
}

struct err *dev_engines_check(struct arena *a, const struct json *wanted,
			      const struct dev_engines_here *here, dev_engines_failures *out)
{
	if (!wanted)
		return NULL;
	if (!json_is(wanted, JSON_OBJECT))
		return err_new(E_GENERIC, "Invalid non-object value for \"devEngines\"");
	for (size_t i = 0; i < wanted->count; i++) {
		struct engine_here engine;
		str name = wanted->members[i].key;
		if (!find_here(here, name, &engine))
			return err_new(E_GENERIC, "Invalid property \"devEngines." STR_FMT "\"",
				       STR_ARG(name));
		TRY(check_engine(a, name, wanted->members[i].val, &engine, out));
	}
	return NULL;
}
