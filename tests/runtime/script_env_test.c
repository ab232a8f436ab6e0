/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/base/json.h"
#include "cpm/config/cfg.h"
#include "cpm/runtime/script_env.h"
#include "temp_dir.h"

/* The value of a variable, or null. */
static str value_of(char *const *vars, const char *name)
{
	str wanted = str_view(name);

	for (; *vars; vars++) {
		str v = str_view(*vars);
		if (str_starts(v, wanted) && v.len > wanted.len && v.p[wanted.len] == '=')
			return str_from(v, wanted.len + 1);
	}
	return STR_NULL;
}

static struct cfg *load(struct arena *a, const struct temp_dir *d, const char *const *argv,
			const char *const *environ_)
{
	struct cfg *cfg;
	struct cfg_input in = {
		.argv = argv, .environ = environ_, .cwd = d->path, .exec_prefix = S("/opt/none")
	};

	temp_file(d, "package.json", S("{}"));
	CHECK_OK(cfg_load(a, &in, &cfg));
	return cfg;
}

static char *const *env_for(struct arena *a, const struct cfg *cfg, const char *const *environ_,
			    const char *package)
{
	struct script_env_input in = {
		.cfg = cfg, .environ = environ_, .command = S("run"), .program = S("/bin/cpm")
	};
	struct script_event event = { .event = S("build"), .command = S("make"), .dir = S("/a/b") };
	struct json *doc;

	CHECK_OK(json_parse(a, str_view(package), &doc));
	event.package = doc;
	return script_env_for(a, script_env_new(a, &in), &event);
}

TEST(package_fields_become_variables)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(d);
	const char *argv[] = { "run", NULL },
		   *environ_[] = { "HOME=/home/u", "PATH=/usr/bin", NULL };
	char *const *vars = env_for(tmp, load(tmp, &d, argv, environ_), environ_,
				    "{\"name\":\"p\",\"version\":\"1.0.0\",\"description\":\"no\","
				    "\"engines\":{\"node\":\">=1\"},"
				    "\"config\":{\"a\":1,\"b\":[true,null,{\"c\":\"d\"}],\"e\":"
				    "false,\"f\":{}},\"bin\":{\"p\":\"x.js\"}}");
	const struct {
		const char *name;
		str want;
	} rows[] = {
		{ "npm_package_name", S("p") },
		{ "npm_package_version", S("1.0.0") },
		{ "npm_package_description", STR_NULL },
		{ "npm_package_engines_node", S(">=1") },
		{ "npm_package_config_a", S("1") },
		{ "npm_package_config_b_0", S("true") },
		{ "npm_package_config_b_1", S("") },
		{ "npm_package_config_b_2_c", S("d") },
		{ "npm_package_config_e", S("") },
		{ "npm_package_config_f", STR_NULL },
		{ "npm_package_bin_p", S("x.js") },
		{ "npm_package_json", S("/a/b/package.json") },
		{ "npm_lifecycle_event", S("build") },
		{ "npm_lifecycle_script", S("make") },
		{ "npm_command", S("run") },
		{ "npm_execpath", S("/bin/cpm") },
		{ "HOME", S("/home/u") },
		{ "COLOR", S("0") },
		{ "PATH",
		  S("/a/b/node_modules/.bin:/a/node_modules/.bin:/node_modules/.bin:/usr/bin") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(value_of(vars, rows[i].name), rows[i].want, "%s", rows[i].name);
}

TEST(settings_are_handed_on_but_no_secrets)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(d);
	const char *argv[] = { "run",        "--save-exact", "--otp=123456",
			       "--no-audit", "--omit=dev",   "-w=x",
			       NULL };
	const char *environ_[] = { "npm_config_tag=next", "PATH=/usr/bin", NULL };

	temp_file(&d, ".npmrc",
		  S("loglevel=warn\n//r.example/:_authToken=secret\n@s:registry=https://r.example/"
		    "\nmine=1\n"));
	char *const *vars = env_for(tmp, load(tmp, &d, argv, environ_), environ_, "{}");
	const struct {
		const char *name;
		str want;
	} rows[] = {
		{ "npm_config_save_exact", S("true") }, { "npm_config_audit", S("") },
		{ "npm_config_omit", S("dev") },        { "npm_config_loglevel", S("warn") },
		{ "npm_config_mine", S("1") },          { "npm_config_tag", S("next") },
		{ "npm_config_otp", STR_NULL },         { "npm_config_workspace", STR_NULL },
		{ "npm_config_save_dev", STR_NULL },    { "npm_config_noproxy", S("") },
		{ "NODE_ENV", S("production") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(value_of(vars, rows[i].name), rows[i].want, "%s", rows[i].name);
	for (; *vars; vars++)
		CHECK(str_find(str_view(*vars), S("secret")) == STR_NPOS, "%s", *vars);
}

TEST(a_default_that_was_put_back_is_said_again)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(d);
	const char *argv[] = { "run", "--tag=latest", NULL };
	const char *environ_[] = { "npm_config_tag=next", NULL };
	char *const *vars = env_for(tmp, load(tmp, &d, argv, environ_), environ_, "{}");

	CHECK_STR(value_of(vars, "npm_config_tag"), S("latest"), "tag");
}

UNIT_TESTS(TESTED(package_fields_become_variables), TESTED(settings_are_handed_on_but_no_secrets),
	   TESTED(a_default_that_was_put_back_is_said_again))
