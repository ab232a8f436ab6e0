/* SPDX-License-Identifier: MIT
 * install-test and install-ci-test: the test script, once everything is installed. */
#include "run_script.h"

static struct err *then_test(struct cmd_ctx *ctx, struct err *failure, int *exit_status)
{
	if (failure || *exit_status)
		return failure;
	cmd_ctx_unlock(ctx);
	return run_script(ctx, S("test"), NULL, 0, exit_status);
}

static struct err *install_test(struct cmd_ctx *ctx, const str *args, size_t nargs,
				int *exit_status)
{
	return then_test(ctx, cmd_install.run(ctx, args, nargs, exit_status), exit_status);
}

static struct err *install_ci_test(struct cmd_ctx *ctx, const str *args, size_t nargs,
				   int *exit_status)
{
	return then_test(ctx, cmd_ci.run(ctx, args, nargs, exit_status), exit_status);
}

const struct cmd cmd_install_test = {
	.name = "install-test",
	.summary = "Install package(s) and run tests",
	.synopsis = (const char *const[]){ "[<package-spec> ...]", NULL },
	.aliases = (const char *const[]){ "it", NULL },
	.keys = install_keys,
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "install",
	.run = install_test,
};

const struct cmd cmd_install_ci_test = {
	.name = "install-ci-test",
	.summary = "Install a project with a clean slate and run tests",
	.synopsis = (const char *const[]){ "", NULL },
	.aliases = (const char *const[]){ "cit", "clean-install-test", "sit", NULL },
	.keys = ci_keys,
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "ci",
	.run = install_ci_test,
};
