/* SPDX-License-Identifier: MIT
 * Releases in a real checkout, with the git program of this machine. */
#include "release_git.h"

#include "cpm/base/path.h"
#include "cpm/base/proc.h"

#include "check.h"
#include "temp_dir.h"

/* What a test works in: a checkout with one commit, and a context with @flag on its command line.
 */
struct checkout {
	struct arena *a;
	str dir;
	struct cmd_ctx ctx;
};

static const char *const environment[] = { "HOME=/nonexistent", NULL };

static str git(struct checkout *c, const char *script)
{
	struct proc_result result = { 0 };
	const char *command = str_printf(c->a, "cd '" STR_FMT "' && %s", STR_ARG(c->dir), script).p;

	CHECK_OK(proc_capture_all(c->a, (const char *[]){ "sh", "-c", command, NULL }, 1 << 16,
				  &result));
	CHECK_EQ(result.exit_status, 0, "%s: " STR_FMT, script, STR_ARG(result.out));
	return str_trim(result.out);
}

static struct checkout checkout(struct arena *a, const struct temp_dir *dir, const char *flag)
{
	struct checkout c = { .a = a, .dir = dir->path, .ctx = { .arena = a } };
	const char *const argv[] = { "version", flag, NULL };
	struct cfg_input in = {
		.argv = argv, .environ = environment, .cwd = dir->path, .exec_prefix = S("/usr")
	};

	CHECK_OK(cfg_load(a, &in, &c.ctx.cfg));
	temp_file(dir, "package.json", S("{}"));
	(void)git(&c, "git init -q . && git config user.name n && git config user.email e@x && "
		      "git add -A && git commit -qm first");
	return c;
}

static str manifest_of(struct checkout *c)
{
	return path_join(c->a, c->dir, S("package.json"));
}

static bool has_git(void)
{
	ARENA_SCOPE(a);
	struct proc_result result;
	struct err *e = proc_capture(a, (const char *[]){ "git", "--version", NULL }, 100, &result);

	err_ignore(e);
	return !e;
}

#define NEEDS_GIT()     \
	if (!has_git()) \
	skip()

TEST(a_release_is_one_commit_and_one_tag)
{
	NEEDS_GIT();
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct checkout c = checkout(a, &dir, "--message=release %s");
	struct release_git g;

	CHECK_OK(release_git_begin(&c.ctx, c.dir, &g));
	CHECK(g.is_active);
	temp_file(&dir, "package.json", S("{ }"));
	CHECK_OK(release_git_commit(&g, manifest_of(&c), STR_NULL, S("1.2.3")));
	CHECK_STR(git(&c, "git log -1 --format=%s"), S("release 1.2.3"));
	CHECK_STR(git(&c, "git tag -l --format='%(refname:short) %(contents:subject)'"),
		  S("v1.2.3 release 1.2.3"));
	CHECK_STR(git(&c, "git status --short"), S(""));
}

TEST(a_changed_working_tree_is_refused)
{
	NEEDS_GIT();
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct checkout c = checkout(a, &dir, "--silent");
	struct release_git g;

	temp_file(&dir, "package.json", S("{ }"));
	CHECK_FAILS(release_git_begin(&c.ctx, c.dir, &g), E_GENERIC);
	cfg_force(c.ctx.cfg, CFG_FORCE, "true");
	CHECK_OK(release_git_begin(&c.ctx, c.dir, &g));
}

TEST(git_stays_out_of_it_where_it_is_not_wanted)
{
	NEEDS_GIT();
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct checkout c = checkout(a, &dir, "--no-git-tag-version");
	struct release_git g;

	temp_file(&dir, "package.json", S("{ }"));
	CHECK_OK(release_git_begin(&c.ctx, c.dir, &g));
	CHECK_OK(release_git_commit(&g, manifest_of(&c), STR_NULL, S("1.2.3")));
	CHECK_STR(git(&c, "git tag -l"), S(""));
}

TEST(what_git_complains_about_is_the_message)
{
	NEEDS_GIT();
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct checkout c = checkout(a, &dir, "--silent");
	struct release_git g;
	struct err *e;

	(void)git(&c, "git tag -m x v1.2.3");
	CHECK_OK(release_git_begin(&c.ctx, c.dir, &g));
	temp_file(&dir, "package.json", S("{ }"));
	e = release_git_commit(&g, manifest_of(&c), STR_NULL, S("1.2.3"));
	CHECK(e != NULL);
	CHECK(str_find(e->message, S("'v1.2.3' already exists")) != STR_NPOS, STR_FMT,
	      STR_ARG(e->message));
	CHECK_EQ(err_exit_status(e), 128);
	err_free(e);
}

TEST(the_newest_tag_names_the_version)
{
	NEEDS_GIT();
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct checkout c = checkout(a, &dir, "--silent");
	str version;

	CHECK_FAILS(release_git_tagged_version(&c.ctx, c.dir, &version), E_GENERIC);
	(void)git(&c, "git tag -m x name-v4.5.6-rc.1");
	CHECK_OK(release_git_tagged_version(&c.ctx, c.dir, &version));
	CHECK_STR(version, S("4.5.6-rc.1"));
}

UNIT_TESTS(TESTED(a_release_is_one_commit_and_one_tag), TESTED(a_changed_working_tree_is_refused),
	   TESTED(git_stays_out_of_it_where_it_is_not_wanted),
	   TESTED(what_git_complains_about_is_the_message),
	   TESTED(the_newest_tag_names_the_version))
