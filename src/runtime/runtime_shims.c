/* SPDX-License-Identifier: MIT
 * The folder that takes the place of npm's node-gyp-bin on the PATH of scripts. It is laid out as
 * an installed npm is, because tools find their way from npm_execpath to what lies beside it. */
#include "cpm/runtime/runtime_shims.h"

#include "cpm/base/fingerprint.h"
#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "cpm/build_config.h"
#include "cpm/runtime/node_find.h"
#include "cpm/runtime/runtime_home.h"
#include "cpm/runtime/shell_quote.h"
#include "cpm/runtime/whole_folder.h"

#include <errno.h>
#include <inttypes.h>

/* Of the layout below: one that was made by another version of this file is not used. */
#define LAYOUT "1"

struct plan {
	struct arena *arena;
	str program; /* ours */
	str node;    /* what "node" leads to; null: no such entry */
	bool has_npm;
	str dir; /* where it will be in the end */
};

enum shim_kind { SHIM_LINK, SHIM_SCRIPT, SHIM_PACKAGE };

/* ---- files that are shell and JavaScript at once ---- */

/* To a shell the second line is a no-op and then the program; to Node.js it is a text and a
 * comment. The terminal sends its Ctrl-C to the child by itself, other signals are handed on. */
static str script_text(struct arena *a, str program)
{
	return str_printf(
		a,
		"#!/bin/sh\n"
		"':' //; exec " STR_FMT " \"$@\"\n"
		"'use strict'\n"
		"const { spawn } = require('child_process')\n"
		"const program = __filename.replace(/(-cli)?\\.js$/, '')\n"
		"const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' })\n"
		"process.on('SIGINT', () => {})\n"
		"for (const signal of ['SIGTERM', 'SIGHUP'])\n"
		"  process.on(signal, () => child.kill(signal))\n"
		"child.on('error', (error) => {\n"
		"  console.error(error.message)\n"
		"  process.exit(127)\n"
		"})\n"
		"child.on('exit', (status, signal) => {\n"
		"  if (!signal) process.exit(status)\n"
		"  process.removeAllListeners(signal)\n"
		"  process.kill(process.pid, signal)\n"
		"})\n",
		STR_ARG(shell_quote(a, program)));
}

static str package_text(struct arena *a)
{
	return str_printf(a, "{\"name\": \"npm\", \"version\": \"%s\", \"type\": \"commonjs\"}\n",
			  CPM_NPM_VERSION);
}

/* ---- making it ---- */

static struct err *make_script(const struct plan *p, int dirfd, str path)
{
	const char *name = str_cstr(p->arena, path);
	str program = str_slice(path, 0, path.len - 3);

	if (str_ends(program, S("-cli")))
		program = str_slice(program, 0, program.len - 4);
	program = path_join(p->arena, p->dir, program);
	TRY(fs_write_replace(dirfd, name, script_text(p->arena, program), 0755));
	return fchmodat(dirfd, name, 0755, 0) == 0 ? NULL : err_sys(errno, "chmod", path);
}

static struct err *make_one(const struct plan *p, int dirfd, str path, enum shim_kind kind,
			    str target)
{
	const char *name = str_cstr(p->arena, path);

	TRY(fs_mkdirs(dirfd, str_cstr(p->arena, path_dirname(path))));
	switch (kind) {
	case SHIM_LINK:
		return fs_symlink(str_cstr(p->arena, target), dirfd, name);
	case SHIM_SCRIPT:
		return make_script(p, dirfd, path);
	default:
		return fs_write_replace(dirfd, name, package_text(p->arena), 0644);
	}
}

#define NPM_BIN      "npm/bin/"
#define NODE_GYP_BIN "npm/node_modules/node-gyp/bin/"

static struct err *make_all(const struct plan *p, int dirfd)
{
	const struct {
		str path;
		enum shim_kind kind;
		str target;
		bool is_left_out;
	} rows[] = {
		{ S("bin/cpm"), SHIM_LINK, p->program, false },
		{ S("bin/node-gyp"), SHIM_LINK, p->program, false },
		{ S("bin/node"), SHIM_LINK, p->node, str_is_null(p->node) },
		{ S("bin/npm"), SHIM_LINK, p->program, p->has_npm },
		{ S("bin/npx"), SHIM_LINK, p->program, p->has_npm },
		{ S("npm/package.json"), SHIM_PACKAGE, STR_NULL, false },
		{ S(NPM_BIN "npm"), SHIM_LINK, p->program, false },
		{ S(NPM_BIN "npx"), SHIM_LINK, p->program, false },
		{ S(NPM_BIN "npm-cli.js"), SHIM_SCRIPT, STR_NULL, false },
		{ S(NPM_BIN "npx-cli.js"), SHIM_SCRIPT, STR_NULL, false },
		{ S(NODE_GYP_BIN "node-gyp"), SHIM_LINK, p->program, false },
		{ S(NODE_GYP_BIN "node-gyp.js"), SHIM_SCRIPT, STR_NULL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!rows[i].is_left_out)
			TRY(make_one(p, dirfd, rows[i].path, rows[i].kind, rows[i].target));
	return NULL;
}

static struct err *make_folder(const struct plan *p, str all)
{
	AUTO_FD fd = -1;
	struct err *e;
	str temp;

	TRY(whole_folder_begin(p->arena, all, &temp));
	e = fs_open_dir(AT_FDCWD, str_cstr(p->arena, temp), &fd);
	if (!e)
		e = make_all(p, fd);
	return whole_folder_end(p->arena, temp, p->dir, e);
}

/* ---- all of it ---- */

/* No digest: loading a library for it would take longer than all else before the script runs. */
static str name_of(const struct plan *p)
{
	str parts[] = { S(LAYOUT), p->program, p->node, p->has_npm ? S("npm") : S("") };
	struct fingerprint f = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		fingerprint_add(&f, parts[i]);
	return str_printf(p->arena, "%016" PRIx64, f.a);
}

struct err *runtime_shims_make(struct arena *a, const struct cfg *cfg,
			       const struct runtime_choice *choice, struct runtime_shims *out)
{
	str all = path_join(a, runtime_data_dir(a, cfg), S("shims"));
	struct plan p = { .arena = a, .program = runtime_own_program(a) };

	if (choice->kind == RUNTIME_BUNDLED)
		p.node = str_is_null(choice->dir) ? p.program : choice->node;
	p.has_npm = !str_is_null(runtime_find_program(a, cfg, S("npm")));
	p.dir = path_join(a, all, name_of(&p));
	if (!fs_is_dir(AT_FDCWD, str_cstr(a, p.dir)))
		TRY(make_folder(&p, all));
	*out = (struct runtime_shims){
		.bin_dir = path_join(a, p.dir, S("bin")),
		.node = choice->node,
		.npm_cli = path_join(a, p.dir, S(NPM_BIN "npm-cli.js")),
		.node_gyp = path_join(a, p.dir, S(NODE_GYP_BIN "node-gyp.js")),
	};
	if (choice->kind == RUNTIME_BUNDLED && str_is_null(choice->dir))
		out->node = path_join(a, out->bin_dir, S("node"));
	return NULL;
}
