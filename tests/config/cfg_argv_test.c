/* SPDX-License-Identifier: MIT */
#include "world.h"

static str positionals(struct world *w)
{
	size_t count;
	const str *words = cfg_positionals(w->cfg, &count);
	return str_join(&w->arena, words, count, S(" "));
}

TEST(the_command_line_is_read_as_npm_reads_it)
{
	const struct {
		const char *line, *key;
		str value, rest;
	} rows[] = {
		{ "install --omit dev", "omit", S("dev"), S("install") },
		{ "install --omit=dev --omit=peer x", "omit", S("dev,peer"), S("install x") },
		{ "i --json x", "json", S("true"), S("i x") },
		{ "i --json false x", "json", S("false"), S("i x") },
		{ "i --json=false x", "json", S("false"), S("i x") },
		{ "i --save=foo", "save", S("true"), S("i foo") },
		{ "i --no-save", "save", S("false"), S("i") },
		{ "i --no-no-save", "save", S("true"), S("i") },
		{ "i --no-save false", "save", S("true"), S("i") },
		{ "i -save", "save", S("true"), S("i") },
		{ "i -gl", "long", S("true"), S("i") },
		{ "i -S --loglevel warn", "loglevel", S("warn"), S("i") },
		{ "i -d", "loglevel", S("info"), S("i") },
		{ "i --dd", "loglevel", S("verbose"), S("i") },
		{ "i -q", "loglevel", S("warn"), S("i") },
		{ "i --silent", "loglevel", S("silent"), S("i") },
		{ "i --reg http://h/x", "registry", S("http://h/x"), S("i") },
		{ "i --reg http://H", "registry", S("http://h/"), S("i") },
		{ "i --ws", "workspaces", S("true"), S("i") },
		{ "i --no-workspaces", "workspaces", S("false"), S("i") },
		{ "i --no", "yes", S("false"), S("i") },
		{ "i --no-access x", "access", S("null"), S("i x") },
		{ "i --color always", "color", S("always"), S("i") },
		{ "i --color x", "color", S("true"), S("i x") },
		{ "i --heading --json", "heading", S(""), S("i") },
		{ "i --depth 3", "depth", S("3"), S("i") },
		{ "i --depth null", "depth", S("null"), S("i") },
		{ "run x -- --json y", "json", S("false"), S("run x --json y") },
		{ "i -", "json", S("false"), S("i -") },
		{ "i --umask 022", "umask", S("18"), S("i") },
		{ "i --umask 18", "umask", S("18"), S("i") },
		{ "i --before 2024-02-01", "before", S("2024-02-01T00:00:00.000Z"), S("i") },
		{ "i --@s:registry=http://h/", "@s:registry", S("http://h/"), S("i") },
		{ "i --init-author-url=", "init-author-url", S(""), S("i") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		world_open(&w);
		world_type(&w, rows[i].line);
		CHECK_OK(world_load(&w));
		CHECK_STR(world_get(&w, rows[i].key), rows[i].value, "%s", rows[i].line);
		CHECK_STR(positionals(&w), rows[i].rest, "%s", rows[i].line);
		world_close(&w);
	}
}

TEST(bad_flags_are_refused_with_npms_words)
{
	const struct {
		const char *line;
		str text;
	} rows[] = {
		{ "i -ws", S("-ws is not a valid single-hyphen cli flag. Did you mean --ws?") },
		{ "i -silent",
		  S("-silent is not a valid single-hyphen cli flag. Did you mean --silent?") },
		{ "i --regist=x",
		  S("Invalid abbreviated flag \"--regist\". Did you mean \"--registry\"?") },
		{ "i --no-optiona",
		  S("Invalid abbreviated flag \"--optiona\". Did you mean \"--optional\"?") },
		{ "i --quie", S("Invalid abbreviated flag \"--quie\". Did you mean \"--quiet\"?") },
		{ "i --save-dev --save-peer",
		  S("--save-peer cannot be provided when using --save-dev") },
		{ "i -D -O", S("--save-optional cannot be provided when using --save-dev") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		world_open(&w);
		world_type(&w, rows[i].line);
		struct err *e = world_load(&w);
		CHECK(e != NULL, "%s", rows[i].line);
		CHECK_STR(e->message, rows[i].text, "%s", rows[i].line);
		err_free(e);
		world_close(&w);
	}
}

TEST(unknown_flags_are_remembered_until_the_command_is_known)
{
	struct world w;

	world_open(&w);
	world_type(&w, "i --foo --bar baz");
	CHECK_OK(world_load(&w));
	struct err *e = cfg_check_unknown(w.cfg);
	CHECK(e && e->code == E_UNKNOWN_CONFIG, "code");
	CHECK_STR(e->message,
		  S("Unknown cli flags:\n  - --foo\n  - --bar\nRun `npm help config` for supported "
		    "options."),
		  "text");
	CHECK_STR(buf_view(&w.log),
		  S("warn \"baz\" is being parsed as a normal command line argument.\n"), "log");
	err_free(e);
	world_close(&w);
}

TEST(an_invalid_value_is_dropped_with_two_warnings)
{
	struct world w;

	world_open(&w);
	world_type(&w, "i --omit=foo --access=all --fetch-retries=x");
	CHECK_OK(world_load(&w));
	CHECK_STR(world_get(&w, "omit"), S(""), "omit");
	CHECK_STR(world_get(&w, "access"), S("null"), "access");
	CHECK_STR(world_get(&w, "fetch-retries"), S("2"), "retries");
	CHECK_STR(buf_view(&w.log),
		  S("warn invalid config omit=\"foo\" set in command line options\n"
		    "warn invalid config Must be one or more of: dev, optional, peer\n"
		    "warn invalid config access=\"all\" set in command line options\n"
		    "warn invalid config Must be one of: null, restricted, public, private\n"
		    "warn invalid config fetch-retries=\"x\" set in command line options\n"
		    "warn invalid config Must be numeric value\n"),
		  "log");
	world_close(&w);
}

UNIT_TESTS(TESTED(the_command_line_is_read_as_npm_reads_it),
	   TESTED(bad_flags_are_refused_with_npms_words),
	   TESTED(unknown_flags_are_remembered_until_the_command_is_known),
	   TESTED(an_invalid_value_is_dropped_with_two_warnings))
