/* SPDX-License-Identifier: MIT
 * bugs, docs, repo: the pages that a package names, opened (npm-cli.md 2.4). */
#include "open_page.h"
#include "package_manifest.h"
#include "project_members.h"

#include "cpm/build_config.h"
#include "cpm/tree/spec_page.h"

/* ---- which page ---- */

static str repository_of(const struct json *m)
{
	const struct json *repository = json_get(m, "repository");

	return json_is(repository, JSON_STRING) ? repository->string
						: json_get_text(repository, "url");
}

static str site_page(struct arena *a, const struct json *m)
{
	return str_concat(a, S(CPM_PACKAGE_PAGES), json_get_text(m, "name"));
}

static str first_of(str a, str b)
{
	return a.len ? a : b;
}

static struct err *find_bugs(struct arena *a, const struct json *m, str *url)
{
	const struct json *bugs = json_get(m, "bugs");
	str email = json_get_text(bugs, "email");

	*url = json_is(bugs, JSON_STRING) ? bugs->string : json_get_text(bugs, "url");
	if (!url->len && email.len)
		*url = str_concat(a, S("mailto:"), email);
	if (!url->len)
		*url = first_of(spec_repository_page(a, repository_of(m), SPEC_PAGE_BUGS),
				site_page(a, m));
	return NULL;
}

static struct err *find_docs(struct arena *a, const struct json *m, str *url)
{
	*url = json_get_text(m, "homepage");
	if (!url->len)
		*url = first_of(spec_repository_page(a, repository_of(m), SPEC_PAGE_README),
				site_page(a, m));
	return NULL;
}

static struct err *find_repo(struct arena *a, const struct json *m, str *url)
{
	str text = repository_of(m),
	    folder = json_get_text(json_get(m, "repository"), "directory");

	if (!text.len)
		return err_new(E_GENERIC, "no repository");
	*url = first_of(spec_repository_folder(a, text, folder), spec_url_page(a, text));
	if (!url->len)
		return err_new(E_GENERIC, "no repository: could not get url");
	return NULL;
}

/* ---- the commands ---- */

typedef struct err *(*find_fn)(struct arena *a, const struct json *manifest, str *url);

static struct err *open_one(struct cmd_ctx *ctx, str arg, find_fn find)
{
	struct arena *a = ctx->arena;
	struct json *manifest;
	str url;

	TRY(package_manifest_find(ctx, arg, &manifest));
	TRY(find(a, manifest, &url));
	return open_page(ctx, url,
			 str_printf(a, STR_FMT " %s available at the following URL",
				    STR_ARG(json_get_text(manifest, "name")), ctx->cmd->name));
}

static struct err *open_all(struct cmd_ctx *ctx, const str *args, size_t nargs, find_fn find)
{
	struct workspace_choice members = { 0 };

	if (!nargs)
		TRY(project_members_choose(ctx, &members));
	for (size_t i = 0; members.is_made && i < members.count; i++)
		TRY(open_one(ctx, members.items[i].path, find));
	for (size_t i = 0; i < nargs; i++)
		TRY(open_one(ctx, args[i], find));
	return nargs || members.is_made ? NULL : open_one(ctx, S("."), find);
}

static struct err *bugs_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)exit_status;
	return open_all(ctx, args, nargs, find_bugs);
}

static struct err *docs_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)exit_status;
	return open_all(ctx, args, nargs, find_docs);
}

static struct err *repo_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)exit_status;
	return open_all(ctx, args, nargs, find_repo);
}

static const enum cfg_key page_keys[] = { CFG_BROWSER, CFG_REGISTRY, CFG_WORKSPACE, CFG_WORKSPACES,
					  CFG_INCLUDE_WORKSPACE_ROOT, CFG_END };
static const char *const page_synopsis[] = { "[<pkgname> [<pkgname> ...]]", NULL };
#define PAGE_NEEDS (CMD_WORKSPACES | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK)

const struct cmd cmd_bugs = {
	.name = "bugs",
	.summary = "Report bugs for a package in a web browser",
	.synopsis = page_synopsis,
	.aliases = (const char *const[]){ "issues", NULL },
	.keys = page_keys,
	.needs = PAGE_NEEDS,
	.doc = "pages",
	.run = bugs_run,
};

const struct cmd cmd_docs = {
	.name = "docs",
	.summary = "Open documentation for a package in a web browser",
	.synopsis = page_synopsis,
	.aliases = (const char *const[]){ "home", NULL },
	.keys = page_keys,
	.needs = PAGE_NEEDS,
	.doc = "pages",
	.run = docs_run,
};

const struct cmd cmd_repo = {
	.name = "repo",
	.summary = "Open package repository page in the browser",
	.synopsis = page_synopsis,
	.keys = page_keys,
	.needs = PAGE_NEEDS,
	.doc = "pages",
	.run = repo_run,
};
