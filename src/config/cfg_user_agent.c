/* SPDX-License-Identifier: MIT
 * How requests introduce themselves: the `user-agent` template filled in, with the CI system if
 * there is one. Registries count on the form, so it is npm's. */
#include "cfg_priv.h"

#include "cpm/build_config.h"

#include <sys/utsname.h>

/* CI systems by a variable that they set. @value: what it must be; NULL: anything. */
static const struct {
	const char *name, *variable, *value;
} ci_systems[] = {
	{ "agola-ci", "AGOLA_GIT_REF", NULL },
	{ "appcircle", "AC_APPCIRCLE", NULL },
	{ "appveyor", "APPVEYOR", NULL },
	{ "aws-codebuild", "CODEBUILD_BUILD_ARN", NULL },
	{ "azure-pipelines", "TF_BUILD", NULL },
	{ "bamboo", "bamboo_planKey", NULL },
	{ "bitbucket-pipelines", "BITBUCKET_COMMIT", NULL },
	{ "bitrise", "BITRISE_IO", NULL },
	{ "buddy", "BUDDY_WORKSPACE_ID", NULL },
	{ "buildkite", "BUILDKITE", NULL },
	{ "circleci", "CIRCLECI", NULL },
	{ "cirrus-ci", "CIRRUS_CI", NULL },
	{ "cloudflare-pages", "CF_PAGES", NULL },
	{ "codefresh", "CF_BUILD_ID", NULL },
	{ "codemagic", "CM_BUILD_ID", NULL },
	{ "codeship", "CI_NAME", "codeship" },
	{ "drone", "DRONE", NULL },
	{ "expo-application-services", "EAS_BUILD", NULL },
	{ "gitea-actions", "GITEA_ACTIONS", NULL },
	{ "github-actions", "GITHUB_ACTIONS", NULL },
	{ "gitlab-ci", "GITLAB_CI", NULL },
	{ "gocd", "GO_PIPELINE_LABEL", NULL },
	{ "google-cloud-build", "BUILDER_OUTPUT", NULL },
	{ "harness-ci", "HARNESS_BUILD_ID", NULL },
	{ "jenkins", "JENKINS_URL", NULL },
	{ "netlify-ci", "NETLIFY", NULL },
	{ "prow", "PROW_JOB_ID", NULL },
	{ "render", "RENDER", NULL },
	{ "semaphore", "SEMAPHORE", NULL },
	{ "sourcehut", "CI_NAME", "sourcehut" },
	{ "teamcity", "TEAMCITY_VERSION", NULL },
	{ "travis-ci", "TRAVIS", NULL },
	{ "vercel", "VERCEL", NULL },
	{ "woodpecker", "CI", "woodpecker" },
	{ "xcode-cloud", "CI_XCODE_PROJECT", NULL },
};

static str ci_name(const struct cfg *c)
{
	for (size_t i = 0; i < ARRAY_LEN(ci_systems); i++) {
		str value = npmrc_getenv(c->environ, ci_systems[i].variable);
		if (value.len > 0 &&
		    (!ci_systems[i].value || str_eq(value, str_view(ci_systems[i].value))))
			return str_view(ci_systems[i].name);
	}
	return STR_NULL;
}

/* GitHub's runners are told apart: by its own host or another, and by who owns the machine. */
static str github_kind(struct arena *a, const struct cfg *c)
{
	str url = npmrc_getenv(c->environ, "GITHUB_SERVER_URL"),
	    runner = npmrc_getenv(c->environ, "RUNNER_ENVIRONMENT");
	size_t slashes = str_find(url, S("://"));
	str host = slashes == STR_NPOS ? STR_NULL : str_from(str_trim(url), slashes + 3);
	host = str_lower(a, str_slice(host, 0, MIN(str_find_any(host, "/:"), host.len)));

	if (str_is_empty(host))
		return S("");
	if (str_eq(host, S("github.com")))
		return str_eq(runner, S("github-hosted")) ? S("/dotcom-hosted")
		       : str_eq(runner, S("self-hosted")) ? S("/dotcom-selfhosted")
							  : S("/dotcom");
	return str_eq(host, S("ghe.com")) || str_ends(host, S(".ghe.com")) ? S("/ghecom")
									   : S("/ghes");
}

static str arch(struct arena *a)
{
	static const struct {
		const char *machine, *name;
	} rows[] = { { "x86_64", "x64" },
		     { "aarch64", "arm64" },
		     { "armv7l", "arm" },
		     { "i686", "ia32" },
		     { "ppc64le", "ppc64" } };
	struct utsname u;

	if (uname(&u) != 0)
		return S("unknown");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(u.machine, rows[i].machine) == 0)
			return str_view(rows[i].name);
	return str_dup(a, str_view(u.machine));
}

void cfg_expand_user_agent(struct cfg *c, str node_version)
{
	struct arena *a = c->arena;
	size_t nworkspaces;
	str ci = ci_name(c), text = cfg_text(c, CFG_USER_AGENT);
	bool is_github = str_eq(ci, S("github-actions"));

	(void)cfg_list(c, CFG_WORKSPACE, &nworkspaces);
	if (ci.len > 0) {
		str kind = is_github ? github_kind(a, c) : S("");
		ci = str_printf(a, "ci/" STR_FMT STR_FMT, STR_ARG(ci), STR_ARG(kind));
	}
	text = str_replace_all(a, text, S("{node-version}"), str_concat(a, S("v"), node_version));
	text = str_replace_all(a, text, S("{npm-version}"), S(CPM_NPM_VERSION));
	text = str_replace_all(a, text, S("{platform}"), S("linux"));
	text = str_replace_all(a, text, S("{arch}"), arch(a));
	text = str_replace_all(a, text, S("{workspaces}"),
			       nworkspaces > 0 || cfg_bool(c, CFG_WORKSPACES) ? S("true")
									      : S("false"));
	text = str_replace_all(a, text, S("{ci}"), ci);
	c->in_force[CFG_USER_AGENT] = (struct cfg_value){ .kind = VALUE_TEXT,
							  .text = str_trim(text) };
}
